"""What a visitor asks for: the parameters of contract.md, checked, the same for the page and the API."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import orjson
from django.http import QueryDict
from django.utils.http import urlencode

from yancheng_childcare.places import places
from yancheng_childcare.problems import Problem, Rejected

from ..choices import LISTED_STATES, MealMode, Nature, PublicStatus, ServiceMode
from ..codes import register as codes
from .places import position_of
from .terms import terms_of

MAX_WORDS = 100
PAGE, MOST = 20, 100
LONGEST_NEAR = 24  # characters of a position
SEVERAL = frozenset({"nature", "status", "service", "meals"})
FILTERS = frozenset(
    [
        "region", "town", "nature", "status", "months", "service",
        "inclusive", "meals", "fee_from", "fee_to", "free", "checked",
    ]
)  # fmt: skip
# Asked on every request: made once.
NATURES: dict[str, str] = {str(value): str(label) for value, label in Nature.choices}
SERVICES: dict[str, str] = {str(value): str(label) for value, label in ServiceMode.choices}
MEALS: dict[str, str] = {str(value): str(label) for value, label in MealMode.choices}
ORDERINGS = {"relevance": "相关程度", "fee": "收费从低到高", "distance": "距离"}
# Grades are a column, a parameter and an order (contract.md) that nothing fills yet: nowhere offered, and whoever writes
# one into an address gets the whole list. A filter that no page shows would hide institutions unseen.
WITHOUT_EFFECT = frozenset({"grade"})
TAKEN_ORDERINGS = {**ORDERINGS, "grade": ""}
STATUSES = {str(value): str(PublicStatus(value).label) for value in LISTED_STATES}
UNLISTED = frozenset(str(value) for value in PublicStatus.values) - STATUSES.keys()
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MONEY = re.compile(r"[0-9]{1,6}")
_POSITION = re.compile(r"(-?[0-9]{1,2}(?:\.[0-9]{1,6})?),(-?[0-9]{1,3}(?:\.[0-9]{1,6})?)")


def read_position(text: str) -> tuple[float, float] | None:
    """(latitude, longitude) of `33.38,120.16` or of the code of a county or town; None when it is neither."""
    if found := _POSITION.fullmatch(text):
        latitude, longitude = (float(part) for part in found.groups())
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            return latitude, longitude
    code = text.upper()
    level, parent, _ = places().get(code, ("", "", ""))
    north, east = position_of(code, parent if level == "TOWN" else code)
    return None if north is None or east is None else (north, east)


@dataclass(frozen=True, slots=True)
class Understood:
    """Words of the question that were read as the value of a filter: `words` as typed, parameter `name`, `value`."""

    words: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A checked question. Choices are tuples (empty: no filter); `near` is (latitude, longitude) in degrees.

    `literal`: the words are to be looked for as they stand. `read`: this is the question as understood, its filters read
    from `understood`.
    """

    words: str = ""
    region: str = ""
    town: str = ""
    nature: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    months: int | None = None
    service: tuple[str, ...] = ()
    inclusive: bool = False
    meals: tuple[str, ...] = ()
    fee_from: int | None = None
    fee_to: int | None = None
    free: bool = False
    checked: bool = False
    ordering: str = "relevance"
    near: tuple[float, float] | None = None
    cursor: Cursor | None = None
    size: int = PAGE
    count: bool = False
    literal: bool = False
    read: bool = False
    understood: tuple[Understood, ...] = ()
    given: dict[str, list[str]] = field(default_factory=dict)
    # What was worked out from this very question (`conditions.of`): another one, made by `replace`, begins with nothing.
    made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def terms(self) -> tuple[str, ...]:
        """The words as they are searched."""
        return terms_of(self.words)

    def last_given(self, name: str) -> str:
        """The value of a parameter as it came, "" when it did not."""
        return self.given.get(name, [""])[-1]

    def address(self, path: str, *, without: tuple[str, str] | None = None, **changed: Any) -> str:
        """The address of this question: `without` takes one value away, `changed` sets names anew; page 1.

        A fragment of `path` stays at the end.
        """
        values = {name: list(found) for name, found in self.given.items() if name != "page"}
        if without is not None:
            name, value = without
            values[name] = [v for v in values.get(name, []) if v != value]
        for name, value in changed.items():
            values[name] = [str(value)] if value not in (None, "") else []
        pairs = [(name, value) for name, found in values.items() for value in found]
        path, mark, fragment = path.partition("#")
        return f"{path}?{urlencode(pairs)}{mark}{fragment}" if pairs else f"{path}{mark}{fragment}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the sort value and key of a row, which way from there, and how the list was made.

    `many`: the words were too frequent to sort by relevance, so the standing order is walked. `read`: the list is that
    of the question as understood.
    """

    value: float
    key: str
    back: bool = False
    many: bool = False
    read: bool = False

    def text(self) -> str:
        """As it stands in an address; opaque."""
        raw = orjson.dumps([self.value, self.key, int(self.back), int(self.many), int(self.read)])
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(text: str) -> Cursor | None:
    """None when it is none of ours."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        value, key, back, many, read = orjson.loads(raw)
        if isinstance(key, str) and len(key) <= 80 and key.isprintable() and key.isascii() and isfinite(float(value)):
            return Cursor(float(value), key, bool(back), bool(many), bool(read))
    except (ValueError, TypeError, binascii.Error, OverflowError):
        return None
    return None


def read_search(params: QueryDict, *, strict: bool = True) -> SearchQuery:
    """The checked question. Raises Rejected (400) with every problem: an unknown name, a value out of its list.

    Empty values count as absent. Not `strict` (pages): names nobody knows are ignored, messengers append them to links.
    """
    reader = _Reader(params, strict)
    query = SearchQuery(
        words=reader.words(),
        region=reader.place("region", {"COUNTY", "ZONE"}),
        town=reader.place("town", {"TOWN"}),
        nature=reader.several("nature", NATURES),
        status=reader.several("status", STATUSES),
        months=reader.number("months", 0, 35),
        service=reader.several("service", SERVICES),
        inclusive=reader.flag("inclusive"),
        meals=reader.several("meals", MEALS),
        fee_from=reader.number("fee_from", 0, 999_999),
        fee_to=reader.number("fee_to", 0, 999_999),
        free=reader.flag("free"),
        checked=reader.flag("checked"),
        ordering=reader.one("ordering", TAKEN_ORDERINGS),
        near=reader.position(),
        cursor=reader.cursor(),
        size=reader.number("limit", 1, MOST) or PAGE,
        count=reader.flag("count"),
        literal=reader.flag("literal"),
        given=reader.given,
    )
    if query.fee_from is not None and query.fee_to is not None and query.fee_from > query.fee_to:
        reader.wrong(codes.FILTER_VALUE, "fee_to", "收费的上限不能低于下限，请核对后再查。")
    if not query.ordering:
        # Who says where to measure from wants the nearest first; whoever types a name, the name.
        query = replace(query, ordering="distance" if query.near and not query.words else "relevance")
    if query.ordering == "distance" and query.near is None:
        if found := position_of(query.town, query.region)[0]:
            query = replace(query, near=(found, position_of(query.town, query.region)[1] or 0.0))
        else:
            reader.wrong(codes.PLACE, "near", "按距离排序，请先选择县（市、区）、镇（街道），或允许使用您的位置。")
    if reader.problems:
        raise Rejected(reader.problems, status=400, title="查询条件有误")
    return query


NAMES = FILTERS | {"q", "literal", "ordering", "near", "page", "limit", "count", "format"}


class _Reader:
    """Reads one parameter after the other and keeps what is wrong."""

    def __init__(self, params: QueryDict, strict: bool):
        self.problems: list[Problem] = []
        self.given: dict[str, list[str]] = {}
        for name, values in params.lists():
            if name in NAMES:
                # Where one value counts it is the last, as in the form: chips and links then hold what is applied.
                kept = [str(value) for value in (values[:20] if name in SEVERAL else values[-1:]) if value != ""]
                if kept:
                    self.given[name] = kept
            elif strict and name not in WITHOUT_EFFECT:
                self.wrong(codes.FILTER_UNKNOWN, "", "不认识的查询条件，请检查网址或从查询页重新选择。")
                break

    def wrong(self, code: str, name: str, words: str) -> None:
        self.problems.append(Problem(code, name, words))

    def last(self, name: str) -> str:
        return self.given.get(name, [""])[-1]

    def words(self) -> str:
        text = self.last("q")
        if len(text) > MAX_WORDS or _UNREADABLE.search(text):
            self.wrong(codes.TERM, "q", f"请输入不超过 {MAX_WORDS} 个字的名称、地址或代码，不含特殊控制字符。")
            return ""
        return text.strip()

    def place(self, name: str, levels: set[str]) -> str:
        code = self.last(name).upper()
        if code and places().get(code, ("",))[0] not in levels:
            self.wrong(codes.PLACE, name, "区划表里没有这个代码，请从列表中选择。")
            return ""
        return code

    def one(self, name: str, known: Mapping[str, Any]) -> str:
        value = self.last(name)
        if value and value not in known:
            self.wrong(codes.FILTER_VALUE, name, f"{name} 只能是：{'、'.join(str(key) for key in known)}。")
            return ""
        return value

    def several(self, name: str, known: Mapping[Any, Any]) -> tuple[str, ...]:
        values = [part for value in self.given.get(name, []) for part in value.split(",") if part]
        if name == "status" and any(value in UNLISTED for value in values):
            self.wrong(
                codes.FILTER_VALUE,
                name,
                f"名录只收备案有效的机构，status 只能是：{'、'.join(known)}。"
                "未备案、备案已注销或撤销、登记已终止的机构，请用 q 按名称或统一社会信用代码查，见返回的 unlisted。",
            )
            return ()
        if any(value not in known for value in values):
            self.wrong(codes.FILTER_VALUE, name, f"{name} 只能是：{'、'.join(str(key) for key in known)}。")
            return ()
        if values:
            self.given[name] = list(dict.fromkeys(values))
        return tuple(dict.fromkeys(values))

    def flag(self, name: str) -> bool:
        return self.one(name, {"1": "", "0": ""}) == "1"

    def number(self, name: str, low: int, high: int) -> int | None:
        text = self.last(name)
        if not text:
            return None
        if not _MONEY.fullmatch(text) or not low <= int(text) <= high:
            self.wrong(codes.FILTER_VALUE, name, f"{name} 应为 {low} 至 {high} 的整数。")
            return None
        return int(text)

    def position(self) -> tuple[float, float] | None:
        text = self.last("near")
        found = read_position(text) if text else None
        if text and found is None:
            self.wrong(codes.PLACE, "near", "没有这个位置。请从列表中选择镇（街道），或使用“我的位置”。")
        return found

    def cursor(self) -> Cursor | None:
        text = self.last("page")
        if text in {"", "1"}:
            return None
        found = read_cursor(text) if len(text) <= 200 else None
        if found is None:
            self.wrong(codes.CURSOR, "page", "翻页位置无效，请回到第一页。")
        return found
