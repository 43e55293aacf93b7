"""The change feed: every event in the order of its commit, for those who missed pushes or do not take any."""

from __future__ import annotations

from typing import Any

from django.utils.http import urlencode
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from yancheng_childcare.api_input import read_query
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.schema import PortalView

from ..endpoint_settings import SUBSCRIBABLE
from ..models import OutboxEvent
from . import shapes
from .schemas import EventPage, EventQuery


def chosen_types(text: str) -> list[str]:
    """The event types of a comma-separated list. Raises Rejected for one that does not exist."""
    types = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in types if part not in SUBSCRIBABLE]
    if unknown:
        words = f"没有“{unknown[0][:40]}”这种事件。可选：{'、'.join(SUBSCRIBABLE)}。"
        raise Rejected(Problem("GEN-422", "types", words))
    return types


class EventFeed(PortalView):
    """Oldest first, after a position."""

    @extend_schema(
        operation_id="events_list",
        tags=["变更流"],
        summary="读取变更流",
        description="按 position 递增，不会漏掉晚提交的事件。next 为空表示已读到最新，以后从 position 接着读。",
        parameters=[EventQuery],
        responses=EventPage,
    )
    def get(self, request: Request) -> Response:
        query = read_query(EventQuery, request)
        rows = (
            OutboxEvent.objects.visible_to(request.user, opening_roles(request))
            .filter(position__gt=query["after"])
            .defer("sealed")
        )
        if types := chosen_types(query.get("types", "")):
            rows = rows.filter(type__in=types)
        found = list(rows.order_by("position")[: query["limit"] + 1])
        more = len(found) > query["limit"]
        found = found[: query["limit"]]
        reached = found[-1].position if found else query["after"]
        following: dict[str, Any] = {**dict(request.query_params.items()), "after": reached}
        return Response(
            {
                "next": request.build_absolute_uri(f"{request.path}?{urlencode(following)}") if more else None,
                "previous": None,
                "position": reached,
                "results": [shapes.event(row) for row in found],
            }
        )
