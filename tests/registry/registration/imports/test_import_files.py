"""A file that cannot be used is one clear error with a stable code, and nothing of it is kept but the job."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from import_tables import HEADER, as_csv, as_xlsx, cells, workbook

from registry.models import Institution
from registry.registration.fields import ENTERED
from registry.registration.imports.jobs import State, create_import
from registry.registration.services import registry_department
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db


def failed(job: Any) -> list[str]:
    """The codes of a job that could not be read."""
    assert job.state == State.FAILED
    assert not job.rows.exists()
    assert not Institution.objects.exists()
    return [problem["code"] for problem in job.problem]


def rewritten(file: SimpleUploadedFile, part: str, change: Any) -> SimpleUploadedFile:
    """The workbook with one part of it changed by hand, as a hostile sender would."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file.read())) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return SimpleUploadedFile("登记.xlsx", target.getvalue())


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_missing_columns_are_one_error(upload: Any, registration: Any, make: Any) -> None:
    header = ["统一社会信用代码", "名称", "机构性质", *["备注"] * (len(HEADER) - 3)]
    job = upload(make([registration()], header=header))
    assert failed(job) == ["REG-552"]
    assert "所属县（市、区）" in job.problem[0]["message"]


def test_no_header(upload: Any) -> None:
    assert failed(upload(SimpleUploadedFile("a.csv", "甲,乙,丙\n1,2,3\n".encode()))) == ["REG-551"]


def test_a_column_twice(upload: Any, registration: Any) -> None:
    header = [*HEADER[:-1], "名称"]
    assert failed(upload(as_csv([registration()], header=header))) == ["REG-553"]


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_only_a_header(upload: Any, make: Any) -> None:
    assert failed(upload(make([]))) == ["REG-557"]


@pytest.mark.parametrize("make", [as_csv, as_xlsx])
def test_one_row_over_the_limit(upload: Any, registration: Any, settings: Any, make: Any) -> None:
    settings.IMPORT_MAX_ROWS = 3
    assert upload(make([registration() for _ in range(3)])).rows_new == 3
    assert failed(upload(make([registration() for _ in range(4)]))) == ["REG-555"]


def test_a_lying_dimension_is_not_believed(upload: Any, registration: Any) -> None:
    import re

    file = rewritten(
        as_xlsx([registration()]),
        SHEET,
        lambda xml: re.sub(rb'<dimension ref="[^"]*"/>', b'<dimension ref="A1:XFD1048576"/>', xml),
    )
    assert upload(file).rows_new == 1


@pytest.mark.parametrize(
    ("cell", "code"),
    [(b'<c r="A1048576"><v>1</v></c>', "REG-555"), (b'<c r="XFD3"><v>1</v></c>', "REG-556"),
     (b"<c r='XFD3'><v>1</v></c>", "REG-556"), (b'<c t="n" r = "xfd3"><v>1</v></c>', "REG-556"),
     (b'<c r="&#88;FD3"><v>1</v></c>', "FILE-018")],
)  # fmt: skip
def test_a_cell_far_away_is_refused_before_the_sheet_is_laid_out(
    upload: Any, registration: Any, cell: bytes, code: str
) -> None:
    row = b'<row r="1048576">' if b"1048576" in cell else b"<row>"
    file = rewritten(
        as_xlsx([registration()]), SHEET, lambda xml: xml.replace(b"</sheetData>", row + cell + b"</row></sheetData>")
    )
    assert failed(upload(file)) == [code]


def test_merged_cells(upload: Any, registration: Any) -> None:
    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, [str(value) for value in cells(registration())])
        sheet.merge_range(2, 1, 3, 1, "合并")

    assert failed(upload(workbook(draw))) == ["REG-559"]


def test_a_title_above_the_header_may_be_merged(upload: Any, registration: Any) -> None:
    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 5, "盐城市托育机构登记表")
        for line, row in enumerate([HEADER, [str(value) for value in cells(registration())]], start=2):
            for column, value in enumerate(row):
                sheet.write_string(line, column, value)

    job = upload(workbook(draw), take=True)
    assert (job.rows_total, job.rows_new) == (1, 1)


def test_rows_in_a_hidden_sheet(upload: Any, registration: Any) -> None:
    def draw(book: Any) -> None:
        book.add_worksheet("封面").write(0, 0, "说明")
        sheet = book.add_worksheet("数据")
        sheet.hide()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, [str(value) for value in cells(registration())])

    job = upload(workbook(draw))
    assert failed(job) == ["REG-551"]
    assert "隐藏" in job.problem[0]["message"]


def test_formulas_are_read_as_their_values(upload: Any, registration: Any, found: Any) -> None:
    """A formula without a value is an empty cell; one with a value is that value. Nothing is computed or run."""
    row = registration()

    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for line in (1, 2):
            for column, value in enumerate(cells({**row})):
                sheet.write_string(line, column, str(value))
        sheet.write_formula(1, 1, '=HYPERLINK("http://x/","y")', None, "盐城市公式托育服务有限公司")
        sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")

    job = upload(workbook(draw), take=True)
    assert job.rows_new == 1
    assert Institution.objects.get().name == "盐城市公式托育服务有限公司"
    assert job.rows_bad == 1


def test_numbers_in_code_cells_are_named_cell_by_cell(upload: Any, registration: Any, found: Any) -> None:
    row = registration()

    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        for column, (name, value) in enumerate(zip(ENTERED, cells(row), strict=True)):
            if name == "legal_rep_id_no":
                sheet.write_number(1, column, 320902198506010000)
            elif name in ("region_code", "town_code", "contact_phone", "registered_capital"):
                sheet.write_number(1, column, float(value))  # these survive as numbers
            else:
                sheet.write_string(1, column, str(value))

    job = upload(workbook(draw))
    assert found(job) == {2: ["REG-204"]}
    assert "文本" in job.rows.get().problems[0]["message"]


def test_dates_of_a_spreadsheet(upload: Any, registration: Any) -> None:
    from datetime import date, datetime

    row = registration()

    def draw(book: Any) -> None:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for column, (name, value) in enumerate(zip(ENTERED, cells(row), strict=True)):
            if name in ("established_on", "approved_on"):
                sheet.write_datetime(1, column, datetime.fromisoformat(value), day)
            elif name == "valid_from":
                sheet.write_string(1, column, "2025/3/3")
            else:
                sheet.write_string(1, column, str(value))

    upload(workbook(draw), take=True)
    stored = Institution.objects.get()
    assert (stored.established_on, stored.valid_from) == (date(2025, 3, 3), date(2025, 3, 3))


def test_broken_csv_quotes_lose_no_row_silently(upload: Any, registration: Any) -> None:
    good = as_csv([registration()]).read()
    job = upload(SimpleUploadedFile("a.csv", good + b'"never closed,,,\n,,\n'))
    assert job.rows_total == 2
    assert job.rows_bad == 1


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [("a.csv", b"", "FILE-001"), ("a.xlsx", b"PK\x03\x04 not a zip", "FILE-003"), ("a.exe", b"MZ\x90\x00\x03", "FILE-005"),
     ("a.csv", "统一".encode("utf-16"), "FILE-019"), ("a.pdf", b"%PDF-1.7", "FILE-004")],
)  # fmt: skip
def test_what_is_no_table_is_refused_at_the_door(cast: Any, name: str, data: bytes, code: str) -> None:
    actor = cast["registrar_tinghu"]
    with pytest.raises(Rejected) as refused:
        create_import(uploaded=SimpleUploadedFile(name, data), actor=actor, department=registry_department(actor))
    assert refused.value.code == code


def test_unknown_columns_are_remarked(upload: Any, registration: Any, found: Any) -> None:
    file = as_csv([registration()])
    text = file.read().decode().replace(HEADER[0], "备注," + HEADER[0], 1).replace("\r\n91", "\r\nx,91", 1)
    job = upload(SimpleUploadedFile("a.csv", text.encode()), take=True)
    assert job.rows_new == 1
    assert found(job) == {1: ["REG-554"]}
