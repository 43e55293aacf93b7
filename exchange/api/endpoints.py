"""Endpoints of the own department: list, set up, change, rotate the secret, test."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from yancheng_childcare.api_filters import PortalList
from yancheng_childcare.api_input import read
from yancheng_childcare.permissions import opening_roles
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.schema import PortalView, header

from ..endpoint_settings import change_endpoint, create_endpoint, department_for
from ..filters import EndpointQuery
from ..models import Endpoint, EndpointChange
from ..ping import ping
from ..rights import owns, refuse_unless
from ..rotation import rotate_secret
from . import shapes
from .schemas import (
    EndpointChanges,
    EndpointCreated,
    EndpointIn,
    EndpointOut,
    EndpointPage,
    Nothing,
    PingOut,
    RotateIn,
    SecretOut,
)

TAG = ["接收端点"]
WAITING = Prefetch("changes", queryset=EndpointChange.objects.waiting().filter(closing_reason=""))
MOST = 500


def visible(request: Request, pk: UUID) -> Endpoint:
    """The endpoint if the caller may see it, else as if it did not exist."""
    rows = Endpoint.objects.visible_to(request.user, opening_roles(request)).select_related("department__region")
    found: Endpoint | None = rows.prefetch_related("subscriptions", WAITING).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def own(request: Request, pk: UUID) -> Endpoint:
    """The same for somebody who wants to change it; raises Rejected (403) when it is only visible."""
    found = visible(request, pk)
    refuse_unless(owns(request.user, found))
    return found


def wanted(values: dict[str, Any]) -> list[tuple[str, str]] | None:
    """The subscriptions as pairs, None when not named."""
    pairs = values.pop("subscriptions", None)
    return None if pairs is None else [(pair["region"], pair["event_type"]) for pair in pairs]


class EndpointList(PortalList):
    """Own endpoints; one department has a handful, so there is one page."""

    filterset_class = EndpointQuery
    queryset = Endpoint.objects.none()
    page_class = Nothing  # one page without parameters

    @extend_schema(operation_id="endpoints_list", tags=TAG, summary="查询端点", responses=EndpointPage)
    def get(self, request: Request) -> Response:
        seen = Endpoint.objects.visible_to(request.user, opening_roles(request)).select_related("department")
        rows, _ = self.narrowed(request, seen.prefetch_related("subscriptions", WAITING))
        found = [shapes.endpoint(row, request.user) for row in rows[:MOST]]
        return Response({"next": None, "previous": None, "results": found})

    @extend_schema(
        operation_id="endpoints_create",
        tags=TAG,
        summary="设置端点",
        description="答复里的 secret 只显示这一次。接收地址须由另一名对接人或平台管理员在页面上批准后才推送，此前 url 为空、"
        "status 为 WAITING。明文字段 grants 只能由平台管理员授权，并由另一名平台管理员批准。",
        parameters=[header("Location", "新端点的地址。", 201)],
        request=EndpointIn,
        responses={201: EndpointCreated},
    )
    def post(self, request: Request) -> Response:
        values = read(EndpointIn, request.data)
        department = department_for(request.user, values.pop("department", ""))
        pairs = wanted(values) or []
        made, secret = create_endpoint(department=department, values=values, wanted=pairs, actor=request.user)
        body = shapes.endpoint(visible(request, made.pk), request.user)
        return Response({**body, "secret": secret}, status=201, headers={"Location": body["links"]["self"]})


class EndpointDetail(PortalView):
    """One endpoint."""

    @extend_schema(operation_id="endpoints_read", tags=TAG, summary="读取端点", responses=EndpointOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(shapes.endpoint(visible(request, pk), request.user))

    @extend_schema(
        operation_id="endpoints_change",
        tags=TAG,
        summary="修改端点",
        description="新的接收地址和新增的明文字段先进入 waiting，由另一人在页面上批准后生效；其他修改即时生效。",
        request=EndpointChanges,
        responses=EndpointOut,
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        endpoint = own(request, pk)
        values = read(EndpointChanges, request.data)
        if not values:
            raise Rejected(Problem("GEN-422", "", "没有写明要修改什么。请至少写一个字段。"))
        pairs = wanted(values)
        change_endpoint(endpoint, values=values, wanted=pairs, actor=request.user)
        return Response(shapes.endpoint(visible(request, pk), request.user))


class RotateEndpoint(PortalView):
    """A new secret; for a while every push carries both signatures."""

    @extend_schema(
        operation_id="endpoints_rotate", tags=TAG, summary="轮换签名密钥", request=RotateIn, responses=SecretOut
    )
    def post(self, request: Request, pk: UUID) -> Response:
        endpoint = own(request, pk)
        hours = read(RotateIn, request.data)["overlap_hours"]
        secret = rotate_secret(endpoint=endpoint, actor=request.user, overlap=timedelta(hours=hours))
        endpoint.refresh_from_db(fields=["previous_secret_until"])
        return Response({"secret": secret, "both_signatures_until": shapes.when(endpoint.previous_secret_until)})


class PingEndpoint(PortalView):
    """A signed test event, sent now."""

    @extend_schema(
        operation_id="endpoints_ping",
        tags=TAG,
        summary="连通测试",
        description="发送一个签名的 ping.test 并等待答复；对方没有收下也答 200，见 ok 和 message。",
        request=Nothing,
        responses=PingOut,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        endpoint = own(request, pk)
        read(Nothing, request.data)
        return Response(ping(endpoint=endpoint, actor=request.user))
