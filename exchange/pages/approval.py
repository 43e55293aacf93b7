"""Approve or withdraw what somebody asked for on an endpoint: another address, personal fields in clear, its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from yancheng_childcare.approvals import approve, fingerprint, shown
from yancheng_childcare.forms import form_of
from yancheng_childcare.problems import Problem, Rejected

from ..endpoint_changes import propose_closing, withdraw_change
from ..forms import Closing
from ..models import Delivery, Endpoint
from ..rights import refuse_closed
from .endpoints import crumbs, own

CLOSING = "关闭后不再向这个端点推送任何登记信息，还没有送达的记为“经决定不再推送”。推送记录照常可查，名称可以再用。"


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
        closed = "端点已关闭，不再推送；以前的推送记录照常可查。"
        messages.success(request, closed if change.closing_reason else "已批准，从下一条推送起生效。")
        return redirect(back)
    return page(request, change, back)


def page(request: HttpRequest, change: Any, back: str, rejected: Rejected | None = None) -> HttpResponse:
    """The page; after a refusal with its reason and the row as it stands now."""
    now = change.endpoint
    if change.closing_reason:
        hidden, rows = {"端点", "接收地址", "明文字段"}, losses(now)
        heading, consequence = "核对并批准关闭端点", f"{CLOSING}批准后不能恢复。"
    else:
        hidden, heading = {"端点", "关闭理由"}, "核对并批准更改"
        rows = [
            {"label": "现在的地址", "value": now.url or "还没有批准的地址"},
            {"label": "现在的明文字段", "value": "、".join(now.grants) or "无"},
        ]
        consequence = "批准后，从下一条推送起发往新的地址。请向提出人核对地址确实属于接收系统；"
    plain = {"授予人": "提出人", "提出时间": "提出时间", "关闭理由": "关闭理由"}
    rows += [
        {"label": plain.get(label, f"提出的{label}"), "value": value}
        for label, value in shown(change)
        if label not in hidden
    ]
    context = {
        "heading": heading,
        "consequence": consequence,
        "own_words": "这项更改由您提出，须由本部门另一名对接人或平台管理员批准。",
        "approve_text": "批准关闭" if change.closing_reason else "批准更改",
        "withdraw_text": "撤回更改",
        "breadcrumbs": crumbs((now.name, back)),
        "rows": rows,
        "seen": fingerprint(change),
        "own": change.granted_by_id == request.user.pk,
        "problems": rejected.problems if rejected else [],
        "cancel_url": back,
    }
    return render(request, "exchange/approve.html", context, status=rejected.status if rejected else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for the endpoint's end with a reason; another person approves it on the page above."""
    endpoint = own(request, pk)
    refuse_closed(endpoint)
    form = form_of(Closing)(request.POST or None)
    problems: list[Problem] = []
    back = reverse("exchange:endpoint", args=[pk])
    if request.method == "POST" and form.is_valid():
        try:
            propose_closing(endpoint, reason=form.cleaned_data["reason"], actor=request.user)
        except Rejected as rejected:
            problems = rejected.problems
        else:
            words = "已提出关闭，须由另一名对接人或平台管理员批准。批准前照常推送；要立即停下，请先暂停推送。"
            messages.success(request, words)
            return redirect(back)
    context = {
        "heading": "关闭端点",
        "breadcrumbs": crumbs((endpoint.name, back)),
        "consequence": f"{CLOSING}关闭后不能恢复，须由另一名对接人或平台管理员批准才生效。对方只是停机维护的，请用“暂停推送”。",
        "rows": losses(endpoint),
        "form": form,
        "problems": problems,
        "confirm_text": "提出关闭这个端点",
        "cancel_url": back,
        "danger": True,
    }
    return render(request, "exchange/confirm.html", context, status=422 if problems or form.errors else 200)


def losses(endpoint: Endpoint) -> list[dict[str, Any]]:
    """What ends with the endpoint. Two queries."""
    waiting = Delivery.objects.open().filter(endpoint=endpoint).count()
    return [
        {"label": "端点", "value": str(endpoint)},
        {"label": "接收地址", "value": endpoint.url or "还没有批准的地址"},
        {"label": "订阅", "value": f"{endpoint.subscriptions.count()} 项，关闭时取消"},
        {"label": "未送达", "value": f"{waiting} 条，关闭时记为不再推送" if waiting else "没有"},
    ]
