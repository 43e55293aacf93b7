"""`account_link USERNAME`: ask for a one-time link; prints its address alone on stdout.

For the case that only one administrator can still sign in: the server's command asks, that administrator approves.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yancheng_childcare.accounts.requests import ask
from yancheng_childcare.choices import AccountRequestKind
from yancheng_childcare.models import User


class Command(BaseCommand):
    help = "为某个账号申请一次性链接（设置密码、恢复停用的账号）；链接只显示这一次"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", default="在服务器上申请")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"没有用户名为 {options['username']} 的账号。请核对用户名。")
        request, link = ask(user=user, kind=AccountRequestKind.LINK, actor=None, reason=options["reason"])
        if request.needs_second:
            self.stderr.write("须由一名平台管理员在后台“账号申请”中批准；批准码由其告知本人，链接才能使用。")
        self.stdout.write(link)
