"""The OpenAPI description as a page in Chinese: calls by subject, with what goes in and what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from .schema import EVERY_CALL, openapi

PLACES = {"path": "地址", "query": "查询", "header": "请求头"}
TYPES = {"string": "文本", "integer": "整数", "number": "小数", "boolean": "是否", "array": "数组", "object": "对象"}
FORMATS = {
    "date": "日期",
    "date-time": "时间",
    "binary": "文件",
    "uri": "网址",
    "uuid": "UUID",
    "decimal": "小数（文本）",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of what is sent or answered."""

    name: str
    place: str
    type: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `open`: no key is needed. `answers` are the statuses that are its own, beside those of every call."""

    anchor: str
    method: str
    path: str
    summary: str
    words: str
    open: bool
    parameters: list[Field]
    sent: list[Field]
    answered: list[Field]
    answers: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Subject:
    """The calls of one subject."""

    title: str
    calls: list[Call]


@lru_cache(maxsize=1)
def subjects() -> list[Subject]:
    """Everything that can be called, by subject; the same for everybody, made once per process."""
    tagged = sorted(((call["tags"][0], place, call) for place, call in _operations()), key=lambda one: one[0])
    return [
        Subject(tag, [_call(*place, call) for _, place, call in rows]) for tag, rows in groupby(tagged, lambda r: r[0])
    ]


def _operations() -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    for path, methods in openapi()["paths"].items():
        for method, call in methods.items():
            yield (method, path), call


def _call(method: str, path: str, call: dict[str, Any]) -> Call:
    given = [one for one in call.get("parameters", []) if one["in"] in PLACES]
    body = _schema_of(call.get("requestBody", {}))
    good: dict[str, Any] = next((answer for status, answer in call["responses"].items() if status.startswith("2")), {})
    own = [(status, a["description"]) for status, a in call["responses"].items() if int(status) not in EVERY_CALL]
    return Call(
        anchor=call["operationId"],
        method=method.upper(),
        path=path,
        summary=call.get("summary", ""),
        words=_chinese(call.get("description", "")),
        open=not call.get("security"),
        parameters=[
            Field(
                one["name"],
                PLACES[one["in"]],
                _type(one["schema"]),
                one.get("required", False),
                one.get("description", ""),
            )
            for one in given
        ],
        sent=_fields(body),
        answered=_fields(_schema_of(good)),
        answers=[(status, words or "成功") for status, words in own],
    )


def _chinese(words: str) -> str:
    """The words, unless they are the docstring of the code: that speaks to developers, not to callers."""
    return words if re.search("[一-龥]", words) else ""


def _schema_of(holder: dict[str, Any]) -> dict[str, Any]:
    """The schema of the first media type of a body; {} when there is none."""
    content: dict[str, Any] = next(iter(holder.get("content", {}).values()), {})
    return _resolved(content.get("schema", {}))


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = openapi()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        return found
    return schema


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = set(schema.get("required", ()))
    return [
        Field(name, "", _type(one), name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def _type(schema: dict[str, Any]) -> str:
    """The type in words: `文本`, `数组（对象）`, `代码`."""
    for part in ("allOf", "oneOf", "anyOf"):
        if part in schema:
            return _type(schema[part][0])
    schema = _resolved(schema)
    if "enum" in schema:
        return "代码"
    if schema.get("type") == "array":
        return f"数组（{_type(schema.get('items', {}))}）"
    return FORMATS.get(schema.get("format", ""), TYPES.get(schema.get("type", ""), "任意"))
