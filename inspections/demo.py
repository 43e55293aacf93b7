"""Scenes of the demo city: clues of a grid worker, one in each state, and inspections (`demo_visits`). All of it is invented."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.dispatch import receiver

from casework.cases import open_case, take
from casework.models import Case
from registry.models import Institution
from registry.signals import demo_city_stands
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, User

from .clues import CLUE
from .demo_visits import play
from .models import EnforcementSubject, Matter, Officer

REGION = "320902"
SINCE = date(2024, 1, 1)
# One published matter a field, with its basis.
MATTERS = {
    "HEALTH": ("托育机构综合检查", "《人口与计划生育法》第二十八条、第四十一条"),
    "MARKET": ("托育机构食品安全检查", "《食品安全法》第一百一十条"),
}
# What was seen, where, how far it got: the steps taken since, each with its reason.
CLUES: tuple[tuple[dict[str, str], tuple[tuple[str, str], ...]], ...] = (
    (
        {
            "name": "小脚丫看护点（无招牌）",
            "place": "迎宾南路 88 号二楼",
            "seen": "上午九点，约十五名幼儿在二楼，没有见到证照，楼梯间堆有杂物。",
        },
        (),
    ),
    (
        {
            "name": "彩虹亲子园（招牌）",
            "place": "大庆中路 120 号一楼",
            "seen": "下午四点接孩子时，门口台阶没有护栏，有孩子自己跑到路边。",
        },
        (("accept", ""),),
    ),
    (
        {
            "name": "幸福里小区 3 幢",
            "place": "幸福里小区 3 幢一单元",
            "seen": "邻居反映一楼有人带着六七个孩子，白天能听到哭声。",
        },
        (("accept", ""), ("unfounded", "上门了解，为两户亲戚互相照看，不收费，没有托育服务。")),
    ),
)


def make_registers(users: dict[str, User]) -> None:
    """Announced bodies, one published matter each, and the officers with their certificates; entered and approved by two."""
    granter, approver = (User.objects.get(username=name) for name in ("demo_granter", "demo_approver"))
    signed = {"granted_by": granter, "approved_by": approver}
    duties = Duty.objects.filter(user__in=users.values(), role=Role.INSPECTOR).select_related("department", "user")
    for duty in duties:
        body: Any = duty.department
        announced = {"announced_on": SINCE, "announcement": f"{body.name}行政执法主体公告（演示）"}
        subject, _ = EnforcementSubject.objects.get_or_create(
            department=body, defaults={"field": body.kind, **announced, **signed}
        )
        name, basis = MATTERS[body.kind]
        Matter.objects.get_or_create(
            code=f"{body.kind}-01",
            defaults={
                "name": name,
                "basis": basis,
                "field": body.kind,
                "level": "COUNTY",
                "published_on": SINCE,
                **signed,
            },
        )
        Officer.objects.get_or_create(
            certificate_no=duty.certificate_no,
            defaults={
                "user": duty.user,
                "subject": subject,
                "valid_from": SINCE,
                "valid_to": duty.valid_to or date(2030, 12, 31),
                **signed,
            },
        )


@receiver(demo_city_stands)
def report_clues(sender: Any, *, users: dict[str, User], today: date, **kwargs: Any) -> None:
    """Inspect, and report as the grid worker does; nothing of what is there already."""
    make_registers(users)
    play(users)
    if Case.objects.filter(type=CLUE.name).exists():
        return
    known = Institution.objects.filter(region=REGION).order_by("uscc").values_list("uscc", flat=True).first() or ""
    for number, (seen, steps) in enumerate(CLUES):
        answers = {"region": REGION, "uscc": known if number == 1 else "", **seen}
        case = open_case(CLUE, answers, actor=users["grid_tinghu"])
        for name, reason in steps:
            case = take(case, name, {"reason": reason} if reason else {}, actor=users["reviewer_tinghu"])
