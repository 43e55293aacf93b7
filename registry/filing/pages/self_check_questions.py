"""The questions of the public self-check and how answers become facts. Every answer may be left open: unknown.

Questions the filing asks as well are the filing's own (`registry.rules.filing.sections`), so both use the same words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from yancheng_childcare.problems import Problem

from ...choices import ClassType, Education, Nature, PostRole
from ...rules.filing.answers import read_value
from ...rules.filing.classes import NAMES
from ...rules.filing.facts import ClassFacts, FilingFacts, MaterialFacts, StaffFacts
from ...rules.filing.sections import BY_NAME, YES_NO, FieldSpec

MAX_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Group:
    """One fieldset. `folded` is for questions few people can answer at this stage."""

    title: str
    questions: tuple[FieldSpec, ...]
    hint: str = ""
    folded: bool = False
    dimensions: frozenset[str] = frozenset()  # rules of these ask here what no question names


def _own(name: str, label: str, kind: str, *, hint: str = "", unit: str = "", choices: Any = ()) -> FieldSpec:
    if kind == "yesno":
        choices = YES_NO
    return FieldSpec(name, label, kind, hint, required=False, choices=tuple(choices), unit=unit)


def _of(section: str, *names: str) -> tuple[FieldSpec, ...]:
    """Questions of the filing, none of them required here."""
    found = [BY_NAME[section].field_named(name) for name in names]
    return tuple(replace(spec, required=False, shown_if=None) for spec in found if spec is not None)


def _classes() -> tuple[FieldSpec, ...]:
    found: list[FieldSpec] = []
    for kind in ClassType:
        name, ages = kind.label.rstrip("）").split("（")
        found.append(_own(f"{kind.value}-classes", f"{name}几个", "whole", unit="个", hint=ages))
        found.append(_own(f"{kind.value}-places", f"{name}每班托位", "whole", unit="个", hint="取最大的一个班"))
    return tuple(found)


def _areas(kind: ClassType, *parts: str) -> tuple[FieldSpec, ...]:
    name = NAMES[kind.value]
    words = {
        "sleep": "睡眠区", "activity": "活动区", "combined": "睡眠区与活动区合用", "catering": "配餐区",
        "cleaning": "清洁区", "toilet": "卫生间", "storage": "储藏区",
    }  # fmt: skip
    return tuple(_own(f"{kind.value}-{part}_area", f"{name}{words[part]}", "area", unit="平方米") for part in parts)


GROUPS = (
    Group(
        "机构与场地",
        (
            _own("nature", "准备登记成什么性质", "choice", choices=Nature.choices),
            *_of("basics", "org_form"),
            *_of("premises", "premises_tenure", "lease_from", "lease_to", "floor_area"),
            *_of("classes", "capacity_total"),
        ),
    ),
    Group(
        "房屋与周边",
        (
            _own("highest_floor", "生活用房最高在几层", "whole", unit="层", hint="一层填 1"),
            _own("underground", "有没有生活用房在地下室、半地下室", "yesno"),
            *_of("surroundings", "window_ratio", "faces_west", "west_shading", "near_hazard", "evacuation_doors"),
        ),
        dimensions=frozenset({"SITE", "FIRE"}),
    ),
    Group(
        "班级",
        _classes(),
        "没有的班型不填。家庭托育点不分班，只填上面的托位总数。",
        dimensions=frozenset({"CLASS"}),
    ),
    Group(
        "班级面积",
        (
            *_areas(ClassType.INFANT, "sleep", "activity", "combined", "catering", "cleaning", "storage"),
            *_areas(ClassType.TODDLER_S, "sleep", "activity", "combined", "catering", "cleaning", "toilet", "storage"),
            *_areas(ClassType.TODDLER_L, "combined"),
            *_areas(ClassType.MIXED, "combined"),
            _own("youngest_mixed", "混合班最小月龄", "whole", unit="个月"),
        ),
        "填同类班里最小的一个。睡眠区与活动区在一间房的，只填合用面积。",
        folded=True,
        dimensions=frozenset({"AREA"}),
    ),
    Group(
        "室外场地与卫生",
        (
            *_of("surroundings", "outdoor_kind", "outdoor_area"),
            *_of("facilities", "health_room_area", "observation_beds", "hygiene_rules"),
            _own("air_report", "有没有合格的室内空气检测报告", "yesno"),
        ),
        dimensions=frozenset({"HEALTH"}),
    ),
    Group(
        "安全",
        _of(
            "facilities",
            "monitoring_coverage",
            "recording_days",
            "one_key_alarm",
            "liability_insurance",
            "emergency_plans",
        ),
        dimensions=frozenset({"SAFETY"}),
    ),
    Group(
        "供餐",
        (
            *_of("fees", "meal_mode", "food_samples"),
            _own(
                "meal_papers",
                "供餐的许可办好了没有",
                "yesno",
                hint="自办食堂：《食品经营许可证》；外购配餐：合同和对方许可证",
            ),
            _own("cooks", "炊事人员", "whole", unit="人"),
            _own("cooks_without", "没有一年内健康证明的炊事人员", "whole", unit="人", hint="都有的填 0"),
        ),
        dimensions=frozenset({"FOOD"}),
    ),
    Group(
        "负责人",
        (
            _own("principal_education", "最高学历", "choice", choices=Education.choices),
            _own("principal_years", "儿童保育教育或卫生健康管理经历", "whole", unit="年"),
            _own("principal_trained", "岗位培训是否合格", "yesno"),
            _own("principal_hours", "岗位培训", "whole", unit="学时"),
        ),
    ),
    Group(
        "工作人员",
        (
            _own("carers", "保育人员", "whole", unit="人"),
            _own("carers_without", "没有职业证书或相关专业学历的保育人员", "whole", unit="人", hint="都有的填 0"),
            _own("health_full", "专职保健员", "whole", unit="人"),
            _own("health_part", "兼职保健员", "whole", unit="人"),
            _own("health_without", "不到高中学历或没有培训合格证的保健员", "whole", unit="人", hint="都有的填 0"),
            _own("guards", "保安人员", "whole", unit="人"),
            _own("guards_without", "没有保安员证或不是有许可的公司派驻的", "whole", unit="人", hint="都有的填 0"),
        ),
        dimensions=frozenset({"PEOPLE"}),
    ),
    Group(
        "全体人员的证明",
        (
            _own("without_health", "没有一年内健康合格证的", "whole", unit="人", hint="都有的填 0"),
            _own("without_check", "没有查过违法犯罪记录的", "whole", unit="人", hint="一年内都查过、都符合的填 0"),
            _own("confirmed_fit", "是否逐人确认过没有精神病史", "yesno"),
        ),
    ),
)
QUESTIONS = {spec.name: spec for group in GROUPS for spec in group.questions}

# Not asked: they look at children who are not there yet, or at papers that are handed in later.
NOT_ASKED = frozenset({"R-AREA-06", "R-CAP-01", "R-CLS-06", "R-MGT-03", "R-MGT-04", "R-MAT-01"})
MOST_PEOPLE = 300
FULL_TIME_FROM = 150  # from so many children one health worker is full-time (R-HLT-02)


def read_typed(typed: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    """Typed values (None = open) and what cannot be read."""
    found: list[Problem] = []
    values = {name: read_value(spec, typed.get(name), found) for name, spec in QUESTIONS.items()}
    for kind in ClassType:
        name = f"{kind.value}-classes"
        if (values[name] or 0) > MAX_CLASSES:
            found.append(Problem("FIL-004", name, f"{QUESTIONS[name].label}：自查最多填 {MAX_CLASSES} 个。"))
    for name in ("carers", "health_full", "health_part", "guards", "cooks", "without_health", "without_check"):
        if (values[name] or 0) > MOST_PEOPLE:
            found.append(Problem("FIL-004", name, f"{QUESTIONS[name].label}：自查最多填 {MOST_PEOPLE} 人。"))
    return values, found


def facts_of(values: Mapping[str, Any], today: date) -> FilingFacts:
    """What the rules look at. Classes of one type count as equal; nothing is assumed of what was left open."""
    plain = {name: value for name, value in values.items() if name in FilingFacts.__dataclass_fields__}
    staff, unknown_roles = _staff(values, today)
    materials, unknown_materials = _materials(values)
    for name in ("nature", "org_form", "premises_tenure", "outdoor_kind", "meal_mode"):
        plain[name] = values[name] or ""
    return FilingFacts(
        today=today,
        **plain,
        classes=_planned(values),
        staff=staff,
        unknown_roles=unknown_roles,
        materials=materials,
        unknown_materials=unknown_materials,
    )


def _planned(values: Mapping[str, Any]) -> tuple[ClassFacts, ...] | None:
    groups: list[ClassFacts] = []
    for kind in ClassType:
        key = kind.value
        number, places = values[f"{key}-classes"], values[f"{key}-places"]
        if number == 0 or (number is None and places is None):
            continue
        areas: dict[str, Any] = {
            name.partition("-")[2]: value
            for name, value in values.items()
            if name.startswith(f"{key}-") and "_area" in name
        }
        youngest = values["youngest_mixed"] if kind is ClassType.MIXED else None
        one = ClassFacts(key, places=places, youngest_months=youngest, **areas)
        groups += [one] * (number or 1)
        if number is None:  # how many there are is open, so their sum is
            groups.append(ClassFacts(key, youngest_months=youngest, **areas))
    return tuple(groups) or None


def _materials(values: Mapping[str, Any]) -> tuple[tuple[MaterialFacts, ...], frozenset[str]]:
    """The three papers that are asked for; of every other nothing is known."""
    answers = {
        "M06_AIR": values["air_report"],
        "M07_FOOD": values["meal_papers"] if values["meal_mode"] == "CANTEEN" else None,
        "M09_CATERING": values["meal_papers"] if values["meal_mode"] == "OUTSOURCED" else None,
    }
    have = tuple(MaterialFacts(code, conclusion_ok=True) for code, said in answers.items() if said)
    others = {"M01_LICENSE", "M04_SANITATION", "M05_FIRE", "M08_INSURANCE", "M10_STRUCTURE"}
    return have, frozenset(others | {code for code, said in answers.items() if said is None})


def _staff(values: Mapping[str, Any], today: date) -> tuple[tuple[StaffFacts, ...] | None, frozenset[str]]:
    """People as far as their numbers are known, and the posts of which nothing is known.

    "So many lack a paper" does not say who: then nobody's papers count as known, and those who lack one stand beside.
    """
    no_health, no_check = values["without_health"], values["without_check"]
    stale = today - timedelta(days=1)
    shared = StaffFacts(
        PostRole.MANAGER.value,
        papers_known=no_health == 0 and no_check == 0,
        health_until=today if no_health == 0 else None,
        criminal_check_until=today if no_check == 0 else None,
        criminal_record=False if no_check == 0 else None,
        mental_illness=False if values["confirmed_fit"] else None,
    )
    posts = {
        PostRole.PRINCIPAL: _principal(values, shared),
        PostRole.CARER: _people(replace(shared, role=PostRole.CARER.value), values["carers"], values["carers_without"]),
        PostRole.HEALTH: _health_workers(values, shared),
        PostRole.GUARD: _guards(values, shared),
        PostRole.COOK: _cooks(values, shared, today),
    }
    if all(people is None for people in posts.values()) and not no_health and not no_check:
        return None, frozenset()
    found = [person for people in posts.values() for person in people or ()]
    found += [replace(shared, health_until=stale)] * (no_health or 0)
    found += [replace(shared, criminal_check_until=stale)] * (no_check or 0)
    return tuple(found), frozenset(role.value for role, people in posts.items() if people is None)


def _flags(total: int, without: int | None) -> list[bool | None]:
    """For each of `total` people whether they hold a paper that `without` of them lack; None when that is open."""
    if without is None:
        return [None] * total
    lacking = min(total, without)
    return [number < total - lacking for number in range(total)]


def _people(one: StaffFacts, total: int | None, without: int | None) -> list[StaffFacts] | None:
    return None if total is None else [replace(one, qualified=fit) for fit in _flags(total, without)]


def _principal(values: Mapping[str, Any], shared: StaffFacts) -> list[StaffFacts] | None:
    education, years, trained, hours = (
        values[f"principal_{part}"] for part in ("education", "years", "trained", "hours")
    )
    if education is None and years is None and trained is None and hours is None:
        return None
    one = replace(shared, role=PostRole.PRINCIPAL.value, education=education, experience_years=years)
    return [replace(one, qualified=trained, training_hours=hours)]


def _health_workers(values: Mapping[str, Any], shared: StaffFacts) -> list[StaffFacts] | None:
    """Full-time ones first. Left open, their number matters for large institutions only (R-HLT-02)."""
    full, part, places = values["health_full"], values["health_part"], values["capacity_total"]
    if not full and part is None:
        return None
    if full is None and not (part and places is not None and places < FULL_TIME_FROM):
        return None
    full, part = full or 0, part or 0
    one = replace(shared, role=PostRole.HEALTH.value)
    return [
        replace(one, full_time=number < full, qualified=fit, education=Education.SENIOR.value if fit else None)
        for number, fit in enumerate(_flags(full + part, values["health_without"]))
    ]


def _guards(values: Mapping[str, Any], shared: StaffFacts) -> list[StaffFacts] | None:
    if values["guards"] is None:
        return None
    one = replace(shared, role=PostRole.GUARD.value)
    flags = _flags(values["guards"], values["guards_without"])
    return [replace(one, guard_licence=fit, guard_company=fit) for fit in flags]


def _cooks(values: Mapping[str, Any], shared: StaffFacts, today: date) -> list[StaffFacts] | None:
    if values["cooks"] is None:
        return None
    one = replace(shared, role=PostRole.COOK.value)
    until = {True: today, False: today - timedelta(days=1)}
    return [
        replace(one, papers_known=False) if fit is None else replace(one, food_health_until=until[fit])
        for fit in _flags(values["cooks"], values["cooks_without"])
    ]
