"""What the institution says of itself, as the filing authority took it in: services, fees, classes, people, parents."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Any

from ...choices import ClassType, Education, MealMode, PostRole, ServiceMode
from ...rules.filing.catalogue import rule_of
from ...rules.filing.sections import FEES, FLOORS
from ..sources import Sources
from ..wording import contacts_of, not_connected
from . import INSTITUTION, Block, set_builder

SIZES: dict[str, str] = {
    ClassType.INFANT: "R-CLS-01", ClassType.TODDLER_S: "R-CLS-02", ClassType.TODDLER_L: "R-CLS-03", ClassType.MIXED: "R-CLS-04",
}  # fmt: skip
# Which filed fact each rule speaks of: what officers found otherwise is not shown as a fact (B16).
RULE_FACTS = {
    "R-SITE-02": ("floors",), "R-SITE-03": ("floors",), "R-SAFE-01": ("monitoring", "recording_days"),
    "R-SAFE-02": ("recording_days",), "R-SAFE-03": ("alarm",), "R-SAFE-08": ("insurance",),
    "R-CLS-01": ("size",), "R-CLS-02": ("size",), "R-CLS-03": ("size",), "R-CLS-04": ("size",), "R-RAT-01": ("ratio",),
}  # fmt: skip
# The sections of the filing each block is made of.
SECTIONS = {
    "fees": ("fees",), "classes": ("classes",), "staff": ("people",),
    "service": ("basics", "premises", "surroundings", "facilities"),
}  # fmt: skip
YES = {"yes": True, "no": False}
# Named once: an enumeration makes its list anew each time it is asked.
MODES, ROLES, LEVELS = ServiceMode.choices, PostRole.choices, Education.choices
MEALS: dict[str, Any] = dict(MealMode.choices)
CLASS_NAMES: dict[str, Any] = dict(ClassType.choices)


def whole(value: Any) -> int | None:
    """A whole number as it was typed; None for anything else."""
    text = str(value if value is not None else "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def reported(sources: Sources, facts: dict[str, Any], empty: str = "") -> Block:
    """A block of the institution's own; without an accepted filing it only says that nothing was reported."""
    if sources.accepted is None:
        return Block(INSTITUTION, "机构填报", None, {}, not_connected(sources.status, "填报信息"))
    return Block(INSTITUTION, "机构填报", sources.confirmed_on, facts, empty)


def found(sources: Sources, block: str) -> dict[str, list[str]]:
    """For a block: the facts officers found otherwise, and the titles of its sections the notice names."""
    refuted = {fact for rule in sources.found.rules for fact in RULE_FACTS.get(rule, ())}
    titles = [title for item, title in sources.found.items.items() if item in SECTIONS[block]]
    return {"refuted": sorted(refuted), "questioned": titles}


def labels(choices: Any, values: Any) -> list[str]:
    """The Chinese words of these values, in the order of the list."""
    return [str(label) for value, label in choices if value in (values or [])]


def closing(sources: Sources) -> Block | None:
    """Suspension and closure as the institution arranged them (58号文 管理规范第7条); nothing when there is none."""
    if not sources.plans:
        return None
    last = max(date.fromisoformat(plan["filed_on"]) for plan in sources.plans)
    return Block(INSTITUTION, "机构填报", last, {"plans": sources.plans})


def fees(sources: Sources) -> Block:
    """Every fee with its unit, and how many months may be asked for at once."""
    answers = sources.answers("fees")
    items = [
        {"name": spec.label, "amount": str(answers[spec.name]), "unit": spec.unit}
        for spec in FEES.fields
        if spec.kind == "money" and answers.get(spec.name) not in (None, "")
    ]
    facts = {"items": items, "prepaid_months": whole(answers.get("prepaid_months")), **found(sources, "fees")}
    return reported(sources, facts, "" if items else "机构没有填报收费项目。")


def classes(sources: Sources) -> Block:
    """Classes by age with places and children, and children per carer on duty beside the standard."""
    limits, sizes, standard = standards(home=sources.home, today=sources.today)
    rows: list[dict[str, Any]] = []
    for row in sources.classes:
        kind = str(row.get("class_type") or "")
        rows.append(
            {
                "name": str(row.get("class_name") or ""),
                "type": str(CLASS_NAMES.get(kind, "")),
                "places": whole(row.get("places")),
                "enrolled": whole(row.get("enrolled")),
                "youngest_months": whole(row.get("youngest_months")),
                "oldest_months": whole(row.get("oldest_months")),
                "children_at_most": sizes.get(kind),
                "children_per_carer_at_most": limits.get(kind),
                "ratio_agreed": kind == ClassType.MIXED and not sources.home,
            }
        )
    carers = sum(1 for one in sources.staff if one.post.role == PostRole.CARER and one.may_work(sources.today))
    enrolled = sum(whole(row.get("enrolled")) or 0 for row in sources.classes)
    facts = {
        "classes": rows,
        "enrolled": enrolled,
        "carers": carers,
        "children_per_carer": round(enrolled / carers, 1) if carers else None,
        "children_per_class": round(enrolled / len(rows), 1) if rows else None,
        "standard": standard,
        **found(sources, "classes"),
    }
    return reported(sources, facts, "" if rows else "机构没有填报班级。")


@lru_cache(maxsize=8)
def standards(*, home: bool, today: date) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Children per carer and children per class at most on that day, by kind of class, and the standard in a sentence."""
    if home:
        most, ratio = rule_of("R-HOME-01", today), rule_of("R-HOME-02", today)
        words = f"{most.document}：全点不超过 {most.params['max']} 人，每名照护人员最多照护 {ratio.params['ratio']} 人"
        return dict.fromkeys(ClassType.values, ratio.params["ratio"]), {}, words
    rule = rule_of("R-RAT-01", today)
    limits = dict(rule.params)
    sizes = {kind: rule_of(rule_id, today).params["max"] for kind, rule_id in SIZES.items()}
    words = (
        f"《托育机构设置标准（试行）》第20条：乳儿班 1:{limits['INFANT']}，托小班 1:{limits['TODDLER_S']}，"
        f"托大班 1:{limits['TODDLER_L']}；混合班国家没有规定，按 1:{limits['MIXED']}（平台约定）"
    )
    return limits, sizes, words


def staff(sources: Sources) -> Block:
    """People in numbers: how many, in which posts, with which papers. No names (domain.md §13.2)."""
    people = sources.staff
    if not people:
        return reported(sources, {}, "机构没有登记在岗人员。")
    roles = Counter(one.post.role for one in people)
    schooling = Counter(one.post.education for one in people if one.post.education)
    carers = [one for one in people if one.post.role == PostRole.CARER]
    months = [(sources.today - one.post.started_on).days / 30.4 for one in people]
    facts = {
        "total": len(people),
        "roles": [{"role": str(label), "number": roles[value]} for value, label in ROLES if roles[value]],
        "certified_carers": sum(1 for one in carers if one.facts.qualified),
        "carers": len(carers),
        "education": [{"level": str(label), "number": schooling[value]} for value, label in LEVELS if schooling[value]],
        "average_years": round(sum(months) / len(months) / 12, 1),
        **found(sources, "staff"),
    }
    return reported(sources, facts)


def service(sources: Sources) -> Block:
    """Forms of care, meals, ground and equipment as filed."""
    basics, fees_, surroundings, facilities, premises = (
        sources.answers(name) for name in ("basics", "fees", "surroundings", "facilities", "premises")
    )
    facts = {
        "capacity_total": sources.filing.capacity_total if sources.filing else None,
        "modes": labels(MODES, sources.filing.service_modes if sources.filing else []),
        **contacts_of(basics),
        "meals": str(MEALS.get(str(fees_.get("meal_mode")), "")),
        "inclusive_applied": basics.get("is_inclusive_applied") == "yes",
        "brand": str(basics.get("chain_brand") or ""),
        "outdoor_area": str(surroundings.get("outdoor_area") or ""),
        "floors": labels(FLOORS, premises.get("living_floors")),
        "monitoring": YES.get(str(facilities.get("monitoring_coverage"))),
        "recording_days": whole(facilities.get("recording_days")),
        "alarm": YES.get(str(facilities.get("one_key_alarm"))),
        "insurance": YES.get(str(facilities.get("liability_insurance"))),
        **found(sources, "service"),
    }
    return reported(sources, facts)


def committee(sources: Sources) -> Block | None:
    """Whether there is a parents' committee (方案; 58号文): home nurseries need none."""
    if sources.home:
        return None
    founded = YES.get(str(sources.answers("facilities").get("parent_committee")))
    words = "机构说明：还没有成立家长委员会。" if founded is False else ""
    return reported(sources, {"founded": founded}, words)


for _name, _builder in (
    ("closing", closing), ("fees", fees), ("classes", classes), ("staff", staff), ("service", service), ("committee", committee),
):  # fmt: skip
    set_builder(_name, _builder)
