"""The change feed: every event in the order of its commit, for those who missed pushes or do not take any."""

from __future__ import annotations

from typing import Any

from django.utils.http import urlencode
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from yancheng_childcare.api_filters import PortalList
from yancheng_childcare.permissions import opening_roles

from ..filters import EventQuery
from ..models import OutboxEvent
from . import shapes
from .schemas import EventPage, EventPosition


class EventFeed(PortalList):
    """Oldest first, after a position."""

    filterset_class = EventQuery
    queryset = OutboxEvent.objects.none()
    page_class = EventPosition

    @extend_schema(
        operation_id="events_list",
        tags=["变更流"],
        summary="读取变更流",
        description="按 position 递增，不会漏掉晚提交的事件。next 为空表示已读到最新，以后从 position 接着读。",
        parameters=[EventPosition],
        responses=EventPage,
    )
    def get(self, request: Request) -> Response:
        seen = OutboxEvent.objects.visible_to(request.user, opening_roles(request)).defer("sealed")
        rows, query = self.narrowed(request, seen)
        found = list(rows.filter(position__gt=query["after"]).order_by("position")[: query["limit"] + 1])
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
