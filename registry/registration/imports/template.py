"""The template to fill in: one sheet for the rows, one with notes, one with the places; as csv only the header."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO, Any

import xlsxwriter

from yancheng_childcare.exports import safe_cell, write_csv
from yancheng_childcare.places import places

from ...choices import CapitalKind, Nature
from ...rules.registration import OPTIONAL
from ..fields import ENTERED, LABELS
from .columns import TEXT_COLUMNS

SHEET, NOTES, PLACES = "登记信息", "填表说明", "区划表"
#: Rows below the header that are formatted as text before anybody types.
_FORMATTED_ROWS = 5_000
_ALLOWED = {
    "nature": "、".join(f"{label}（{value}）" for value, label in Nature.choices),
    "capital_kind": "、".join(f"{label}（{value}）" for value, label in CapitalKind.choices),
    "region_code": "见“区划表”，填名称或代码",
    "town_code": "见“区划表”，填名称或代码",
}
_FORMATS = {
    "uscc": "18 位，文本格式", "legal_rep_id_no": "18 位，文本格式", "contact_phone": "11 位手机号，或带区号的座机",
    "registered_capital": "数字，单位万元，最多 6 位小数", "established_on": "年-月-日", "approved_on": "年-月-日",
    "valid_from": "年-月-日", "valid_to": "年-月-日；长期有效的留空或填“长期”", "name": "不超过 100 字",
    "registered_address": "不超过 200 字", "business_scope": "照证照抄写，不超过 4000 字", "purpose": "不超过 1000 字",
}  # fmt: skip
_EXAMPLES = {
    "uscc": "91320902MA1TYC011T", "name": "盐城市小太阳托育服务有限公司", "nature": "营利性企业",
    "registered_address": "盐城市亭湖区示例路 1 号", "region_code": "亭湖区", "town_code": "五星街道",
    "legal_rep_name": "张示例", "legal_rep_id_no": "11010519491231002X", "contact_phone": "0515-88888888",
    "registered_capital": "50", "capital_kind": "注册资本", "business_scope": "托育服务", "purpose": "",
    "supervising_unit": "", "established_on": "2025-03-03", "approved_on": "2025-03-05", "valid_from": "2025-03-03",
    "valid_to": "长期",
}  # fmt: skip
_CONDITIONS = {"purpose": "事业单位、民办非企业单位必填", "supervising_unit": "民办非企业单位必填"}


def header() -> list[str]:
    """The titles of the columns, in the order of domain.md §1.2."""
    return [LABELS[name] for name in ENTERED]


def notes() -> list[list[str]]:
    """One line per column: title, required or when, form, example, allowed values, name in the API."""
    return [
        [
            LABELS[name],
            _CONDITIONS.get(name, "选填" if name in OPTIONAL else "必填"),
            _FORMATS.get(name, "文字"),
            _EXAMPLES[name],
            _ALLOWED.get(name, ""),
            name,
        ]
        for name in ENTERED
    ]


def place_rows() -> list[list[str]]:
    """County code and name, town code and name, of every town in the reference data."""
    known = places()
    return [
        [parent, known[parent][2], code, name]
        for code, (level, parent, name) in sorted(known.items())
        if level == "TOWN"
    ]


def template_csv() -> bytes:
    """The header alone, in UTF-8 with a mark that Excel and WPS understand."""
    return b"".join(write_csv([], header()))


def template_xlsx() -> IO[bytes]:
    """The workbook in a temporary file at its start; codes and dates are text cells so that no digit is rewritten."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  # handed to the caller, who closes it
    book = xlsxwriter.Workbook(
        target, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    try:
        _fill_in(book)
        _table(
            book,
            NOTES,
            ["列名", "是否必填", "格式", "示例", "可填的内容", "接口字段名"],
            notes(),
            [22, 26, 30, 30, 60, 22],
        )
        _table(
            book,
            PLACES,
            ["县（市、区）代码", "县（市、区）", "镇（街道）代码", "镇（街道）"],
            place_rows(),
            [18, 22, 18, 26],
        )
        book.close()
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _fill_in(book: Any) -> None:
    bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    page = book.add_worksheet(SHEET)
    page.freeze_panes(1, 0)
    for column, name in enumerate(ENTERED):
        page.set_column(column, column, max(12, 2 * len(LABELS[name]) + 2), text if name in TEXT_COLUMNS else None)
        page.write_string(0, column, LABELS[name], bold)
        if name in ("nature", "capital_kind"):
            choices = [label for _, label in (Nature if name == "nature" else CapitalKind).choices]
            page.data_validation(
                1, column, _FORMATTED_ROWS, column, {"validate": "list", "source": choices, "error_type": "warning"}
            )


def _table(book: Any, title: str, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    page, bold = book.add_worksheet(title), book.add_format({"bold": True})
    page.freeze_panes(1, 0)
    for column, (name, width) in enumerate(zip(head, widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, name, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            page.write_string(line, column, str(safe_cell(value)))
