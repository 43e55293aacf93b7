"""班级与托位: sizes, ages, places and the ratio of carers (58 号文 设置标准 第19、20条)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.choices import ClassType, Nature, OrgForm, PostRole

from .checks import Check, Params, check
from .facts import ClassFacts, FilingFacts
from .outcome import Outcome, count, failed, not_applicable, passed, unknown

NAMES = {kind.value: kind.label.partition("（")[0] for kind in ClassType}
NO_CLASSES = "还没有填写班级"


def is_home(facts: FilingFacts) -> bool | None:
    """Whether this is a 家庭托育点, which has rules of its own; None while neither nature nor form is known."""
    if facts.nature == Nature.HOME or facts.org_form == OrgForm.HOME:
        return True
    return False if facts.nature or facts.org_form else None


def children_in(group: ClassFacts) -> int | None:
    """The children the ratio counts: those it has, else those it plans for."""
    enrolled = count(group.enrolled)
    return enrolled if enrolled is not None else count(group.places)


def total(numbers: Iterable[int | None]) -> int | None:
    """Their sum; None as soon as one is unknown."""
    found = 0
    for number in numbers:
        if number is None:
            return None
        found += number
    return found


def total_enrolled(facts: FilingFacts) -> int | None:
    """How many children there are today; None when a class does not say or there is no class."""
    return total(count(group.enrolled) for group in facts.classes) if facts.classes else None


def total_places(facts: FilingFacts) -> int | None:
    """The places of all classes; None when a class does not say or there is no class."""
    return total(count(group.places) for group in facts.classes) if facts.classes else None


def capacity(facts: FilingFacts) -> int | None:
    """The places of the institution: as stated, else the sum over its classes."""
    stated = count(facts.capacity_total)
    return stated if stated is not None else total_places(facts)


def required_carers(classes: Iterable[ClassFacts], ratios: Mapping[str, Any]) -> int | None:
    """Carers needed for these classes: Σ ⌈children ÷ ratio⌉ (domain.md §3.2); None when a class says nothing.

    `ratios` gives how many children one carer may look after, by class type.
    """
    return total(_carers_for(group, ratios) for group in classes)


def _carers_for(group: ClassFacts, ratios: Mapping[str, Any]) -> int | None:
    children, ratio = children_in(group), ratios.get(group.class_type)
    return -(-children // int(ratio)) if children is not None and ratio else None


def _size_of(kind: str) -> Check:
    def size(facts: FilingFacts, params: Params) -> Outcome:
        limit, name = int(params["max"]), NAMES[kind]
        if not facts.classes:
            return unknown(NO_CLASSES)
        groups = [group for group in facts.classes if group.class_type == kind]
        if not groups:
            return not_applicable(f"没有{name}")
        known = [[n for n in (count(g.enrolled), count(g.places)) if n is not None] for g in groups]
        over = sorted((max(numbers) for numbers in known if numbers and max(numbers) > limit), reverse=True)
        if over:
            value = "、".join(f"{n} 人" for n in over)
            return failed(f"{name} {value}，标准不超过 {limit} 人", value)
        if not all(known):
            return unknown(f"有{name}没有填写人数或托位数")
        most = max(max(numbers) for numbers in known)
        return passed(f"{name} {most} 人，标准不超过 {limit} 人", f"{most} 人")

    return size


for _number, _kind in enumerate((ClassType.INFANT, ClassType.TODDLER_S, ClassType.TODDLER_L, ClassType.MIXED), 1):
    check(f"R-CLS-0{_number}")(_size_of(_kind.value))


@check("R-CLS-05")
def mixed_age(facts: FilingFacts, params: Params) -> Outcome:
    """Nobody under 18 months in a mixed class."""
    if not facts.classes:
        return unknown(NO_CLASSES)
    groups = [g for g in facts.classes if g.class_type == ClassType.MIXED and g.enrolled != 0]
    if not groups:
        return not_applicable("没有混合班，或者混合班还没有收托")
    limit = int(params["min"])
    ages = [count(group.youngest_months) for group in groups]
    known = [age for age in ages if age is not None]
    if known and min(known) < limit:
        return failed(f"混合班最小 {min(known)} 个月，标准不小于 {limit} 个月", f"{min(known)} 个月")
    if len(known) < len(ages):
        return unknown("混合班没有填写最小月龄")
    return passed(f"混合班最小 {min(known)} 个月，标准不小于 {limit} 个月", f"{min(known)} 个月")


@check("R-CLS-06")
def ages_fit(facts: FilingFacts, params: Params) -> Outcome:
    """Ages in whole months within [from, to) of the class type."""
    if not facts.classes:
        return unknown(NO_CLASSES)
    groups = [group for group in facts.classes if group.enrolled != 0]
    if not groups:
        return not_applicable("还没有收托")
    wrong: list[str] = []
    open_question = False
    for group in groups:
        limits = params.get(group.class_type)
        if not limits:
            open_question = True
            continue
        low, high = limits
        youngest, oldest = count(group.youngest_months), count(group.oldest_months)
        open_question = open_question or youngest is None or oldest is None
        bad = [age for age in (youngest, oldest) if age is not None and not low <= age < high]
        if bad:
            ages = "、".join(f"{age} 个月" for age in dict.fromkeys(bad))
            wrong.append(f"{NAMES.get(group.class_type, '班级')}有 {ages}，应满 {low} 个月、不满 {high} 个月")
    if wrong:
        return failed("；".join(wrong), f"{len(wrong)} 个班")
    if open_question:
        return unknown("还有班级没有填写班型、最小月龄和最大月龄")
    return passed("各班月龄与班型一致", f"{len(groups)} 个班")


@check("R-CAP-01")
def enrolled_within_places(facts: FilingFacts, params: Params) -> Outcome:
    """Not more children than places on file."""
    places, children = count(facts.capacity_total), total_enrolled(facts)
    if places is None or children is None:
        return unknown("没有填写托位总数或在托人数")
    sentence = f"在托 {children} 人，托位 {places} 个"
    return passed(sentence, f"{children} 人") if children <= places else failed(sentence, f"{children} 人")


@check("R-CAP-02")
def places_add_up(facts: FilingFacts, params: Params) -> Outcome:
    """The total equals the sum over the classes."""
    stated, summed = count(facts.capacity_total), total_places(facts)
    if stated is None or summed is None:
        return unknown("没有填写托位总数，或者有班级没有填写托位数")
    sentence = f"托位总数 {stated} 个，各班合计 {summed} 个"
    return passed(sentence, f"{stated} 个") if stated == summed else failed(f"{sentence}，应当相等", f"{stated} 个")


def on_duty(facts: FilingFacts, role: str) -> tuple[int, int] | None:
    """(surely, at most) so many people of this post may be on duty today; None when the people are not known."""
    if not facts.knows_people(role):
        return None
    answers = [person.may_work(facts.today) for person in facts.posts(role)]
    return sum(answer is True for answer in answers), sum(answer is not False for answer in answers)


def enough_carers(facts: FilingFacts, need: int | None, least: int) -> Outcome:
    """Carers on duty against `need`; `least` is what is needed at least while a class is still unknown."""
    carers = on_duty(facts, PostRole.CARER)
    if carers is None:
        return unknown(f"还没有填写保育人员，至少需要 {least} 名" if least else "还没有填写保育人员")
    sure, most = carers
    if most < least:
        return failed(f"可以上岗的保育人员 {most} 名，至少需要 {least} 名", f"{most} 名")
    if need is None:
        return unknown("有班级没有填写班型或人数，不能算出需要多少保育人员", f"{sure} 名")
    if sure >= need:
        return passed(f"可以上岗的保育人员 {sure} 名，需要 {need} 名", f"{sure} 名")
    return unknown(f"需要保育人员 {need} 名，其中 {most - sure} 名能否上岗待确认", f"{most} 名")


@check("R-RAT-01")
def carers_per_class(facts: FilingFacts, params: Params) -> Outcome:
    """Carers who may be on duty today against Σ ⌈n ÷ ratio⌉."""
    if not facts.classes:
        return unknown(NO_CLASSES)
    if total_enrolled(facts) == 0:
        planned = total(
            _carers_for(ClassFacts(group.class_type, places=group.places), params) for group in facts.classes
        )
        return not_applicable("还没有收托" + (f"；按托位满员需要 {planned} 名保育人员" if planned else ""))
    parts = [_carers_for(group, params) for group in facts.classes]
    return enough_carers(facts, total(parts), sum(part for part in parts if part is not None))


def home_children(facts: FilingFacts) -> int | None:
    """The children of a home-based place: the most it says anywhere, places or children."""
    known = [n for n in (count(facts.capacity_total), total_places(facts), total_enrolled(facts)) if n is not None]
    return max(known) if known else None


@check("R-HOME-01")
def home_size(facts: FilingFacts, params: Params) -> Outcome:
    """At most five children in a home-based place."""
    children, limit = home_children(facts), int(params["max"])
    if children is None:
        return unknown("还没有填写收托人数")
    sentence = f"家庭托育点 {children} 人，标准不超过 {limit} 人"
    return passed(sentence, f"{children} 人") if children <= limit else failed(sentence, f"{children} 人")


@check("R-HOME-02")
def home_carers(facts: FilingFacts, params: Params) -> Outcome:
    """One carer looks after at most three children in a home-based place."""
    children = home_children(facts)
    need = None if children is None else -(-children // int(params["ratio"]))
    return enough_carers(facts, need, need or 0)
