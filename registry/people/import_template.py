"""The table to fill in: one sheet for the people with drop-downs, one with notes, one with examples; csv: the header."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from typing import IO, Any

import xlsxwriter

from yancheng_childcare.exports import safe_cell, write_csv

from ..choices import Education, PostRole
from ..rules.identity import make_id_number
from .imports import COLUMNS, LABELS, MAX_ROWS
from .services import ENTERED

SHEET, NOTES, EXAMPLES = "人员信息", "填表说明", "示例"
ALLOWED: dict[str, list[str]] = {
    "education": [str(label) for _, label in Education.choices],
    "role": [str(label) for _, label in PostRole.choices],
    "full_time": ["全职", "兼职"],
    "no_mental_illness": ["是", "否"],
}
_FORMS = {
    "name": "与身份证一致，不超过 50 字",
    "id_no": "18 位，文本格式",
    "phone": "11 位手机号，或带区号的座机",
    "education": "从下拉列表选择",
    "experience_years": "儿童保育教育或卫生健康方面的工作年数，整数；机构负责人需满 3 年",
    "no_mental_illness": "已向本人确认没有精神病史的填“是”；不填按“否”，提交备案前须确认",
    "role": "从下拉列表选择",
    "full_time": "不填按全职；一个人同时只能有一个全职岗位",
    "started_on": "年-月-日，例如 2026-03-02",
}


def examples() -> list[list[str]]:
    """Invented people: no number belongs to anybody."""
    rows = [
        ("李示例", 1, "13800000001", "本科及以上", "6", "是", "机构负责人", "全职", "2026-03-02"),
        ("王示例", 2, "13800000002", "大专", "3", "是", "保育人员", "全职", "2026-03-02"),
        ("赵示例", 3, "", "高中（中专）", "", "是", "炊事人员", "兼职", "2026-04-01"),
    ]
    return [[name, make_id_number("320902", date(1990, 1, n), 900 + n), *more] for name, n, *more in rows]


def template_csv() -> bytes:
    """The header alone, in UTF-8 with a mark that Excel and WPS understand."""
    return b"".join(write_csv([], [LABELS[name] for name in ENTERED]))


def template_xlsx() -> IO[bytes]:
    """The workbook in a temporary file at its start; the caller closes it. Every cell is text: no digit is rewritten."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  # handed to the caller, who closes it
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    try:
        _fill_in(book)
        notes = [
            [
                LABELS[name],
                "必填" if name in COLUMNS.required else "选填",
                _FORMS[name],
                "、".join(ALLOWED.get(name, [])),
            ]
            for name in ENTERED
        ]
        _write(book, NOTES, ["列名", "是否必填", "怎么填", "可填的内容"], notes, [20, 12, 60, 60])
        _write(book, EXAMPLES, [LABELS[name] for name in ENTERED], examples(), [16, 24, *[18] * 7])
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
        page.set_column(column, column, 24 if name == "id_no" else 18, text)
        page.write_string(0, column, LABELS[name], bold)
        if name in ALLOWED:
            check = {"validate": "list", "source": ALLOWED[name], "error_type": "warning"}
            page.data_validation(1, column, MAX_ROWS, column, check)


def _write(book: Any, title: str, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    page, bold = book.add_worksheet(title), book.add_format({"bold": True})
    text = book.add_format({"num_format": "@"})
    page.freeze_panes(1, 0)
    for column, (name, width) in enumerate(zip(head, widths, strict=True)):
        page.set_column(column, column, width, text)
        page.write_string(0, column, name, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            page.write_string(line, column, str(safe_cell(value)), text)
