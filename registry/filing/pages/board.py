"""Reconciliation of one institution's life: registered, running, filed."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from ...ledgers.pages import reconcile
from ..figures import LIFE


@require_GET
def board(request: HttpRequest) -> HttpResponseBase:
    """The numbers by area, and the institutions behind each."""
    return reconcile(request, LIFE)
