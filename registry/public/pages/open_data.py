"""In the making."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def open_data(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def download(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def dictionary(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")


def snapshot(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """In the making."""
    return HttpResponse("建设中")
