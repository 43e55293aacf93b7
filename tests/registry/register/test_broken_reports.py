"""What careless or dishonest callers would try with a public report, and with the API of cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from casework.cases import take
from casework.models import Case
from registry.register.reporting import Words, submit_report
from yancheng_childcare.models import Event

pytestmark = pytest.mark.django_db
CONTACT = "parent@example.com"


@pytest.fixture
def reported(institution: Callable[..., Any]) -> Case:
    """A report of what the county's health department answers."""
    words = Words("ERROR", "页面上的保育费与公示的不一样。", "", CONTACT, uscc=institution().uscc, block="fees")
    return Case.objects.get(no=submit_report(words=words, nonce="d" * 43).no)


@pytest.mark.parametrize(
    "body",
    [
        [], "REPORT", 1, None, {"type": 1}, {"type": ["CLUE"]}, {"type": "CLUE", "answers": []},
        {"type": "CLUE", "answers": {"region": ["320902"]}}, {"type": "CLUE", "answers": {"region": {"a": 1}}},
        {"type": "CLUE", "answers": {"seen": "\u0000" * 20}}, {"type": "CLUE", "answers": {"region": None}},
        {"type": "REPORT", "answers": {"text": "系统开的"}}, {"type": "RECTIFICATION", "answers": {"visit": "x"}},
        {"type": "INSPECTION", "answers": {"officers": "1"}}, {"type": "\u0000"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", ["grid_tinghu", "inspector_tinghu1", "reviewer_tinghu"])
def test_nonsense_to_the_api_of_cases_is_refused_in_words(
    who: str, body: Any, as_user: Callable[[str], Client]
) -> None:
    answer = as_user(who).post(
        "/api/v1/cases/", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": "k" * 20}
    )
    assert 400 <= answer.status_code < 500, answer.content
    assert answer.json()
    assert not Case.objects.exists()


def test_the_contact_leaves_by_no_page_api_or_record(
    reported: Case, as_user: Callable[[str], Client], cast: dict[str, Any]
) -> None:
    answer = {"answer": "经核对，收费公示牌已经更新，页面同步更正。"}
    take(reported, "corrected", answer, actor=cast["reviewer_tinghu"])
    for who in ("reviewer_tinghu", "chief_tinghu", "health_city", "auditor_city"):
        for page in (f"/desk/cases/{reported.no}/", f"/api/v1/cases/{reported.no}/", "/desk/cases/", "/api/v1/cases/"):
            seen = as_user(who).get(page)
            assert seen.status_code == 200 and CONTACT not in seen.content.decode(), (who, page)
    assert not any(CONTACT in f"{one.summary}{one.data}" for one in Event.objects.all())


def test_whoever_handed_it_on_reads_the_contact_no_more(
    reported: Case, as_user: Callable[[str], Client], cast: dict[str, Any]
) -> None:
    passed = {"owner": "320902-MARKET", "reason": "属于登记事项"}
    take(reported, "transfer", passed, actor=cast["reviewer_tinghu"])
    answer = as_user("reviewer_tinghu").post(f"/desk/reports/{reported.no}/contact/", {"look": "回电核实收费"})
    assert answer.status_code in {403, 404} and CONTACT not in answer.content.decode()
    answer = as_user("registrar_tinghu").post(f"/desk/reports/{reported.no}/contact/", {"look": "回电核实收费"})
    assert CONTACT in answer.content.decode()
