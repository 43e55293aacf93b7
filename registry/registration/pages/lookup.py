"""What several pages need: one institution in the reader's scope, its name for places, typed text that can be stored."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from yancheng_childcare.permissions import opening_roles, roles_for
from yancheng_childcare.places import place_name
from yancheng_childcare.problems import Problem, Rejected

from ...models import Institution
from ...rules.values import TextRule, read_text
from ..workflow import REGISTRATION

__all__ = ["PERSONAL_COLUMNS", "listed", "own_institution", "place_name", "reaches", "storable", "visible_institution"]

PERSONAL_COLUMNS = ("legal_rep_id_no", "contact_phone")


def visible_institution(request: HttpRequest, uscc: str) -> Institution:
    """The institution with everything its page shows; 404 outside the reader's scope. One query."""
    found = (
        Institution.objects.visible_to(request.user, opening_roles(request))
        .select_related("region", "town", "registry_org", "certificate_file", "created_by")
        .filter(uscc=uscc)
        .first()
    )
    if found is None:
        raise Http404
    return found


def own_institution(request: HttpRequest, uscc: str, *steps: str) -> Institution:
    """An institution on which the reader may now take one of the steps; else Rejected 403 or 409, or 404."""
    found = visible_institution(request, uscc)
    if any(t.name in steps for t in REGISTRATION.available(found, request.user)):
        return found
    if found.status != "ACTIVE":
        words = f"这家机构的登记状态是“{found.get_status_display()}”，不能再办理变更或终止。"
        raise Rejected(Problem("GEN-409", "", words), status=409)
    words = f"这家机构由{found.registry_org.name}登记，变更和终止请联系该登记机关。"
    raise Rejected(Problem("GEN-403", "", words), status=403)


def reaches(request: HttpRequest, route: str, found: Any) -> bool:
    """Whether the reader's roles for another route reach this object too: a button leads only where the door opens.

    Asks the database only when the object may be visible by a duty that does not open that route.
    """
    roles = roles_for(request.user, route, "POST")
    if roles >= opening_roles(request):
        return True
    return bool(roles) and found._meta.model.objects.visible_to(request.user, roles).filter(pk=found.pk).exists()


def storable(field: str, value: Any, label: str, limit: int, found: list[Problem]) -> str:
    """Typed text that the database can keep; otherwise "" and the reason in `found`."""
    return read_text(field, str(value or ""), TextRule(label, limit, lines=True), found) or ""


def listed(rows: Any) -> Any:
    """Without the personal columns: a list never decrypts."""
    return rows.defer(*PERSONAL_COLUMNS)
