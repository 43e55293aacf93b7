"""Registrations on “我的工作台”: what public security must still advise, the lists worked off, the entrances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from casework.inbox import RECENT, Item, Source, add_source
from casework.types import State
from exchange.models import Receipt
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.desks import Card, add_card, add_namer
from yancheng_childcare.models import Deadline
from yancheng_childcare.querysets import region_scope

from ..models import Institution
from .clocks import POLICE_CLOCK

REGISTRAR = frozenset({Role.REGISTRAR.value})
POLICE = frozenset({Role.POLICE.value})
COUNTY = frozenset({Role.REVIEWER.value, Role.CHIEF.value})
_EVERYBODY = frozenset(Role.values)
ADVISE = State(
    "yellow",
    Role.POLICE.value,
    "上门指导安全防范并回告",
    then="回告后，登记机关和卫生健康部门同时看到。",
    waits="机构和登记机关",
)


def unfiled_for(user: Any, roles: frozenset[str]) -> Any:
    """已登记未备案 in the scope of the user's `roles`."""
    return Institution.objects.visible_to(user, roles).unfiled()


def to_follow_up(user: Any, roles: frozenset[str]) -> Any:
    """Those so long unfiled that somebody should call them ([A], `UNFILED_REMIND_DAYS`)."""
    return Institution.objects.visible_to(user, roles).unfiled_for(settings.UNFILED_REMIND_DAYS, today_here())


def police_area(user: Any) -> Any:
    """Registrations in being in the area of the user's public-security duties."""
    return Institution.objects.active().filter(region_scope(user, {Role.POLICE}))


def advised(rows: Any, *, done: bool = True) -> Any:
    """Those with (or without) a receipt of public security that says handled."""
    handled = Exists(Receipt.objects.filter(subject=OuterRef("uscc"), department__kind="POLICE", handled=True))
    return rows.filter(handled) if done else rows.filter(~handled)


def police_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """The institutions of the area that public security must still advise, and those whose receipt this officer sent."""
    days = _advice_days(user, POLICE)
    for uscc, name in advised(police_area(user), done=False).values_list("uscc", "name"):
        url = reverse("registry:police-receipt", args=[uscc])
        yield Item(ADVISE, "安全防范指导", name, url, days.get(uscc), mine=True)
    yield from _receipts(Receipt.objects.filter(sent_by=user), police_area(user), since)


def registrar_items(user: Any, today: date, since: datetime) -> Iterator[Item]:
    """The registrations of this person's own authority that public security has not answered yet, and those it has."""
    days = _advice_days(user, REGISTRAR)
    own = Institution.objects.registered_by(user).active()
    for uscc, name in own.filter(uscc__in=days).values_list("uscc", "name"):
        yield Item(ADVISE, "设立登记", name, reverse("registry:detail", args=[uscc]), days[uscc])
    yield from _receipts(Receipt.objects.all(), own, since)


def _advice_days(user: Any, roles: frozenset[str]) -> dict[str, date]:
    """Code → last day of the advice that is still to be given in the area."""
    clocks = Deadline.objects.running().filter(region_scope(user, roles), code=POLICE_CLOCK)
    return {subject.partition(":")[2]: day for subject, day in clocks.values_list("subject", "due_on")}


def _receipts(receipts: Any, places: Any, since: datetime) -> Iterator[Item]:
    """The newest answers of public security about these institutions, as done."""
    name = Subquery(places.filter(uscc=OuterRef("subject")).values("name")[:1])
    found = receipts.filter(department__kind="POLICE", handled=True, received_at__gte=since).annotate(name=name)
    rows = found.exclude(name=None).order_by("-id").values_list("subject", "name", "received_at")
    for uscc, name_of, at in rows[:RECENT]:
        url = reverse("registry:detail", args=[uscc])
        yield Item(ADVISE, "公安已指导并回告", name_of, url, ended_on=timezone.localdate(at))


def names_of(codes: list[str]) -> dict[str, tuple[str, str]]:
    """Code → name and address of the registration."""
    found = Institution.objects.filter(uscc__in=codes).values_list("uscc", "name")
    return {uscc: (name, reverse("registry:detail", args=[uscc])) for uscc, name in found}


CARDS = (
    Card(
        "registry:audit", "个人信息查看记录", "谁查看了谁的个人信息、为了什么，可以筛选和导出。", group="监督", order=5,
    ),
    Card(
        "registry:list", "机构登记", "录入、变更和注销登记，看推送是否送达。", group="登记", order=10,
        roles=_EVERYBODY - {Role.OPERATOR}, doers=REGISTRAR, viewing="职责范围内的机构登记和推送情况，只能查看。",
    ),
    Card(
        "registry:imports", "批量导入", "用表格一次录入或变更多家机构，先检查再入库。", group="登记", order=15,
    ),
    Card(
        "registry:irregular", "名称或范围待规范", "可以录入但法规有建议的登记，核对后变更或说明。",
        count=lambda user, roles: Institution.objects.registered_by(user).irregular_scope().unanswered().count(),
        task="规范名称或经营范围，或者说明理由", unit="家机构", query="?show=open", group="登记", order=20,
    ),
    Card(
        "registry:unfiled", "已登记未备案", "登记后还没有备案的机构，按天数排列。",
        count=lambda user, roles: to_follow_up(user, roles).count(),
        task=f"联系成立满 {settings.UNFILED_REMIND_DAYS} 天还没有备案的机构", unit="家机构",
        query=f"?age={settings.UNFILED_REMIND_DAYS}", group="登记", order=30, doers=COUNTY,
        viewing="登记后还没有备案的机构，按天数排列，只能查看。",
    ),
    Card(
        "registry:police", "安全防范指导", "辖区新登记机构的安全防范指导和回执。", group="登记", order=40,
    ),
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready."""
    for card in CARDS:
        add_card(card)
    add_source(Source(POLICE, police_items))
    add_source(Source(REGISTRAR, registrar_items))
    add_namer(names_of)
