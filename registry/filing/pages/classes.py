"""One class of a filing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def edit_class(request: HttpRequest, no: str, number: int) -> HttpResponse:
    """edit_class."""
    raise Http404

