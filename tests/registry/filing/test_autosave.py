"""Automatic saving: what static/js/autosave.js sends and what it is told, within eight queries."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registry.demo.sample_filing import ANSWERS
from registry.filing.drafts import save_section
from registry.models import Filing

pytestmark = pytest.mark.django_db
ME = "operator_xiaotaiyang"
SIGNED_IN = 3


def save(client: Any, filing: Filing, rest: str, data: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """What the script gets; at most eight queries beyond session, person and duties."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(f"/desk/filings/{filing.no}/{rest}", data, headers={"X-Autosave": "1"})
    assert answer.status_code == status, answer.content.decode()[:2000]
    asked = [
        q["sql"]
        for q in captured.captured_queries
        if not re.search(r"(^|; )(RELEASE |ROLLBACK TO )?SAVEPOINT", q["sql"])
    ]
    assert len(asked) <= 8 + SIGNED_IN, "\n".join(asked)
    return answer.json()


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "classes"])
def test_every_section_is_kept_with_version_time_and_findings(as_user, ready, name):
    client, row = as_user(ME), ready.sections.get(name=name)
    typed = {**ANSWERS[name], "record_version": str(row.version)}
    first = next(iter(ANSWERS[name]))
    said = save(client, ready, f"sections/{name}/", {**typed, first: ""})
    assert said["set"] == {"record_version": str(row.version + 1)}
    assert said["said"].startswith("已自动保存 ") and ":" in said["said"]
    assert first in said["notes"]
    row.refresh_from_db()
    assert row.data[first] in ("", []) and row.version == int(said["set"]["record_version"])
    # Nothing new: nothing is written.
    again = save(client, ready, f"sections/{name}/", {**typed, first: "", "record_version": str(row.version)})
    assert again["set"]["record_version"] == str(row.version)


def test_the_answer_tells_what_is_wrong_and_still_keeps_it(as_user, draft):
    client = as_user(ME)
    typed = {**ANSWERS["premises"], "lease_to": "2025-06-01", "floor_area": "<b>大</b>", "record_version": "0"}
    said = save(client, draft, "sections/premises/", typed)
    assert "须先改正" in said["notes"]["lease_to"] and "第11条" in said["notes"]["lease_to"]
    assert "只填数字" in said["notes"]["floor_area"] and "处" in said["said"]
    assert said["notes"]["usable_area"].strip() == ""
    assert draft.sections.get(name="premises").data["floor_area"] == "<b>大</b>"


def test_a_class_is_created_once_and_then_changed(as_user, draft):
    client = as_user(ME)
    said = save(client, draft, "classes/1/", {"record_version": "0", "new": "1"}, status=422)
    assert "请至少填写班级名称" in said["said"]
    said = save(client, draft, "classes/1/", {"class_name": "小", "record_version": "0", "new": "1"})
    assert said["set"] == {"record_version": "1", "new": ""}
    grown = {"class_name": "小苗班", "class_type": "TODDLER_S", "places": "22", **said["set"]}
    said = save(client, draft, "classes/1/", grown)
    assert "标准不超过 15 人" in said["notes"]["places"]
    assert [row["class_name"] for row in draft.sections.get(name="classes").data["classes"]] == ["小苗班"]


def test_a_colleague_was_faster_is_said_and_nothing_is_overwritten(as_user, draft, operator):
    save_section(draft, "fees", answers={"meal_mode": "NONE", "fee_meal": "18"}, expected_version=0, actor=operator)
    client = as_user(ME)
    said = save(client, draft, "sections/fees/", {"meal_mode": "NONE", "fee_meal": "20", "record_version": "0"}, 409)
    assert said["code"] == "FIL-006" and "没有丢失" in said["said"]
    assert draft.sections.get(name="fees").data["fee_meal"] == "18"
    # The very same content is no conflict: my own save that arrived twice.
    same = {**ANSWERS["fees"], "record_version": "1"}
    save(client, draft, "sections/fees/", same)
    assert save(client, draft, "sections/fees/", same)["set"]["record_version"] == "2"


def test_closed_foreign_and_signed_out_are_refused(as_user, filing_in, cast):
    filing = filing_in("SUBMITTED")
    said = save(as_user(ME), filing, "sections/fees/", {"record_version": "1"}, status=409)
    assert said["code"] == "FIL-007" and "不能修改" in said["said"]
    path = f"/desk/filings/{filing.no}/sections/fees/"
    assert as_user("operator_yangguang").post(path, {}, headers={"X-Autosave": "1"}).status_code == 404
    signed_out = Client().post(path, {}, headers={"X-Autosave": "1"})
    assert signed_out.status_code == 302 and "login" in signed_out.url
