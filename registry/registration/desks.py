"""The registry's cards and agenda on “我的工作台”, and the worklists they count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse

from exchange.models import Receipt
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.desks import SHOWN, Card, Due, add_agenda, add_card, add_namer
from yancheng_childcare.models import Deadline
from yancheng_childcare.querysets import region_scope

from ..models import Institution
from .clocks import POLICE_CLOCK

REGISTRAR = frozenset({Role.REGISTRAR.value})
POLICE = frozenset({Role.POLICE.value})
COUNTY = frozenset({Role.REVIEWER.value, Role.CHIEF.value})
_EVERYBODY = frozenset(Role.values)


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


def agenda(user: Any, today: date, until: date) -> Iterator[Due]:
    """What public security has to advise until that day."""
    if not user.roles & POLICE:
        return
    clocks = Deadline.objects.running().filter(region_scope(user, POLICE), code=POLICE_CLOCK, due_on__lte=until)
    days = dict(clocks.order_by("due_on", "id").values_list("subject", "due_on")[: SHOWN + 1])
    codes = [subject.partition(":")[2] for subject in days]
    for place in Institution.objects.filter(uscc__in=codes).only("uscc", "name"):
        url = reverse("registry:police-receipt", args=[place.uscc])
        yield Due("安全防范指导并回告", place.name, url, days[place.subject])


def names_of(codes: list[str]) -> dict[str, tuple[str, str]]:
    """Code → name and address of the registration."""
    found = Institution.objects.filter(uscc__in=codes).values_list("uscc", "name")
    return {uscc: (name, reverse("registry:detail", args=[uscc])) for uscc, name in found}


CARDS = (
    Card(
        "registry:audit", "个人信息查看记录", "谁查看了谁的个人信息、为了什么，可以筛选和导出。", icon="search", order=5,
    ),
    Card(
        "registry:list", "机构登记", "录入、变更和注销登记，看推送是否送达。", icon="building", order=10,
        roles=_EVERYBODY - {Role.OPERATOR}, doers=REGISTRAR, viewing="职责范围内的机构登记和推送情况，只能查看。",
    ),
    Card(
        "registry:imports", "批量导入", "用表格一次录入或变更多家机构，先检查再入库。", icon="upload", order=15,
    ),
    Card(
        "registry:irregular", "名称或范围待规范", "可以录入但法规有建议的登记，核对后变更或说明。",
        count=lambda user, roles: Institution.objects.registered_by(user).irregular_scope().unanswered().count(),
        unit="家待处理", query="?show=open", icon="edit", order=20,
    ),
    Card(
        "registry:unfiled", "已登记未备案", f"成立满 {settings.UNFILED_REMIND_DAYS} 天还没有备案的，联系机构并指导备案。",
        count=lambda user, roles: to_follow_up(user, roles).count(), unit="家待联系",
        query=f"?age={settings.UNFILED_REMIND_DAYS}", icon="bell", order=30, doers=COUNTY,
        viewing="登记后还没有备案的机构，按天数排列，只能查看。",
    ),
    Card(
        "registry:police", "安全防范指导", "辖区新登记机构的安全防范指导和回执。",
        count=lambda user, roles: advised(police_area(user), done=False).count(), unit="家待办",
        icon="shield", order=40,
    ),
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready."""
    for card in CARDS:
        add_card(card)
    add_agenda(agenda)
    add_namer(names_of)
