"""Materials of a filing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def material_list(request: HttpRequest, no: str) -> HttpResponse:
    """material_list."""
    raise Http404



def material(request: HttpRequest, no: str, code: str) -> HttpResponse:
    """material."""
    raise Http404



def remove(request: HttpRequest, no: str, code: str, page: int) -> HttpResponse:
    """remove."""
    raise Http404

