"""What a reader makes of a hostile table costs a child: the worker stays small, the answer is quick and clear.

security.md H1: a workbook of 100 kB took 3.9 GB and 50 s in a web worker, on the page of any operator.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.models import ImportJob
from yancheng_childcare.files.codes import FILE_CODES
from yancheng_childcare.models import StoredFile

from .hostile_files.bombs import BOMBS, HEADER, book, inline, shared

MOST_MB = 100
#: Of processor time. The largest tables that may be sent take some seconds to look through; bombs are told at once.
MOST_SECONDS = 20
QUICK, QUICK_SECONDS = [name for name in BOMBS if "of 100,000" in name or "32,000" in name], 2
#: What may come of a bomb. Those that only look bad are read: "read" stands beside the cost, which is the point.
OUTCOMES = {
    "shared string of 100,000": "FILE-023",
    "shared string of 100,000, 50 columns": "FILE-023",
    "shared string of 32,000": "FILE-023",
    "shared string of 1,000, many cells": "FILE-023",
    "shared string of 150, as many cells as fit": "FILE-023",
    "inline strings": "read",
    "one inline string of 40 MB": "FILE-018",
    "five million tiny strings": "REG-557",
    "one row said 150,000 times": "read",
    "100,000 merged ranges": "REG-559",
    "a million empty rows": "REG-557",  # they do not count: there is no row
    "empty up to the last row and column": "read",
    "a sheet nobody measures": "FILE-024",
    "styles a million deep": "REG-557",
    "a million formats": "REG-557",
    "300,000 members": "FILE-003",
    "csv: one line of 19 million commas": "REG-557",
    "csv: one line of 9 million cells": "REG-556",
    "csv: one cell of 19 MB": "REG-558",
    "csv: nineteen million lines": "REG-555",
    "csv: five million quotes": "REG-557",
    "csv: one wide character makes all of them wide": "REG-555",
}


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What each bomb cost a fresh process that runs the real intake and the real reader, and what it answered."""
    folder, files = tmp_path_factory.mktemp("bombs"), []
    for number, (filename, build) in enumerate(BOMBS.values()):
        path = folder / f"{number}-{filename}"
        path.write_bytes(build())
        files.append(str(path))
    worker = Path(__file__).with_name("reading_worker.py")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(worker), *files],
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == len(files), done.stderr[-2000:]
    return dict(zip(BOMBS, lines, strict=True))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_a_child_and_never_the_worker(costs: dict[str, dict[str, Any]], name: str) -> None:
    cost = costs[name]
    assert cost["outcome"] == OUTCOMES[name], cost
    assert cost["mb"] < MOST_MB, cost
    assert cost["seconds"] < (QUICK_SECONDS if name in QUICK else MOST_SECONDS), cost


def test_every_bomb_is_small_enough_to_be_sent() -> None:
    assert {name for name, (_, build) in BOMBS.items() if len(build()) > 20 * 1024 * 1024} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/desk/imports/", "/desk/people/import/"])
def test_a_bomb_on_the_page_is_a_clear_refusal_and_nothing_is_kept(
    as_user: Any, institution: Any, settings: Any, tmp_path: Path, page: str
) -> None:
    settings.FILE_ROOT = tmp_path
    institution(uscc="91320902MA1TYC011T")
    client = as_user("registrar_tinghu" if "people" not in page else "operator_xiaotaiyang")
    answer = client.post(page, {"file": SimpleUploadedFile("a.xlsx", shared(100_000, 199, 50))}, follow=True)
    html = answer.content.decode()
    assert "FILE-023" in html and "请删去多余的内容" in html
    if "people" in page:
        assert answer.status_code == 422
        assert not StoredFile.objects.exists()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    else:  # an import job says what is wrong with its file, and takes nothing from it
        assert ImportJob.objects.get().state == "FAILED"


def test_honest_long_cells_are_read_in_small_pieces() -> None:
    """The piece is bounded by characters too, else 4,000 rows of long cells would be held at once."""
    from yancheng_childcare.files.sheets import PIECE_TEXT, open_rows

    long = ["字" * 30_000] * 4
    data = book(inline(1, HEADER) + b"".join(inline(n, long) for n in range(2, 102)))
    with open_rows([data], size=len(data), kind="xlsx", rows=1_000) as reader:
        next(reader.sheets())
        sizes = [sum(len(cell) for _, cells in piece for cell in cells) for piece in reader.pieces(1)]
    assert sum(sizes) == 100 * 120_000
    assert max(sizes) < PIECE_TEXT + 4 * 32_767
    assert len(sizes) > 4


def test_every_refusal_of_the_child_has_words() -> None:
    for code in ("FILE-023", "FILE-024", "FILE-025", "FILE-026", "FILE-027", "FILE-028"):
        assert "请" in FILE_CODES[code] and FILE_CODES[code].endswith("。")
