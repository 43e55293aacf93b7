"""Filing on “我的工作台”: whose cases, the lists worked off, the entrances."""

from __future__ import annotations

from typing import Any

from casework.inbox import Source, add_source
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.desks import Card, add_card

from ..models import PersonDiscrepancy, Post
from ..people.attention import needs
from ..people.facts import describe
from .inbox import (
    CHIEF,
    LEGAL,
    OFFICERS,
    OPERATOR,
    REVIEWER,
    chief_items,
    institution_items,
    legal_items,
    reviewer_items,
    visit_items,
)

COUNTY = REVIEWER | CHIEF


def people_in_need(user: Any, roles: frozenset[str]) -> int:
    """People in post whose papers lack, ran out or soon will."""
    today = today_here()
    posts = Post.objects.visible_to(user, roles).current().described(today).select_related("person", "institution")
    staff = describe(
        posts.defer("person__id_no", "phone", "institution__legal_rep_id_no", "institution__contact_phone")
    )
    return sum(1 for entry in staff if needs(entry, today))


CARDS = (
    Card(
        "filing:queue", "待签批", "审查人员提请签批的决定：看文书、理由和依据后签发或者退回。",
        query="?view=sign", group="备案", order=4, roles=CHIEF, in_nav=False,
    ),
    Card(
        "filing:cases", "我的备案", "办理备案、变更、停业和终止，看办到哪一步、谁在办、何时到期。", group="备案", order=5,
    ),
    Card(
        "filing:queue", "备案审查", "按紧急程度排列的待办备案，可以直接取下一件。",
        query="?view=", group="备案", order=6, doers=REVIEWER, viewing="备案办到哪一步、由谁办理、是否超期。",
    ),
    Card(
        "people:list", "从业人员", "人员、证件和培训登记一次，到期自动提醒。",
        count=people_in_need, task="补齐或更新从业人员的证件", unit="人", query="?show=gaps", group="备案", order=8,
        doers=OPERATOR, viewing="职责范围内机构的从业人员和证件情况，只能查看。",
    ),
    Card(
        "people:discrepancies", "待核实的人员信息", "机构对同一个人填写不一致，或登记了违法犯罪记录的，核实后生效。",
        count=lambda user, roles: PersonDiscrepancy.objects.visible_to(user, roles).waiting().count(),
        task="核实填写不一致的从业人员信息", unit="项", group="备案", order=9, doers=COUNTY,
        viewing="机构填写不一致、等待县级卫健部门核实的人员信息。",
    ),
    Card(
        "filing:site-checks", "现场核实", "指派给我的现场核实，逐项记录结果。", group="备案", order=9,
    ),
    Card(
        "filing:board", "登记备案对账", "登记、备案、运营三个数是否相符，差在哪些机构。", group="对账", order=28,
    ),
)  # fmt: skip
SOURCES = (
    Source(OPERATOR, institution_items),
    Source(REVIEWER, reviewer_items),
    Source(CHIEF, chief_items),
    Source(LEGAL, legal_items),
    Source(OFFICERS, visit_items),
)


def add_cards() -> None:
    """Called once when the app is ready."""
    for card in CARDS:
        add_card(card)
    for source in SOURCES:
        add_source(source)
