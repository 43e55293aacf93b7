"""`changepassword`: Django's command, refused. Nobody types another person's password."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "不设置他人的密码；请用 account_link 申请一次性链接"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "不能替他人设置密码。请运行 manage.py account_link 用户名，得到一次性链接；"
            "有职责的账号须由一名平台管理员在后台“账号申请”中批准后才能使用。"
        )
