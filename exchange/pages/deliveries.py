"""The delivery log of both sides: list with counters, export, replay of a range."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from yancheng_childcare.exports import export_name, write_csv
from yancheng_childcare.paging import keyset_page
from yancheng_childcare.permissions import may_enter, opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event

from ..choices import EndpointStatus
from ..deliveries import visible_deliveries
from ..filters import DeliveryFilter
from ..forms import RangeForm
from ..models import Delivery, DeliveryAttempt, Endpoint
from ..replay import redeliver_range
from .endpoints import crumbs
from .states import DELIVERY_LIGHTS, failure, share

PAGE = 25
EXPORT_MOST = 100_000
HEADER = (
    "推送编号", "事件", "机构代码", "版本", "接收部门", "端点", "状态", "次数", "最近响应", "耗时（毫秒）", "生成时间",
    "最近推送", "结束时间", "不再推送的理由",
)  # fmt: skip


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """Newest first. Queries: endpoints for the filter, rows, and two for the counters."""
    narrowed = chosen(request)
    page = keyset_page(narrowed.qs, request.GET.get("before"), size=PAGE)
    for row in page:
        row.light = DELIVERY_LIGHTS[row.status]
        row.outcome = failure(row.last_code, row.last_error)
    actions = []
    if may_enter(request.user, "exchange:deliveries-export", "GET"):
        actions.append(
            {
                "text": "导出 CSV",
                "url": f"{reverse('exchange:deliveries-export')}?{without_page(request)}",
                "kind": "secondary",
                "icon_name": "download",
            }
        )
    return render(
        request,
        "exchange/deliveries.html",
        {
            "heading": "推送记录",
            "lead": "每一条登记信息推给了谁、是否送达。推送不会因次数或时间放弃。",
            "actions": actions,
            "filter": narrowed.form,
            "page": page,
            "tests_of": tests_of(request, narrowed),
            "narrowed": narrowed.narrowed,
            "figures": counters(request),
        },
    )


def tests_of(request: HttpRequest, narrowed: DeliveryFilter) -> str:
    """Where the connectivity tests of the one chosen endpoint stand, for those who may see it: they are no pushes."""
    chosen = narrowed.chosen("endpoint")
    mine = Endpoint.objects.owned_by(request.user).filter(pk=chosen) if chosen else Endpoint.objects.none()
    return f"{reverse('exchange:endpoint', args=[chosen])}#tests" if chosen and mine.exists() else ""


def chosen(request: HttpRequest) -> DeliveryFilter:
    """The deliveries in scope, narrowed."""
    roles = opening_roles(request)
    endpoints = Endpoint.objects.visible_to(request.user, roles).select_related("department")
    known = list(endpoints.defer("secret", "previous_secret")[:300])
    return DeliveryFilter(request.GET, visible_deliveries(request.user, roles), endpoints=known)


def without_page(request: HttpRequest) -> str:
    """The present filters without the position."""
    query = request.GET.copy()
    query.pop("before", None)
    return query.urlencode()


def counters(request: HttpRequest) -> list[dict[str, Any]]:
    """Success by tries, what waits, what waits for a person, and since when."""
    now = timezone.now()
    mine = Delivery.objects.visible_to(request.user, opening_roles(request))
    waiting = mine.open().aggregate(
        all=Count("pk"), parked=Count("pk", filter=Q(status="DEAD")), oldest=Min("created_at")
    )
    good, day = Q(code__gte=200, code__lt=300), Q(at__gte=now - timedelta(days=1))
    recent = DeliveryAttempt.objects.filter(at__gte=now - timedelta(days=7), delivery__in=mine.order_by())
    tries = recent.aggregate(
        all_7d=Count("pk"), good_7d=Count("pk", filter=good), all_24h=Count("pk", filter=day),
        good_24h=Count("pk", filter=day & good),
    )  # fmt: skip

    def ratio(window: str) -> str:
        total = tries[f"all_{window}"]
        return share(tries[f"good_{window}"] / total if total else None)

    log_url = reverse("exchange:deliveries")
    oldest = timezone.localtime(waiting["oldest"]) if waiting["oldest"] else None
    return [
        {"label": "24 小时成功率", "value": ratio("24h"), "hint": f"7 天 {ratio('7d')}"},
        {"label": "未送达", "value": waiting["all"], "unit": "条", "url": f"{log_url}?status=OPEN"},
        {"label": "需人工处理", "value": waiting["parked"], "unit": "条", "url": f"{log_url}?status=DEAD"},
        {"label": "最早未送达", "value": f"{oldest:%m-%d %H:%M}" if oldest else "无"},
    ]


@require_GET
def export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """The filtered log as CSV, at most 100,000 rows, newest first; who took it is kept."""
    rows = chosen(request).qs
    log_event(
        "deliveries.exported",
        subject="exchange.delivery:log",
        summary="导出推送记录",
        actor=request.user,
        data={"filters": without_page(request)[:400]},
    )
    name = export_name("盐城市", "推送记录", "全部", timezone.now(), "csv")
    response = StreamingHttpResponse(write_csv(lines(rows), HEADER), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or "attachment"
    )
    return response


def lines(rows: Any) -> Iterator[tuple[Any, ...]]:
    """One tuple per delivery, read in pieces."""
    for row in rows.order_by("-pk")[:EXPORT_MOST].iterator(chunk_size=2000):
        yield (
            row.webhook_id,
            row.event.get_type_display(),
            row.subject,
            row.event.version,
            row.endpoint.department.name,
            row.endpoint.name,
            row.get_status_display(),
            row.attempts,
            failure(row.last_code, row.last_error),
            row.latency_ms,
            row.created_at,
            row.attempted_at,
            row.closed_at,
            row.decision_reason,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    """重发区间: every push of one endpoint that was made in a span of time."""
    endpoints = Endpoint.objects.owned_by(request.user).exclude(status=EndpointStatus.CLOSED)
    endpoints = endpoints.select_related("department__region")
    now = timezone.localtime().replace(second=0, microsecond=0)
    initial = {"since": now - timedelta(days=1), "until": now, "endpoint": request.GET.get("endpoint", "")[:36]}
    form = RangeForm(request.POST or None, initial=initial, endpoints=endpoints)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            count = redeliver_range(
                endpoint=values["endpoint"],
                since=values["since"],
                # A minute is typed, its last moment is meant.
                until=values["until"] + timedelta(seconds=59, microseconds=999_999),
                actor=request.user,
            )
        except Rejected as rejected:
            problems = rejected.problems
        else:
            messages.success(request, f"已安排重发 {count} 条，按原来的先后顺序推送。")
            return redirect(f"{reverse('exchange:deliveries')}?endpoint={values['endpoint'].pk}")
    context = {
        "heading": "重发一段时间的推送",
        "breadcrumbs": crumbs(),
        "form": form,
        "problems": problems,
        "consequence": "对方丢失数据、更换系统时使用。重发沿用原来的推送编号，对方按编号识别重复，不会办两次。",
        "confirm_text": "重发这段时间生成的全部推送",
        "cancel_url": reverse("exchange:overview"),
    }
    return render(request, "exchange/confirm.html", context, status=422 if problems or form.errors else 200)
