"""A few reports of the public in the demo city: three wait (one late, one nearly due), two are answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from casework.cases import take
from casework.models import Case
from yancheng_childcare.choices import ClockKind
from yancheng_childcare.deadlines import due_day
from yancheng_childcare.models import Deadline, User

from ..choices import ReportKind, ReportOutcome
from ..models import PublicEntry, PublicReport
from ..register.reporting import Words, submit_report

REGION = "320902"


@dataclass(frozen=True, slots=True)
class Sample:
    """One invented report, `age` days old. Without `block` it tells of a place that is not on the register.

    None leaves an e-mail address: an answer would be mailed.
    """

    text: str
    age: int
    block: str = ""
    name: str = ""
    place: str = ""
    contact: str = ""
    outcome: str = ""
    answer: str = ""


SAMPLES = (
    Sample("页面上写的保育费，比门口公示牌上的低两百元，请核对。", 12, block="fees"),
    Sample("住所的门牌号与营业执照上的不一样，执照上是 18 号。", 6, block="registration", contact="13800000002"),
    Sample(
        "每天早上有六七个孩子送来，门口没有挂牌，也没有看到证照。",
        0,
        name="小手托班（招牌）",
        place="试验路 8 号二楼",
        contact="13800000003",
    ),
    Sample(
        "电话打不通，页面上的联系电话可能已经停用。",
        9,
        block="contact",
        outcome=ReportOutcome.CORRECTED,
        answer="经向机构核实，联系电话已经更换，机构已更新填报，页面随之更正。",
    ),
    Sample(
        "这家名录里查不到，在小区一楼收孩子。",
        15,
        name="阳台课堂（招牌）",
        place="试验小区 3 幢一楼",
        outcome=ReportOutcome.UNVERIFIABLE,
        answer="两次上门均未见收托婴幼儿，邻居也不了解，暂时无法核实，已请社区继续留意。",
    ),
)


def report_some(users: dict[str, User], today: date) -> int:
    """Report what is not reported yet; returns how many. Those on a page need a listed institution of the county."""
    known = set(PublicReport.objects.filter(text__in=[s.text for s in SAMPLES]).values_list("text", flat=True))
    entries = PublicEntry.objects.listed().filter(region=REGION).order_by("order_key")
    codes = list(entries.values_list("uscc", flat=True)[: len(SAMPLES)])
    made = 0
    for number, sample in enumerate(SAMPLES):
        if sample.text in known or (sample.block and not codes):
            continue
        _report(sample, uscc=codes[number % len(codes)] if sample.block else "", number=number, today=today)
        made += 1
        if sample.answer:
            case = Case.objects.get(publicreport__text=sample.text)
            take(case, sample.outcome.lower(), {"answer": sample.answer}, actor=users["reviewer_tinghu"])
    return made


def _report(sample: Sample, *, uscc: str, number: int, today: date) -> None:
    words = Words(
        kind=(ReportKind.ERROR if sample.block else ReportKind.UNFILED).value,
        text=sample.text,
        region=REGION,
        contact=sample.contact,
        uscc=uscc,
        name=sample.name,
        place=sample.place,
        block=sample.block,
    )
    receipt = submit_report(words=words, nonce=f"demo-report-{number}".ljust(43, "-"))
    case = Case.objects.get(no=receipt.no)
    started = today - timedelta(days=sample.age)
    due, provisional = due_day(started_on=started, days=settings.PUBLIC_REPORT_WORKDAYS, kind=ClockKind.WORKDAYS)
    Case.objects.filter(pk=case.pk).update(opened_at=timezone.now() - timedelta(days=sample.age))
    Deadline.objects.filter(subject=case.subject).update(started_on=started, due_on=due, provisional=provisional)
