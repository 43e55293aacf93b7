"""卫生保健: observation room, health worker, air, certificates, rules (76 号令, hygiene standard of 2022)."""

from __future__ import annotations

from decimal import Decimal

from registry.choices import PostRole

from .checks import Params, check
from .classes import capacity, total_enrolled
from .facts import FilingFacts
from .outcome import Least, Outcome, all_at_least, count, failed, of_statement, passed, unknown
from .papers import paper


@check("R-HLT-01")
def observation_room(facts: FilingFacts, params: Params) -> Outcome:
    """A room of at least 6 m² with at least one children's bed."""
    beds = count(facts.observation_beds)
    parts = [
        Least("保健观察室", facts.health_room_area, Decimal(str(params["area"]))),
        Least("儿童观察床", None if beds is None else Decimal(beds), Decimal(str(params["beds"])), "张"),
    ]
    found = all_at_least(parts, "")
    return passed("保健观察室和儿童观察床达到标准", found.value) if found.verdict == "PASS" else found


@check("R-HLT-02")
def health_worker(facts: FilingFacts, params: Params) -> Outcome:
    """At least one health worker; from 150 children at least one of them full-time. Who may not work does not count."""
    if not facts.knows_people(PostRole.HEALTH):
        return unknown("还没有填写保健员")
    people = [p for p in facts.posts(PostRole.HEALTH) if p.may_work(facts.today) is not False]
    full = sum(person.full_time for person in people)
    need, from_children = int(params["min"]), int(params["full_time_from"])
    value = f"{len(people)} 名（专职 {full} 名）"
    if len(people) < need:
        return failed(f"可以上岗的保健员 {len(people)} 名，标准不少于 {need} 名", value)
    if full:
        return passed(f"保健员 {value}", value)
    sizes = [n for n in (capacity(facts), total_enrolled(facts)) if n is not None]
    if not sizes:
        return unknown(f"只有兼职保健员；收托 {from_children} 名以上须有专职，收托规模待确认", value)
    if max(sizes) >= from_children:
        return failed(f"收托 {max(sizes)} 名，只有兼职保健员，标准至少 1 名专职", value)
    return passed(f"保健员 {value}，收托 {max(sizes)} 名", value)


@check("R-HLT-03")
def indoor_air(facts: FilingFacts, params: Params) -> Outcome:
    """A report in date that says the air conforms."""
    return paper(facts, "M06_AIR", "室内空气检测合格报告", conclusion=True)


@check("R-HLT-04")
def health_certificates(facts: FilingFacts, params: Params) -> Outcome:
    """Everybody holds a health certificate that still counts today. Names are not repeated in findings."""
    if not facts.staff:
        return unknown("还没有填写工作人员")
    known = [person for person in facts.staff if person.papers_known or person.health_until is not None]
    lacking = sum(person.health_until is None or person.health_until < facts.today for person in known)
    if lacking:
        return failed(f"{lacking} 人没有在有效期内的健康合格证，不得上岗", f"{lacking} 人缺")
    if len(known) < len(facts.staff):
        return unknown("工作人员的健康合格证是否都在有效期内，待确认")
    return passed("工作人员的健康合格证都在有效期内", "齐全")


@check("R-HLT-08")
def hygiene_rules(facts: FilingFacts, params: Params) -> Outcome:
    """Written rules on disinfection, isolation and infectious diseases."""
    return of_statement(
        facts.hygiene_rules,
        good=True,
        right="卫生消毒、病儿隔离、传染病预防管理制度齐全",
        wrong="卫生消毒、病儿隔离、传染病预防管理制度不齐全",
        open_question="还没有说明卫生消毒、病儿隔离、传染病预防管理制度是否齐全",
    )
