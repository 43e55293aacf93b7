"""The exchange's cards on 「我的工作台」."""

from __future__ import annotations

from typing import Any

from yancheng_childcare.desks import Card, add_card

from .models import Delivery


def parked(user: Any, roles: frozenset[str]) -> int:
    """Pushes in the user's scope that wait for a person."""
    return int(Delivery.objects.visible_to(user, roles).open().filter(status="DEAD").count())


def add_cards() -> None:
    """Called once when the app is ready."""
    add_card(
        Card(
            "exchange:deliveries",
            "推送记录",
            "每条登记信息推给了谁、是否送达，可查可重发。",
            count=parked,
            unit="条",
            order=60,
        )
    )
    add_card(Card("exchange:overview", "数据交换", "各部门接收端点的状态、订阅、密钥和测试。", order=70))
