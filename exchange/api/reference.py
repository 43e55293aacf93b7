"""What everyone may read: where the calls are, error codes and code lists, regions."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from django.urls import reverse
from django.utils.http import parse_etags
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from yancheng_childcare.codes import catalogue
from yancheng_childcare.models import Region
from yancheng_childcare.schema import PortalView, header

from .. import choices
from ..client.answers import FAILURE_LABELS

TAG = ["参考"]
_lists: dict[str, tuple[str, list[tuple[str, str]]]] = {}


def add_code_list(name: str, title: str, pairs: list[tuple[str, str]]) -> None:
    """Publish a code list; each app adds its own where it describes its calls."""
    _lists[name] = (title, [(str(code), str(label)) for code, label in pairs])


def code_lists() -> list[dict[str, Any]]:
    """Every published list: name, title, codes with labels."""
    return [
        {"name": name, "title": title, "codes": [{"code": code, "label": label} for code, label in pairs]}
        for name, (title, pairs) in sorted(_lists.items())
    ]


add_code_list("event_type", "事件类型", choices.EventType.choices)
add_code_list("delivery_status", "推送状态", choices.DeliveryStatus.choices)
add_code_list("endpoint_status", "端点状态", choices.EndpointStatus.choices)
add_code_list("body_format", "推送格式", choices.BodyFormat.choices)
add_code_list("grant", "明文字段", choices.GrantField.choices)
add_code_list("failure", "推送失败原因", list(FAILURE_LABELS.items()))


def conditional(request: Request, body: Any) -> Response:
    """The body with a strong ETag, or 304 when the caller has it already."""
    etag = f'"{hashlib.sha256(orjson.dumps(body)).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "public, max-age=3600"}
    known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    if etag in known or "*" in known:
        return Response(status=304, headers=headers)
    return Response(body, headers=headers)


class CodeOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes declared fields off the class


class CodeListOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    codes = CodeOut(many=True)


class CodesOut(serializers.Serializer[Any]):
    errors = CodeListOut(many=True)  # type: ignore[assignment]  # DRF takes declared fields off the class
    lists = CodeListOut(many=True)


class RegionOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # DRF takes declared fields off the class
    code_kind = serializers.CharField()


class RegionsOut(serializers.Serializer[Any]):
    results = RegionOut(many=True)


class Codes(PortalView):
    """Error codes and code lists."""

    public = True

    @extend_schema(operation_id="codes_read", tags=TAG, summary="错误代码与代码表", responses=CodesOut,
                   parameters=[header("ETag", "内容的标识，放入 If-None-Match 可得 304。", 200)])  # fmt: skip
    def get(self, request: Request) -> Response:
        errors = [
            {"name": title, "title": title, "codes": [{"code": c, "label": label} for c, label in codes.items()]}
            for title, codes in catalogue()
        ]
        return conditional(request, {"errors": errors, "lists": code_lists()})


class Regions(PortalView):
    """City, counties, zones, towns and streets."""

    public = True

    @extend_schema(operation_id="regions_list", tags=TAG, summary="区划代码", responses=RegionsOut,
                   parameters=[header("ETag", "内容的标识，放入 If-None-Match 可得 304。", 200)])  # fmt: skip
    def get(self, request: Request) -> Response:
        rows = Region.objects.order_by("code").values_list("code", "name", "level", "parent_id", "code_kind")
        names = ("code", "name", "level", "parent", "code_kind")
        return conditional(request, {"results": [dict(zip(names, row, strict=True)) for row in rows]})


class RootOut(serializers.Serializer[Any]):
    title = serializers.CharField()
    calls = serializers.DictField(child=serializers.CharField())


class Root(PortalView):
    """Where the calls are."""

    public = True
    CALLS = ("registrations", "events", "endpoints", "deliveries", "receipts", "codes", "regions", "schema", "docs")

    @extend_schema(operation_id="root", tags=TAG, summary="接口目录", responses=RootOut)
    def get(self, request: Request) -> Response:
        calls = {name: request.build_absolute_uri(reverse(f"api:{name}")) for name in self.CALLS}
        return Response({"title": "盐城市托育服务公共平台 API", "calls": calls})
