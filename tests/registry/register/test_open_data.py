"""The open data: the files, their marks, the dictionary, the page and the files of a year."""

from __future__ import annotations

import csv
import fcntl
import io
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client

from registry.models import OpenDataSnapshot, PublicEntry
from registry.register import kept_files, snapshots
from registry.register.open_data import COLUMNS, HEADER
from registry.register.tasks import keep_snapshot
from tests.pages import page_of

pytestmark = pytest.mark.django_db
ENTRY = Callable[..., Any]
TYPES = {"整数": int, "小数": float, "是否": bool}


@pytest.fixture(autouse=True)
def _kept(settings: Any, tmp_path: Path) -> None:
    settings.OPEN_DATA_ROOT = tmp_path / "open-data"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_files_hold_the_listed_rows_by_code(entry: ENTRY, client: Client, django_assert_max_num_queries: Any) -> None:
    first = entry(name="盐城市甲托育有限公司", fee_month="1800.00", service_modes=["FULL_DAY", "HALF_DAY"])
    second = entry(name="=cmd|' /C calc'!A0", former_names=["盐城市乙托育有限公司"])
    hidden = entry(name="盐城市丙托育有限公司", status="CANCELLED", listed=False)
    with django_assert_max_num_queries(4):
        answer = client.get("/open-data/institutions.csv")
        raw = body(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and answer["Access-Control-Allow-Origin"] == "*"
    assert "attachment" in answer["Content-Disposition"] and "max-age=5" in answer["Cache-Control"]
    assert raw.startswith(b"\xef\xbb\xbf") and raw.count(b"\xef\xbb\xbf") == 1
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert [row["统一社会信用代码"] for row in rows] == sorted([first.uscc, second.uscc])
    by_code = {row["统一社会信用代码"]: row for row in rows}
    assert by_code[second.uscc]["机构名称"].startswith("'=")
    assert by_code[second.uscc]["曾用名"] == "盐城市乙托育有限公司"
    assert by_code[first.uscc]["服务形式"] == "全日托、半日托"
    assert by_code[first.uscc]["网页"].endswith(f"/institutions/{first.uscc}/")
    book = openpyxl.load_workbook(io.BytesIO(body(client.get("/open-data/institutions.xlsx"))))
    sheet = list(book.worksheets[0].values)
    assert list(sheet[0]) == HEADER and len(sheet) == 3 and sheet[1][0] == min(first.uscc, second.uscc)
    data = json.loads(body(client.get("/open-data/institutions.json")))
    assert set(data) == {"title", "licence", "updated_at", "source", "fields", "results"}
    assert [row["uscc"] for row in data["results"]] == sorted([first.uscc, second.uscc])
    assert list(data["results"][0]) == [column.name for column in COLUMNS] == [f["name"] for f in data["fields"]]
    assert data["updated_at"].endswith("+08:00")
    assert hidden.uscc not in raw.decode() and "13812341234" not in raw.decode() and "张试验" not in raw.decode()


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_reader_who_has_the_file_gets_304_until_something_changes(
    entry: ENTRY, client: Client, settings: Any, kind: str
) -> None:
    row = entry()
    address = f"/open-data/institutions.{kind}"
    first = client.get(address)
    content = body(first)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and again["ETag"] == first["ETag"] and again["Access-Control-Allow-Origin"] == "*"
    assert not first["ETag"].startswith("W/") and first["Content-Length"] == str(len(content))
    assert body(client.get(address)) == content
    for path in Path(settings.OPEN_DATA_ROOT).glob(f"*.{kind}"):
        path.unlink()
    assert body(client.get(address)) == content, "made again it is the same, byte for byte"
    head = client.head(address)
    assert head.status_code == 200 and head["ETag"] == first["ETag"] and body(head) == b""
    assert head["Content-Length"] == str(len(content))
    # A date is no proof: what was stamped earlier may have been committed later.
    PublicEntry.objects.filter(pk=row.pk).update(version=row.version + 1)
    assert client.get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 200
    PublicEntry.objects.filter(pk=row.pk).update(version=row.version + 2, listed=False)
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and body(changed) != content
    assert client.post(address).status_code == 405


def test_every_format_keeps_to_the_types_of_the_dictionary(entry: ENTRY, client: Client) -> None:
    full = entry(fee_month="1800.50", capacity_total=40, places_free=0, inclusive=True, service_modes=["FULL_DAY"])
    entry(fee_month=None, capacity_total=None)
    data = json.loads(body(client.get("/open-data/institutions.json")))
    book = openpyxl.load_workbook(io.BytesIO(body(client.get("/open-data/institutions.xlsx"))))
    table = [dict(zip(HEADER, row, strict=True)) for row in list(book.worksheets[0].values)[1:]]
    text = body(client.get("/open-data/institutions.csv")).decode("utf-8-sig")
    for row, cells, line in zip(data["results"], table, csv.DictReader(io.StringIO(text)), strict=True):
        for column in COLUMNS:
            value, cell = row[column.name], cells[column.label]
            if column.type in TYPES:
                assert value is None or type(value) is TYPES[column.type], column.name
                shown = {True: "是", False: "否"}[value] if column.type == "是否" else value
                assert cell == shown and line[column.label] == ("" if shown is None else str(shown)), column.name
            elif "多值" in column.type:
                assert isinstance(value, list) and (cell or "") == line[column.label] == "、".join(value), column.name
            else:
                assert value is None or isinstance(value, str), column.name
                assert (cell or "") == line[column.label] == (value or ""), column.name
        if row["uscc"] == full.uscc:
            assert (row["fee_month"], cells["全日托保育费"]) == (1800.5, 1800.5)


def test_a_state_is_written_once_however_many_ask(
    entry: ENTRY, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, made = entry(), []
    plain = kept_files.pieces

    def counted(kind: str, *given: Any) -> Any:
        made.append(kind)
        return plain(kind, *given)

    monkeypatch.setattr(kept_files, "pieces", counted)
    contents = {body(client.get("/open-data/institutions.xlsx")) for _ in range(3)}
    assert made == ["xlsx"] and len(contents) == 1
    folder = Path(settings.OPEN_DATA_ROOT)
    PublicEntry.objects.filter(pk=row.pk).update(version=row.version + 1)
    assert body(client.get("/open-data/institutions.csv")) and body(client.get("/open-data/institutions.xlsx"))
    assert made == ["xlsx", "csv", "xlsx"]
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".lock", ".lock", ".xlsx"], "old states go"


def test_a_file_that_is_being_written_is_not_written_twice(
    entry: ENTRY, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry()
    folder = Path(settings.OPEN_DATA_ROOT)
    folder.mkdir()
    monkeypatch.setattr(kept_files, "PATIENCE", 0.1)
    with (folder / "xlsx.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = client.get("/open-data/institutions.xlsx")
        assert answer.status_code == 503 and "正在生成" in answer.content.decode()
        assert client.get("/open-data/institutions.csv").status_code == 200
    assert client.get("/open-data/institutions.xlsx").status_code == 200


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_without_a_disk_the_file_still_comes(entry: ENTRY, client: Client, settings: Any, kind: str) -> None:
    entry()
    kept = body(client.get(f"/open-data/institutions.{kind}"))
    settings.OPEN_DATA_ROOT = Path("/proc/nowhere")
    answer = client.get(f"/open-data/institutions.{kind}")
    assert answer.status_code == 200 and body(answer) == kept


def test_a_snapshot_is_built_outside_the_transaction(entry: ENTRY, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction that stands idle for fifteen seconds is ended by the database, and a large workbook takes longer."""
    entry()
    before, depths, plain = len(connection.savepoint_ids), [], snapshots.pieces

    def watched(*given: Any) -> Any:
        depths.append(len(connection.savepoint_ids))
        return plain(*given)

    monkeypatch.setattr(snapshots, "pieces", watched)
    assert keep_snapshot(2031) == 3 and depths == [before] * 3
    contents = {row.format: bytes(row.content) for row in OpenDataSnapshot.objects.filter(year=2031)}
    assert json.loads(contents["json"])["results"][0]["uscc"] in contents["csv"].decode()
    assert keep_snapshot(2031) == 0 and len(depths) == 3


def test_the_page_and_the_dictionary_say_the_same(
    entry: ENTRY, client: Client, django_assert_max_num_queries: Any, settings: Any
) -> None:
    entry()
    keep_snapshot(2026)
    with django_assert_max_num_queries(4):
        page = client.get("/open-data/")
    html = page.content.decode()
    assert page.status_code == 200 and page["ETag"] and "csrfmiddlewaretoken" not in html
    assert all(column.name in html and column.label in html for column in COLUMNS)
    assert settings.OPEN_DATA_LICENCE in html and "1 家" in page_of(html).text and "TYSHXYDM" in html
    assert (
        "内容是保存当日的名录" in html
        and "/open-data/2026/institutions.csv" in html
        and "/feeds/areas/320902.atom" in html
    )
    assert client.get("/open-data/", headers={"If-None-Match": page["ETag"]}).status_code == 304
    table = list(csv.reader(io.StringIO(body(client.get("/open-data/dictionary.csv")).decode("utf-8-sig"))))
    assert [row[2] for row in table[1:]] == [column.name for column in COLUMNS]
    assert len(json.loads(body(client.get("/open-data/dictionary.json")))["fields"]) == len(COLUMNS)
    book = openpyxl.load_workbook(io.BytesIO(body(client.get("/open-data/dictionary.xlsx"))))
    assert book.worksheets[0].max_row == len(COLUMNS) + 1


def test_a_snapshot_is_made_once_and_stays(entry: ENTRY, client: Client, django_assert_max_num_queries: Any) -> None:
    kept = entry()
    assert keep_snapshot(2026) == 3 and keep_snapshot(2026) == 0
    PublicEntry.objects.filter(pk=kept.pk).update(listed=False, version=2)
    assert keep_snapshot(2026) == 0 and OpenDataSnapshot.objects.count() == 3
    with django_assert_max_num_queries(2):
        answer = client.get("/open-data/2026/institutions.csv")
        content = body(answer)
    assert kept.uscc in content.decode() and "immutable" in answer["Cache-Control"]
    assert answer["ETag"] == f'"{sha256(content).hexdigest()}"'
    headers = {"If-None-Match": answer["ETag"]}
    assert client.get("/open-data/2026/institutions.csv", headers=headers).status_code == 304
    for year in (2025, 99_999, 10**30):
        assert client.get(f"/open-data/{year}/institutions.csv").status_code == 404
    assert keep_snapshot() in {0, 3}


def test_nothing_yet_is_a_file_too(client: Client, reference: None) -> None:
    assert json.loads(body(client.get("/open-data/institutions.json")))["results"] == []
    assert body(client.get("/open-data/institutions.csv")).decode("utf-8-sig").strip() == ",".join(HEADER)
    assert "0</strong> 家" in client.get("/open-data/").content.decode()
