"""`seed_demo`: the demo city. Safe to run again; a larger number adds to what is there.

`--begin` makes the accounts and the first institutions, enough for a portal to start with; a later run without it adds
the rest behind the running portal, each part whole or not at all.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from registry.choices import EntryChannel
from registry.demo.accounts import create_accounts
from registry.demo.answers import Answers, make_deliveries, old_failure
from registry.demo.city import City, read_places
from registry.demo.filings import Showcase
from registry.demo.mass import load_mass
from registry.demo.messages import leave_messages
from registry.demo.plan import plan_city
from registry.demo.public_city import PublicCity
from registry.demo.public_reports import report_some
from registry.demo.receivers import ensure_receivers, refresh_receivers
from registry.models import Institution
from registry.signals import demo_city_stands
from yancheng_childcare import demo_progress
from yancheng_childcare.models import Heartbeat, User
from yancheng_childcare.places import forget_places
from yancheng_childcare.tasks import beat

DEFAULT, LIVED_THROUGH = 300, 1000
MOST = 2_000_000
FIRST = 20
# Signs in the database itself: they go with it, wherever it is.
BEGUN, DONE = "demo.begun", "demo.done"


class Command(BaseCommand):
    help = "载入演示城市：账号、机构、推送端点、回执（可重复执行；全部为虚构数据）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--institutions",
            type=int,
            default=DEFAULT,
            help=f"机构总数，默认 {DEFAULT}；超过 {LIVED_THROUGH} 时其余部分批量写入，只用于性能测试，不产生推送",
        )
        parser.add_argument("--force", action="store_true", help="数据库中已有非演示机构时仍然载入")
        parser.add_argument("--begin", action="store_true", help="只载入账号和最先的几家机构；已经载入过的不再载入")
        parser.add_argument("--when-empty", action="store_true", help="与 --begin 同用：数据库里已有用户的不载入")
        parser.add_argument(
            "--rest", action="store_true", help="补齐 --begin 没有载入的部分；已经补齐或没有开始的不载入"
        )
        parser.add_argument("--receivers", action="store_true", help="只把已有演示接收端的地址和密钥更新为当前环境的值")

    def handle(self, *args: Any, **options: Any) -> None:
        number = options["institutions"]
        if not 2 <= number <= MOST:
            raise CommandError(f"--institutions 应在 2 至 {MOST} 之间，现在是 {number}。")
        if options["receivers"]:
            return self._only_receivers()
        if options["begin"] and (stands(BEGUN) or (options["when_empty"] and User.objects.exists())):
            return self._only_receivers()
        if options["rest"] and (stands(DONE) or not stands(BEGUN)):
            return None
        # Meanwhile somebody may have registered an institution with a demo account.
        self._check_allowed(force=options["force"] or options["rest"])
        began = time.monotonic()
        with quiet_acts():
            if options["begin"]:
                self._begin(min(number, FIRST))
                beat(BEGUN)
            else:
                self._seed(number)
                beat(DONE)
        return self.stdout.write(f"演示城市就绪，用时 {time.monotonic() - began:.1f} 秒。")

    def _check_allowed(self, *, force: bool) -> None:
        """Known passwords and invented institutions do not belong into a real portal."""
        if not settings.DEMO_PASSWORD:
            raise CommandError(
                "没有设置 DEMO_PASSWORD，不载入演示账号。正式环境不应使用公开的默认口令；"
                "确需演示时，请先设置环境变量 DEMO_PASSWORD，再重新运行。"
            )
        others = Institution.objects.exclude(channel=EntryChannel.DEMO).count()
        if others and not force:
            raise CommandError(
                f"数据库中已有 {others} 家非演示机构，不混入演示数据。请换用空数据库；确认要混入的，加 --force 重新运行。"
            )

    def _begin(self, number: int) -> dict[str, User]:
        """Reference data, accounts, receivers and so many institutions; returns the accounts."""
        call_command("load_reference", stdout=io.StringIO())
        forget_places()
        with transaction.atomic():
            users = create_accounts(password=settings.DEMO_PASSWORD)
            ensure_receivers(users["admin"])
        plans = plan_city(number, today=timezone.localdate(), places=read_places())
        present = set(Institution.objects.filter(uscc__in=[p.uscc for p in plans]).values_list("uscc", flat=True))
        new = [plan for plan in plans if plan.uscc not in present]
        self.stdout.write(f"演示机构：已有 {len(present)} 家，新增 {len(new)} 家")
        with transaction.atomic():
            if new:
                City(users, self._tell).build(new)
                pushes = make_deliveries()
                receipts = Answers(users).give(new)
                old_failure()
                self.stdout.write(f"  待推送 {pushes} 条，部门回执 {receipts} 条")
        return users

    def _seed(self, number: int) -> None:
        today, lived = timezone.localdate(), number if number <= LIVED_THROUGH else DEFAULT
        users = self._begin(lived)
        self._tell("办理备案")
        with transaction.atomic():
            filings = Showcase(users, today).play()
        filings += PublicCity(today).fill(lived, lambda done, total: self._tell(f"办理备案 {done}/{total}"))
        self.stdout.write(f"演示备案：新增 {filings} 件")
        with transaction.atomic():
            reports = report_some(users, today)
            leave_messages(users)
            demo_city_stands.send(type(self), users=users, today=today)
        self.stdout.write(f"演示公众报错：新增 {reports} 件")
        if number > lived:
            load_mass(lived, number, today=today, places=read_places(), progress=self.stdout.write)
        demo_progress.end()

    def _tell(self, words: str) -> None:
        self.stdout.write(f"  {words}")
        demo_progress.tell(words)

    def _only_receivers(self) -> None:
        with quiet_acts(), transaction.atomic():
            changed = refresh_receivers()
        self.stdout.write(f"演示接收端：更新 {changed} 个端点" if changed else "演示接收端：无变化")


def stands(sign: str) -> bool:
    """Whether this part of the demo city stands."""
    return Heartbeat.objects.filter(name=sign).exists()


@contextmanager
def quiet_acts() -> Iterator[None]:
    """A thousand log lines of acts would bury the progress; they are all in the database."""
    loggers = [logging.getLogger(name) for name in ("portal.acts", "django_structlog")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
