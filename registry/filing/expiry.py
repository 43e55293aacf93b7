"""One nightly run: what is about to end, what has ended, what is late. Safe to run again: nothing is told twice.

Each institution and each case is a piece of its own (`pieces.each`): that it was told and the message are kept together
or not at all, and what fails tonight is tried again by the next run. Steps told are kept as acts, so a missed night is
made up for and a second run on the same day adds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.pieces import Tally, each
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import in_words, remaining_workdays

from ..choices import LIVE_FILING, OPEN_FILING, MaterialStatus
from ..models import ClosurePlan, Filing, Institution, Material, Post
from ..rules.filing.materials import spec_of
from . import clocks
from .acts import REMINDED as TOLD
from .ending import (
    REGISTRATION,
    Reminder,
    credentials_due,
    due_step,
    filings_due,
    materials_of,
    papers_due,
    start_change_clock,
)
from .messages import reviewers_of
from .publication import announce, count_event
from .services import begin_suspension, follow_registration, lapse
from .workflow import FILING

# Working days left at which the reviewing authority is reminded (domain.md §2.5, [A]).
REMIND_AT = (2, 1, 0)
_REVIEW_CLOCKS = (clocks.RECEIPT, clocks.NONCONFORM, clocks.CHANGE_REVIEW, clocks.CLOSURE)
_FAR = timedelta(days=14)  # longer than any holiday
_SHOWN = 12


@dataclass(slots=True)
class Night:
    """What one run did: `words` by credit code, and how many pieces failed."""

    reminded: int = 0
    expired: int = 0
    lapsed: int = 0
    followed: int = 0
    suspended: int = 0
    overdue: int = 0
    failed: int = 0
    words: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def run_night(today: date | None = None) -> Night:
    """Everything that happens because a day has passed."""
    day = today or today_here()
    night = Night()

    def add(tally: Tally) -> int:
        night.failed += tally.failed
        return tally.done

    add(each("night.institution", _institutions(), partial(_tell_institution, day=day, night=night)))
    night.lapsed = add(each("night.lapse", _late_corrections(day), partial(_lapse, day=day)))
    night.followed = add(each("night.follow", _ended(), partial(_follow, day=day)))
    night.suspended = add(each("night.suspend", _suspensions(day), partial(_suspend, day=day)))
    night.overdue = add(each("night.late", _clocks(day), partial(_tell_reviewers, day=day)))
    add(each("night.unmended", _unmended(day), partial(_tell_unmended, day=day)))
    return night


def _institutions() -> list[int]:
    """Those with something that can end: a live filing, or people with papers."""
    filed = Filing.objects.live().filter(institution=OuterRef("pk"))
    people = Post.objects.current().filter(institution=OuterRef("pk"))
    rows = Institution.objects.filter(Q(Exists(filed)) | Q(Exists(people)))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _told(subject: str) -> set[str]:
    return set(Event.objects.filter(action=TOLD, subject=subject).values_list("data__key", flat=True))


def _tell_institution(pk: int, *, day: date, night: Night) -> int:
    """One message with everything new, whatever the number of papers; returns how many notices."""
    institution = _held(pk)
    materials = materials_of(institution)
    due = [*papers_due(materials, day), *credentials_due(institution, day), *filings_due(institution, day)]
    told = _told(institution.subject)
    new = [notice for notice in due if notice.key not in told]
    _mark(materials, day)
    for notice in new:
        log_event(
            TOLD,
            subject=institution.subject,
            summary=notice.words,
            region_prefix=institution.region.prefix,
            data={"key": notice.key},
        )
        if notice.key.startswith(REGISTRATION):
            start_change_clock(institution, day)
    if new:
        _notify_operators(institution, new)
        night.words[institution.uscc] += [notice.words for notice in new]
    over = sum(notice.over for notice in new)
    night.expired += over
    night.reminded += len(new) - over
    return len(new)


def _held(pk: int) -> Institution:
    """The institution, locked as the workflow locks it: two runs, or a run and a step, take turns."""
    return Institution.objects.select_for_update(of=("self",)).select_related("region").get(pk=pk)


def _notify_operators(institution: Institution, new: list[Reminder]) -> None:
    more = f"\n另有 {len(new) - _SHOWN} 项，请到人员和材料页面查看。" if len(new) > _SHOWN else ""
    notify(
        holders(Role.OPERATOR, uscc=institution.uscc),
        title=f"有 {len(new)} 项材料或事项需要处理",
        body=f"{institution.name}：\n" + "\n".join(notice.words for notice in new[:_SHOWN]) + more,
        url=reverse("filing:cases"),
    )


def _mark(materials: list[Material], day: date) -> None:
    """Materials carry their state; that one has ended leaves the house and is told to the authority."""
    for material in materials:
        until = material.valid_to or day
        if until < day and material.status != MaterialStatus.EXPIRED:
            Material.objects.filter(pk=material.pk).update(status=MaterialStatus.EXPIRED)
            _announce_end(material)
        elif until >= day and material.status != MaterialStatus.EXPIRING and _is_near(until, day):
            Material.objects.filter(pk=material.pk).update(status=MaterialStatus.EXPIRING)


def _announce_end(material: Material) -> None:
    institution, filing, name = material.institution, material.filing, spec_of(material.code).name
    announce(
        filing,
        "filing.expired",
        None,
        number=count_event(institution.pk),
        summary=f"备案材料到期：{institution.name}（{name}）",
        audit={"material": material.code, "valid_to": str(material.valid_to)},
        reasons=[f"{name}已于 {material.valid_to} 到期"],
    )
    notify(
        holders(Role.REVIEWER, Role.CHIEF, region_prefix=institution.region.prefix),
        title="备案材料到期",
        body=f"{institution.name}的《{name}》已于 {material.valid_to} 到期。",
        url=reverse("filing:review", args=[filing.no]),
    )


def _is_near(until: date, day: date) -> bool:
    return due_step((until - day).days, settings.EXPIRY_NOTICE_DAYS) is not None


def _cases(deadlines: Any) -> list[str]:
    """The numbers of the filings these clocks belong to, each once."""
    subjects = deadlines.filter(subject__startswith="registry.filing:").values_list("subject", flat=True)
    return sorted({subject.partition(":")[2] for subject in subjects})


def _late_corrections(day: date) -> list[str]:
    return _cases(Deadline.objects.overdue(day).filter(code=clocks.SUPPLEMENT))


def _lapse(no: str, *, day: date) -> int:
    filing = Filing.objects.filter(no=no).first()
    if filing is None:
        return 0
    _held(filing.institution_id)
    filing.refresh_from_db()
    if filing.status not in FILING.steps["lapse"].sources or no not in _late_corrections(day):
        return 0
    lapse(filing, today=day)
    return 1


def _ended() -> list[int]:
    """Registrations that ended by bulk or raw writes, with filings that did not hear of it."""
    rows = Institution.objects.exclude(status="ACTIVE").filter(filings__status__in=(*OPEN_FILING, *LIVE_FILING))
    return list(rows.distinct().values_list("pk", flat=True))


def _follow(pk: int, *, day: date) -> int:
    institution = _held(pk)
    return follow_registration(institution, reason=f"登记已{institution.get_status_display()}", today=day)


def _suspensions(day: date) -> list[int]:
    """Filings whose suspension has its day, also a day the run was missed."""
    plans = ClosurePlan.objects.filter(
        final=False, withdrawn=False, from_day__lte=day, filing__status__in=FILING.steps["begin_suspension"].sources
    )
    return sorted(set(plans.values_list("filing", flat=True)))


def _suspend(pk: int, *, day: date) -> int:
    return int(begin_suspension(Filing.objects.get(pk=pk), today=day).status == FILING.steps["begin_suspension"].target)


def _clocks(day: date) -> list[str]:
    """Cases whose review clock ends soon or has ended."""
    rows = Deadline.objects.running().filter(code__in=_REVIEW_CLOCKS, paused_on__isnull=True, due_on__lte=day + _FAR)
    return _cases(rows)


def _unmended(day: date) -> list[str]:
    """Cases that were not mended in the time given (责令限期改正)."""
    return _cases(Deadline.objects.overdue(day).filter(code=clocks.RECTIFY))


def _tell_unmended(no: str, *, day: date) -> int:
    """Both sides hear once that the day has passed: nothing else goes on by itself."""
    rows = Filing.objects.select_for_update(of=("self",)).select_related("institution__region", "assigned_to")
    filing = rows.filter(no=no, status__in=FILING.steps["rectify"].sources).first()
    if filing is None:
        return 0
    clock = Deadline.objects.overdue(day).of(filing.subject).filter(code=clocks.RECTIFY).first()
    key = f"d{clock.pk}:{clock.due_on}:over" if clock else ""
    if clock is None or key in _told(filing.subject):
        return 0
    prefix, place = filing.institution.region.prefix, f"{filing.institution.name}（{filing.no}）"
    late = f"整改期限{in_words(clock.due_on, day)}已经届满"
    notify(
        holders(Role.OPERATOR, uscc=filing.institution.uscc),
        title="整改期限已过",
        body=f"{place}：{late}，还没有提交整改。请立即整改并提交复核。",
        url=reverse("filing:corrections", args=[no]),
    )
    notify(
        [*([filing.assigned_to] if filing.assigned_to else []), *holders(Role.CHIEF, region_prefix=prefix)],
        title="机构逾期没有整改",
        body=f"{place}：{late}，机构没有提交整改，请依法处理。",
        url=reverse("filing:review", args=[no]),
    )
    words = f"{place}{late}，没有提交整改"
    log_event(TOLD, subject=filing.subject, summary=words, region_prefix=prefix, data={"key": key})
    return 1


def _tell_reviewers(no: str, *, day: date) -> int:
    """Each running clock of the case is told of by itself. Returns 1 when one is past, told anew."""
    rows = Filing.objects.select_for_update(of=("self",)).select_related("institution__region", "assigned_to")
    filing = rows.filter(no=no).first()
    if filing is None:
        return 0
    running = Deadline.objects.running().of(filing.subject).filter(code__in=_REVIEW_CLOCKS, paused_on__isnull=True)
    told = _told(filing.subject)
    late = [_tell_of_clock(filing, clock, told, day) for clock in running.order_by("due_on")]
    return int(any(late))


def _tell_of_clock(filing: Filing, clock: Deadline, told: set[str], day: date) -> bool:
    """Reminders two, one and no working days before the end; past it the city hears of it too. True when past."""
    left = remaining_workdays(clock.due_on, day)
    step = "over" if left < 0 else str(left) if left in REMIND_AT else ""
    key = f"d{clock.pk}:{clock.due_on}:{step}"
    if not step or key in told:
        return False
    prefix = filing.institution.region.prefix
    words = f"{filing.institution.name}（{filing.no}）的“{clock.label}”"
    words += f"已超期（{clock.due_on} 到期）。" if left < 0 else f"于 {clock.due_on} 到期，剩 {left} 个工作日。"
    users = reviewers_of(filing)
    if left < 0:
        users = [*users, *holders(Role.CHIEF, Role.HEALTH_CITY, region_prefix=prefix)]
    notify(
        users,
        title="备案办理超期" if left < 0 else "备案办理即将到期",
        body=words,
        url=reverse("filing:review", args=[filing.no]),
    )
    log_event(TOLD, subject=filing.subject, summary=words, region_prefix=prefix, data={"key": key})
    return left < 0
