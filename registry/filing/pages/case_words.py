"""Words of a case that several pages share."""

from __future__ import annotations

from typing import Any

from ..states import state_of


def matter_of(filing: Any) -> str:
    """What the case is about now: a change while it is made or reviewed, else what it was opened for."""
    return "变更备案" if state_of(filing).changed else str(filing.get_kind_display())


def status_context(filing: Any) -> dict[str, str]:
    """The status tag of the page header."""
    return {"status_light": state_of(filing).light, "status_word": filing.get_status_display()}
