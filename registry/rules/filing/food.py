"""食品: licence or contract by kind of meals, health of those who handle food, samples (食品安全法 第45、57条)."""

from __future__ import annotations

from registry.choices import MealMode, PostRole

from .checks import Params, check
from .facts import FilingFacts
from .outcome import Outcome, failed, not_applicable, of_statement, passed, unknown
from .papers import paper

NO_MODE, NO_MEALS = "还没有填写供餐方式", "不供餐"


@check("R-FOOD-01")
def licence(facts: FilingFacts, params: Params) -> Outcome:
    """Own canteen: 食品经营许可证. Bought-in meals: contract and the supplier's licence. Expired counts as missing."""
    if facts.meal_mode == MealMode.NONE:
        return not_applicable(NO_MEALS)
    if facts.meal_mode == MealMode.CANTEEN:
        return paper(facts, "M07_FOOD", "《食品经营许可证》")
    if facts.meal_mode == MealMode.OUTSOURCED:
        return paper(facts, "M09_CATERING", "供餐合同和供餐单位许可证")
    return unknown(NO_MODE)


@check("R-FOOD-02")
def food_handlers(facts: FilingFacts, params: Params) -> Outcome:
    """Cooks hold a health proof that still counts today; nobody cooks where meals are bought in or not given."""
    cooks = facts.posts(PostRole.COOK)
    if not facts.knows_people(PostRole.COOK):
        return not_applicable(NO_MEALS) if facts.meal_mode == MealMode.NONE else unknown("还没有填写炊事人员")
    if not cooks:
        if facts.meal_mode == MealMode.CANTEEN:
            return unknown("自办食堂，还没有填写炊事人员")
        return not_applicable("没有炊事人员") if facts.meal_mode else unknown(NO_MODE)
    known = [person for person in cooks if person.papers_known or person.food_health_until is not None]
    lacking = sum(person.food_health_until is None or person.food_health_until < facts.today for person in known)
    if lacking:
        return failed(f"{lacking} 名炊事人员没有在有效期内的健康证明，不得上岗", f"{lacking} 人缺")
    if len(known) < len(cooks):
        return unknown("炊事人员的健康证明是否都在有效期内，待确认")
    return passed(f"{len(cooks)} 名炊事人员的健康证明都在有效期内", f"{len(cooks)} 人")


@check("R-FOOD-03")
def samples(facts: FilingFacts, params: Params) -> Outcome:
    """A sample of every dish is kept."""
    if facts.meal_mode == MealMode.NONE:
        return not_applicable(NO_MEALS)
    if not facts.meal_mode:
        return unknown(NO_MODE)
    limit = f"每份不少于 {params['grams']} 克、保存不少于 {params['hours']} 小时"
    return of_statement(
        facts.food_samples,
        good=True,
        right=f"食品留样（{limit}）",
        wrong=f"没有食品留样，要求{limit}",
        open_question=f"还没有说明是否食品留样，要求{limit}",
    )
