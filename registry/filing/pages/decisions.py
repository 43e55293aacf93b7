"""Decisions on a filing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def notice(request: HttpRequest, no: str) -> HttpResponse:
    """notice."""
    raise Http404



def issue(request: HttpRequest, no: str) -> HttpResponse:
    """issue."""
    raise Http404



def waive(request: HttpRequest, no: str) -> HttpResponse:
    """waive."""
    raise Http404



def decide(request: HttpRequest, no: str, name: str) -> HttpResponse:
    """decide."""
    raise Http404

