"""What narrows the reviewers' queue: the lines that wait, and the filings that wait for nobody here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yancheng_childcare.filters import ListFilter, choice, tab, text, together

from ...choices import FILING_IN_REVIEW, FilingStatus
from ...registration.forms import towns_of
from .. import worklist
from ..states import STATES
from ..worklist import Entry

LIGHTS = [("red", "超期"), ("yellow", "临期"), ("green", "正常"), ("grey", "暂停")]
WHOSE = [("mine", "我承办的"), ("unassigned", "还没有人承办")]
STATES_SHOWN = [
    ("等待审查部门", [(s.value, s.label) for s in FilingStatus if s in FILING_IN_REVIEW]),
    ("其他状态", [(s.value, s.label) for s in FilingStatus if s not in FILING_IN_REVIEW and not STATES[s].private]),
]


class QueueFilter(ListFilter):
    """`view` is the tab and stays when the form is sent. The queryset holds filings; lines are asked by `keeps`."""

    q = text("机构名称或编号", 60, method="by_name_or_number")
    status = choice("状态", STATES_SHOWN, "全部待办")
    light = choice("时限", LIGHTS, method=together)  # what waits for nobody has none
    kind = choice("事项", worklist.KINDS, method="of_kind")
    town = choice("镇（街道）", field_name="institution__town")
    who = choice("承办", WHOSE, method="of_whom")
    view = tab([pair for pair in worklist.VIEWS if pair[0]], method=together)

    def __init__(self, *args: Any, counties: Iterable[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.offer("town", towns_of(counties))

    @property
    def waits_for_nobody(self) -> bool:
        """Whether a state is asked for in which a filing waits for nobody here."""
        status = self.chosen("status")
        return bool(status) and status not in FILING_IN_REVIEW

    def keeps(self, entry: Entry) -> bool:
        """Whether a line passes every filter but the tab."""
        q = self.chosen("q")
        status, light, kind, town, who = (self.chosen(name) for name in ("status", "light", "kind", "town", "who"))
        return (
            (not q or q in entry.name or q.upper() in entry.no)
            and (not status or entry.status == status)
            and (not light or (entry.lamp is not None and entry.lamp.colour == light))
            and (not kind or entry.kind == kind)
            and (not town or entry.town == town)
            and (who != "mine" or entry.assigned_to == self.request.user.pk)
            and (who != "unassigned" or entry.assigned_to is None)
        )

    def by_name_or_number(self, rows: Any, name: str, value: str) -> Any:
        """By a part of the institution's name or of the number."""
        return rows.filter(institution__name__contains=value) | rows.filter(no__contains=value.upper())

    def of_kind(self, rows: Any, name: str, value: str) -> Any:
        """By what the case is about now."""
        return rows.filter(worklist.of_kind(value))

    def of_whom(self, rows: Any, name: str, value: str) -> Any:
        """One's own, or nobody's."""
        return rows.filter(assigned_to=self.request.user.pk if value == "mine" else None)
