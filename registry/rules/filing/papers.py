"""Materials as the rules read them: handed in, in date, with a good conclusion."""

from __future__ import annotations

from .facts import FilingFacts
from .outcome import Outcome, failed, passed, unknown


def paper(facts: FilingFacts, code: str, name: str, *, conclusion: bool = False) -> Outcome:
    """One material: missing, expired or with a bad conclusion fails; `conclusion` wants it said that it is good."""
    if not facts.knows_material(code):
        return unknown(f"有没有{name}待确认")
    found = facts.material(code)
    if found is None:
        return failed(f"没有{name}", "没有")
    if found.valid_to is not None and found.valid_to < facts.today:
        return failed(f"{name}已于 {found.valid_to.isoformat()} 到期，视同没有", f"{found.valid_to.isoformat()} 到期")
    if found.conclusion_ok is False:
        return failed(f"{name}的结论不合格", "不合格")
    if conclusion and found.conclusion_ok is None:
        return unknown(f"还没有说明{name}的结论是否合格")
    return passed(f"有{name}", "有")
