"""Answering a notice item by item."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def corrections(request: HttpRequest, no: str) -> HttpResponse:
    """corrections."""
    raise Http404

