"""What must hold before a registration moves: each guard looks at the locked case and says what is in the way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem

from ..models import Institution
from .checks import full_check
from .fields import current_values, typed


def merged(institution: Institution, changes: dict[str, Any]) -> dict[str, Any]:
    """The registration as it would stand after the changes."""
    return {**current_values(institution), **changes}


def changes_are_valid(institution: Institution, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The registration as a whole passes every check after the change, not only the changed fields."""
    found = full_check(merged(institution, data["changes"]), registry_org=institution.registry_org)
    data["found"] = found
    return found


def something_changes(institution: Institution, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """A change that changes nothing is a mistake of the person, not a new version."""
    if any(p.level == "BLOCK" for p in data.get("found", [])):
        return
    before = current_values(institution)
    after = typed(data["changes"])
    if all(before.get(name) == value for name, value in after.items()) and not data.get("certificate"):
        yield Problem("REG-508", "", "没有发现任何改动。请修改需要变更的项目后再提交。")


def reason_given(institution: Institution, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The end of a registration has a reason and a date that is not in the future and not before its beginning."""
    if not str(data.get("reason") or "").strip():
        yield Problem("REG-521", "reason", "请填写原因，例如决定书文号或申请日期。")
    elif len(data["reason"]) > 300:
        yield Problem("REG-521", "reason", "原因不能超过 300 字。")
    day = data.get("terminated_on")
    if not isinstance(day, date):
        yield Problem("REG-522", "terminated_on", "请填写终止日期，格式如 2026-11-23。")
    elif day > today_here():
        yield Problem("REG-522", "terminated_on", "终止日期不能晚于今天。")
    elif day < institution.established_on:
        yield Problem("REG-522", "terminated_on", "终止日期不能早于成立日期。")
