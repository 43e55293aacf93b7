"""人员: principal, carers, health worker, record checks (58 号文 设置标准 第18条; 未成年人保护法 第62条).

Findings give numbers, never names, and never say why somebody may not work: they are kept in snapshots and shown to
others than the person.
"""

from __future__ import annotations

from registry.choices import Education, PostRole

from .checks import Params, check
from .facts import FilingFacts, StaffFacts
from .outcome import Outcome, count, failed, not_applicable, passed, unknown

_RANK = {level.value: place for place, level in enumerate(Education)}


def _education(person: StaffFacts, least: str) -> bool | None:
    """Whether the education reaches `least`; None when it is not known."""
    rank = _RANK.get(person.education or "")
    return None if rank is None else rank >= _RANK[least]


def _all(answers: list[bool | None]) -> bool | None:
    """False as soon as one is; else None as soon as one is unknown."""
    return False if False in answers else None if None in answers else True


@check("R-PER-01")
def principal(facts: FilingFacts, params: Params) -> Outcome:
    """College, three years of managing childcare or health, training passed. With several, one who has all is enough."""
    people = facts.posts(PostRole.PRINCIPAL)
    if not facts.knows_people(PostRole.PRINCIPAL):
        return unknown("还没有填写机构负责人")
    if not people:
        return failed("没有机构负责人", "没有")
    years = int(params["years"])
    best: Outcome | None = None
    for person in people:
        had = count(person.experience_years)
        answers = {
            f"{Education(params['education']).label}以上学历": _education(person, params["education"]),
            f"管理经历 {years} 年": None if had is None else had >= years,
            "岗位培训合格": person.qualified,
        }
        verdict = _all(list(answers.values()))
        if verdict:
            return passed("机构负责人的学历、管理经历和岗位培训达到标准", "达到")
        if verdict is None:
            best = unknown(f"机构负责人还没有说明：{'、'.join(k for k, v in answers.items() if v is None)}")
        elif best is None:
            best = failed(f"机构负责人不具备：{'、'.join(k for k, v in answers.items() if v is False)}", "不具备")
    return best or unknown("还没有填写机构负责人")


@check("R-PER-02")
def principal_hours(facts: FilingFacts, params: Params) -> Outcome:
    """At least 60 hours of training for the post."""
    people, limit = facts.posts(PostRole.PRINCIPAL), int(params["hours"])
    if not facts.knows_people(PostRole.PRINCIPAL):
        return unknown("还没有填写机构负责人")
    if not people:
        return not_applicable("没有机构负责人")
    hours = [count(person.training_hours) for person in people]
    known = [n for n in hours if n is not None]
    if known and (max(known) >= limit or len(known) == len(hours)):
        sentence = f"负责人岗位培训 {max(known)} 学时，建议不少于 {limit} 学时"
        return passed(sentence, f"{max(known)} 学时") if max(known) >= limit else failed(sentence, f"{max(known)} 学时")
    return unknown("还没有填写负责人岗位培训学时")


def _each_fit(people: tuple[StaffFacts, ...], word: str, answers: list[bool | None], lack: str) -> Outcome:
    without = sum(answer is False for answer in answers)
    if without:
        return failed(f"{without} 名{word}{lack}", f"{without} 名缺")
    if None in answers:
        return unknown(f"是否有{word}{lack}，待确认")
    return passed(f"{len(people)} 名{word}达到标准", f"{len(people)} 名")


@check("R-PER-03")
def carers(facts: FilingFacts, params: Params) -> Outcome:
    """Every carer holds a qualification or comes from a related field, and was trained."""
    if not facts.knows_people(PostRole.CARER):
        return unknown("还没有填写保育人员")
    people = facts.posts(PostRole.CARER)
    if not people:
        return failed("没有保育人员", "0 名")
    lack = "没有照护经验、相关专业背景或保育培训的证明"
    return _each_fit(people, "保育人员", [person.qualified for person in people], lack)


@check("R-PER-04")
def health_workers(facts: FilingFacts, params: Params) -> Outcome:
    """Every health worker: senior secondary school and training by a maternal and child health institution."""
    if not facts.knows_people(PostRole.HEALTH):
        return unknown("还没有填写保健人员")
    people = facts.posts(PostRole.HEALTH)
    if not people:
        return not_applicable("没有保健人员（见配备保健员的规则）")
    answers = [_all([_education(person, params["education"]), person.qualified]) for person in people]
    lack = f"没有达到{Education(params['education']).label}以上学历或没有卫生保健培训合格证"
    return _each_fit(people, "保健人员", answers, lack)


@check("R-PER-05")
def record_checks(facts: FilingFacts, params: Params) -> Outcome:
    """Everybody was checked within a year and may work; neutral words, whatever the reason."""
    if not facts.staff:
        return unknown("还没有填写工作人员")
    barred = sum(person.banned or bool(person.criminal_record) for person in facts.staff)
    fit = [p for p in facts.staff if not p.banned and not p.criminal_record]
    known = [p for p in fit if p.papers_known or p.criminal_check_until is not None]
    stale = sum(p.criminal_check_until is None or p.criminal_check_until < facts.today for p in known)
    if barred + stale:
        sentence = f"{barred + stale} 人没有在有效期内、符合从业条件的违法犯罪记录《查询告知函》，不得上岗"
        return failed(sentence, f"{barred + stale} 人缺")
    if len(known) < len(facts.staff) or any(person.criminal_record is None for person in known):
        return unknown("工作人员的违法犯罪记录查询是否都在一年内、是否符合从业条件，待确认")
    return passed("工作人员的违法犯罪记录查询都在一年内，符合从业条件", "齐全")


@check("R-PER-06")
def mental_health(facts: FilingFacts, params: Params) -> Outcome:
    """Confirmed for everybody; neutral words."""
    if not facts.staff:
        return unknown("还没有填写工作人员")
    answers = [person.mental_illness for person in facts.staff]
    if any(answers):
        return failed(f"{sum(map(bool, answers))} 人不符合从业健康要求", f"{sum(map(bool, answers))} 人")
    if None in answers:
        return unknown("还有人员没有确认是否符合从业健康要求")
    return passed("工作人员都已确认符合从业健康要求", "齐全")
