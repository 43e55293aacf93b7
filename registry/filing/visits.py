"""现场核实 as acts of a case: who is sent on which day, who goes instead, and the second look after a rectification."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.conf import settings

from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.workdays import add_workdays

from ..codes import filing as codes
from ..models import Filing, SiteCheck
from . import clocks
from .site_items import site_items

CONCLUDED = Problem("GEN-409", "", "现场核实已经完成，不能再改派或改期。请按核实结果办理。")


def open_checks(filing: Filing) -> Any:
    """The visit that is not concluded yet: at most one of a case."""
    return filing.site_checks.filter(concluded_on=None)


def open_check(filing: Filing) -> SiteCheck | None:
    """That visit with its officers, None when none is planned. Two queries."""
    found: SiteCheck | None = open_checks(filing).prefetch_related("officers").first()
    return found


def names_of(officers: Iterable[Any]) -> str:
    """Officers in words, always in the same order."""
    return "、".join(officer.display_name for officer in sorted(officers, key=lambda officer: officer.pk))


def begun(check: SiteCheck) -> bool:
    """Whether the officers have recorded anything yet."""
    return bool(check.summary) or any(item["result"] or item["remark"] for item in check.items)


def still_open(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """What was concluded is a record: nobody is sent instead any more."""
    data["check"] = open_check(filing)
    if data["check"] is None:
        yield CONCLUDED


def something_moved(filing: Filing, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Other officers or another day: nobody is told of what stays as it was."""
    check: SiteCheck | None = data["check"]
    if check is None or check.planned_on != data.get("planned_on"):
        return
    if {officer.pk for officer in check.officers.all()} == {officer.pk for officer in data.get("officers") or ()}:
        yield Problem(codes.NOTHING_CHANGED, "officers", "核实人员和计划核实日期都没有改动。")


def assign(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """A verification task with the items of the hygiene evaluation and the setting standard."""
    check = SiteCheck.objects.create(filing=filing, planned_on=data["planned_on"], items=site_items(data["today"]))
    check.officers.add(*data["officers"])
    data["snapshot"] = _arranged(data)


def reassign(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """Other officers, another day. What was recorded holds as long as everybody stays in whose name it was recorded.

    Two officers vouch together for what they saw (domain.md §5.3). Once one of them is taken off, whoever goes instead
    has not seen it: the checklist begins anew, with the former record and its names beside each point.
    """
    check = open_checks(filing).select_for_update().first()
    if check is None:  # concluded since the guard looked: officers record without the lock of the case
        raise Rejected(CONCLUDED, status=409)
    before, after = ({user.pk: user for user in users} for users in (data["check"].officers.all(), data["officers"]))
    taken_off = [pk for pk in before if pk not in after]
    data["snapshot"] = {
        **_arranged(data),
        "taken_off": taken_off,
        "put_on": [pk for pk in after if pk not in before],
        "former": {"names": names_of(before.values()), "planned_on": str(check.planned_on)},
    }
    if taken_off and begun(check):
        data["snapshot"]["former"] |= {"set_aside": True, "summary": check.summary}
        begin_anew(check, data["today"], names_of(before.values()))
    check.planned_on = data["planned_on"]
    check.save()
    check.officers.set(data["officers"])


def _arranged(data: dict[str, Any]) -> dict[str, Any]:
    officers = data["officers"]
    return {
        "officers": [officer.pk for officer in officers],
        "names": names_of(officers),
        "planned_on": str(data["planned_on"]),
    }


def begin_anew(check: SiteCheck, today: date, names: str) -> None:
    """Every point is open again, what these officers recorded beside it. The caller holds the row and saves it."""
    check.items = site_items(today, check.items, by=names)
    check.summary, check.recorded_by = "", None
    check.record_version += 1


def again_on_site(filing: Filing, actor: Any, data: dict[str, Any]) -> None:
    """After a rectification the same officers look again, at everything: the former record stands beside, untouched.

    Nobody travels on the day it came in: the visit is planned `RECHECK_WORKDAYS` working days later ([A]), within the clock.
    """
    last_day = clocks.start_verification(filing, data["today"])
    last = filing.site_checks.order_by("-id").prefetch_related("officers").first()
    if last is None:
        return
    officers = list(last.officers.all())
    planned_on = min(add_workdays(data["today"], settings.RECHECK_WORKDAYS), last_day)
    data["snapshot"] |= {"names": names_of(officers), "planned_on": str(planned_on)}
    if last.concluded_on is None:  # told before the visit was concluded: one open check of a case at a time
        begin_anew(last, data["today"], names_of(officers))
        last.planned_on = planned_on
        last.save()
        return
    check = SiteCheck.objects.create(filing=filing, planned_on=planned_on, items=site_items(data["today"], last.items))
    check.officers.add(*officers)
