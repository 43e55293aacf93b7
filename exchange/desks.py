"""The exchange's entrances on “我的工作台”."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from yancheng_childcare.desks import Card, add_card

from .models import Delivery
from .permissions import ENDPOINT_OWNERS, RESENDERS


def parked(user: Any, roles: frozenset[str]) -> int:
    """Pushes in the user's scope that wait for a person."""
    return int(Delivery.objects.visible_to(user, roles).open().filter(status="DEAD").count())


def add_cards() -> None:
    """Called once when the app is ready."""
    add_card(
        Card(
            "exchange:deliveries",
            "推送记录",
            "每条登记信息推给了谁、是否送达；对方拒收的，更正后重发。",
            count=parked,
            task="处理没有送达的推送",
            unit="条推送",
            query="?status=DEAD",
            group="数据交换",
            order=60,
            doers=RESENDERS.write,
            viewing="每条登记信息推给了谁、是否送达，只能查看。",
        )
    )
    add_card(
        Card(
            "exchange:overview",
            "数据交换",
            "部门接收端点的状态、订阅、密钥和测试。",
            group="数据交换",
            order=70,
            doers=ENDPOINT_OWNERS.write,
            viewing="各部门接收端点是否畅通，只能查看。",
        )
    )
    if settings.ADMIN_ENABLED:  # the pages are only where the administration is (`urls.py`)
        add_card(
            Card(
                "exchange:hosts",
                "允许推送的目标",
                "各部门的推送可以发往哪些主机；另一名管理员批准后生效。",
                group="平台管理",
                order=5,
                in_nav=False,
            )
        )
