"""What narrows the lists of people: those in post, and what is to be decided of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from yancheng_childcare.filters import ListFilter, choice, tab, text, together

from ..choices import PostRole
from ..models import Institution
from ..rules.characters import folded

SHOWN = [("gaps", "证件不全或快到期"), ("former", "已离岗")]


class PeopleFilter(ListFilter):
    """The people of an area; with a code those of one institution, of whom it is known whose papers lack."""

    q = text("姓名", 50, method="named")
    uscc = text("机构信用代码", 40, method=together)
    role = choice("岗位", PostRole.choices)
    show = choice("范围", SHOWN, "在岗人员", method=together)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if (
            not (self.data or {}).get("uscc", "").strip()
        ):  # gaps are worked out person by person: only for one institution at a time
            self.offer("show", [pair for pair in SHOWN if pair[0] != "gaps"])

    def named(self, rows: Any, name: str, value: str) -> Any:
        """By a part of the name."""
        return rows.named(folded(value))


class OwnPeopleFilter(PeopleFilter):
    """The same for those who act for institutions: theirs to choose from."""

    uscc = choice("机构", method=together)

    def __init__(self, *args: Any, institutions: Iterable[Institution], **kwargs: Any):
        ListFilter.__init__(self, *args, **kwargs)
        rows = list(institutions)
        self.offer("uscc", ((row.uscc, row.name) for row in rows))
        if len(rows) < 2:
            self.filters["uscc"].extra["widget"] = forms.HiddenInput


class DiscrepancyFilter(ListFilter):
    """By tab those that wait, or those that were decided."""

    show = tab([("decided", "已核实")], method=together)

    def filter_queryset(self, queryset: Any) -> Any:
        """Waiting unless the tab says otherwise."""
        return queryset.filter(decided_at__isnull=not self.chosen("show"))
