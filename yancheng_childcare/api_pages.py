"""Lists of the API by key: `{"next", "previous", "results"}`, and `count` when asked for (contract.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.http import urlencode
from rest_framework import serializers

from .api_input import StrictSerializer
from .paging import MAX_KEY

MOST_ROWS = 200


class PageQuery(StrictSerializer):
    """The parameters every list takes."""

    limit = serializers.IntegerField(
        required=False, default=50, min_value=1, max_value=MOST_ROWS, help_text="每页条数，1 至 200，默认 50。"
    )
    cursor = serializers.RegexField(
        r"^[ab][0-9]{1,18}$", required=False, help_text="由 next、previous 给出的位置，请原样带回，不要自己拼。"
    )
    count = serializers.ChoiceField(
        choices=["0", "1"], required=False, default="0", help_text="1：同时返回符合条件的总数 count。"
    )


def page_of(
    request: Any, rows: QuerySet[Any], query: dict[str, Any], show: Callable[[list[Any]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """One page of `rows`, newest first by primary key: one query, two with `count`.

    `cursor` is `b<key>` (older than) or `a<key>` (newer than); page 3,000 costs what page 1 costs.
    """
    size, cursor = query["limit"], query.get("cursor", "")
    key = min(int(cursor[1:]), MAX_KEY) if cursor else 0
    backwards = cursor.startswith("a")
    if backwards:
        found = list(rows.filter(pk__gt=key).order_by("pk")[: size + 1])
    else:
        found = list((rows.filter(pk__lt=key) if cursor else rows).order_by("-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    newest = found[0].pk if found else key - 1
    oldest = found[-1].pk if found else key + 1
    has_next, has_previous = (True, more) if backwards else (more, bool(cursor))
    answer: dict[str, Any] = {
        "next": link(request, f"b{oldest}") if has_next else None,
        "previous": link(request, f"a{max(newest, 0)}") if has_previous else None,
        "results": show(found),
    }
    if query["count"] == "1":
        answer["count"] = rows.count()
    return answer


def link(request: Any, cursor: str, name: str = "cursor") -> str:
    """The present address with another cursor."""
    values = {key: value for key, value in request.query_params.items() if key != name}
    return str(request.build_absolute_uri(f"{request.path}?{urlencode({**values, name: cursor})}"))
