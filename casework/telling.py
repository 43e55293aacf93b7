"""What people are told of a case: by a step, by a clock, by a letter on its way."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.models import User
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.workdays import by_day

from .models import Case
from .reach import on_duty_for
from .types import Tell

OUTSIDE = Role.OPERATOR  # who is told of a letter only once it is on its way


def page_of(case: Case) -> str:
    """The address of the case."""
    return reverse("cases:case", args=[case.no])


def say(case: Case, tell: Tell, data: dict[str, Any] | None = None) -> int:
    """Leave a message of a step or a clock; the text names facts of the case in braces. Returns to how many."""
    data = data or {}
    proposal = data.get("proposal")
    facts = {
        "no": case.no,
        "name": case.subject_name,
        "authority": case.authority.name,
        "due": by_day(case.clock.due_on) if case.clock else "",
        "reason": str(getattr(data.get("asked"), "reason", "") or ""),
        "remark": f"：{proposal.remark}" if proposal and proposal.remark else "",
    }
    place = tell.place or "cases:case"
    return notify(
        told(case, tell.to, proposal), title=tell.title, body=(tell.body or "{no}（{name}）").format(**facts),
        url=reverse(place, args=[case.no]),
    )  # fmt: skip


def told(case: Case, to: str, proposal: Any = None) -> list[User]:
    """Who is meant: a role where the case is, staff of the department that has it, the institution itself, or a person.

    A person: who has it (`assignee`), who opened it (`opener`), who proposed (`proposer`).
    """
    persons = {"assignee": case.assignee, "opener": case.opened_by}
    if proposal is not None:
        persons["proposer"] = proposal.proposed_by
    if to in persons:
        found = persons[to]
        return [found] if found is not None else []
    if to == OUTSIDE:
        return holders(to, uscc=case.uscc) if case.uscc else []
    return on_duty_for(case, to)
