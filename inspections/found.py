"""What an officer found on one item, and what is wrong with it. Pure: no query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yancheng_childcare.problems import Problem, refuse_id_number

from . import codes
from .choices import Verdict
from .powers import may_judge

if TYPE_CHECKING:
    from .models import VisitItem

MOST_NOTE = 500  # characters, as the column


@dataclass(frozen=True, slots=True)
class Found:
    """The verdict ("" none yet), the note, whether it was put right on the spot; pictures with the time they were taken.

    `taken_at` is what the form sent ("2026-12-01T09:30", local time), "" when nothing was said.
    """

    verdict: str = ""
    note: str = ""
    fixed_on_spot: bool = False
    photos: Sequence[Any] = ()
    taken_at: str = ""


def as_kept(found: Found) -> dict[str, Any]:
    """The columns of `VisitItem` it is kept in."""
    return {"verdict": found.verdict, "note": found.note, "fixed_on_spot": found.fixed_on_spot}


def problems_of(code: str, line: VisitItem | None, found: Found, field: str) -> Iterator[Problem]:
    """Everything wrong with what a body of this field of law found on the item `line` ("None": no item of the visit)."""
    if line is None:
        yield Problem(codes.ITEM, f"verdict-{code}", f"这次检查没有项目 {code}。")
        return
    if not may_judge(field, line.item.fields):
        if found.verdict or found.fixed_on_spot:
            words = f"{code} 由其他机关判定，本机关只记录看到的情况，之后移送。"
            yield Problem(codes.ITEM, f"verdict-{code}", words)
    elif found.verdict and found.verdict not in Verdict.values:
        yield Problem(codes.ITEM, f"verdict-{code}", f"请在列出的结论中选择（{code}）。")
    if found.verdict == Verdict.NOT_MET and not found.note:
        yield Problem(codes.ITEM, f"note-{code}", f"{code} 不符合，请写明看到的情况。")
    if found.fixed_on_spot and found.verdict != Verdict.NOT_MET:
        yield Problem(codes.ITEM, f"fixed-{code}", f"{code} 没有选“不符合”，不能写“当场已改正”。")
    if len(found.note) > MOST_NOTE:
        yield Problem(codes.ITEM, f"note-{code}", f"{code} 的情况不超过 {MOST_NOTE} 个字。")
    if "\x00" in found.note:
        yield Problem(codes.ITEM, f"note-{code}", f"{code} 的情况里有不能保存的字符，请重新输入。")
    yield from refuse_id_number(f"note-{code}", found.note)
