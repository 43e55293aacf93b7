"""Every export is inert: 40 payloads, reopened by two independent readers."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from yancheng_childcare import exports
from yancheng_childcare.exports import export_name, safe_cell, sheet_name, write_csv, write_xlsx

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example","x")',
    '=WEBSERVICE("http://evil.example")',
    "=IMPORTXML(CONCAT(1),1)",
    "+1+1",
    "+cmd|' /C calc'!A0",
    "-1+1",
    "-5",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "@A1",
    "|calc",
    "%0A=1+1",
    "%",
    "\t=1+1",
    "\tplain",
    "\r=1+1",
    "\rplain",
    "\n=1+1",
    "\nplain",
    "\0=1+1",
    "\0plain",
    " =1+1",
    "   +1",
    "\u3000=1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "\u200e@A1",
    "\u202e=1+1",
    "\x01=1+1",
    "\x1f-1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "｜calc",
    "％1",
    "﹦1+1",
    "⁺1",
    "=",
]
HARMLESS = [
    "盐城市",
    "13812341234",
    "91320902MA1WFFU04C",
    "110*************2X",
    "a=b",
    "1-2",
    "'quoted'",
    "http://x.example/?a=1",
    "0012",
    "",
]


def read_both(data: bytes) -> tuple[list[list[Any]], list[list[Any]]]:
    """Rows as calamine and as openpyxl see them; openpyxl must find no formula and no link."""
    one = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if cell.hyperlink]
    two = [["" if cell.value is None else cell.value for cell in row] for row in sheet.iter_rows()]
    return one, two


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload_is_inert_as_a_cell(payload: str) -> None:
    cell = safe_cell(payload)
    assert isinstance(cell, str)
    assert cell.startswith("'")
    assert "\0" not in cell


def test_all_payloads_in_a_workbook_and_in_its_header() -> None:
    assert len(PAYLOADS) >= 40
    rows = [[payload, "甲", payload] for payload in PAYLOADS]
    data = write_xlsx(rows, ["=1+1", "名称", "号码"], "数据", text_columns={"号码"}).read()
    for seen in read_both(data):
        assert len(seen) == len(rows) + 1
        for row in seen:
            for value in (row[0], row[2]):
                assert value.startswith("'") or value == "号码"


def test_all_payloads_in_a_csv() -> None:
    text = b"".join(write_csv([[p, f"x{p}"] for p in PAYLOADS], ["=1+1", "名称"])).decode("utf-8-sig")
    seen = list(csv.reader(io.StringIO(text, newline="")))
    assert len(seen) == len(PAYLOADS) + 1
    assert all(row[0].startswith("'") and len(row) == 2 for row in seen)


def test_the_control_without_the_rule_fails() -> None:
    """The same file written plainly does hold formulas: the readers above can see them."""
    book = openpyxl.Workbook()
    book.active.append(["=1+1"])
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(AssertionError):
        read_both(out.getvalue())


def test_values_survive_the_round_trip() -> None:
    rows = [
        [text, 5, -5, 2.5, Decimal("-0.25"), 91320902000000000123, True, None, date(2026, 11, 23)] for text in HARMLESS
    ]
    header = ["文字", "正", "负", "小数", "十进制", "长号", "是否", "空", "日期"]
    for seen in read_both(write_xlsx(rows, header, "数据").read()):
        for text, row in zip(HARMLESS, seen[1:], strict=True):
            assert row[0] == text
            assert [float(value) for value in row[1:5]] == [5, -5, 2.5, -0.25]
            assert row[5:] == ["91320902000000000123", "是", "", "2026-11-23"]


def test_text_columns_keep_leading_zeros_and_long_numbers() -> None:
    data = write_xlsx([["0515", 13812341234, 7]], ["区号", "电话", "数"], "数据", text_columns=["区号", "电话"]).read()
    for seen in read_both(data):
        assert seen[1][:2] == ["0515", "13812341234"]
        assert seen[1][2] == 7


def test_times_are_shanghai_and_odd_numbers_empty() -> None:
    assert safe_cell(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "2026-11-24 00:30:00"
    assert [safe_cell(x) for x in (float("nan"), float("inf"), Decimal("NaN"))] == ["", "", ""]


@given(st.lists(st.text(max_size=50), min_size=1, max_size=5))
def test_any_text_makes_a_readable_workbook(texts: list[str]) -> None:
    data = write_xlsx([texts], [f"列{n}" for n in range(len(texts))], "数据").read()
    one, _ = read_both(data)
    assert one[0] == [f"列{n}" for n in range(len(texts))]


@given(st.text(max_size=50))
def test_no_text_is_ever_dangerous(text: str) -> None:
    cell = str(safe_cell(text))
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"))


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    for seen in read_both(write_xlsx([["字" * 40_000]], ["长文"], "数据").read()):
        assert len(seen[1][0]) == exports.MAX_TEXT
        assert seen[1][0].endswith("（已截断）")


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_ROWS", 11)
    book = openpyxl.load_workbook(write_xlsx(([n] for n in range(25)), ["数"], "数据"))
    assert [sheet.max_row for sheet in book] == [11, 11, 6]
    assert book.sheetnames == ["数据", "数据（2）", "数据（3）"]
    assert [row[0] for sheet in book for row in sheet.iter_rows(min_row=2, values_only=True)] == list(range(25))


def test_an_export_without_rows_has_its_header() -> None:
    for seen in read_both(write_xlsx([], ["甲", "乙"], "数据").read()):
        assert seen == [["甲", "乙"]]
    assert b"".join(write_csv([], ["甲", "乙"])) == "\ufeff甲,乙\r\n".encode()


def test_rows_are_taken_one_by_one() -> None:
    taken = 0

    def rows() -> Any:
        nonlocal taken
        for n in range(5_000):
            taken += 1
            yield [n, "盐城市亭湖区" * 20]

    pieces = write_csv(rows(), ["数", "文"])
    next(pieces)
    assert taken == 500
    tracemalloc.start()
    write_xlsx(rows(), ["数", "文"], "数据").close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6_000_000  # the texts alone are more than 1 MB as one string each time


def test_a_failing_source_leaves_no_open_file() -> None:
    def rows() -> Any:
        yield [1]
        raise RuntimeError("source broke")

    with pytest.raises(RuntimeError, match="source broke"):
        write_xlsx(rows(), ["数"], "数据")


def test_names() -> None:
    moment = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    assert (
        export_name("亭湖区", "登记/备案 对比", "2026年10月", moment, ".xlsx")
        == "亭湖区_登记-备案-对比_2026年10月_20261123-090203.xlsx"
    )
    assert export_name("../etc", "", "a_b", moment, "csv") == "etc_全部_a-b_20261123-090203.csv"
    assert sheet_name("a[b]:*?/\\'") == "ab"
    assert len(sheet_name("长" * 50, 12)) == 31
    with pytest.raises(ValueError, match="time zone"):
        export_name("a", "b", "c", datetime(2026, 11, 23), "csv")
