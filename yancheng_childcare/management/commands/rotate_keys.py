"""`rotate_keys`: re-encrypt every encrypted field with the first of FIELD_KEYS; safe to run again and beside the portal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yancheng_childcare.crypto import rotate_keys
from yancheng_childcare.second_factor import rotate_second_factors


class Command(BaseCommand):
    help = "用 FIELD_KEYS 的第一把密钥重新加密所有加密字段"

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for done in (*rotate_keys(), rotate_second_factors()):
            self.stdout.write(f"{done.label}：重新加密 {done.rotated} 条")
            unreadable += len(done.unreadable)
        if unreadable:
            raise CommandError(f"有 {unreadable} 条无法用现有密钥解开，请找回旧密钥后再执行。")
