"""Approve or withdraw what somebody asked for on an endpoint: another address, personal fields in clear."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.approvals import approve, fingerprint, shown
from yancheng_childcare.problems import Rejected

from ..endpoint_changes import withdraw_change
from .endpoints import crumbs, own


@require_http_methods(["GET", "HEAD", "POST"])
def approve_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is asked for beside what holds now, with the fingerprint of what is shown. Queries: endpoint, change (2)."""
    endpoint = own(request, pk)
    user: Any = request.user
    change = endpoint.changes.waiting().select_related("endpoint__department__region", "granted_by").first()
    back = reverse("exchange:endpoint", args=[pk])
    if change is None:
        messages.info(request, "没有待批准的更改。")
        return redirect(back)
    if request.method == "POST":
        if request.POST.get("to") == "withdraw":
            withdraw_change(endpoint, actor=user)
            messages.success(request, "已撤回，推送按原来的设置继续。")
            return redirect(back)
        try:
            approve(change, seen=request.POST.get("seen", "")[:64], actor=user)
        except Rejected as rejected:
            return page(request, change, back, rejected)
        messages.success(request, "已批准，从下一条推送起生效。")
        return redirect(back)
    return page(request, change, back)


def page(request: HttpRequest, change: Any, back: str, rejected: Rejected | None = None) -> HttpResponse:
    """The page; after a refusal with its reason and the row as it stands now."""
    now = change.endpoint
    rows = [
        {"label": "现在的地址", "value": now.url or "还没有批准的地址"},
        {"label": "现在的明文字段", "value": "、".join(now.grants) or "无"},
        *({"label": f"提出的{label}", "value": value} for label, value in shown(change) if label not in {"端点"}),
    ]
    context = {
        "heading": "核对并批准更改",
        "breadcrumbs": crumbs((now.name, back)),
        "rows": rows,
        "seen": fingerprint(change),
        "own": change.granted_by_id == request.user.pk,
        "problems": rejected.problems if rejected else [],
        "cancel_url": back,
    }
    return render(request, "exchange/approve.html", context, status=rejected.status if rejected else 200)
