"""In the making."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from ...pages.public import lookup as search


def city_map(request: HttpRequest) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


__all__ = ["city_map", "search"]
