"""Reconciliation of the three ledgers."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def board(request: HttpRequest) -> HttpResponse:
    """board."""
    raise Http404

