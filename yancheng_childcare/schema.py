"""The OpenAPI description: how callers sign in, which problems every call may answer, the schema and docs pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.shortcuts import render
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from .permissions import PolicyPermission
from .rendering import PROBLEM_TYPE

WORDS = {
    400: "请求无法读取（JSON、字符或请求头有误）",
    401: "没有提供有效的接口密钥，也没有登录",
    403: "职责不包含这项功能",
    404: "没有找到，或不在职责范围内（两者答复相同）",
    405: "这个地址不支持这种请求方式",
    406: "只提供 JSON",
    409: "与当前状态或已有数据冲突",
    412: "If-Match 与当前版本不符",
    413: "请求内容超过 1 MB",
    414: "网址过长",
    415: "内容类型不是 application/json",
    422: "字段填写有误，errors 逐项说明",
    428: "缺少 If-Match 请求头",
    429: "请求过于频繁，见 Retry-After",
    503: "系统暂时不可用，见 Retry-After",
}
EVERY_CALL = (400, 401, 403, 405, 406, 414, 429, 503)
WITH_BODY = (409, 413, 415, 422)


class ProblemItem(serializers.Serializer[Any]):
    """One finding."""

    pointer = serializers.CharField(allow_blank=True, help_text="字段位置，如 /uscc；整个请求为空。")
    code = serializers.CharField(help_text="稳定的错误代码。")
    message = serializers.CharField(help_text="中文说明。")
    level = serializers.ChoiceField(choices=["BLOCK", "WARN"])


class ProblemDocument(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = ProblemItem(many=True)  # type: ignore[assignment]  # DRF takes declared fields off the class
    trace_id = serializers.CharField(allow_blank=True)


def problems(*statuses: int) -> dict[Any, Any]:
    """Responses of these statuses for `extend_schema`."""
    return {(code, PROBLEM_TYPE): OpenApiResponse(ProblemDocument, description=WORDS[code]) for code in statuses}


IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description='读取时得到的 ETag，例如 "3"。缺少时答 428，已被他人更新时答 412。',
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    required=False,
    description="1 至 128 个可见 ASCII 字符。同一密钥和内容重复提交只生效一次，72 小时内答复相同。",
)


def header(name: str, description: str, *statuses: int) -> OpenApiParameter:
    """A header of the answer."""
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, response=list(statuses), description=description)


class PortalSchema(AutoSchema):
    """Adds to every call the problems it may answer; public calls need no key."""

    def get_auth(self) -> list[dict[str, Any]]:
        if getattr(self.view, "public", False):
            return []
        return super().get_auth()

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # lists name their own page object

    def get_filter_backends(self) -> list[Any]:
        return list(getattr(self.view, "filter_backends", ())) if self.method == "GET" else []

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        found = super()._get_response_bodies(direction)
        statuses = [*EVERY_CALL]
        if "{" in self.path:
            statuses.append(404)
        if self.method in {"POST", "PATCH", "PUT"}:
            statuses += WITH_BODY
        elif self.get_override_parameters() or self._get_filter_parameters():
            statuses.append(422)
        for (code, media), response in problems(*statuses).items():
            if str(code) not in found:
                found[str(code)] = self._get_response_for_code(response, str(code), [media], direction)
        return dict(sorted(found.items()))


class PortalView(APIView):
    """The parent of every API view: one schema, one wall (`PolicyPermission` from the settings)."""

    schema = PortalSchema()
    public = False


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer KEY`."""

    target_class = "exchange.clients.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "平台管理员发放的接口密钥，代表一名用户的职责。"}


class SessionScheme(OpenApiAuthenticationExtension):
    """The browser's session; unsafe calls also need the CSRF token."""

    target_class = "yancheng_childcare.accounts.signin.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """The description as one object; the same for everyone, so it is made once per process."""
    return dict(SchemaGenerator().get_schema(request=None, public=True))


class SchemaView(SpectacularAPIView):
    """OpenAPI 3 as JSON or YAML, by `Accept` or `?format=`."""

    permission_classes = [PolicyPermission]

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        # A browser shows application/json and downloads what it does not know.
        plain = request.query_params.get("format") == "json"
        return Response(
            openapi(),
            headers={"Content-Disposition": 'inline; filename="openapi"'},
            content_type="application/json; charset=utf-8" if plain else None,
        )


class DocsView(SpectacularSwaggerSplitView):
    """The description in Chinese; `?view=swagger`: Swagger UI from our own files, no inline code, nothing from elsewhere."""

    permission_classes = [PolicyPermission]
    template_name = "exchange/api_docs.html"
    url_name = "api:schema"

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        from .api_reference import subjects  # it reads this module

        if not request.query_params.keys() & {"view", "script"}:
            context = {"subjects": subjects(), "common": [(status, WORDS[status]) for status in EVERY_CALL]}
            return render(request._request, "exchange/api_reference.html", context)
        return super().get(request, *args, **kwargs)
