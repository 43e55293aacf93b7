"""What narrows the list of looks at personal data."""

from __future__ import annotations

from typing import Any

from yancheng_childcare.filters import ListFilter, choice, text, together

from ..rules.values import as_day
from .looks import ITEMS, chosen

WHOM = "机构名称、信用代码、人员姓名或公众报错编号"


class LookFilter(ListFilter):
    """Who looked, at whom, at what, and when."""

    who = text("查看人（姓名或用户名）", 60, method=together)
    whom = text("被查看的机构或人员", 100, method=together, help_text=WHOM)
    item = choice("查看的内容", [(key, words) for key, (words, _) in ITEMS.items()], method=together)
    since = text("从哪天起（如 2026-11-23）", 10, method=together)
    until = text("到哪天止（如 2026-11-23）", 10, method=together)

    def filter_queryset(self, queryset: Any) -> Any:
        """All at once: looks among the acts. A day nobody can read limits to nothing, never to a longer list or file."""
        days = {name: as_day(self.chosen(name)) for name in ("since", "until")}
        who, whom, item = (self.chosen(name) for name in ("who", "whom", "item"))
        rows = chosen(queryset, who=who, whom=whom, item=item, since=days["since"], until=days["until"])
        return rows.none() if any(self.chosen(name) and day is None for name, day in days.items()) else rows
