"""Whose papers somebody must see to: those that lack or ran out, and those that soon will (domain.md §4, 到期引擎)."""

from __future__ import annotations

from datetime import date

from django.conf import settings

from ..choices import CredentialKind
from .facts import Paper, Staff, gaps

HEALTH_PAPERS = frozenset({CredentialKind.HEALTH, CredentialKind.FOOD_HEALTH})


def needs(staff: Staff, today: date) -> list[str]:
    """What the institution has to do about this person now, in words; empty when nothing."""
    soon = (paper for paper in staff.papers.values() if runs_out_soon(paper, today))
    return [*gaps(staff, today), *(f"{paper.label}将于 {paper.valid_to} 到期" for paper in soon)]


def runs_out_soon(paper: Paper, today: date) -> bool:
    """Whether a paper in force has come to its first reminder."""
    steps = settings.HEALTH_EXPIRY_NOTICE_DAYS if paper.kind in HEALTH_PAPERS else settings.EXPIRY_NOTICE_DAYS
    return paper.valid_to is not None and 0 <= (paper.valid_to - today).days <= max(steps)
