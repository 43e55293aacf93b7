"""Letters and receipts as pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def letter(request: HttpRequest, no: str, pk: int) -> HttpResponse:
    """letter."""
    raise Http404



def receipt(request: HttpRequest, no: str) -> HttpResponse:
    """receipt."""
    raise Http404

