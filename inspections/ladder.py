"""The ladder of article 41 (人口与计划生育法; domain-2.md B2.6) as validation of what is registered. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yancheng_childcare.workdays import add_workdays

from .choices import PenaltyKind

FINE, STOP = (5_000, 50_000), (50_000, 100_000)  # yuan
SERVICE_DAYS = 7  # working days from decision to service (行政处罚法 第六十一条)
HEARING_DAYS = 5  # working days to ask for a hearing once told of it (行政处罚法 第六十四条)


def problems_of(kind: str, *, fine: int, grave: bool, ordered: bool, refused: bool) -> Iterator[tuple[str, str]]:
    """(field, why) for everything that does not fit: `ordered`: an order was served before; `refused`: it was not obeyed."""
    if kind == PenaltyKind.WARNING and fine:
        yield "fine", "警告没有罚款，罚款请填 0。"
    if kind == PenaltyKind.FINE:
        if not FINE[0] <= fine <= FINE[1]:
            yield "fine", f"罚款应在 {FINE[0]} 元以上 {FINE[1]} 元以下（第四十一条）。"
        if not ordered:
            yield "kind", "罚款以前要有已经送达的责令改正。"
        elif not refused:
            yield "kind", "罚款要以拒不改正为前提：复查没有通过，或者逾期没有整改。"
    if kind == PenaltyKind.STOP:
        if not grave:
            yield "grave", "责令停止托育服务只用于情节严重的（第四十一条）。"
        if not STOP[0] <= fine <= STOP[1]:
            yield "fine", f"责令停止托育服务，并处罚款应在 {STOP[0]} 元以上 {STOP[1]} 元以下（第四十一条）。"


def serve_by(decided_on: date) -> date:
    """The last day to serve a decision that was not handed over at once (domain-2.md I7)."""
    return add_workdays(decided_on, SERVICE_DAYS)


def hearing_by(told_on: date) -> date:
    """The last day on which a hearing may be asked for (domain-2.md I6)."""
    return add_workdays(told_on, HEARING_DAYS)
