"""Stands here until the page is written."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def self_check(request: HttpRequest) -> HttpResponse:
    """Not written yet."""
    raise Http404
