"""`createsuperuser`: Django's command, refused. There are no superusers here."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "本平台没有超级用户；首批管理员由 first_administrators 建立"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        # Whatever Django's own command takes is taken and answered alike.
        parser.add_argument("--noinput", "--no-input", action="store_true")

    def run_from_argv(self, argv: list[str]) -> None:
        """Refuse whatever the arguments are."""
        super().run_from_argv(argv[:2])

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError(
            "本平台没有超级用户：权限只来自职责，由一人授予、另一人批准。"
            "首次安装请运行 manage.py first_administrators 用户名甲 用户名乙，建立两名管理员。"
        )
