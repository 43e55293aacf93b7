"""The public register's card on 「我的工作台」."""

from __future__ import annotations

from yancheng_childcare.desks import Card, add_card

from ..models import PublicReport


def add_cards() -> None:
    """Called once when the app is ready."""
    add_card(
        Card(
            "public:reports",
            "公众报错",
            "公众对公开信息的报错和名录外机构的反映，按时限答复。",
            count=lambda user, roles: PublicReport.objects.visible_to(user, roles).open().count(),
            unit="件",
            order=45,
        )
    )
