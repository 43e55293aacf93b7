"""Pre-check, pledge, check your answers, confirmation."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def precheck(request: HttpRequest, no: str) -> HttpResponse:
    """precheck."""
    raise Http404



def pledge(request: HttpRequest, no: str) -> HttpResponse:
    """pledge."""
    raise Http404



def check(request: HttpRequest, no: str) -> HttpResponse:
    """check."""
    raise Http404



def done(request: HttpRequest, no: str) -> HttpResponse:
    """done."""
    raise Http404

