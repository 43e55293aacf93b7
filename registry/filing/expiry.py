"""One nightly run: what is about to end, what has ended, what is late. Safe to run again: nothing is told twice.

Steps told are kept as acts, so a missed night is made up for and a second run on the same day adds nothing. Days are the
portal's own choice ([A], domain.md §4), in settings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from yancheng_childcare.choices import ClockKind, Role
from yancheng_childcare.deadlines import new_deadline, start_deadlines, today_here
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import remaining_workdays

from ..choices import CredentialKind, MaterialStatus
from ..models import ClosurePlan, Credential, Filing, FilingVersion, Institution, Material, Post
from ..rules.filing.materials import spec_of
from ..rules.values import as_day
from ..transitions import LIVE, OPEN
from . import clocks
from .publication import announce
from .services import begin_suspension, follow_registration, lapse

_LOCK = 0x6E69_6768  # "nigh"
TOLD = "expiry.told"
# Working days left at which the reviewing authority is reminded (domain.md §2.5, [A]).
REMIND_AT = (2, 1, 0)


@dataclass(slots=True)
class Night:
    """What one run did."""

    reminded: int = 0
    expired: int = 0
    lapsed: int = 0
    followed: int = 0
    suspended: int = 0
    overdue: int = 0
    words: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def run_night(today: date | None = None) -> Night:
    """Everything that happens because a day has passed. One transaction per part; parts repeat safely."""
    day = today or today_here()
    night = Night()
    for part in (
        _materials,
        _credentials,
        _leases,
        _lapses,
        _follow,
        _suspensions,
        _registration_changes,
        _late,
        _yearly,
    ):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            part(day, night)
    with transaction.atomic():
        _tell_institutions(night)
    return night


def due_step(left: int, steps: Iterable[int]) -> int | None:
    """The step that `left` days belong to: the smallest not below; None while it is further off."""
    return min((step for step in steps if left <= step), default=None) if left >= 0 else None


def _told(day: date) -> set[str]:
    since = day - timedelta(days=400)
    return set(Event.objects.filter(action=TOLD, at__date__gte=since).values_list("data__key", flat=True))


def _tell(night: Night, told: set[str], institution: Any, key: str, words: str) -> bool:
    """Keep the words for the institution's one message of the night; False when they were told before."""
    if key in told:
        return False
    told.add(key)
    night.words[institution.uscc].append(words)
    log_event(
        TOLD,
        subject=institution.subject,
        summary=words,
        region_prefix=institution.region.prefix,
        data={"key": key},
    )
    return True


def _materials(day: date, night: Night) -> None:
    told = _told(day)
    far = day + timedelta(days=max(settings.EXPIRY_NOTICE_DAYS))
    live = Filing.objects.live()
    rows = Material.objects.current().filter(filing__in=live, valid_to__isnull=False)
    soon = rows.filter(valid_to__gte=day, valid_to__lte=far).select_related("institution__region")
    for material in soon:
        until = material.valid_to or day  # the filter leaves no other
        left = (until - day).days
        step = due_step(left, settings.EXPIRY_NOTICE_DAYS)
        if step is None:
            continue
        name = spec_of(material.code).name
        words = f"《{name}》将于 {material.valid_to} 到期，还有 {left} 天，请及时办理延续并更新。"
        night.reminded += _tell(night, told, material.institution, f"m{material.pk}:{step}", words)
        if material.status != MaterialStatus.EXPIRING:
            Material.objects.filter(pk=material.pk).update(status=MaterialStatus.EXPIRING)
    over = rows.filter(valid_to__lt=day).exclude(status=MaterialStatus.EXPIRED)
    for material in over.select_related("institution__region", "filing__institution__region", "filing__authority"):
        _expire(material, night, told)


def _expire(material: Material, night: Night, told: set[str]) -> None:
    institution, filing = material.institution, material.filing
    name = spec_of(material.code).name
    Institution.objects.select_for_update().only("pk").get(pk=institution.pk)
    Material.objects.filter(pk=material.pk).update(status=MaterialStatus.EXPIRED)
    words = f"《{name}》已于 {material.valid_to} 到期，请停止依赖该证件的服务并尽快更新。"
    night.expired += _tell(night, told, institution, f"m{material.pk}:over", words)
    announce(
        filing,
        "filing.expired",
        None,
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


def _credentials(day: date, night: Night) -> None:
    told = _told(day)
    far = day + timedelta(days=max(settings.EXPIRY_NOTICE_DAYS))
    papers = Credential.objects.current().filter(valid_to__isnull=False, valid_to__lte=far)
    in_post = Post.objects.current().filter(person=OuterRef("person"), institution=OuterRef("institution"))
    papers = papers.filter(Exists(in_post))
    # Told to the institution that entered the paper, of its own posts: nobody else relies on it.
    posts: dict[tuple[int, int], list[Post]] = defaultdict(list)
    employed = Post.objects.current().filter(person__in={p.person_id for p in papers})
    for post in employed.select_related("person", "institution__region").defer("person__id_no", "phone"):
        posts[post.person_id, post.institution_id].append(post)
    for paper in papers:
        left = ((paper.valid_to or day) - day).days
        steps = settings.HEALTH_EXPIRY_NOTICE_DAYS if _is_health(paper) else settings.EXPIRY_NOTICE_DAYS
        step = due_step(left, steps)
        for post in posts[paper.person_id, paper.institution_id]:
            who = f"{post.name}的{paper.get_kind_display()}"
            if left < 0:
                words = f"{who}已于 {paper.valid_to} 到期，该人员今天起不计入在岗人员。"
                night.expired += _tell(night, told, post.institution, f"c{paper.pk}:{post.pk}:over", words)
            elif step is not None:
                words = f"{who}将于 {paper.valid_to} 到期，还有 {left} 天。"
                night.reminded += _tell(night, told, post.institution, f"c{paper.pk}:{post.pk}:{step}", words)


def _is_health(paper: Credential) -> bool:
    return paper.kind in {CredentialKind.HEALTH, CredentialKind.FOOD_HEALTH}


def _leases(day: date, night: Night) -> None:
    told = _told(day)
    for filing in Filing.objects.live().select_related("institution__region").iterator(chunk_size=500):
        version = FilingVersion.objects.filter(filing=filing, number=filing.accepted_number).only("content").first()
        premises = version.content["sections"].get("premises", {}) if version else {}
        until = as_day(premises.get("lease_to") or "")
        if until is None or premises.get("premises_tenure") == "OWNED":
            continue
        left = (until - day).days
        step = due_step(left, settings.EXPIRY_NOTICE_DAYS)
        if step is not None:
            words = f"场地租赁将于 {until} 到期，还有 {left} 天，请续签并办理变更备案。"
            night.reminded += _tell(night, told, filing.institution, f"l{filing.pk}:{until}:{step}", words)


def _lapses(day: date, night: Night) -> None:
    late = Deadline.objects.overdue(day).filter(code=clocks.SUPPLEMENT, subject__startswith="registry.filing:")
    numbers = [clock.subject.partition(":")[2] for clock in late]
    for filing in Filing.objects.filter(no__in=numbers, status="SUPPLEMENT"):
        lapse(filing, today=day)
        night.lapsed += 1


def _follow(day: date, night: Night) -> None:
    """Backstop for registrations that ended by bulk or raw writes."""
    ended = Institution.objects.exclude(status="ACTIVE").filter(filings__status__in=(*OPEN, *LIVE))
    for institution in ended.distinct():
        reason = f"登记已{institution.get_status_display()}"
        night.followed += follow_registration(institution, reason=reason, today=day)


def _suspensions(day: date, night: Night) -> None:
    """Suspensions whose day has come, also of days the run was missed."""
    due = ClosurePlan.objects.filter(final=False, withdrawn=False, from_day__lte=day, filing__status="FILED")
    for filing in Filing.objects.filter(pk__in=due.values("filing")).order_by("pk"):
        night.suspended += begin_suspension(filing, today=day).status == "SUSPENDED"


def _registration_changes(day: date, night: Night) -> None:
    """登记变了、备案没变: the promise to file the change in time begins on the day it was approved."""
    told = _told(day)
    for filing in Filing.objects.live().filter(status="FILED").select_related("institution__region").iterator(500):
        version = FilingVersion.objects.filter(filing=filing, number=filing.accepted_number).only("content").first()
        before = version.content["registration"] if version else {}
        institution = filing.institution
        changed = [
            label
            for name, label in (("name", "名称"), ("registered_address", "住所"), ("legal_rep_name", "法定代表人"))
            if name in before and before[name] != getattr(institution, name)
        ]
        if not changed:
            continue
        key = f"r{filing.pk}:{institution.record_version}"
        words = f"登记的{'、'.join(changed)}已变更，请在 {settings.CHANGE_FILING_DAYS} 天内办理变更备案。"
        if _tell(night, told, institution, key, words):
            night.reminded += 1
            start_deadlines(
                new_deadline(
                    subject=institution.subject,
                    code=clocks.CHANGE,
                    label="变更备案（平台提醒）",
                    source="25号文「及时」；天数为平台约定",
                    region=institution.region,
                    days=settings.CHANGE_FILING_DAYS,
                    today=min(institution.approved_on, day),
                    kind=ClockKind.DAYS,
                )
            )


def _late(day: date, night: Night) -> None:
    """Reminders two, one and no working days before a review clock ends; past it the city hears of it too."""
    told = _told(day)
    ours = (clocks.RECEIPT, clocks.NONCONFORM, clocks.CHANGE_REVIEW, clocks.CLOSURE)
    open_clocks = Deadline.objects.running().filter(
        code__in=ours, paused_on__isnull=True, due_on__lte=day + timedelta(days=14)
    )
    rows = {clock.subject.partition(":")[2]: clock for clock in open_clocks.order_by("-due_on")}
    for filing in Filing.objects.filter(no__in=rows).select_related("institution__region", "assigned_to"):
        clock = rows[filing.no]
        left = remaining_workdays(clock.due_on, day)
        step = "over" if left < 0 else str(left) if left in REMIND_AT else ""
        key = f"d{clock.pk}:{clock.due_on}:{step}"
        if not step or key in told:
            continue
        told.add(key)
        prefix = filing.institution.region.prefix
        words = f"{filing.institution.name}（{filing.no}）的「{clock.label}」"
        words += f"已超期（{clock.due_on} 到期）。" if left < 0 else f"于 {clock.due_on} 到期，剩 {left} 个工作日。"
        users = [filing.assigned_to] if filing.assigned_to else holders(Role.REVIEWER, region_prefix=prefix)
        if left < 0:
            users = [*users, *holders(Role.CHIEF, Role.HEALTH_CITY, region_prefix=prefix)]
            night.overdue += 1
        notify(
            users,
            title="备案办理超期" if left < 0 else "备案办理即将到期",
            body=words,
            url=reverse("filing:review", args=[filing.no]),
        )
        log_event(TOLD, subject=filing.subject, summary=words, region_prefix=prefix, data={"key": key})


def _yearly(day: date, night: Night) -> None:
    told = _told(day)
    before = day - timedelta(days=settings.YEARLY_CONFIRMATION_DAYS)
    for filing in Filing.objects.filter(status="FILED").select_related("institution__region").iterator(500):
        last = filing.confirmed_on or filing.institution.filed_on
        if last is None or last > before:
            continue
        words = "距上次确认备案信息已满一年。请核对备案内容：没有变化的一键确认，有变化的只改变化的部分。"
        night.reminded += _tell(night, told, filing.institution, f"y{filing.pk}:{last}", words)


def _tell_institutions(night: Night) -> None:
    """One message per institution and night, whatever the number of papers."""
    names = dict(Institution.objects.filter(uscc__in=night.words).values_list("uscc", "name"))
    for uscc, words in night.words.items():
        more = f"\n另有 {len(words) - 12} 项，请到人员和材料页面查看。" if len(words) > 12 else ""
        notify(
            holders(Role.OPERATOR, uscc=uscc),
            title=f"有 {len(words)} 项材料或事项需要处理",
            body=f"{names.get(uscc, uscc)}：\n" + "\n".join(words[:12]) + more,
            url=reverse("filing:cases"),
        )
