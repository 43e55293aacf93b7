"""The review page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def review(request: HttpRequest, no: str) -> HttpResponse:
    """review."""
    raise Http404



def verdict(request: HttpRequest, no: str, item: str) -> HttpResponse:
    """verdict."""
    raise Http404

