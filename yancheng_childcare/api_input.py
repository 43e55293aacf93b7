"""What the API takes in: unknown names are refused, wrong types are not guessed right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.http import parse_etags
from rest_framework import serializers
from rest_framework.request import Request

from .id_numbers import holds_id_number
from .problems import ID_NUMBER_WORDS, Problem, Rejected

SHOWN = 60


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses names it does not know: a misspelt field or filter must not be dropped silently."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError with code `unknown` (GEN-UNKNOWN) for each name outside the list."""
        if isinstance(data, Mapping):
            unknown = [str(name) for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError(unknown_names(unknown), code="unknown")
        return super().to_internal_value(data)


def unknown_names(names: list[str]) -> dict[str, list[str]]:
    """One message per unknown name; long names are cut, at most twenty are listed."""
    return {
        shown_name(name): [f"不认识“{shown_name(name)}”这一项。请检查拼写，可用的名称见接口文档。"]
        for name in names[:20]
    }


def shown_name(name: str) -> str:
    """A name as a message may repeat it: printable, at most 60 characters, no slash (pointers are made of it)."""
    clean = "".join(c if c.isprintable() and c != "/" else "�" for c in name[:SHOWN])
    return clean + "…" if len(name) > SHOWN else clean


def read(serializer: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The checked values of a body or query. Raises ValidationError, which the API answers with 422 and each field."""
    checked = serializer(data=data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def expected_version(request: Request, record: Any) -> int:
    """The version the caller has seen, from `If-Match`. Raises Rejected: 428 without the header, 412 when it is stale."""
    given = request.headers.get("If-Match", "").strip()
    if not given:
        words = "请在 If-Match 请求头中带上读取时得到的 ETag，以免覆盖他人的更新。"
        raise Rejected(Problem("GEN-428", "", words), status=428, title="缺少 If-Match")
    current = record.record_version
    # Only strong tags count (RFC 9110 §13.1.1); what is no tag at all matches nothing.
    if given != "*" and f'"{current}"' not in parse_etags(given):
        words = f"该记录现为第 {current} 版，与 If-Match 不符。请重新读取、核对后再提交。"
        raise Rejected(Problem("GEN-412", "", words), status=412, title="记录已被更新")
    return current


class Text(serializers.CharField):
    """Text only: a number or a truth value in its place is a mistake of the sender, not text; nor an identity number."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if holds_id_number(data):
            raise serializers.ValidationError(ID_NUMBER_WORDS, code="id_number")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    """JSON `true` or `false`, nothing that only looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=shown_name(str(data)))
        return data


class Whole(serializers.IntegerField):
    """A JSON integer; a text with digits is not one."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)
