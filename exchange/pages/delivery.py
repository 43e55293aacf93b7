"""One delivery: what was sent, every try, what it waits for, the receipts, and what can be decided about it."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.forms import form_of
from yancheng_childcare.paging import as_key
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.unmasking import keep_look

from ..bodies import CONTENT_TYPES, Content, compose
from ..choices import DeliveryStatus, EndpointStatus, GrantField
from ..deliveries import older_open, visible_deliveries
from ..forms import Skip
from ..models import Delivery, Endpoint
from ..replay import redeliver, skip
from ..rights import may_resend, may_skip, owns, readable_fields, refuse_unless
from .endpoints import crumbs
from .states import DELIVERY_LIGHTS, failure

SHOWN_TRIES = 50


def one(request: HttpRequest, webhook_id: str) -> Delivery:
    """The delivery by its `webhook-id` or row number, if the reader may see it; else 404."""
    rows = visible_deliveries(request.user, opening_roles(request)).select_related("decided_by")
    key = as_key(webhook_id)
    found: Delivery | None = (rows.filter(pk=key) if key is not None else rows.filter(webhook_id=webhook_id)).first()
    if found is None:
        raise Http404
    return found


@require_GET
def detail(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Queries: delivery, whether the endpoint may be seen, the older open one, tries, receipts (+ 1 to open fields)."""
    row = one(request, webhook_id)
    clear = readable_fields(request.user, row.endpoint) if "clear" in request.GET else frozenset()
    if clear:
        keep_clear_look(row, clear, request.user)
    endpoints = Endpoint.objects.visible_to(request.user, opening_roles(request))
    sees_endpoint = endpoints.filter(pk=row.endpoint_id).exists()
    tries = list(row.tries.all()[: SHOWN_TRIES + 1])
    if row.status == DeliveryStatus.SENDING and tries and row.attempted_at and tries[0].at >= row.attempted_at:
        # The try was settled between the two reads: what the page says of it must fit its state.
        row.refresh_from_db(fields=["status", "closed_at", "due_at", "last_code", "last_error", "latency_ms"])
    return render(
        request,
        "exchange/delivery.html",
        {
            "heading": f"{row.event.get_type_display()}：{row.event.data.get('name', row.subject)}",
            "lead": f"推送给{row.endpoint.department.name}",
            "breadcrumbs": crumbs(("推送记录", reverse("exchange:deliveries"))),
            "status_light": DELIVERY_LIGHTS[row.status],
            "status_word": row.get_status_display(),
            "row": row,
            "waits_for": older_open(row),
            "why": why(row),
            "again": row.status in {"PENDING", "SENDING"} and bool(tries) and not why(row),
            "head": head(row, tries, full=sees_endpoint and owns(request.user, row.endpoint)),
            "body": body(row, clear),
            "clear": clear,
            "can_clear": not clear and readable_fields(request.user, row.endpoint),
            "granted": [GrantField(name).label for name in row.endpoint.grants if name in GrantField.values],
            "timeline": [entry(found) for found in tries[:SHOWN_TRIES]],
            "more_tries": len(tries) > SHOWN_TRIES,
            "receipts": row.event.receipts.filter(department=row.endpoint.department_id).select_related("sent_by"),
            "may_resend": may_resend(request.user, row) and row.endpoint.status != EndpointStatus.CLOSED,
            "may_skip": may_skip(request.user, row),
            "sees_endpoint": sees_endpoint,
        },
    )


def keep_clear_look(row: Delivery, fields: frozenset[str], actor: Any) -> None:
    """Who looked at clear personal fields is kept before they are shown."""
    keep_look(
        subject=f"registry.institution:{row.subject}",
        summary="在推送记录中查看明文",
        actor=actor,
        region_prefix=row.event.region.prefix,
        data={"fields": sorted(fields), "webhook_id": row.webhook_id},
    )


def why(row: Delivery) -> str:
    """Why it is where it is, when that is not plain from its state."""
    if row.status == DeliveryStatus.DEAD:
        return (
            "对方连续三次以同样的响应拒收，平台停止自动重试。该机构后面的推送在排队，其他机构不受影响。"
            "请与接收单位核对原因，更正后点“重发”；确已另行告知的，可写明理由不再推送。"
        )
    if row.closed_at is None and row.endpoint.status == EndpointStatus.CLOSED:
        return "端点已经关闭，这条推送正在结束，几分钟内记为不再推送。"
    if row.closed_at is None and row.endpoint.status != "ACTIVE":
        return f"端点目前为“{row.endpoint.get_status_display()}”，批准或恢复推送后自动发出。"
    if row.closed_at is None and row.endpoint.circuit_until:
        return "接收系统连续失败，平台正在逐条试探；恢复后自动按顺序补发。"
    return ""


def head(row: Delivery, tries: list[Any], *, full: bool) -> str:
    """The request's headers, the signature hidden; the address without its query for those who do not own it."""
    stamp = str(int(tries[0].at.timestamp())) if tries else "（发出时的 Unix 秒数）"
    return "\n".join(
        (
            f"POST {row.endpoint.url if full else row.endpoint.url.partition('?')[0]}",
            f"Content-Type: {CONTENT_TYPES[row.endpoint.body_format]}",
            f"webhook-id: {row.webhook_id}",
            f"webhook-timestamp: {stamp}",
            "webhook-signature: v1,（签名不在页面上显示）",
        )
    )


def body(row: Delivery, clear: frozenset[str]) -> str:
    """The body as the receiver gets it, indented for reading; personal fields masked unless asked for in clear."""
    sealed = Delivery.objects.filter(pk=row.pk).values_list("event__sealed", flat=True).first() if clear else None
    event = row.event
    content = Content(
        str(event.uid),
        event.type,
        event.subject,
        event.version,
        event.occurred_at,
        orjson.dumps(event.data).decode(),
        None,
    )
    raw = compose(content, body_format=row.endpoint.body_format, grants=(), webhook_id=row.webhook_id)
    shown = orjson.loads(raw)
    if sealed:
        known = orjson.loads(str(sealed).encode())
        shown["data"].update({name: value for name, value in known.items() if name in clear})
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()


def entry(found: Any) -> dict[str, Any]:
    """One try as a line of the timeline."""
    good = found.code is not None and 200 <= found.code < 300
    return {
        "at": found.at,
        "title": f"对方答复 {failure(found.code, found.error)}" if found.code else failure(None, found.error),
        "light": "green" if good else "yellow",
        "word": "收下" if good else "未收下",
        "who": f"用时 {found.latency_ms} 毫秒",
        "text": found.response,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """重发."""
    row = one(request, webhook_id)
    refuse_unless(may_resend(request.user, row))
    back = reverse("exchange:delivery", args=[row.webhook_id])
    if request.method == "POST":
        redeliver(delivery=row, actor=request.user)
        messages.success(request, "已安排重发，沿用原来的推送编号。")
        return redirect(back)
    return confirm(
        request,
        row,
        heading="重发这条推送",
        consequence="平台立即再次推送，沿用原来的推送编号；对方已处理过的，按编号识别为重复，不会办两次。",
        confirm_text="重发",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """不再推送: a named official's decision with its reason."""
    row = one(request, webhook_id)
    refuse_unless(owns(request.user, row.endpoint))
    form = form_of(Skip)(request.POST or None)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        try:
            skip(delivery=row, actor=request.user, reason=form.cleaned_data["reason"])
        except Rejected as rejected:
            if rejected.status == 409:
                raise
            problems = rejected.problems
        else:
            messages.success(request, "已决定不再推送，理由和经办人已留存。该机构后面的推送继续发出。")
            return redirect("exchange:delivery", webhook_id=row.webhook_id)
    return confirm(
        request,
        row,
        heading="不再推送",
        consequence="登记信息依规定必须告知接收部门。只有已用其他方式告知、或这条内容确有错误时才能这样决定。"
        "这项决定由您负责，永久留存。",
        confirm_text="不再推送这一条",
        form=form,
        problems=problems,
        danger=True,
    )


def confirm(request: HttpRequest, row: Delivery, **context: Any) -> HttpResponse:
    """The page before a decision."""
    back = reverse("exchange:delivery", args=[row.webhook_id])
    wrong = bool(context.get("problems")) or bool(getattr(context.get("form"), "errors", None))
    made = timezone.localtime(row.created_at)
    rows = [
        {"label": "机构", "value": f"{row.event.data.get('name', '')}（{row.subject}）"},
        {"label": "事件", "value": f"{row.event.get_type_display()}，第 {row.event.version} 版"},
        {"label": "接收部门", "value": f"{row.endpoint.department.name} · {row.endpoint.name}"},
        {"label": "状态", "value": row.get_status_display(), "light": DELIVERY_LIGHTS[row.status]},
        {"label": "生成时间", "value": f"{made:%Y-%m-%d %H:%M}"},
    ]
    trail = crumbs(("推送记录", reverse("exchange:deliveries")), ("这条推送", back))
    full = {"breadcrumbs": trail, "rows": rows, "cancel_url": back, **context}
    return render(request, "exchange/confirm.html", full, status=422 if wrong else 200)
