"""Values as they really come, in every way a registration is entered: form, API, csv and workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from import_tables import HEADER, as_csv, as_xlsx, cells, workbook

from casework.imports.codes import IMPORT_ROW_HIDDEN, IMPORT_SURPLUS
from registry.codes import registration as codes
from registry.models import Institution
from registry.registration.fields import ENTERED
from registry.registration.imports.jobs import check_import, create_import, take_import
from registry.registration.services import registry_department

pytestmark = pytest.mark.django_db
CHANNELS = ["form", "api", "csv", "xlsx"]
Enter = Callable[..., tuple[Institution | None, str]]


@pytest.fixture
def enter(as_user: Any, cast: dict[str, Any], registration: Any) -> Enter:
    """Enter one registration by a channel: what is stored, and everything that was said."""

    def by(channel: str, **values: Any) -> tuple[Institution | None, str]:
        row = registration(**values)
        if channel == "form":
            typed = {name: value or "" for name, value in row.items()} | {"registry_org_id": "320902-MARKET"}
            said = as_user("registrar_tinghu").post("/desk/registrations/new/", typed).content.decode()
        elif channel == "api":
            answer = as_user("registrar_tinghu").post("/api/v1/registrations/", row, content_type="application/json")
            said = answer.content.decode()
        else:
            said = put_in((as_csv if channel == "csv" else as_xlsx)([row]), cast)
        return Institution.objects.filter(uscc=row["uscc"].replace(" ", "")).first(), said

    return by


def put_in(file: Any, cast: dict[str, Any]) -> str:
    """Check a file and take its good rows; everything that was said."""
    actor = cast["registrar_tinghu"]
    job = check_import(create_import(uploaded=file, actor=actor, department=registry_department(actor)).pk)
    if job.state == "CHECKED":
        take_import(job.pk, actor=actor)
    found = [f"{row.line} {p['code']} {p['message']}" for row in job.rows.order_by("line") for p in row.problems]
    return "\n".join([*found, *(p["message"] for p in job.problem or [])])


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    "field", [name for name in ENTERED if name not in ("region_code", "town_code", "nature", "capital_kind")]
)
def test_an_error_value_is_named_and_never_taken_for_nothing(enter: Enter, channel: str, field: str) -> None:
    kept, said = enter(channel, **{field: "#N/A"})
    assert kept is None
    if field != "uscc":
        assert "在表格里是 #N/A，不是内容" in said


def test_an_error_cell_of_a_workbook_erases_nothing(enter: Enter, cast: dict[str, Any], registration: Any) -> None:
    known, _ = enter("xlsx", valid_to="2030-03-02")
    assert known is not None

    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        values = cells(registration(uscc=known.uscc))
        sheet.write_row(1, 0, values)
        sheet.write_formula(1, ENTERED.index("valid_to"), "=VLOOKUP(1,A1:A1,2,0)", value="#N/A")

    said = put_in(workbook(draw), cast)
    known.refresh_from_db()
    assert known.valid_to == date(2030, 3, 2) and known.record_version == 1
    assert f"2 {codes.UNREADABLE}" in said


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("word", ["长期", "长期有效", "至长期", "永久", "/", "——", "－"])
def test_the_words_licences_print_mean_no_end(enter: Enter, channel: str, word: str) -> None:
    kept, said = enter(channel, valid_to=word)
    assert kept is not None and kept.valid_to is None, said


@pytest.mark.parametrize("channel", CHANNELS)
def test_another_word_in_the_end_of_validity_is_told_the_allowed_ones(enter: Enter, channel: str) -> None:
    kept, said = enter(channel, valid_to="见执照")
    assert kept is None and "长期有效" in said and "至长期" in said


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_looks_equal_is_stored_equal(enter: Enter, channel: str) -> None:
    kept, said = enter(
        channel,
        name=" 盐城市⼩太阳 ＡＢＣ　托⼉托育中心",
        registered_address="盐城市亭湖区 解放南路 ５８ 号",
        legal_rep_name="阿依古丽•买买提",
    )
    assert kept is not None, said
    assert kept.name == "盐城市小太阳ABC托儿托育中心"
    assert kept.registered_address == "盐城市亭湖区解放南路58号"
    assert kept.legal_rep_name == "阿依古丽·买买提"


@pytest.mark.parametrize("channel", CHANNELS)
def test_blanks_inside_codes_are_no_characters(enter: Enter, registration: Any, channel: str) -> None:
    row = registration()
    code, number = row["uscc"], row["legal_rep_id_no"]
    kept, said = enter(
        channel,
        uscc=f"{code[:4]} {code[4:8]} {code[8:12]} {code[12:]}",
        legal_rep_id_no=f" {number[:6]} {number[6:14]} {number[14:]}",
    )
    assert kept is not None and kept.uscc == code and kept.legal_rep_id_no == number, said


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_line_break_is_one_character(enter: Enter, channel: str) -> None:
    scope = "托育服务；" + ("字" * 79 + "\r\n") * 49
    scope += "字" * (4000 - len(scope.replace("\r\n", "\n")))
    kept, said = enter(channel, business_scope=scope)
    assert kept is not None and len(kept.business_scope) == 4000, said


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_kind_of_capital_may_be_left_open(enter: Enter, channel: str) -> None:
    kept, said = enter(channel, capital_kind="")
    assert kept is not None and kept.capital_kind == "REGISTERED", said


@pytest.mark.parametrize("channel", ["csv", "xlsx"])
def test_an_unknown_town_is_named_as_a_town(enter: Enter, channel: str) -> None:
    kept, said = enter(channel, town_code="不存在街道")
    assert kept is None and "没有找到名称为“不存在街道”的镇（街道）" in said and "应为 9 位" not in said


def test_the_browser_does_not_cut_a_pasted_code(as_user: Any) -> None:
    html = as_user("registrar_tinghu").get("/desk/registrations/new/").content.decode()
    assert 'maxlength="18"' not in html and 'maxlength="38"' in html


def test_a_hidden_row_is_said_with_its_number_and_left_out(cast: dict[str, Any], registration: Any) -> None:
    rows = [registration(), registration()]

    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        for line, values in enumerate([HEADER, *map(cells, rows)]):
            sheet.write_row(line, 0, values)
        sheet.set_row(2, options={"hidden": True})

    said = put_in(workbook(draw), cast)
    assert f"3 {IMPORT_ROW_HIDDEN}" in said and "隐藏" in said
    assert list(Institution.objects.values_list("uscc", flat=True)) == [rows[0]["uscc"]]


def test_more_cells_than_the_header_is_a_problem_of_the_row(cast: dict[str, Any], registration: Any) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, [*cells(registration()), "A座", ""]])
    said = put_in(SimpleUploadedFile("登记.csv", text.getvalue().encode()), cast)
    assert f"2 {IMPORT_SURPLUS}" in said and "第 19 列" in said
    assert not Institution.objects.exists()


def test_coloured_cells_without_content_are_no_rows(cast: dict[str, Any], registration: Any) -> None:
    def draw(book: Any) -> None:
        sheet, colour = book.add_worksheet(), book.add_format({"bg_color": "yellow"})
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, cells(registration()))
        sheet.write_blank(1_048_575, 0, None, colour)
        sheet.write_blank(0, 16_383, None, colour)

    assert put_in(workbook(draw), cast) == ""
    assert Institution.objects.count() == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\r", "\n", "\r\n"])
def test_separator_and_line_ends_are_taken_from_the_table(
    cast: dict[str, Any], registration: Any, separator: str, line_end: str
) -> None:
    text = io.StringIO(newline="")
    text.write(f"2026年托育机构，登记信息汇总表{line_end}")
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows(
        [HEADER, cells(registration(business_scope="托育服务，不含餐饮；家政, 培训"))]
    )
    file = SimpleUploadedFile("登记.csv", text.getvalue().encode())
    put_in(file, cast)
    assert Institution.objects.count() == 1


def test_a_long_table_with_cr_alone_is_counted_by_its_rows(cast: dict[str, Any], registration: Any) -> None:
    """Only the number of lines is asked: a long file is handed to a worker."""
    from registry.registration.imports.jobs import is_short

    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r").writerows([HEADER, *([cells(registration())] * 2_100)])
    actor = cast["registrar_tinghu"]
    file = SimpleUploadedFile("登记.csv", text.getvalue().encode())
    assert not is_short(create_import(uploaded=file, actor=actor, department=registry_department(actor)))
