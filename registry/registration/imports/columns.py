"""The columns of an import table: which headers are understood, and which words stand for which codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yancheng_childcare.problems import Level, Problem, Rejected

from ...choices import CapitalKind, Nature
from ...codes import registration as codes
from ...rules.registration import LABELS as RULE_LABELS
from ...rules.registration import OPTIONAL
from ..fields import ENTERED, LABELS

#: The column an errors file adds; it is ignored when the file comes back.
PROBLEM_COLUMN = "问题"
_ENOUGH_TO_BE_A_HEADER = 3

#: Text formats keep 18 digits as typed: these columns are never numbers or dates for a spreadsheet.
TEXT_COLUMNS = frozenset(
    {"uscc", "legal_rep_id_no", "contact_phone", "region_code", "town_code", "established_on", "approved_on",
     "valid_from", "valid_to"}
)  # fmt: skip


def plain(text: Any) -> str:
    """A header or label as it is compared: half-width, without blanks, stars and bracketed remarks."""
    folded = unicodedata.normalize("NFKC", str(text)).strip().lower()
    return re.sub(r"\(.*?\)|[\s*:\u200b\ufeff]", "", folded)


def _headers() -> dict[str, str]:
    known: dict[str, str] = {}
    for name in ENTERED:
        for text in (name, LABELS[name], RULE_LABELS[name]):
            known.setdefault(plain(text), name)
    more = {
        "信用代码": "uscc", "机构名称": "name", "性质": "nature", "住所": "registered_address", "登记地址": "registered_address",
        "所属县": "region_code", "县市区": "region_code", "所在县区": "region_code", "所属镇": "town_code", "镇街": "town_code",
        "所在镇街": "town_code", "法定代表人": "legal_rep_name", "负责人": "legal_rep_name", "法定代表人姓名": "legal_rep_name",
        "证件号码": "legal_rep_id_no", "法定代表人证件号": "legal_rep_id_no", "身份证号": "legal_rep_id_no", "电话": "contact_phone",
        "注册资本": "registered_capital", "开办资金": "registered_capital", "资金数额": "registered_capital",
        "资金类型": "capital_kind", "业务范围": "business_scope", "经营范围": "business_scope", "有效期自": "valid_from",
        "有效期至": "valid_to",
    }  # fmt: skip
    for text, name in more.items():
        known.setdefault(plain(text), name)
    return known


HEADERS = _headers()
NATURES = {**{plain(label): value for value, label in Nature.choices}, "企业": Nature.FORPROFIT.value}
CAPITAL_KINDS = {plain(label): value for value, label in CapitalKind.choices}


@dataclass(frozen=True, slots=True)
class Columns:
    """What one kind of table holds: header texts as `plain` gives them → field, the fields' labels, those it must have.

    `no_header` and `empty` say what is wrong with a file without a header, or without a row below it.
    """

    headers: Mapping[str, str]
    labels: Mapping[str, str]
    required: tuple[str, ...]
    no_header: str
    empty: str


REGISTRATION = Columns(
    HEADERS,
    LABELS,
    tuple(name for name in ENTERED if name not in OPTIONAL),
    "没有找到表头。表头应含“统一社会信用代码”“名称”“机构性质”等列，请下载模板填写。",
    "表格只有表头，没有数据行。请在表头下面每行填写一家机构。",
)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand. `line` is the header's own row number, `columns` field → position."""

    line: int
    columns: dict[str, int]
    titles: tuple[str, ...]
    remarks: tuple[Problem, ...]

    @property
    def width(self) -> int:
        """Columns up to the last one with a title."""
        return max(place for place, title in enumerate(self.titles, 1) if title)


def understood(cells: Sequence[Any], table: Columns = REGISTRATION) -> int:
    """How many cells of a row are known headers."""
    return sum(1 for cell in cells if isinstance(cell, str) and plain(cell) in table.headers)


def looks_like_header(cells: Sequence[Any], table: Columns = REGISTRATION) -> bool:
    """Whether a row is the header: title lines above it are skipped."""
    return understood(cells, table) >= _ENOUGH_TO_BE_A_HEADER


def read_header(line: int, cells: Sequence[Any], table: Columns = REGISTRATION) -> Header:
    """The header's columns; unknown ones are remarked. Raises Rejected for missing or repeated columns (all at once)."""
    columns: dict[str, int] = {}
    found: list[Problem] = []
    remarks: list[Problem] = []
    titles = tuple(str(cell).strip() for cell in cells)
    for position, title in enumerate(titles):
        name = table.headers.get(plain(title), "") if title else ""
        if name in columns:
            message = f"“{titles[columns[name]]}”与“{title}”是同一项，请只保留一列。"
            found.append(Problem(codes.IMPORT_COLUMN_TWICE, name, message))
        elif name:
            columns[name] = position
        elif title and plain(title) != PROBLEM_COLUMN:
            message = f"不认识“{title[:30]}”这一列，其内容不会导入。"
            remarks.append(Problem(codes.IMPORT_COLUMN_UNKNOWN, "", message, Level.WARN))
    missing = [table.labels[name] for name in table.required if name not in columns]
    if missing:
        message = f"表头缺少必需的列：{'、'.join(missing)}。请下载模板，按模板的表头补齐后重新上传。"
        found.insert(0, Problem(codes.IMPORT_COLUMN_MISSING, "file", message))
    if found:
        raise Rejected(found, title="表头有问题")
    return Header(line, columns, titles, tuple(remarks[:20]))
