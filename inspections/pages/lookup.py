"""An inspection in the scope of the one who asks."""

from __future__ import annotations

from django.http import Http404

from casework.models import Case
from casework.pages.lookup import visible_case
from yancheng_childcare.requests import SignedInRequest


def visible_visit(request: SignedInRequest, no: str) -> Case:
    """The case of an inspection. Raises Http404 for another type as well."""
    case = visible_case(request, no)
    if case.type != "INSPECTION":
        raise Http404
    return case
