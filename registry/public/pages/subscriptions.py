"""In the making."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def subscribe(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def confirm(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def leave(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")
