"""`rotate_keys`: re-encrypt every encrypted field with the first of FIELD_KEYS; safe to run again and beside the portal.

`--verify` changes nothing: it tries to read every encrypted value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from yancheng_childcare.accounts.second_factor import rotate_second_factors, unreadable_second_factors
from yancheng_childcare.crypto import rotate_keys, stored_encrypted, unreadable_values
from yancheng_childcare.keys import not_compared, register_keys, retire_keys
from yancheng_childcare.owner import as_owner


class Command(BaseCommand):
    help = "用 FIELD_KEYS 的第一把密钥重新加密所有加密字段；--verify 只核对每个加密值能否解开"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--verify", action="store_true", help="不改动数据，逐个核对加密值")

    def handle(self, *args: Any, **options: Any) -> None:
        # Append-only rows are re-encrypted too, which only the tables' owner may do.
        with not_compared(), as_owner():
            if options["verify"]:
                self._verify()
                return
            register_keys()
            unreadable = 0
            for done in (*rotate_keys(), rotate_second_factors()):
                self.stdout.write(f"{done.label}：重新加密 {done.rotated} 条")
                unreadable += len(done.unreadable)
            if unreadable:
                raise CommandError(f"有 {unreadable} 条无法用现有密钥解开，请找回旧密钥后再执行。")
            with connection.cursor() as cursor:
                retire_keys(cursor)

    def _verify(self) -> None:
        total = 0
        for column, (read, unreadable) in self._looked():
            total += len(unreadable)
            first = f"，{len(unreadable)} 条解不开，首条编号 {unreadable[0]}" if unreadable else ""
            self.stdout.write(f"{column}：解开 {read} 条{first}")
        if total:
            raise CommandError(f"有 {total} 条无法用现有密钥解开，请找回写入它们时的密钥。")

    def _looked(self) -> Iterator[tuple[str, tuple[int, list[Any]]]]:
        """Column after column, each told as soon as it was read."""
        for model, field in stored_encrypted():
            yield f"{model._meta.db_table}.{field.column}", unreadable_values(model, field)
        yield "mfa_authenticator.data", unreadable_second_factors()
