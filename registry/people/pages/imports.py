"""Batch import of people."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def import_people(request: HttpRequest) -> HttpResponse:
    """import_people."""
    raise Http404



def template(request: HttpRequest) -> HttpResponse:
    """template."""
    raise Http404

