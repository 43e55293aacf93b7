"""现场核实."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def site_checks(request: HttpRequest) -> HttpResponse:
    """site_checks."""
    raise Http404



def site_check(request: HttpRequest, pk: int) -> HttpResponse:
    """site_check."""
    raise Http404

