"""What everybody sees of a draw, and that the published files alone give the same result."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from casework.cases import take
from casework.models import Case
from inspections import pools
from tests.inspections.drawing import KNOWN, drawn
from tests.pages import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("draw_day")]


def test_nothing_is_published_before_the_pool_is_frozen(batch: Case, client: Client) -> None:
    assert client.get(f"/draws/{batch.no}/").status_code == 404
    seen = page_of(client.get("/draws/"))
    assert "还没有抽查批次" in seen.text and "2026 年托育机构双随机抽查计划" in seen.text


def test_frozen_drawn_followed_as_the_public_reads_it(batch: Case, cast: dict[str, Any], client: Client) -> None:
    frozen = take(batch, "freeze", actor=cast["planner_tinghu"])
    seen = page_of(client.get(f"/draws/{batch.no}/"))
    assert frozen.body.fingerprint in seen.text and "还没有产生" in seen.text
    with time_machine.travel(KNOWN + timedelta(minutes=1), tick=False):
        case = take(frozen, "witness", {"text": "3 7 1"}, actor=cast["witness_tinghu1"])
        assert "3 7 1" not in page_of(client.get(f"/draws/{batch.no}/")).text, (
            "the second witness reads it at the source"
        )
        case = take(case, "second_witness", {"text": "3 7 1"}, actor=cast["witness_tinghu2"])
    seen = page_of(client.get(f"/draws/{batch.no}/"))
    assert case.body.seed in seen.text and "抽中 2 家" in seen.text
    assert not any(name in seen.text for name in ("第一托育", "第二托育", "第三托育", "吴执法"))


def test_the_downloaded_files_and_script_alone_come_to_the_same(
    batch: Case, cast: dict[str, Any], client: Client, tmp_path: Path
) -> None:
    case = drawn(batch, cast)
    for name in pools.files_of(case.body):
        (tmp_path / name).write_bytes(client.get(f"/draws/{batch.no}/{name}").content)
    script = tmp_path / "verify_draw.py"
    script.write_bytes(client.get("/draws/verify_draw.py").content)
    run = [sys.executable, str(script), str(tmp_path), case.body.fingerprint]
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0  # noqa: S603
    tickets = tmp_path / "tickets.csv"
    tickets.write_bytes(tickets.read_bytes().replace(b"1", b"2", 1))
    wrong = subprocess.run(run, capture_output=True, check=False)  # noqa: S603
    assert wrong.returncode != 0 and "tickets.csv" in (wrong.stdout + wrong.stderr).decode()


def test_a_void_batch_says_so_and_why(batch: Case, cast: dict[str, Any], client: Client) -> None:
    case = take(drawn(batch, cast), "void", {"reason": "随机源公布有误"}, actor=cast["planner_tinghu"])
    take(case, "sign_void", actor=cast["head_tinghu"])
    seen = page_of(client.get(f"/draws/{batch.no}/"))
    assert "已经作废" in seen.text and "随机源公布有误" in seen.text


@pytest.mark.parametrize("name", ["nothing.csv", "..%2Fsettings.py", "tickets.csv%00"])
def test_other_files_are_not_there(batch: Case, cast: dict[str, Any], client: Client, name: str) -> None:
    take(batch, "freeze", actor=cast["planner_tinghu"])
    assert client.get(f"/draws/{batch.no}/{name}").status_code in {400, 404}
