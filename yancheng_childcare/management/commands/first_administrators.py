"""`first_administrators A B`: two administrators for an installation that has none; prints two one-time links."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from yancheng_childcare.accounts.first_administrators import Person, make_first_administrators
from yancheng_childcare.problems import Rejected


class Command(BaseCommand):
    help = "建立首批两名平台管理员，各得一个一次性链接；已有管理员时拒绝"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("usernames", nargs=2, metavar="用户名")
        parser.add_argument("--names", nargs=2, metavar="姓名", help="两人的姓名，次序与用户名相同")
        parser.add_argument("--emails", nargs=2, metavar="邮箱", default=["", ""])

    def handle(self, *args: Any, **options: Any) -> None:
        names = options["names"] or options["usernames"]
        people = [
            Person(username, name, email)
            for username, name, email in zip(options["usernames"], names, options["emails"], strict=True)
        ]
        try:
            links = make_first_administrators(people[0], people[1])
        except Rejected as rejected:
            raise CommandError("；".join(problem.message for problem in rejected.problems)) from None
        self.stderr.write("请把两个链接分别当面交给本人，24 小时内有效，各只能用一次。此后两人互相批准，不再用本命令。")
        for person, link in zip(people, links, strict=True):
            self.stdout.write(f"{person.username} {link}")
