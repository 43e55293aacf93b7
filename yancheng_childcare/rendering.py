"""JSON in and out, and every error of the API as RFC 9457 with a stable code and Chinese words."""

from __future__ import annotations

from typing import Any

import orjson
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError
from django.http import Http404, HttpResponse
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from .outages import database_is_away, mark_unavailable, unavailable
from .problems import ID_NUMBER_IN_TEXT, Problem, Rejected
from .records import trace_id

PROBLEM_TYPE = "application/problem+json"
MAX_BODY = 1_048_576
# Codes of DRF's validation that have one of ours; every other is GEN-422.
OWN_CODES = {"unknown": "GEN-UNKNOWN", "id_number": ID_NUMBER_IN_TEXT}


class JSONRenderer(BaseRenderer):
    """UTF-8 JSON by orjson."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=str)


class JSONParser(BaseParser):
    """A JSON object of at most 1 MB; depth is bounded by orjson, so no nesting can exhaust the stack.

    Refused with 400: what is no JSON (lone surrogates and broken UTF-8 included), no object, or holds U+0000 in any name
    or text, which PostgreSQL cannot store. Whole numbers beyond 64 bits become fractions in orjson; no field takes those.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        raw = stream.read(MAX_BODY + 1)
        if len(raw) > MAX_BODY:
            raise Rejected(Problem("GEN-413", "", "请求内容超过 1 MB，请分批提交或使用文件导入。"), status=413)
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise Rejected(
                Problem("GEN-JSON", "", f"请求内容不是有效的 JSON（第 {error.lineno} 行第 {error.colno} 列附近）。"),
                status=400,
            ) from None
        if not isinstance(data, dict):
            raise Rejected(Problem("GEN-JSON", "", "请求内容应为一个 JSON 对象，即以 { 开头。"), status=400)
        if holds_nul(data):
            raise Rejected(Problem("GEN-400", "", "请求内容含有不能保存的控制字符（U+0000）。"), status=400)
        return data


def holds_nul(data: Any) -> bool:
    """Whether any name or text inside holds U+0000. Works through the parsed value: `"\\\\u0000"` in the raw text is harmless."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "\0" in value:
                return True
        elif isinstance(value, dict):
            waiting.extend(value.keys())
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False


def problem_body(rejected: Rejected) -> dict[str, Any]:
    """The RFC 9457 object."""
    first = rejected.problems[0] if rejected.problems else Problem("GEN-000", "", rejected.title)
    return {
        "type": f"/api/v1/codes/#{first.code}",
        "title": rejected.title,
        "status": rejected.status,
        "code": first.code,
        "detail": first.message,
        "errors": [
            {"pointer": f"/{p.field}" if p.field else "", "code": p.code, "message": p.message, "level": str(p.level)}
            for p in rejected.problems
        ],
        "trace_id": trace_id(),
    }


def problem_json(rejected: Rejected) -> HttpResponse:
    """The same as a plain Django response, for middleware."""
    response = HttpResponse(orjson.dumps(problem_body(rejected)), status=rejected.status, content_type=PROBLEM_TYPE)
    if rejected.retry_after is not None:
        response.headers["Retry-After"] = str(rejected.retry_after)
    return response


KNOWN: tuple[tuple[type[Exception], int, str, str], ...] = (
    (exceptions.NotAuthenticated, 401, "GEN-401", "请先登录，或在 Authorization 请求头中提供有效的接口密钥。"),
    (exceptions.AuthenticationFailed, 401, "GEN-401", "接口密钥无效或已作废，请向平台管理员申请新的密钥。"),
    (exceptions.PermissionDenied, 403, "GEN-403", "您的职责不包含这项功能。如需办理，请联系本单位管理员。"),
    (PermissionDenied, 403, "GEN-403", "您的职责不包含这项功能。如需办理，请联系本单位管理员。"),
    (Http404, 404, "GEN-404", "没有找到，或不在您的职责范围内。"),
    (exceptions.NotFound, 404, "GEN-404", "没有找到，或不在您的职责范围内。"),
    (exceptions.MethodNotAllowed, 405, "GEN-405", "这个地址不支持这种请求方式。"),
    (exceptions.NotAcceptable, 406, "GEN-406", "只提供 JSON，请将 Accept 设为 application/json。"),
    (exceptions.UnsupportedMediaType, 415, "GEN-415", "请求的内容类型不支持，请按接口说明提供。"),
    (exceptions.Throttled, 429, "GEN-429", "请求过于频繁，请按 Retry-After 提示的秒数后再试。"),
    (RequestDataTooBig, 413, "GEN-413", "请求内容过大，请分批提交或使用文件导入。"),
    (SuspiciousOperation, 400, "GEN-400", "请求的内容无法识别，请检查后重试。"),
    (BadRequest, 400, "GEN-400", "请求的内容无法识别，请检查后重试。"),
    (exceptions.ParseError, 400, "GEN-JSON", "请求内容无法读取，请检查格式。"),
    (RecursionError, 400, "GEN-JSON", "请求内容嵌套过深。"),
    (DataError, 400, "GEN-400", "请求中含有超出范围或无法保存的值。"),
    (UnicodeError, 400, "GEN-400", "请求中含有无法识别的字符，请使用 UTF-8。"),
    (IntegrityError, 409, "GEN-409", "与已有数据冲突，请刷新后重试。"),
)


def as_rejected(error: Exception) -> Rejected | None:
    """The error in our words, or None when it is a bug of ours."""
    if isinstance(error, Rejected):
        return error
    if isinstance(error, exceptions.ValidationError):
        return Rejected(list(from_validation(error.detail)), status=422)
    for kind, code, name, words in KNOWN:
        if isinstance(error, kind):
            wait = getattr(error, "wait", None)  # seconds, on Throttled
            again = None if wait is None else int(wait) + 1
            return Rejected(Problem(name, "", words), status=code, title="请求没有完成", retry_after=again)
    if database_is_away(error):
        return unavailable()
    return None


def from_validation(detail: Any, field: str = "") -> Any:
    """DRF's nested validation detail as flat problems."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from from_validation(value, f"{field}/{key}".strip("/") if key != "non_field_errors" else field)
    elif isinstance(detail, list):
        for value in detail:
            yield from from_validation(value, field)
    else:
        yield Problem(OWN_CODES.get(getattr(detail, "code", ""), "GEN-422"), field, str(detail))


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every failure of the API has one shape."""
    rejected = as_rejected(error)
    if rejected is None:
        return None
    # Not at the top: DRF's views read our renderers from the settings while they are being imported.
    from rest_framework.views import set_rollback

    set_rollback()
    response = Response(problem_body(rejected), status=rejected.status, content_type=PROBLEM_TYPE)
    if rejected.retry_after is not None:
        response.headers["Retry-After"] = str(rejected.retry_after)
    say_when(response, error)
    return response


def say_when(response: HttpResponse, error: Exception) -> None:
    """What else belongs to the answer to this error: how to sign in, and the mark of a database that is away."""
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    if database_is_away(error):
        mark_unavailable(response, error)
