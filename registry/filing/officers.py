"""Who may be sent to look at a place: officers of the area in force today, none tied to the institution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, User

from ..models import Filing


@dataclass(frozen=True, slots=True)
class Officer:
    """A person with the words the chooser shows: duties and certificate."""

    user: User
    words: str


def site_officers(filing: Filing) -> list[Officer]:
    """Inspectors and reviewers whose area holds the institution (domain.md §2.5, §5.3), by name. Two queries."""
    institution = filing.institution
    tied = set(Duty.objects.in_force().filter(role=Role.OPERATOR, uscc=institution.uscc).values_list("user", flat=True))
    duties: Any = (
        Duty.objects.in_force()
        .filter(role__in=(Role.INSPECTOR, Role.REVIEWER), user__is_active=True)
        .exclude(user__in=tied)
        .select_related("user", "region", "department")
        .order_by("role", "user__display_name", "user_id")
    )
    prefix = institution.region.prefix
    words: dict[int, list[str]] = {}
    users: dict[int, User] = {}
    for duty in duties:
        if not duty.covers(prefix):
            continue
        parts = [duty.get_role_display()]
        if duty.department:
            parts.append(duty.department.name)
        if duty.certificate_no:
            parts.append(f"执法证号 {duty.certificate_no}")
        users[duty.user_id] = duty.user
        words.setdefault(duty.user_id, []).append("，".join(parts))
    return [Officer(user, f"{user.display_name}（{'；'.join(words[pk])}）") for pk, user in users.items()]
