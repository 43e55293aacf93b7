"""The ledgers' entrances on “我的工作台”."""

from __future__ import annotations

from yancheng_childcare.choices import Role
from yancheng_childcare.desks import Card, add_card

from ..models import Institution
from .differences import AUTHORITIES, DIFFERENT

CARDS = (
    Card(
        "registry:ledger-differences", "台账差异", "登记、卫健、公安三本台账对不上的机构。",
        count=lambda user, roles: AUTHORITIES.behind(Institution.objects.visible_to(user, roles), DIFFERENT.key).count(),
        task="督促有关部门核对台账差异", unit="家机构",
        group="对账", order=49, roles=frozenset({Role.HEALTH_CITY.value}), in_nav=False,
    ),
    Card(
        "registry:ledgers", "三本台账", "登记、卫健、公安三本台账逐区对照，差异可以点开。", group="对账", order=50,
    ),
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready."""
    for card in CARDS:
        add_card(card)
