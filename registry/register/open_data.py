"""The open data: one declaration of columns; the files, the dictionary and the page are all made from it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from django.conf import settings
from django.core.cache import cache

from yancheng_childcare.exports import write_csv, write_xlsx
from yancheng_childcare.replica import public_cursor
from yancheng_childcare.workdays import SHANGHAI

from ..choices import LISTED_STATES, MealMode, Nature, PublicStatus, ServiceMode
from ..models import PublicEntry
from .caching import edition

FORMATS = {
    "csv": ("CSV", "text/csv; charset=utf-8", "UTF-8（带 BOM），逗号分隔，Excel 和 WPS 可直接打开"),
    "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel 和 WPS 工作簿"),
    "json": ("JSON", "application/json", "供程序读取，文件内附许可、来源和字段说明"),
}
SHEET = "托育机构名录"
TITLE = "盐城市托育机构名录"
REGISTRAR, HEALTH, SELF = "登记机关登记", "卫生健康部门备案、核实", "机构填报"
INSPECTORS = "检查部门公开"
BATCH, SAMPLE = 1000, 200
FIRST = datetime(2026, 1, 1, tzinfo=SHANGHAI)  # stands in workbooks that have no time of their own


def _labels(choices: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    return {str(value): str(label) for value, label in choices}


def _coded(choices: Iterable[tuple[Any, Any]]) -> str:
    return "；".join(f"{value} {label}" for value, label in _labels(choices).items())


_NATURES, _MODES = _labels(Nature.choices), _labels(ServiceMode.choices)
_MEALS = _labels(MealMode.choices)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `code` is the field's name in the exchange between departments (product.md D8), "" when none."""

    name: str
    label: str
    type: str
    meaning: str
    source: str
    unit: str = ""
    code: str = ""
    read: Callable[[dict[str, Any]], Any] | None = None

    def value(self, card: dict[str, Any]) -> Any:
        """The value of this column, as JSON has it."""
        return self.read(card) if self.read else card.get(self.name)


def _stop(card: dict[str, Any]) -> dict[str, Any]:
    """The first arrangement of a suspension or closure."""
    return next(iter(card.get("plans") or []), {})


COLUMNS = (
    Column("uscc", "统一社会信用代码", "文本", "18 位，GB 32100-2015，每行不同", REGISTRAR, code="TYSHXYDM"),
    Column("name", "机构名称", "文本", "登记名称", REGISTRAR, code="JGMC"),
    Column("former_names", "曾用名", "文本（多值）", "以前登记过的名称", REGISTRAR),
    Column("status", "备案状态代码", "代码", _coded([(v, PublicStatus(v).label) for v in LISTED_STATES]), HEALTH),
    Column("status_text", "备案状态", "文本", "备案状态代码的含义", HEALTH),
    Column("nature", "机构性质代码", "代码", _coded(Nature.choices), REGISTRAR),
    Column(
        "nature_text", "机构性质", "文本", "机构性质代码的含义", REGISTRAR, read=lambda c: _NATURES.get(c["nature"], "")
    ),
    Column("region_code", "县（市、区）代码", "代码", "6 位；功能区用本平台代码", REGISTRAR, code="XZQH"),
    Column("region", "县（市、区）", "文本", "名称", REGISTRAR),
    Column("town_code", "镇（街道）代码", "代码", "9 位", REGISTRAR),
    Column("town", "镇（街道）", "文本", "名称", REGISTRAR),
    Column("address", "服务场所地址", "文本", "家庭托育点只到社区，不公布门牌号", REGISTRAR, code="DZ"),
    Column("phone", "对外电话", "文本", "机构公布给家长的电话；空：未填", SELF),
    Column("opening_hours", "开放时间", "文本", "例如 周一至周五 7:30–17:30；空：未填", SELF),
    Column("filed_on", "备案日期", "日期", "年-月-日", HEALTH, code="BARQ"),
    Column(
        "stops_on",
        "停止服务日期",
        "日期",
        "年-月-日；机构已报的停业或终止服务，空：没有",
        SELF,
        read=lambda c: _stop(c).get("from_day"),
    ),
    Column(
        "resumes_on",
        "预计恢复日期",
        "日期",
        "年-月-日；空：终止服务或没有停业",
        SELF,
        read=lambda c: _stop(c).get("until_day"),
    ),
    Column("age_from", "收托月龄起", "整数", "含", SELF, "月"),
    Column("age_to", "收托月龄止", "整数", "不含", SELF, "月"),
    Column("service_modes", "服务形式代码", "代码（多值）", _coded(ServiceMode.choices), SELF),
    Column(
        "service_modes_text",
        "服务形式",
        "文本（多值）",
        "服务形式代码的含义",
        SELF,
        read=lambda c: [_MODES.get(mode, mode) for mode in c.get("service_modes") or []],
    ),
    Column("inclusive_applied", "申报普惠", "是否", "机构申报普惠托育，不等于已经认定", SELF),
    Column("meal_mode", "供餐方式代码", "代码", _coded(MealMode.choices), SELF),
    Column(
        "meal_mode_text",
        "供餐方式",
        "文本",
        "供餐方式代码的含义",
        SELF,
        read=lambda c: _MEALS.get(c.get("meal_mode") or "", ""),
    ),
    Column(
        "fee_month",
        "全日托保育费",
        "小数",
        "不含餐费等代办费用；空：未填",
        SELF,
        "元/月",
        read=lambda c: float(c["fee_month"]) if c.get("fee_month") else None,
    ),  # fmt: skip
    Column("capacity_total", "托位数", "整数", "备案的托位", SELF, "个", "TWS"),
    Column("places_free", "余位数", "整数", "托位减在托人数；空：未填", SELF, "个"),
    Column("reported_on", "填报日期", "日期", "机构最近一次填报或确认的日期", SELF),
    Column("last_checked_on", "最近检查日期", "日期", "部门最近一次到场的日期", HEALTH, code="ZJJCRQ"),
    Column("results_shown", "公开的检查结果数", "整数", "近 3 年公开的监督检查结果，内容见网页", INSPECTORS, "次"),
    Column("last_result", "最近公开的检查结果", "文本", "最近公开的一次检查的结论；空：没有公开的结果", INSPECTORS),
    Column("last_result_on", "检查结果公开日期", "日期", "年-月-日；空：没有公开的结果", INSPECTORS),
    Column("findings_open", "尚未改正的问题数", "整数", "公开的检查结果中还没有改正的", INSPECTORS, "项"),
    Column("page", "网页", "网址", "本平台上这家机构的网页", "本平台", read=lambda c: page_of(c["uscc"])),
)
HEADER = [column.label for column in COLUMNS]
TEXT_COLUMNS = [column.label for column in COLUMNS if column.type in {"代码", "文本"}]
DICTIONARY_HEADER = ["序号", "中文名", "英文字段名", "类型", "含义和取值", "来源", "单位", "部门交换字段代码"]


def page_of(uscc: str) -> str:
    """The institution's page with the portal's address in front."""
    return f"{settings.PORTAL_URL}/institutions/{uscc}/"


@dataclass(frozen=True, slots=True)
class State:
    """What the files would contain now: how many rows, when last changed (None: never), a mark that changes with it.

    `wrong` of the rows are told to mend their filing: they are no 已备案 (domain-2.md).
    """

    rows: int
    changed_at: datetime | None
    mark: str
    wrong: int = 0


def read_state() -> State:
    """One query. Versions only rise, so no two states of the table have the same mark; the edition counts as well."""
    with public_cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE listed), max(changed_at), coalesce(sum(version), 0), count(*),"
            " count(*) FILTER (WHERE listed AND status = 'NONCONFORMING')"
            " FROM registry_publicentry"
        )
        rows, changed_at, versions, everything, wrong = cursor.fetchone()
    parts = (edition(), rows, changed_at, versions, everything, settings.OPEN_DATA_LICENCE, settings.PORTAL_URL)
    return State(rows, changed_at, blake2b(repr(parts).encode(), digest_size=12).hexdigest(), wrong)


def cards() -> Iterator[dict[str, Any]]:
    """The public lines of every listed institution by code, as of one moment; memory does not grow with their number."""
    rows = PublicEntry.objects.listed().order_by("uscc").values_list("card", flat=True)
    yield from rows.iterator(chunk_size=BATCH)


def table_row(card: dict[str, Any]) -> list[Any]:
    """One row of the CSV and the workbook: several values stand in one cell, with 、 between."""
    values = (column.value(card) for column in COLUMNS)
    return ["、".join(map(str, value)) if isinstance(value, list) else value for value in values]


def dictionary_rows() -> list[list[Any]]:
    """The dictionary of the columns as a table."""
    return [
        [number, c.label, c.name, c.type, c.meaning, c.source, c.unit, c.code]
        for number, c in enumerate(COLUMNS, start=1)
    ]


def dictionary_fields() -> list[dict[str, str]]:
    """The dictionary of the columns as JSON has it."""
    return [
        {
            "name": c.name,
            "label": c.label,
            "type": c.type,
            "meaning": c.meaning,
            "source": c.source,
            "unit": c.unit,
            "exchange_code": c.code,
        }
        for c in COLUMNS
    ]


def pieces(kind: str, lines: Iterable[dict[str, Any]], changed_at: datetime | None) -> Iterator[bytes]:
    """The file piece by piece. `kind` is a key of `FORMATS`; KeyError else."""
    yield from _WRITERS[kind](lines, changed_at)


def dictionary_file(kind: str) -> bytes:
    """The dictionary as a file of this kind; KeyError for another kind."""
    if kind == "json":
        return orjson.dumps({"title": f"{TITLE}字段说明", "fields": dictionary_fields()}, option=orjson.OPT_INDENT_2)
    if kind == "csv":
        return b"".join(write_csv(dictionary_rows(), DICTIONARY_HEADER))
    if kind == "xlsx":
        with write_xlsx(dictionary_rows(), DICTIONARY_HEADER, "字段说明", created=FIRST) as book:
            return book.read()
    raise KeyError(kind)


def sizes(state: State) -> dict[str, int]:
    """About how many bytes each file has, from the first rows; kept as long as nothing changes. At most one query."""
    key = f"open-data-sizes:{state.mark}"
    known: dict[str, int] | None = cache.get(key)
    if known is None:
        rows = PublicEntry.objects.listed().order_by("uscc").values_list("card", flat=True)[:SAMPLE]
        sample = list(rows)
        known = {}
        for kind in FORMATS:
            empty = sum(map(len, pieces(kind, [], state.changed_at)))
            full = sum(map(len, pieces(kind, sample, state.changed_at)))
            known[kind] = empty + round((full - empty) * state.rows / max(len(sample), 1))
        cache.set(key, known, 3600)
    return known


def _csv(lines: Iterable[dict[str, Any]], changed_at: datetime | None) -> Iterator[bytes]:
    return write_csv(map(table_row, lines), HEADER)


def _xlsx(lines: Iterable[dict[str, Any]], changed_at: datetime | None) -> Iterator[bytes]:
    created = changed_at or FIRST
    with write_xlsx(map(table_row, lines), HEADER, SHEET, text_columns=TEXT_COLUMNS, created=created) as book:
        while piece := book.read(io.DEFAULT_BUFFER_SIZE * 8):
            yield piece


def _json(lines: Iterable[dict[str, Any]], changed_at: datetime | None) -> Iterator[bytes]:
    head = {
        "title": TITLE,
        "licence": settings.OPEN_DATA_LICENCE,
        "updated_at": changed_at.astimezone(SHANGHAI).isoformat() if changed_at else None,
        "source": f"盐城市托育服务公共平台 {settings.PORTAL_URL}/open-data/",
        "fields": dictionary_fields(),
    }
    yield orjson.dumps(head)[:-1] + b',"results":['
    piece, first = bytearray(), True
    for card in lines:
        piece += (b"\n" if first else b",\n") + orjson.dumps({c.name: c.value(card) for c in COLUMNS})
        first = False
        if len(piece) > 65_536:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + b"\n]}\n"


_WRITERS: dict[str, Callable[[Iterable[dict[str, Any]], datetime | None], Iterator[bytes]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
}
