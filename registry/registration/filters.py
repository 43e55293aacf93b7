"""What narrows the lists of registrations, and the areas that other lists of the registry are narrowed by."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.filters import Choices, ListFilter, choice, tab, text, together
from yancheng_childcare.permissions import opening_roles

from ..choices import Nature
from ..rules.characters import compact, folded
from .desks import advised
from .forms import areas, towns_of
from .pages.pushes import with_push

CITY = "全市"
PUSHES = [("waiting", "还没有全部送达"), ("dead", "需人工处理"), ("done", "已全部送达"), ("none", "没有推送记录")]
STATUSES = [("ACTIVE", "存续"), ("CANCELLED", "注销"), ("REVOKED", "吊销"), ("RESCINDED", "撤销")]


class RegistrationFilter(ListFilter):
    """The registration list, also its export; a name by a part of it, a code by its beginning."""

    q = text("名称或信用代码开头", method="by_name_or_code")
    region = choice("县（市、区）", areas, CITY)
    nature = choice("机构性质", Nature.choices)
    status = choice("登记状态", STATUSES)
    push = choice("推送情况", PUSHES, method="by_push")
    warned = choice("提示", [("1", "有提示")], method="with_warnings")

    def by_name_or_code(self, rows: Any, name: str, value: str) -> Any:
        """A code by its first characters, which are category and division."""
        code = compact(value)
        is_code = len(code) >= 2 and code.isascii() and code.isalnum() and code[0] in "159"
        return rows.filter(uscc__startswith=code) if is_code else rows.filter(name__contains=folded(value))

    def by_push(self, rows: Any, name: str, value: str) -> Any:
        """What became of the pushes, as far as the reader may see them."""
        return with_push(rows, value, self.request.user, opening_roles(self.request))

    def with_warnings(self, rows: Any, name: str, value: str) -> Any:
        """Those entered with a warning that still stands."""
        return rows.exclude(warnings=[])


class AreaFilter(ListFilter):
    """Area and town, of those the reader sees."""

    region = choice("县（市、区）")
    town = choice("镇（街道）")

    def __init__(self, *args: Any, counties: Choices, **kwargs: Any):
        super().__init__(*args, **kwargs)
        counties = list(counties)
        self.offer("region", counties)
        self.offer("town", towns_of(code for code, _ in counties))


class UnfiledFilter(AreaFilter):
    """Area, town, and for how long an institution has not filed."""

    age = choice(
        "已过天数",
        [(str(n), f"满 {n} 天") for n in (settings.UNFILED_REMIND_DAYS, settings.UNFILED_GOVERN_DAYS)],
        method="not_filed_for",
    )

    def not_filed_for(self, rows: Any, name: str, value: str) -> Any:
        """Established at least so many days ago."""
        return rows.unfiled_for(int(value), today_here())


class PoliceFilter(AreaFilter):
    """Area, town, and by tab the ones that were advised."""

    state = tab([("done", "已指导")], method=together)

    def filter_queryset(self, queryset: Any) -> Any:
        """Those to advise, or those with a handled receipt."""
        return super().filter_queryset(advised(queryset, done=bool(self.chosen("state"))))


class IrregularFilter(ListFilter):
    """By tab the ones nobody has answered yet."""

    show = tab([("open", "待处理")], method="unanswered")

    def unanswered(self, rows: Any, name: str, value: str) -> Any:
        """Without a note since the warning was kept."""
        return rows.unanswered()
