"""选址与建筑: premises, floors, light, surroundings (58 号文 设置标准 第11、12条 and the hygiene standard)."""

from __future__ import annotations

from decimal import Decimal

from registry.choices import PremisesTenure

from .checks import Params, check
from .facts import FilingFacts
from .outcome import Outcome, count, failed, measure, not_applicable, of_statement, passed, shown, unknown
from .terms import full_months


@check("R-SITE-01")
def tenure(facts: FilingFacts, params: Params) -> Outcome:
    """Owned, or held for at least 36 months in all; free use counts like a lease ([A])."""
    if facts.premises_tenure == PremisesTenure.OWNED:
        return passed("自有场地", "自有")
    words = {PremisesTenure.LEASED.value: "租赁期", PremisesTenure.FREE_USE.value: "无偿使用期"}.get(
        facts.premises_tenure
    )
    if words is None:
        return unknown("还没有填写服务场所性质")
    if facts.lease_from is None or facts.lease_to is None:
        return unknown(f"还没有填写{words}的开始和结束日期")
    if facts.lease_to < facts.lease_from:
        return failed(f"{words}的结束日期早于开始日期", "0 个月")
    if facts.lease_to < facts.today:
        return failed(f"{words}已于 {facts.lease_to.isoformat()} 结束", "0 个月")
    months, limit = full_months(facts.lease_from, facts.lease_to), int(params["months"])
    sentence = f"{words} {months} 个月，标准不少于 {limit} 个月"
    return passed(sentence, f"{months} 个月") if months >= limit else failed(sentence, f"{months} 个月")


@check("R-SITE-02")
def above_ground(facts: FilingFacts, params: Params) -> Outcome:
    """Living rooms are not in a cellar or half-cellar."""
    return of_statement(
        facts.underground,
        good=False,
        right="生活用房不在地下室、半地下室",
        wrong="生活用房设在地下室或半地下室，标准不允许",
        open_question="还没有说明生活用房是否在地下室、半地下室",
    )


def _floor(facts: FilingFacts) -> int | None:
    """The highest floor of the living rooms, from 1; a place underground only has none."""
    floor = facts.highest_floor
    return floor if floor is not None and floor >= 1 else None


@check("R-SITE-03")
def floors(facts: FilingFacts, params: Params) -> Outcome:
    """Not higher than the third floor."""
    floor, limit = _floor(facts), int(params["max"])
    if floor is None:
        return unknown("还没有填写生活用房所在楼层")
    sentence = f"生活用房最高在 {floor} 层，标准不高于 {limit} 层"
    return passed(sentence, f"{floor} 层") if floor <= limit else failed(sentence, f"{floor} 层")


@check("R-SITE-03W")
def ground_floor(facts: FilingFacts, params: Params) -> Outcome:
    """Better on the ground floor; advice from the second floor on."""
    floor = _floor(facts)
    if floor is None:
        return unknown("还没有填写生活用房所在楼层")
    if floor < int(params["from"]):
        return passed("生活用房在首层", f"{floor} 层")
    most = params["max_children"]
    return failed(f"生活用房最高在 {floor} 层，宜设在首层（托大班可设在二层，不超过 {most} 人）", f"{floor} 层")


@check("R-SITE-04")
def daylight(facts: FilingFacts, params: Params) -> Outcome:
    """Window opening at least 20 % of the floor area of the room."""
    ratio, limit = measure(facts.window_ratio), Decimal(str(params["min"]))
    if ratio is None:
        return unknown("还没有填写窗洞面积占房间面积的百分比")
    sentence = f"窗洞面积占房间面积 {shown(ratio)}%，标准不低于 {shown(limit)}%"
    return passed(sentence, f"{shown(ratio)}%") if ratio >= limit else failed(sentence, f"{shown(ratio)}%")


@check("R-SITE-05")
def west_sun(facts: FilingFacts, params: Params) -> Outcome:
    """Not facing west, or shaded."""
    if facts.faces_west is False:
        return passed("生活用房不朝西", "不朝西")
    if facts.west_shading:
        return passed("朝西的窗有遮阳", "有遮阳")
    if facts.faces_west is None:
        return unknown("还没有说明生活用房是否朝西")
    return of_statement(
        facts.west_shading,
        good=True,
        right="朝西的窗有遮阳",
        wrong="生活用房朝西，没有遮阳",
        open_question="生活用房朝西，还没有说明是否有遮阳",
    )


@check("R-SITE-06")
def surroundings(facts: FilingFacts, params: Params) -> Outcome:
    """No source of pollution, no dangerous building or plant nearby."""
    return of_statement(
        facts.near_hazard,
        good=False,
        right="附近没有污染源和危险建筑设施",
        wrong="附近有污染源、加油站或易燃易爆场所，应当远离",
        open_question="还没有说明附近是否有污染源和危险建筑设施",
    )


@check("R-LOC-01")
def old_building(facts: FilingFacts, params: Params) -> Outcome:
    """Local example: a building over 20 years old has a structural appraisal."""
    age, limit = count(facts.building_age), int(params["years"])
    if age is None:
        return unknown("还没有填写房屋建成年数")
    if age <= limit:
        return not_applicable(f"房屋建成 {age} 年，不超过 {limit} 年")
    if not facts.knows_material("M10_STRUCTURE"):
        return unknown(f"房屋建成 {age} 年，有没有房屋安全鉴定待确认", f"{age} 年")
    paper = facts.material("M10_STRUCTURE")
    if paper is None or paper.conclusion_ok is False or (paper.valid_to is not None and paper.valid_to < facts.today):
        return failed(f"房屋建成 {age} 年，超过 {limit} 年，没有有效的房屋安全鉴定", f"{age} 年")
    return passed(f"房屋建成 {age} 年，有房屋安全鉴定", f"{age} 年")


@check("R-LOC-02")
def hazard_distance(facts: FilingFacts, params: Params) -> Outcome:
    """Local example: no filling station or store of explosives within one kilometre."""
    distance, limit = count(facts.hazard_distance), int(params["metres"])
    if distance is None:
        return unknown("还没有填写与最近的加油站、易燃易爆场所的距离")
    sentence = f"与最近的加油站、易燃易爆场所相距 {distance} 米，要求不小于 {limit} 米"
    return passed(sentence, f"{distance} 米") if distance >= limit else failed(sentence, f"{distance} 米")


@check("R-LOC-03")
def low_floors(facts: FilingFacts, params: Params) -> Outcome:
    """Local example: first and second floor only."""
    return floors(facts, params)
