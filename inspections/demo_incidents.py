"""Scenes of the demo city: incidents at different stages, and childcare without papers. All of it is invented."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from casework.cases import open_case, take
from casework.models import Case
from registry.models import Institution
from registry.signals import demo_city_stands
from yancheng_childcare.models import User

from .incidents import INCIDENT
from .unlicensed import UNLICENSED

REGION = "320902"
TOLD = "经电话核实，已当面说明。"
# What was found and the steps taken since, each with its answers.
IRREGULAR: tuple[tuple[dict[str, str], tuple[tuple[str, dict[str, str]], ...]], ...] = (
    (
        {
            "kind": "NO_LICENCE",
            "source": "12345 工单（演示）0101",
            "name": "晨光看护点（招牌）",
            "place": "开放大道 66 号三楼",
            "children": "18",
            "found": "群众反映三楼收托十多名幼儿，现场未见任何证照，只有一个出口。",
        },
        (("refer", {"reason": TOLD}),),
    ),
    (
        {
            "kind": "HOME",
            "source": "12345 工单（演示）0102",
            "name": "锦绣花园 8 幢住户",
            "place": "锦绣花园 8 幢二单元",
            "children": "6",
            "found": "邻居反映白天有六名幼儿在住宅内由两人照看，按月收费。",
        },
        (("set_term", {"days": "", "reason": TOLD}),),
    ),
    (
        {
            "kind": "KINDERGARTEN",
            "source": "教育部门来函（演示）03",
            "name": "春苗幼儿园托班",
            "place": "黄海路 15 号",
            "children": "20",
            "found": "幼儿园开设一个托班，还没有向卫生健康部门备案。",
        },
        (),
    ),
)
# What happened how many hours ago, and the steps taken since.
INCIDENTS: tuple[tuple[int, dict[str, str], tuple[tuple[str, dict[str, str]], ...]], ...] = (
    (
        1,
        {
            "kind": "LOST",
            "place": "一楼大门",
            "children": "1",
            "ages": "2岁半",
            "what": "接园时孩子被不认识的人带出大门，五分钟后在路口找到，孩子平安。",
            "first_aid": "已报警，已通知监护人，孩子已交给监护人。",
        },
        (),
    ),
    (
        20,
        {
            "kind": "CLUSTER",
            "place": "托小班",
            "children": "5",
            "ages": "18个月至2岁",
            "cases": "2 2 1",
            "what": "托小班三天内陆续有五名孩子发热、出疹，家长带诊。",
            "first_aid": "已隔离、停班消毒，请监护人带诊。",
        },
        (("lock_video", {"where": "托小班镜头三天录像，已存保健室移动硬盘"}),),
    ),
)


@receiver(demo_city_stands)
def make_scenes(sender: Any, *, users: dict[str, User], today: date, **kwargs: Any) -> None:
    """Open them as the reviewer does; nothing when they are there."""
    reviewer = users["reviewer_tinghu"]
    place = Institution.objects.active().filter(region=REGION).order_by("uscc").first()
    if place is None or Case.objects.filter(type__in=[UNLICENSED.name, INCIDENT.name]).exists():
        return
    for found, steps in IRREGULAR:
        case = open_case(UNLICENSED, {"region": REGION, "uscc": "", **found}, actor=reviewer)
        for name, answers in steps:
            case = take(case, name, answers, actor=reviewer)
    for hours, happened, steps in INCIDENTS:
        when = f"{timezone.localtime() - timedelta(hours=hours):%Y-%m-%d %H:%M}"
        told = {
            "uscc": place.uscc,
            "happened_at": when,
            "found_at": when,
            "staff_on_duty": "3",
            "cases": "",
            **happened,
        }
        case = open_case(INCIDENT, told, actor=reviewer)
        for name, answers in steps:
            case = take(case, name, answers, actor=reviewer)
