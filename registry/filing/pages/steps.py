"""Steps the institution takes after filing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def step(request: HttpRequest, no: str, name: str) -> HttpResponse:
    """step."""
    raise Http404

