"""Papers and training of a person."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """paper."""
    raise Http404



def training(request: HttpRequest, pk: int) -> HttpResponse:
    """training."""
    raise Http404

