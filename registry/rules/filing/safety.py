"""安全保卫和消防: cameras, alarm, guards, plans, insurance, exits (58 号文 管理规范 第31、32条)."""

from __future__ import annotations

from registry.choices import OrgForm, PostRole

from .checks import Params, check
from .facts import FilingFacts
from .outcome import Outcome, count, failed, not_applicable, of_statement, passed, unknown
from .papers import paper


@check("R-SAFE-01")
def monitoring(facts: FilingFacts, params: Params) -> Outcome:
    """Cameras in every living and playing area."""
    return of_statement(
        facts.monitoring_coverage,
        good=True,
        right="监控覆盖全部生活和活动区域",
        wrong="监控没有覆盖全部生活和活动区域",
        open_question="还没有说明监控是否覆盖全部生活和活动区域",
    )


@check("R-SAFE-02")
def recordings(facts: FilingFacts, params: Params) -> Outcome:
    """Recordings are kept for at least 90 days."""
    days, limit = count(facts.recording_days), int(params["days"])
    if days is None:
        return unknown("还没有填写录像保存天数")
    sentence = f"录像保存 {days} 日，标准不少于 {limit} 日"
    return passed(sentence, f"{days} 日") if days >= limit else failed(sentence, f"{days} 日")


@check("R-SAFE-03")
def alarm(facts: FilingFacts, params: Params) -> Outcome:
    """An alarm at one key."""
    return of_statement(
        facts.one_key_alarm,
        good=True,
        right="装有一键式报警",
        wrong="没有装一键式报警",
        open_question="还没有说明是否装有一键式报警",
    )


@check("R-SAFE-04")
def guard(facts: FilingFacts, params: Params) -> Outcome:
    """An institution that stands by itself has a guard."""
    if not facts.org_form:
        return unknown("还没有填写办托形式，是否须配保安待确认")
    if facts.org_form != OrgForm.STANDALONE:
        return not_applicable("不是独立设置的机构")
    if not facts.knows_people(PostRole.GUARD):
        return unknown("还没有填写保安人员")
    guards = [p for p in facts.posts(PostRole.GUARD) if p.may_work(facts.today) is not False]
    limit = int(params["min"])
    sentence = f"独立设置的机构，可以上岗的保安 {len(guards)} 名，标准不少于 {limit} 名"
    return passed(sentence, f"{len(guards)} 名") if len(guards) >= limit else failed(sentence, f"{len(guards)} 名")


@check("R-SAFE-05")
def guard_papers(facts: FilingFacts, params: Params) -> Outcome:
    """Every guard holds a 保安员证 and is sent by a licensed company."""
    if not facts.knows_people(PostRole.GUARD):
        return unknown("还没有填写保安人员")
    guards = facts.posts(PostRole.GUARD)
    if not guards:
        return not_applicable("没有保安人员")
    without = sum(person.guard_licence is False or person.guard_company is False for person in guards)
    if without:
        return failed(f"{without} 名保安没有《保安员证》或派驻合同", f"{without} 名缺")
    if any(person.guard_licence is None or person.guard_company is None for person in guards):
        return unknown("还没有说明保安是否持证、是否由有许可的公司派驻")
    return passed(f"{len(guards)} 名保安持证并由有许可的公司派驻", f"{len(guards)} 名")


@check("R-SAFE-07")
def emergency_plans(facts: FilingFacts, params: Params) -> Outcome:
    """Plans for all six kinds of emergencies."""
    plans, limit = count(facts.emergency_plans), int(params["kinds"])
    if plans is None:
        return unknown("还没有填写应急预案有几类")
    sentence = f"应急预案 {plans} 类，标准 {limit} 类都要有"
    return passed(sentence, f"{plans} 类") if plans >= limit else failed(sentence, f"{plans} 类")


@check("R-SAFE-08")
def insurance(facts: FilingFacts, params: Params) -> Outcome:
    """A liability insurance: stated, or proved by a policy in date; an expired policy outweighs the statement."""
    policy = facts.material("M08_INSURANCE")
    if policy is not None:
        return paper(facts, "M08_INSURANCE", "托育机构责任保险保单")
    return of_statement(
        facts.liability_insurance,
        good=True,
        right="购买了托育机构责任保险",
        wrong="没有购买托育机构责任保险",
        open_question="还没有说明是否购买托育机构责任保险",
    )


@check("R-FIRE-03")
def evacuation_doors(facts: FilingFacts, params: Params) -> Outcome:
    """Every room over 50 m² has at least two doors to escape by."""
    area, doors = params["area"], params["doors"]
    return of_statement(
        facts.evacuation_doors,
        good=True,
        right=f"大于 {area} 平方米的房间都有 {doors} 个疏散门",
        wrong=f"有大于 {area} 平方米的房间不足 {doors} 个疏散门",
        open_question=f"还没有说明大于 {area} 平方米的房间是否都有 {doors} 个疏散门",
    )
