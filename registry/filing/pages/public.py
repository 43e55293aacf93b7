"""What everybody may see of filings."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def guide(request: HttpRequest) -> HttpResponse:
    """guide."""
    raise Http404



def nonconforming(request: HttpRequest) -> HttpResponse:
    """nonconforming."""
    raise Http404



def verify(request: HttpRequest, receipt_no: str) -> HttpResponse:
    """verify."""
    raise Http404

