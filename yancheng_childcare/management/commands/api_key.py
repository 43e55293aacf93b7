"""`api_key USERNAME`: make an API client acting with that user's duties; prints its key once, alone on stdout."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.clients import issue_key
from yancheng_childcare.models import User


class Command(BaseCommand):
    help = "为某个用户生成接口密钥；密钥只显示这一次"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="命令行生成")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户名为 {options['username']} 的在用账户。")
        _, key = issue_key(user=user, name=options["name"], actor=None)
        self.stdout.write(key)
