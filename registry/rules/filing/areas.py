"""面积: class units, outdoor ground, home-based places (JGJ 39—2016, 2019 edition; areas in m²)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from registry.choices import ClassType, OutdoorKind

from .checks import Params, check
from .classes import NAMES, NO_CLASSES, capacity, home_children
from .facts import ClassFacts, FilingFacts
from .outcome import (
    Least,
    Outcome,
    all_at_least,
    failed,
    measure,
    not_applicable,
    passed,
    shown,
    unknown,
)

AREAS = {
    "sleep": "睡眠区",
    "activity": "活动区",
    "catering": "配餐",
    "cleaning": "清洁",
    "toilet": "卫生间",
    "storage": "储藏",
}
ROOMS = tuple(f"{key}_area" for key in AREAS)


def _parts(group: ClassFacts, params: Params) -> Iterator[Least]:
    """The limits of one class; sleeping and playing in one room is R-AREA-03's matter."""
    together = measure(group.combined_area) is not None
    for key, label in AREAS.items():
        if key in params and not (together and key in {"sleep", "activity"}):
            yield Least(label, getattr(group, f"{key}_area"), Decimal(str(params[key])))


def _unit(facts: FilingFacts, params: Params, kind: str) -> Outcome:
    if not facts.classes:
        return unknown(NO_CLASSES)
    groups = [group for group in facts.classes if group.class_type == kind]
    if not groups:
        return not_applicable(f"没有{NAMES[kind]}")
    return all_at_least((part for group in groups for part in _parts(group, params)), NAMES[kind])


@check("R-AREA-01")
def infant_unit(facts: FilingFacts, params: Params) -> Outcome:
    """The rooms of a 乳儿班."""
    return _unit(facts, params, ClassType.INFANT)


@check("R-AREA-02")
def toddler_unit(facts: FilingFacts, params: Params) -> Outcome:
    """The rooms of a 托小班."""
    return _unit(facts, params, ClassType.TODDLER_S)


@check("R-AREA-03")
def combined_room(facts: FilingFacts, params: Params) -> Outcome:
    """One room for sleeping and playing is at least 50 m²."""
    if not facts.classes:
        return unknown(NO_CLASSES)
    limit = Decimal(str(params["min"]))
    together = [group for group in facts.classes if measure(group.combined_area) is not None]
    parts = [Least(f"{NAMES.get(g.class_type, '班级')}合用房间", g.combined_area, limit) for g in together]
    found = all_at_least(parts, "") if parts else not_applicable("睡眠区与活动区分开设置")
    apart = [
        g for g in facts.classes if g not in together and None not in (measure(g.sleep_area), measure(g.activity_area))
    ]
    if found.verdict != "FAIL" and len(together) + len(apart) < len(facts.classes):
        return unknown("有班级没有填写睡眠区、活动区面积，也没有填写合用面积")
    return found


@check("R-AREA-04")
def outdoor(facts: FilingFacts, params: Params) -> Outcome:
    """Own outdoor ground per place; public ground nearby may be used instead (58 号文)."""
    if facts.outdoor_kind == OutdoorKind.SHARED:
        return not_applicable("借用附近公共场地的，不按人均面积计算")
    if facts.outdoor_kind == OutdoorKind.NONE:
        return failed("没有室外活动场地，可以借用附近公共场地", "0 平方米")
    area, places = measure(facts.outdoor_area), capacity(facts)
    if not facts.outdoor_kind or area is None or not places:
        return unknown("还没有填写室外活动场地的归属、面积或托位总数")
    each, limit, dense = area / places, Decimal(str(params["min"])), Decimal(str(params["dense"]))
    sentence = f"室外活动场地人均 {shown(each)} 平方米，标准不小于 {shown(limit)} 平方米"
    if each >= limit:
        return passed(sentence, f"{shown(each)} 平方米")
    if each >= dense:
        sentence += f"；密集区改扩建确有困难的不小于 {shown(dense)} 平方米，请说明情况"
    return failed(sentence, f"{shown(each)} 平方米")


@check("R-AREA-05")
def home_area(facts: FilingFacts, params: Params) -> Outcome:
    """Floor area per child of a home-based place."""
    area, children = measure(facts.floor_area), home_children(facts)
    if area is None or not children:
        return unknown("还没有填写建筑面积或收托人数")
    each, limit = area / children, Decimal(str(params["min"]))
    sentence = f"人均建筑面积 {shown(each)} 平方米，标准不小于 {shown(limit)} 平方米"
    return passed(sentence, f"{shown(each)} 平方米") if each >= limit else failed(sentence, f"{shown(each)} 平方米")


def at_odds(floor: Decimal | None, usable: Decimal | None, living: Decimal | None) -> list[str]:
    """What cannot be: a part larger than its whole."""
    named = [("建筑面积", measure(floor)), ("室内使用面积", measure(usable)), ("婴幼儿生活用房面积", measure(living))]
    known = [(label, value) for label, value in named if value is not None]
    return [
        f"{part} {shown(inner)} 平方米，大于{whole} {shown(outer)} 平方米"
        for (whole, outer), (part, inner) in pairwise(known)
        if inner > outer
    ]


@check("R-AREA-06")
def areas_agree(facts: FilingFacts, params: Params) -> Outcome:
    """Built area, usable area, living rooms, rooms of the classes: no part is larger than its whole."""
    odd = at_odds(facts.floor_area, facts.usable_area, facts.living_area)
    rooms = [getattr(group, name) for group in facts.classes or () for name in ("combined_area", *ROOMS)]
    inside = sum((value for room in rooms if (value := measure(room)) is not None), Decimal(0))
    usable = measure(facts.usable_area)
    if usable is not None and inside > usable:
        odd.append(f"各班用房合计 {shown(inside)} 平方米，大于室内使用面积 {shown(usable)} 平方米")
    if odd:
        return failed("；".join(odd), f"{len(odd)} 处")
    if None in (measure(facts.floor_area), usable, measure(facts.living_area)):
        return unknown("还没有填写建筑面积、室内使用面积或生活用房面积")
    return passed("建筑面积、使用面积、生活用房面积前后相符", "相符")
