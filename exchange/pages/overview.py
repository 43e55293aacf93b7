"""All endpoints the reader may see, with their state and what to do: four queries however many there are."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from yancheng_childcare.filters import ListFilter, search
from yancheng_childcare.permissions import may_enter, opening_roles

from ..choices import EndpointStatus
from ..health import endpoint_health
from ..models import Endpoint
from .states import endpoint_state, share

MOST = 300
URGENCY = ("red", "yellow", "grey", "plain", "green")


class EndpointFilter(ListFilter):
    """By a part of the endpoint's name, or of its department's."""

    q = search("端点或部门", "name__icontains", "department__name__contains", "department__short_name__contains")


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Endpoints, the troubled ones first."""
    narrowed = EndpointFilter(request.GET, Endpoint.objects.visible_to(request.user, opening_roles(request)))
    endpoints = list(
        narrowed.qs.select_related("department")
        .defer("secret", "previous_secret")
        .annotate(
            regions=Count("subscriptions__region", distinct=True),
            kinds=Count("subscriptions__event_type", distinct=True),
        )
        .order_by("department_id", "name")[:MOST]
    )
    health = endpoint_health(endpoints)
    rows = [row_of(endpoint, health[endpoint.pk]) for endpoint in endpoints]
    open_rows = [row for row in rows if row["endpoint"].status != EndpointStatus.CLOSED]
    open_rows.sort(key=lambda row: URGENCY.index(row["state"].colour))
    actions = []
    if may_enter(request.user, "exchange:endpoint-create", "POST"):
        actions.append({"text": "新建端点", "url": reverse("exchange:endpoint-create"), "icon_name": "plus"})
    if may_enter(request.user, "exchange:keys", "GET"):
        actions.append({"text": "接口密钥", "url": reverse("exchange:keys"), "kind": "secondary", "icon_name": "lock"})
    if may_enter(request.user, "exchange:redeliver-range", "POST") and endpoints:
        actions.append(
            {
                "text": "重发一段时间",
                "url": reverse("exchange:redeliver-range"),
                "kind": "secondary",
                "icon_name": "refresh",
            }
        )
    return render(
        request,
        "exchange/overview.html",
        {
            "heading": "数据交换总览",
            "lead": "登记信息向各部门系统的推送是否畅通，需要处理的排在前面。",
            "actions": actions,
            "may_create": may_enter(request.user, "exchange:endpoint-create", "POST"),
            "rows": open_rows,
            "filter": narrowed.form,
            "narrowed": narrowed.narrowed,
            "closed": [row["endpoint"] for row in rows if row["endpoint"].status == EndpointStatus.CLOSED],
            "figures": figures(open_rows),
        },
    )


def row_of(endpoint: Any, health: Any) -> dict[str, Any]:
    """One line of the table."""
    return {
        "endpoint": endpoint,
        "health": health,
        "state": endpoint_state(endpoint, health, subscribed=bool(endpoint.kinds)),
        "ratio_24h": share(health.ratio_24h),
        "ratio_7d": share(health.ratio_7d),
    }


def figures(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The numbers on top."""
    troubled = sum(row["state"].colour in ("red", "yellow") for row in rows)
    waiting = sum(row["health"].undelivered for row in rows)
    parked = sum(row["health"].parked for row in rows)
    log = reverse("exchange:deliveries")
    return [
        {"label": "端点", "value": len(rows), "unit": "个"},
        {"label": "需要留意", "value": troubled, "unit": "个"},
        {"label": "未送达", "value": waiting, "unit": "条", "url": f"{log}?status=OPEN"},
        {"label": "需人工处理", "value": parked, "unit": "条", "url": f"{log}?status=DEAD"},
    ]
