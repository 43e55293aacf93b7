"""In the making."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def report_error(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def report_unfiled(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def done(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def track(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")
