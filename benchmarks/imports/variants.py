"""One variant, run in a process of its own so that its peak memory is its own. Prints one line of JSON.

Started by `bench.py`; DATABASE_URL points to the benchmark's own database.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import django

FOLDER = Path(os.environ.get("BENCH_FOLDER", "."))


def _person() -> tuple[Any, Any]:
    from yancheng_childcare.models import Department, User

    return User.objects.get(username="registrar_tinghu"), Department.objects.get(pk="320902-MARKET")


def _towns() -> list[tuple[str, str]]:
    from yancheng_childcare.models import Region

    return list(Region.objects.filter(parent="320902", level="TOWN").values_list("code", "name"))


def prepare(count: int) -> dict[str, Any]:
    """The demo accounts and the file; tables and reference data are there."""
    from benchmarks.imports import synthetic
    from registry.demo.accounts import create_accounts

    create_accounts(password="benchmark-only")
    synthetic.write_csv(FOLDER / "rows.csv", count, _towns())
    return {"bytes": (FOLDER / "rows.csv").stat().st_size}


def _import_file(name: str, kind: str) -> dict[str, Any]:
    """From the stored file to everything committed: institutions, history, outbox, log, clocks."""
    from registry.file_purposes import REGISTRATION_IMPORT
    from registry.models import ImportJob
    from registry.registration.imports.jobs import State, take_import
    from yancheng_childcare.files import keep_content

    actor, department = _person()
    data = (FOLDER / name).read_bytes()
    stored = keep_content(data, kind=kind, name=name, purpose=REGISTRATION_IMPORT, uploaded_by=actor)
    del data
    job = ImportJob.objects.create(file=stored, department=department, created_by=actor, state=State.CHECKED)
    started = time.perf_counter()
    done = take_import(job.pk, actor=actor)
    seconds = time.perf_counter() - started
    return {"rows": done.rows_total, "new": done.rows_new, "same": done.rows_same, "changed": done.rows_changed,
            "bad": done.rows_bad, "seconds": seconds}  # fmt: skip


def ours(count: int) -> dict[str, Any]:
    """The import of the first `count` rows of the file."""
    return _import_file(_head("rows.csv", count), "csv")


def _head(name: str, count: int) -> str:
    """The file cut to its header and `count` rows, so that runs of different lengths read the same rows."""
    part = f"{count}-{name}"
    with (FOLDER / name).open("rb") as whole, (FOLDER / part).open("wb") as cut:
        for _ in range(count + 1):
            cut.write(whole.readline())
    return part


def one_by_one(count: int) -> dict[str, Any]:
    """Serializer and save per row, on `count` rows; the same work and the same tables."""
    from benchmarks.imports import naive, synthetic
    from registry.registration.imports.columns import CAPITAL_KINDS, NATURES, plain

    actor, department = _person()
    towns = _towns()
    codes = {name: code for code, name in towns}
    rows = []
    for row in synthetic.rows(count, towns, first=20_000_000):
        row.update(
            nature=NATURES[plain(row["nature"])], capital_kind=CAPITAL_KINDS[row["capital_kind"]],
            region_code=synthetic.REGION, town_code=codes[row["town_code"]],
            valid_to=None if row["valid_to"] == "长期" else row["valid_to"],
        )  # fmt: skip
        rows.append(row)
    context = {"actor": actor, "department": department, "today": date.today()}
    started = time.perf_counter()
    saved = naive.import_rows(rows, context)
    return {"rows": saved, "seconds": time.perf_counter() - started}


def raw_copy(count: int) -> dict[str, Any]:
    """COPY of the rows that our import wrote into a table with the same columns, constraints and indexes."""
    from django.db import connection

    prepared = FOLDER / "prepared.copy"
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        with prepared.open("wb") as file:
            cursor.copy_expert(f"COPY (SELECT * FROM registry_institution ORDER BY id LIMIT {count}) TO STDOUT", file)
        cursor.execute("CREATE TABLE bench_copy (LIKE registry_institution INCLUDING ALL)")
        connection.connection.commit()
        started = time.perf_counter()
        with prepared.open("rb") as file:
            cursor.copy_expert("COPY bench_copy FROM STDIN", file)
        connection.connection.commit()
        seconds = time.perf_counter() - started
        cursor.execute("SELECT count(*) FROM bench_copy")
        copied = cursor.fetchone()[0]
        cursor.execute("DROP TABLE bench_copy")
        connection.connection.commit()
    return {"rows": copied, "seconds": seconds}


def raw_copy_all(count: int) -> dict[str, Any]:
    """COPY of everything that our import wrote (institutions, history, outbox, acts, clocks) into equal tables."""
    from django.db import connection

    connection.ensure_connection()
    seconds, lines = 0.0, 0
    tables = ("registry_institution", "registry_institutionevent", "exchange_outboxevent", "yancheng_childcare_event",
              "yancheng_childcare_deadline")  # fmt: skip
    with connection.connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in tables:
            prepared = FOLDER / "prepared.copy"
            most = 2 * count if table.endswith("deadline") else count
            with prepared.open("wb") as file:
                cursor.copy_expert(f"COPY (SELECT * FROM {table} ORDER BY 1 DESC LIMIT {most}) TO STDOUT", file)
            cursor.execute(f"CREATE TABLE bench_copy (LIKE {table} INCLUDING ALL)")
            connection.connection.commit()
            started = time.perf_counter()
            with prepared.open("rb") as file:
                cursor.copy_expert("COPY bench_copy FROM STDIN", file)
            lines += cursor.rowcount
            connection.connection.commit()
            seconds += time.perf_counter() - started
            cursor.execute("DROP TABLE bench_copy")
            connection.connection.commit()
    return {"rows": count, "lines": lines, "seconds": seconds}


def read_calamine(count: int) -> dict[str, Any]:
    """Read an xlsx of the same rows, every cell, as our import does."""
    from casework.imports.reading import open_upload
    from registry.registration.imports.columns import REGISTRATION
    from yancheng_childcare.files import SHEETS, intake

    with _xlsx(count).open("rb") as file:
        taken = intake(file, purpose="registration.import", allowed=SHEETS)
    started = time.perf_counter()
    with open_upload(taken, columns=REGISTRATION) as table:
        rows = sum(len(piece) for piece in table.pieces)
    return {"rows": rows, "seconds": time.perf_counter() - started}


def read_openpyxl(count: int) -> dict[str, Any]:
    """The same with openpyxl in its fastest mode; left out when it is not installed."""
    try:
        from openpyxl import load_workbook
    except ImportError:
        return {"missing": "openpyxl"}
    path = _xlsx(count)
    started = time.perf_counter()
    book = load_workbook(path, read_only=True)
    rows = sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)) - 1
    return {"rows": rows, "seconds": time.perf_counter() - started}


def _xlsx(count: int) -> Path:
    from benchmarks.imports import synthetic
    from registry.registration.fields import ENTERED, LABELS
    from yancheng_childcare.exports import write_xlsx

    path = FOLDER / f"{count}.xlsx"
    if not path.exists():
        content = ([row[name] for name in ENTERED] for row in synthetic.rows(count, _towns()))
        with write_xlsx(content, [LABELS[name] for name in ENTERED], "登记") as book:
            path.write_bytes(book.read())
    return path


VARIANTS: dict[str, Callable[[int], dict[str, Any]]] = {
    function.__name__: function
    for function in (prepare, ours, one_by_one, raw_copy, raw_copy_all, read_calamine, read_openpyxl)
}


def main(name: str, count: int) -> None:
    """Run one variant and print what it took."""
    logging.disable(logging.INFO)
    django.setup()
    from django.conf import settings

    settings.FILE_ROOT = FOLDER / "files"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = VARIANTS[name](count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**found, "start_mb": before / 1024, "peak_mb": peak / 1024}))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")
    main(sys.argv[1], int(sys.argv[2]))
