"""The reviewers' queue."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def queue(request: HttpRequest) -> HttpResponse:
    """queue."""
    raise Http404



def take_next(request: HttpRequest) -> HttpResponse:
    """take_next."""
    raise Http404



def assign(request: HttpRequest) -> HttpResponse:
    """assign."""
    raise Http404



def areas(request: HttpRequest) -> HttpResponse:
    """areas."""
    raise Http404

