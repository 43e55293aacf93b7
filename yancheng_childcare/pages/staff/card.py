"""The administrators' cards on “我的工作台”."""

from __future__ import annotations

from django.conf import settings

from ...desks import Card, add_card
from ...waiting import may_approve

CARDS = (
    Card(
        "staff:approvals", "待批准", "职责、账号申请、统一身份、接口密钥、推送目标和检查名录，另一人提出、由您核对批准。",
        count=lambda user, roles: may_approve(user), task="核对并批准他人提出的申请", unit="项", group="平台管理", order=3,
    ),
    Card("staff:people", "人员与职责", "部门工作人员的账号、职责和工作日调整。", group="平台管理", order=4),
)  # fmt: skip


def add_cards() -> None:
    """Called once when the app is ready; the pages are only where the administration is (`urls.py`)."""
    for card in CARDS if settings.ADMIN_ENABLED else ():
        add_card(card)
