"""The signed-in pages every role shares: messages, files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from ..file_answers import sent
from ..file_purposes import purpose_of
from ..filters import ListFilter, choice, search
from ..models import StoredFile
from ..paging import keyset_page
from ..permissions import opening_roles
from ..records import log_event
from ..requests import SignedInRequest


class MessageFilter(ListFilter):
    """By what a message says, and whether it was read."""

    q = search("标题或内容", "title__icontains", "body__icontains")
    state = choice("状态", [("unread", "未读"), ("read", "已读")], method="in_state")

    def in_state(self, rows: Any, name: str, value: str) -> Any:
        """Read, or not yet."""
        return rows.filter(read_at__isnull=value == "unread")


@require_GET
def messages(request: SignedInRequest) -> HttpResponse:
    """My messages, newest first."""
    narrowed = MessageFilter(request.GET, request.user.notifications.all())
    page = keyset_page(narrowed.qs, request.GET.get("before"), size=20)
    context = {"page": page, "filter": narrowed.form, "narrowed": narrowed.narrowed}
    return render(request, "desk/messages.html", context)


@require_POST
def message(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mark one message as read and go where it points."""
    found = get_object_or_404(request.user.notifications, pk=pk)
    if found.read_at is None:
        found.read_at = timezone.now()
        found.save(update_fields=["read_at"])
    return redirect(found.url or "messages")


@require_POST
def messages_read(request: SignedInRequest) -> HttpResponse:
    """Mark all my messages as read."""
    request.user.notifications.filter(read_at__isnull=True).update(read_at=timezone.now())
    return redirect("messages")


@require_GET
def file(request: SignedInRequest, pk: UUID) -> FileResponse:
    """One stored file, if it lies in the reader's scope."""
    stored = get_object_or_404(
        StoredFile.objects.visible_to(request.user, opening_roles(request)).select_related("region"),
        pk=pk,
        scan_state="CLEAN",
    )
    log_event(
        "file.read",
        subject=f"file:{stored.pk}",
        summary=f"打开文件：{purpose_of(stored.purpose).label}",
        actor=request.user,
        region_prefix=stored.region.prefix if stored.region else "",
        data={"purpose": stored.purpose, "uscc": stored.uscc},
    )
    return sent(stored, download="download" in request.GET)
