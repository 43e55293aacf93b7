"""Filing's cards on 「我的工作台」."""

from __future__ import annotations

from yancheng_childcare.desks import Card, add_card

from ..choices import ProposalOutcome
from ..models import Filing, PersonDiscrepancy, Post, SiteCheck
from .worklist import REVIEWERS


def add_cards() -> None:
    """Called once when the app is ready."""
    add_card(
        Card(
            "filing:cases",
            "我的备案",
            "办理备案、变更、停业和终止，看办到哪一步、谁在办、何时到期。",
            count=lambda user, roles: (
                Filing.objects.visible_to(user, roles).filter(status__in=["DRAFT", "SUPPLEMENT"]).count()
            ),
            order=5,
        )
    )
    add_card(
        Card(
            "people:list",
            "从业人员",
            "人员、证件和培训登记一次，到期自动提醒。",
            count=lambda user, roles: Post.objects.visible_to(user, roles).current().count(),
            unit="人",
            order=8,
        )
    )
    add_card(
        Card(
            "people:discrepancies",
            "待核实的人员信息",
            "机构对同一个人填写不一致，或登记了违法犯罪记录的，核实后生效。",
            count=lambda user, roles: PersonDiscrepancy.objects.visible_to(user, roles).waiting().count(),
            unit="项",
            order=9,
        )
    )
    add_card(
        Card(
            "filing:queue",
            "备案审查",
            "按紧急程度排列的待办备案，可以直接取下一件。",
            count=lambda user, roles: Filing.objects.visible_to(user, roles & REVIEWERS).in_review().count(),
            order=6,
        )
    )
    add_card(
        Card(
            "filing:to-sign",
            "待签批",
            "受理人员提请的再次告知、不予收件、不符合告知、不予变更和撤销，由您签批或者退回。",
            count=lambda user, roles: (
                Filing.objects.visible_to(user, roles)
                .filter(proposals__outcome=ProposalOutcome.PENDING)
                .distinct()
                .count()
            ),
            order=1,
        )
    )
    add_card(
        Card(
            "filing:site-checks",
            "现场核实",
            "指派给我的现场核实，逐项记录结果。",
            count=lambda user, roles: SiteCheck.objects.filter(officers=user, concluded_on=None).count(),
            order=9,
        )
    )
    add_card(Card("filing:board", "登记备案对账", "登记、备案、运营的数字是否相符，差在哪些机构。", order=28))
