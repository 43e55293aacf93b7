"""`api_key USERNAME`: make an API client acting with that user's duties; prints its key once, alone on stdout.

On a local installation it works at once; with `DEBUG=0` it waits for an administrator's approval.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from exchange.clients import issue_key, works
from yancheng_childcare.models import User


class Command(BaseCommand):
    help = "为某个用户生成接口密钥；密钥只显示这一次"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="命令行生成")
        parser.add_argument("--by", metavar="用户名", help="提出的管理员；不填即记为服务器上的命令")

    def handle(self, *args: Any, **options: Any) -> None:
        user = self._person(options["username"])
        actor = self._person(options["by"]) if options["by"] else None
        client, key = issue_key(user=user, name=options["name"], actor=actor)
        if not works(client):
            self.stderr.write("密钥须由平台管理员在后台“接口密钥”中批准后才能使用（密钥的使用人和提出人不能批准）。")
        self.stdout.write(key)

    @staticmethod
    def _person(username: str) -> User:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None:
            raise CommandError(f"没有用户名为 {username} 的在用账号。请核对用户名。")
        return user
