"""`manage.py portal`, so that `manage.py help` lists it. manage.py itself takes the command before Django is loaded."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import BaseCommand

from local import portal


class Command(BaseCommand):
    """Runs the portal with everything it needs."""

    help = "启动托育服务平台：数据库、Redis、网站、后台任务和演示接收端；Ctrl-C 全部停止。"

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand the arguments over unparsed: the command has its own options."""
        sys.exit(portal.main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run with the defaults (call_command)."""
        sys.exit(portal.main([]))
