"""The institution's filings: list, start, task list."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def case_list(request: HttpRequest) -> HttpResponse:
    """case_list."""
    raise Http404



def start(request: HttpRequest) -> HttpResponse:
    """start."""
    raise Http404



def case(request: HttpRequest, no: str) -> HttpResponse:
    """case."""
    raise Http404

