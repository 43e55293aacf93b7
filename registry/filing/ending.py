"""What of one institution is about to end or has ended: every notice it is due on a day, told before or not.

Days are the portal's own choice ([A], domain.md §4), in settings. A notice belongs to a step: after a missed night the
step that was reached is still due, so none is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from yancheng_childcare.choices import ClockKind
from yancheng_childcare.deadlines import new_deadline, start_deadlines

from ..choices import CredentialKind
from ..models import Credential, Filing, FilingVersion, Institution, Material, Post
from ..rules.filing.materials import spec_of
from ..rules.values import as_day
from . import clocks
from .states import is_filed


@dataclass(frozen=True, slots=True)
class Reminder:
    """One notice: told once under its key, for good; `over` when the day has passed."""

    key: str
    words: str
    over: bool = False


def due_step(left: int, steps: Iterable[int]) -> int | None:
    """The step that `left` days belong to: the smallest not below; None while it is further off."""
    return min((step for step in steps if left <= step), default=None) if left >= 0 else None


def materials_of(institution: Institution) -> list[Material]:
    """Materials with an end of its live filings."""
    rows = Material.objects.current().filter(filing__in=institution.filings.live(), valid_to__isnull=False)
    return list(rows.select_related("institution__region", "filing__institution__region", "filing__authority"))


def papers_due(materials: Iterable[Material], day: date) -> Iterator[Reminder]:
    """Materials of the filing."""
    for material in materials:
        name, until = spec_of(material.code).name, material.valid_to or day
        left = (until - day).days
        step = due_step(left, settings.EXPIRY_NOTICE_DAYS)
        if left < 0:
            yield Reminder(
                f"m{material.pk}:over", f"《{name}》已于 {until} 到期，请停止依赖该证件的服务并尽快更新。", over=True
            )
        elif step is not None:
            words = f"《{name}》将于 {until} 到期，还有 {left} 天，请及时办理延续并更新。"
            yield Reminder(f"m{material.pk}:{step}", words)


def credentials_due(institution: Institution, day: date) -> Iterator[Reminder]:
    """Papers of its people: told to the institution that entered them, of its own posts; nobody else relies on them."""
    far = day + timedelta(days=max(settings.EXPIRY_NOTICE_DAYS))
    posts: dict[int, list[Post]] = defaultdict(list)
    own = Post.objects.current().filter(institution=institution)
    for post in own.select_related("person").defer("person__id_no", "phone"):
        posts[post.person_id].append(post)
    for paper in Credential.objects.current().filter(institution=institution, person__in=posts, valid_to__lte=far):
        left = ((paper.valid_to or day) - day).days
        health = paper.kind in {CredentialKind.HEALTH, CredentialKind.FOOD_HEALTH}
        step = due_step(left, settings.HEALTH_EXPIRY_NOTICE_DAYS if health else settings.EXPIRY_NOTICE_DAYS)
        for post in posts[paper.person_id]:
            who = f"{post.name}的{paper.get_kind_display()}"
            if left < 0:
                words = f"{who}已于 {paper.valid_to} 到期，该人员今天起不计入在岗人员。"
                yield Reminder(f"c{paper.pk}:{post.pk}:over", words, over=True)
            elif step is not None:
                yield Reminder(f"c{paper.pk}:{post.pk}:{step}", f"{who}将于 {paper.valid_to} 到期，还有 {left} 天。")


def filings_due(institution: Institution, day: date) -> Iterator[Reminder]:
    """What follows from the content that was accepted: the lease, the registration since then, the yearly confirmation."""
    for filing in institution.filings.live():
        version = FilingVersion.objects.filter(filing=filing, number=filing.accepted_number).only("content").first()
        if version is not None:
            yield from _lease(filing, version.content["sections"].get("premises", {}), day)
        if is_filed(filing):
            if version is not None:
                yield from _registration(institution, filing, version.content["registration"])
            yield from _year(institution, filing, day)


def _lease(filing: Filing, premises: dict[str, str], day: date) -> Iterator[Reminder]:
    until = as_day(premises.get("lease_to") or "")
    if until is None or premises.get("premises_tenure") == "OWNED":
        return
    left = (until - day).days
    step = due_step(left, settings.EXPIRY_NOTICE_DAYS)
    if step is not None:
        words = f"场地租赁将于 {until} 到期，还有 {left} 天，请续签并办理变更备案。"
        yield Reminder(f"l{filing.pk}:{until}:{step}", words)


def _registration(institution: Institution, filing: Filing, before: dict[str, str]) -> Iterator[Reminder]:
    """登记变了、备案没变."""
    changed = [
        label
        for name, label in (("name", "名称"), ("registered_address", "住所"), ("legal_rep_name", "法定代表人"))
        if name in before and before[name] != getattr(institution, name)
    ]
    if changed:
        words = f"登记的{'、'.join(changed)}已变更，请在 {settings.CHANGE_FILING_DAYS} 天内办理变更备案。"
        yield Reminder(f"{REGISTRATION}{filing.pk}:{institution.record_version}", words)


REGISTRATION = "r"


def start_change_clock(institution: Institution, day: date) -> None:
    """The promise to file the change in time begins on the day the registration was changed."""
    start_deadlines(
        new_deadline(
            subject=institution.subject,
            code=clocks.CHANGE,
            label="变更备案（平台提醒）",
            source="25号文“及时”；天数为平台约定",
            region=institution.region,
            days=settings.CHANGE_FILING_DAYS,
            today=min(institution.approved_on, day),
            kind=ClockKind.DAYS,
        )
    )


def _year(institution: Institution, filing: Filing, day: date) -> Iterator[Reminder]:
    last = filing.confirmed_on or institution.filed_on
    if last is not None and last <= day - timedelta(days=settings.YEARLY_CONFIRMATION_DAYS):
        words = "距上次确认备案信息已满一年。请核对备案内容：没有变化的一键确认，有变化的只改变化的部分。"
        yield Reminder(f"y{filing.pk}:{last}", words)
