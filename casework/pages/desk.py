"""The first page of everybody who signs in."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yancheng_childcare.desks import duties_of, menu_of
from yancheng_childcare.requests import SignedInRequest

from ..inbox import RECENT_DAYS, inbox_for

SHOWN = 12  # lines of a list; `?all` shows every one


@require_GET
def desk(request: SignedInRequest) -> HttpResponse:
    """What to do, what is under way, what was done lately; then the pages of this person's duties, and the duties."""
    inbox = inbox_for(request.user)
    most = None if "all" in request.GET else SHOWN
    context = {
        "inbox": inbox,
        "todo": inbox.todo[:most],
        "under_way": inbox.under_way[:most],
        "recent_days": RECENT_DAYS,
        "menu": menu_of(request.user),
        "duties": duties_of(request.user),
    }
    return render(request, "casework/desk.html", context)
