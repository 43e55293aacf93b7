"""What the public reads of a suspension or closure: from when, why, whom to ask for money back, where children can go.

Told as soon as it is filed, so that parents have the days between (国卫人口发〔2019〕58号 管理规范第7条).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Case, QuerySet, When
from django.db.models.functions import JSONObject, TruncDate

from casework.documents.wording import chinese_date
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.workdays import SHANGHAI

from ..choices import LIVE_FILING, PublicStatus
from ..models import ClosurePlan, Filing, PublicEntry

NEARBY = 5
# Entries looked at: more than are about to stop in any county.
LOOKED_AT = 60


# The days, for lists, the API and the open data.
DAYS = ("final", "from_day", "until_day")


def arrangements(plans: QuerySet[ClosurePlan]) -> QuerySet[Any, dict[str, Any]]:
    """Those not withdrawn, the earliest first, as JSON: all that is public of each.

    How many children there are and what is not settled yet is between institution and authority.
    """
    names = (*DAYS, "reason", "parents_told_on", "placement", "refund_contact")
    filed_on = TruncDate("created_at", tzinfo=SHANGHAI)
    words = JSONObject(**{name: name for name in names}, filed_on=filed_on)
    return plans.filter(withdrawn=False).order_by("from_day", "id").values_list(words, flat=True)


def plans_of(filing: Filing) -> list[dict[str, Any]]:
    """The arrangements that hold. One query."""
    return that_hold(filing, arrangements(filing.closures.all()))


def that_hold(filing: Filing, plans: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of a filing in force; what a closed institution arranged stays readable."""
    ended = filing.status == "CANCELLED"
    return [plan for plan in plans if filing.status in LIVE_FILING or (ended and plan["final"])]


def stopped(plans: Iterable[dict[str, Any]], today: date) -> bool:
    """Whether no children are taken today: a day of stopping has come."""
    return any(begun(plan, today) for plan in plans)


def begun(plan: dict[str, Any], today: date) -> bool:
    """Whether the day of this arrangement has come."""
    return date.fromisoformat(plan["from_day"]) <= today


def day_words(day: date, today: date) -> str:
    """`12月8日`; with the year when it is not this one."""
    return chinese_date(day) if day.year != today.year else f"{day.month}月{day.day}日"


def tag(plan: dict[str, Any], today: date | None = None) -> str:
    """The words of a tag: what will be, from the day what is. Of the plan only `DAYS` are read."""
    today = today or today_here()
    first = date.fromisoformat(plan["from_day"])
    until = date.fromisoformat(plan["until_day"]) if plan["until_day"] else None
    if first > today:
        return f"{day_words(first, today)}起{'终止服务' if plan['final'] else '停业'}"
    if plan["final"]:
        return f"{day_words(first, today)}起已停止服务"
    if until is None:
        return f"{day_words(first, today)}起停业"
    if until < today:
        return f"停业，原定{day_words(until, today)}恢复，尚未恢复"
    return f"停业，预计{day_words(until, today)}恢复"


def beginning(plan: dict[str, Any]) -> str:
    """`2026年12月8日起停业`."""
    return f"{chinese_date(date.fromisoformat(plan['from_day']))}起{'终止服务' if plan['final'] else '停业'}"


def sentence(plan: dict[str, Any]) -> str:
    """Why and whom to ask, in one paragraph: for the history, feeds and mails."""
    words = [beginning(plan)]
    if plan["until_day"]:
        words.append(f"预计{chinese_date(date.fromisoformat(plan['until_day']))}恢复")
    return f"{'，'.join(words)}。原因：{plan['reason'].rstrip('。')}。退费联系：{plan['refund_contact'].rstrip('。')}。"


def nearby(uscc: str, card: dict[str, Any]) -> list[dict[str, Any]]:
    """Open institutions with free places, of the same town first, then of the county. One query."""
    rows = (
        PublicEntry.objects.filter(
            region=card["region_code"],
            status__in=(PublicStatus.FILED, PublicStatus.VERIFYING),
            places_free__gt=0,
        )
        .exclude(uscc=uscc)
        .order_by(Case(When(town=card["town_code"], then=0), default=1), "-places_free", "order_key")
        .values_list("uscc", "card")
    )
    # Who is about to stop takes nobody; cards of an earlier release name no arrangement.
    found = [(code, other) for code, other in rows[:LOOKED_AT] if not other.get("plans")]
    return [
        {"uscc": code, "name": other["name"], "address": other["address"], "places_free": other["places_free"]}
        for code, other in found[:NEARBY]
    ]
