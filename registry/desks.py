"""The registry's cards on 「我的工作台」 and in the desk's navigation, and the two worklists they count."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from exchange.models import Receipt
from yancheng_childcare.choices import Role
from yancheng_childcare.desks import Card, add_card
from yancheng_childcare.querysets import region_scope

from .ledgers import differing
from .models import Institution


def unfiled_for(user: Any, roles: frozenset[str]) -> Any:
    """已登记未备案 in the scope of the user's `roles`."""
    return Institution.objects.visible_to(user, roles).unfiled()


def police_area(user: Any) -> Any:
    """Registrations in being in the area of the user's public-security duties."""
    return Institution.objects.active().filter(region_scope(user, {Role.POLICE}))


def advised(rows: Any, *, done: bool = True) -> Any:
    """Those with (or without) a receipt of public security that says handled."""
    handled = Exists(Receipt.objects.filter(subject=OuterRef("uscc"), department__kind="POLICE", handled=True))
    return rows.filter(handled) if done else rows.filter(~handled)


def add_cards() -> None:
    """Called once when the app is ready."""
    add_card(
        Card(
            "registry:list",
            "机构登记",
            "查看、录入、变更和注销登记，看推送是否送达。",
            order=10,
        )
    )
    add_card(
        Card(
            "registry:imports",
            "批量导入",
            "用表格一次录入或变更多家机构，先检查再入库。",
            order=15,
        )
    )
    add_card(
        Card(
            "registry:irregular",
            "名称或范围待规范",
            "可以录入但法规有建议的登记，核对后变更或说明。",
            count=lambda user, roles: Institution.objects.registered_by(user).irregular_scope().count(),
            unit="家",
            order=20,
        )
    )
    add_card(
        Card(
            "registry:unfiled",
            "已登记未备案",
            "登记已推送、还没有备案的机构，按天数排列。",
            count=lambda user, roles: unfiled_for(user, roles).count(),
            unit="家",
            order=30,
        )
    )
    add_card(
        Card(
            "registry:police",
            "安全防范指导",
            "辖区新登记机构的安全防范指导和回执。",
            count=lambda user, roles: advised(police_area(user), done=False).count(),
            unit="家",
            order=40,
        )
    )
    add_card(
        Card(
            "registry:audit",
            "个人信息查看记录",
            "谁查看了谁的个人信息、为了什么，可以筛选和导出。",
            order=5,
        )
    )
    add_card(
        Card(
            "registry:ledgers",
            "三本台账",
            "登记、卫健、公安三本台账逐区对照，差异可点开。",
            count=lambda user, roles: differing(user, roles).count(),
            unit="处差异",
            order=50,
        )
    )
