"""How a row of a register is shown: its name, its cells, how it stands today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from yancheng_childcare.deadlines import today_here

from ..models import EnforcementSubject, Matter, Officer, Tie
from ..querysets import SOON

Names = Mapping[str, tuple[str, str]]
IN_FORCE, WAITING, ENDED = ("green", "有效"), ("yellow", "待批准"), ("grey", "已停用")


def cell(label: str, value: Any, small: Any = "") -> dict[str, Any]:
    """One cell; `small` stands under its value."""
    return {"label": label, "value": value, "small": small}


def subject(row: EnforcementSubject, names: Names) -> dict[str, Any]:
    """A body."""
    cells = [
        cell("领域", row.get_field_display()),
        cell("公告", row.announcement, f"{row.announced_on} 公告"),
        cell("以谁的名义", row.acts_as if row.principal_id else "本单位", row.commission),
    ]
    return _shown(row, row.department.name, "", cells)


def matter(row: Matter, names: Names) -> dict[str, Any]:
    """A matter; unpublished ones are marked, nobody may inspect on them."""
    published = str(row.published_on) if row.published_on else "没有公布"
    cells = [
        cell("领域", row.get_field_display(), row.get_level_display()),  # type: ignore[attr-defined]
        cell("依据", row.basis),
        cell("公布", published),
    ]
    state = ("yellow", "未公布") if _state(row) == IN_FORCE and not row.usable_on(today_here()) else _state(row)
    return _shown(row, row.name, row.code, cells, state)


def officer(row: Officer, names: Names) -> dict[str, Any]:
    """An officer, with a light for the end of the certificate."""
    cells = [
        cell("检查主体", row.subject.department.name),
        cell("执法证有效期", f"{row.valid_from} 至 {row.valid_to}"),
    ]
    return _shown(row, row.user.display_name, row.certificate_no, cells, certificate_state(row))


def certificate_state(row: Officer) -> tuple[str, str]:
    """(light, word) of an officer today."""
    today, state = today_here(), _state(row)
    if state != IN_FORCE:
        return state
    if row.valid_to < today:
        return "red", "证件已到期"
    return ("yellow", f"{SOON} 日内到期") if row.valid_to <= today + timedelta(days=SOON) else state


def tie(row: Tie, names: Names) -> dict[str, Any]:
    """A tie, the institution by its name."""
    name, _ = names.get(row.uscc, ("", ""))
    cells = [
        cell("机构", name or row.uscc, row.uscc if name else ""),
        cell("关系", row.get_kind_display()),
        cell("申报", row.declared_by.display_name, row.declared_on),
    ]
    return _shown(row, row.user.display_name, "", cells, ("grey", "已消失") if row.ended_on else IN_FORCE)


def _state(row: Any) -> tuple[str, str]:
    if row.ended_on:
        return ENDED
    return IN_FORCE if row.approved_by_id else WAITING


def _shown(row: Any, head: str, small: str, cells: list[dict[str, Any]], state: Any = None) -> dict[str, Any]:
    return {"head": head, "small": small, "cells": cells, "state": state or _state(row)}
