"""The entrances of inspections on “我的工作台”."""

from __future__ import annotations

from yancheng_childcare.choices import Role
from yancheng_childcare.desks import Card, add_card

CARDS = (
    Card("inspections:supervision", "执法监督", "检查频次、超频次批准、超期未公开和到期证件。", group="监督检查", order=44),
    Card(
        "inspections:subjects", "检查名录", "检查主体、检查事项、执法人员和检查表。", group="监督检查", order=45,
        doers=frozenset({Role.HEAD, Role.LEGAL, Role.ADMIN, Role.INSPECTOR}), in_nav=False,
        viewing="检查主体、检查事项、执法人员和检查表，只能查看。",
    ),
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready."""
    for card in CARDS:
        add_card(card)
