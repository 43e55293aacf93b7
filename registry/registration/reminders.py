"""已登记未备案: what the portal says to whom, and when. Both steps are its own choice ([A]), so the days are settings.

Which step an institution was told of is kept as an act on the institution: it never repeats, whatever is restarted.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.urls import NoReverseMatch, reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty, Event, Region
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.pieces import each, take_turns
from yancheng_childcare.records import actor_label
from yancheng_childcare.workdays import by_day

from ..models import Institution
from .clocks import filing_due

_NAMED = 10
DIGEST = "unfiled.digest"
#: action → (from how many natural days on, up to which step, words)
REMIND, GOVERN = "unfiled.reminded", "unfiled.listed"


def remind(*, today: date | None = None) -> int:
    """One digest per county and day to its reviewers, one message per institution to its operators; returns how many
    institutions were told of. Institutions past the second step get only that one.
    """
    day = today or today_here()
    counties = {code for action in (REMIND, GOVERN) for code in _due(action, day).values_list("region_id", flat=True)}
    return each("unfiled", sorted(counties), partial(_tell_once, day=day)).done


def _tell_once(code: str, *, day: date) -> int:
    """The county's digest of the day, unless it had it."""
    take_turns(f"unfiled:{code}")
    if Event.objects.filter(action=DIGEST, subject=f"region:{code}", data__day=str(day)).exists():
        return 0
    found = {action: list(_due(action, day).filter(region=code)) for action in (REMIND, GOVERN)}
    steps = {action: rows for action, rows in found.items() if rows}
    return _tell_county(code, steps, day) if steps else 0


def _due(action: str, day: date) -> Any:
    days = settings.UNFILED_REMIND_DAYS if action == REMIND else settings.UNFILED_GOVERN_DAYS
    told = Event.objects.filter(action=action, subject=Concat(Value("registry.institution:"), OuterRef("uscc")))
    rows = Institution.objects.unfiled_for(days, day).filter(~Exists(told))
    if action == REMIND:
        rows = rows.filter(established_on__gt=day - timedelta(days=settings.UNFILED_GOVERN_DAYS))
    return rows.only("uscc", "name", "region_id", "established_on").order_by("established_on", "id")


def _tell_county(code: str, steps: dict[str, list[Any]], day: date) -> int:
    region = Region.objects.get(pk=code)
    reviewers = holders(Role.REVIEWER, Role.CHIEF, region_prefix=region.prefix)
    parts = []
    for action, label in ((GOVERN, _label(GOVERN)), (REMIND, _label(REMIND))):
        if found := steps.get(action):
            names = "、".join(institution.name for institution in found[:_NAMED])
            more = f"等 {len(found)} 家" if len(found) > _NAMED else f"（{len(found)} 家）"
            parts.append(f"{label}：{names}{more}。")
            Event.objects.bulk_create(_acts(action, label, found, region.prefix), batch_size=1_000)
            _tell_operators(label, found)
    notify(
        reviewers,
        title=f"{region.short_name}：新增 {sum(map(len, steps.values()))} 家已登记未备案机构需跟进",
        body="\n".join([*parts, "天数为平台约定的提醒，不是法定时限。请联系机构，了解情况并指导备案。"]),
        url=_address("registry:unfiled"),
    )
    Event.objects.create(
        action=DIGEST,
        actor_label=actor_label(None),
        subject=f"region:{code}",
        region_prefix=region.prefix,
        summary=f"已登记未备案提醒：{sum(map(len, steps.values()))} 家，通知 {len(reviewers)} 人",
        data={"day": str(day)},
    )
    return sum(map(len, steps.values()))


def _label(action: str) -> str:
    days = settings.UNFILED_REMIND_DAYS if action == REMIND else settings.UNFILED_GOVERN_DAYS
    return f"成立满 {days} 天未备案" + ("" if action == REMIND else "，列入治理清单")


def _acts(action: str, label: str, found: list[Any], prefix: str) -> list[Event]:
    return [
        Event(
            action=action,
            actor_label=actor_label(None),
            subject=institution.subject,
            region_prefix=prefix,
            summary=f"{label}：已提醒（{institution.name}）"[:300],
            data={"established_on": str(institution.established_on)},
        )
        for institution in found
    ]


def _tell_operators(label: str, found: list[Any]) -> None:
    places = {institution.uscc: institution for institution in found}
    duties = Duty.objects.in_force().filter(role=Role.OPERATOR, user__is_active=True, uscc__in=places)
    for duty in duties.select_related("user"):
        notify(
            [duty.user],
            title="请尽快办理托育机构备案",
            body=f"{places[duty.uscc].name}（成立日期 {places[duty.uscc].established_on}）{label.split('，')[0]}。"
            f"请于{by_day(filing_due(places[duty.uscc].established_on))}在本平台提交备案；已过这一天的，请尽快提交。"
            "有困难请联系所在县（市、区）卫生健康部门。此为平台提醒，不是法定时限。",
            url=f"{reverse('filing:start')}?matter=first",
        )


def _address(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:  # the page belongs to a part that may be switched off
        return ""
