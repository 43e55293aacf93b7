"""One section of a filing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def section(request: HttpRequest, no: str, name: str) -> HttpResponse:
    """section."""
    raise Http404

