"""The people of an institution."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def people(request: HttpRequest) -> HttpResponse:
    """people."""
    raise Http404



def new(request: HttpRequest) -> HttpResponse:
    """new."""
    raise Http404



def person(request: HttpRequest, pk: int) -> HttpResponse:
    """person."""
    raise Http404



def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """leave."""
    raise Http404



def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """reveal."""
    raise Http404

