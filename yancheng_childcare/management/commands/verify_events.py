"""`verify_events [--since DATE]`: compare every sealed row with its seal; exit status 1 and the first wrong row when one is found."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from yancheng_childcare.seals.verifying import Finding, Kind, Report, verify

_WORDS = {
    Kind.CHANGED: "表 {table} 编号 {number} 的记录被修改",
    Kind.MISSING: "表 {table} 编号 {number} 的记录缺失",
    Kind.INSERTED: "表 {table} 编号 {number} 的记录是事后插入的",
    Kind.NOT_COMPARABLE: "表 {table} 的表或列已不存在，第 {number} 号封存起无法核对",
    Kind.SEAL_CHANGED: "第 {number} 号封存（表 {table}）被改写",
    Kind.SEAL_MISSING: "缺少第 {number} 号封存（表 {table}）",
    Kind.COPY_CHANGED: "库外副本中的封存被改写：{table} {number} {place}",
}


class Command(BaseCommand):
    help = "核对只增不改的记录：逐行与封存比对，指出第一条被修改、缺失或插入的记录"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", type=date.fromisoformat, metavar="日期", help="只核对该日起的封存，如 2026-11-01"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        report = verify(since=options["since"])
        seconds = time.monotonic() - started
        for name, result in report.tables.items():
            first = result.first()
            state = f"异常 {result.found} 处，首处：{words(first[0])}" if first else "无异常"
            waiting = f"，{result.unsealed} 行尚未封存" if result.unsealed else ""
            self.stdout.write(f"{name}：核对 {result.compared} 行{waiting}，{state}")
        for finding in report.chain:
            self.stdout.write(f"封存链：{words(finding)}")
        self.stdout.write(_summary(report, seconds))
        if not report.ok:
            raise CommandError("记录与封存不一致。请保留现场，不要重启封存或清理文件，按 docs/seals-and-keys.md 处理。")


def words(finding: Finding) -> str:
    """One finding as a sentence."""
    return _WORDS[finding.kind].format(
        table=finding.table or "未知", number=finding.number if finding.number is not None else "", place=finding.place
    )


def _summary(report: Report, seconds: float) -> str:
    rows = sum(result.compared for result in report.tables.values())
    unsealed = sum(result.unsealed for result in report.tables.values())
    last = (
        f"最近一次封存 {timezone.localtime(report.last_sealed_at):%Y-%m-%d %H:%M:%S}"
        if report.last_sealed_at
        else "还没有封存"
    )
    speed = f"，每秒 {rows / seconds:,.0f} 行" if seconds and rows else ""
    return f"共核对 {report.seals} 个封存、{rows} 行，用时 {seconds:.1f} 秒{speed}；{last}；尚未封存的 {unsealed} 行不在核对之内。"
