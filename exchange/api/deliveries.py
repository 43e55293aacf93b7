"""The delivery log: both sides look up what was sent, and have it sent again."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from yancheng_childcare.api_filters import PortalList
from yancheng_childcare.api_input import read
from yancheng_childcare.api_pages import PageQuery, page_of
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.schema import PortalView

from ..deliveries import older_open, visible_deliveries
from ..filters import DeliveryQuery
from ..models import Delivery
from ..replay import redeliver
from ..rights import may_resend, refuse_unless
from . import shapes
from .schemas import DeliveryDetailOut, DeliveryOut, DeliveryPage, Nothing

TAG = ["推送记录"]
SHOWN_TRIES = 100


def one(request: Request, webhook_id: str) -> Delivery:
    """The delivery if the caller may see it, else as if it did not exist."""
    rows = visible_deliveries(request.user, opening_roles(request))
    found: Delivery | None = rows.filter(webhook_id=webhook_id).first()
    if found is None:
        raise Http404
    return found


class DeliveryList(PortalList):
    """Newest first."""

    filterset_class = DeliveryQuery
    queryset = Delivery.objects.none()

    @extend_schema(
        operation_id="deliveries_list", tags=TAG, summary="查询推送", parameters=[PageQuery], responses=DeliveryPage
    )
    def get(self, request: Request) -> Response:
        rows, query = self.narrowed(request, visible_deliveries(request.user, opening_roles(request)))
        return Response(page_of(request, rows, query, lambda found: [shapes.delivery(row) for row in found]))


class DeliveryDetail(PortalView):
    """One delivery with its tries and the receipts of its event."""

    @extend_schema(operation_id="deliveries_read", tags=TAG, summary="读取一条推送", responses=DeliveryDetailOut)
    def get(self, request: Request, webhook_id: str) -> Response:
        row = one(request, webhook_id)
        blocking = older_open(row)
        receipts = row.event.receipts.filter(department=row.endpoint.department_id).select_related("department")
        return Response(
            {
                **shapes.delivery(row),
                "data": row.event.data,
                "waits_for": blocking.webhook_id if blocking else None,
                "tries": [shapes.attempt(found) for found in row.tries.all()[:SHOWN_TRIES]],
                "receipts": [shapes.receipt(with_event(found, row)) for found in receipts],
                "actions": ["redeliver"] if may_resend(request.user, row) else [],
            }
        )


def with_event(receipt: Any, row: Delivery) -> Any:
    """The receipt with its event at hand, which is the delivery's."""
    receipt.event = row.event
    return receipt


class Redeliver(PortalView):
    """重发: due now, under the same `webhook-id`."""

    @extend_schema(
        operation_id="deliveries_redeliver",
        tags=TAG,
        summary="重发",
        description="沿用原来的 webhook-id，已处理过的接收方会识别为重复。",
        request=Nothing,
        responses=DeliveryOut,
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        row = one(request, webhook_id)
        refuse_unless(may_resend(request.user, row))
        read(Nothing, request.data)
        redeliver(delivery=row, actor=request.user)
        return Response(shapes.delivery(one(request, webhook_id)))
