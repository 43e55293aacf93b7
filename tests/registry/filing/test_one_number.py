"""已备案 is one number (domain-2.md, Settled): whoever counts, on whichever page, counts the same institutions."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.html import strip_tags
from filing_cases import change_fees

from registry.choices import FILED_STATES, LIVE_FILING, FilingStatus
from registry.filing.services import take_step
from registry.models import Filing, Institution
from registry.registration.services import end_registration, record_filing
from tests.scenes import Scenes
from tests.security.filed import file_it, judge_and_receipt, operator_of
from yancheng_childcare.deadlines import today_here

pytestmark = pytest.mark.django_db
FILED = "status=FILED&status=VERIFYING&status=SUSPENDED"
UNSEEN, RECEIPTED = ("DRAFT", "SUBMITTED"), ("RECEIPTED", "VERIFYING")


def drive(place: Institution, cast: Any, state: str, serial: int) -> None:
    """The filing of this place, by the steps of those who may, up to the state."""
    operator, reviewer = operator_of(place, cast), cast["reviewer_tinghu"]
    if state in {"FILED", "NONCONFORMING", "SUSPENDED", "CANCELLED"}:
        file_it(place, cast, state, serial=serial)
        return
    case = file_it(place, cast, "READY" if state in {*UNSEEN, *RECEIPTED} else "FILED", serial=serial)
    if state in {"SUBMITTED", *RECEIPTED}:
        case = take_step(case, "submit", actor=operator)
    if state in RECEIPTED:
        case = judge_and_receipt(case, cast)
    if state == "VERIFYING":
        officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
        take_step(case, "verify", actor=cast["reviewer_tinghu2"], officers=officers, planned_on=today_here())
    if state in {"CHANGING", "CHANGE_SUBMITTED"}:
        case = take_step(case, "start_change", actor=operator)
    if state == "CHANGE_SUBMITTED":
        change_fees(case, operator)
        take_step(Filing.objects.get(pk=case.pk), "submit_change", actor=operator)
    if state == "RESCINDED":
        take_step(case, "propose_rescind", actor=reviewer, reason="查实材料虚假", clause="登记和备案办法")
        take_step(case, "legal_review", actor=cast["legal_city"], reason="事实清楚", agrees=True)
        take_step(case, "rescind", actor=cast["chief_tinghu"])


@pytest.fixture
def city(institution: Callable[..., Institution], cast: Any, files: Any, scenes: Scenes) -> dict[str, Institution]:
    """One institution in every state: of this portal, of the national system, with no filing, with its registration ended."""
    made = scenes.play("one in every state", lambda: one_in_every_state(institution, cast))
    cache.clear()
    return made


def one_in_every_state(institution: Callable[..., Institution], cast: Any) -> dict[str, Institution]:
    today, reviewer, registrar = today_here(), cast["reviewer_tinghu"], cast["registrar_tinghu"]
    made = {}
    for serial, state in enumerate([*UNSEEN, *(s.value for s in LIVE_FILING), "CANCELLED", "RESCINDED"]):
        made[state] = institution()
        drive(made[state], cast, state, serial)
    for name in ("national", "national ended"):
        made[name] = institution()
        record_filing(made[name], filing_no=f"BA-{name}", filed_on=today, actor=reviewer)
    made["unfiled"], made["ended"] = institution(), institution()
    for name in ("national ended", "ended"):
        end_registration(made[name], step="cancel", reason="申请注销", terminated_on=today, actor=registrar)
    return made


def text_of(answer: Any) -> str:
    """What a page says, without blanks."""
    assert answer.status_code == 200, answer
    return "".join(strip_tags(answer.content.decode()).split())


def number(pattern: str, text: str) -> int:
    """The number a page says in these words."""
    found = re.search(pattern, text)
    assert found, (pattern, text[:3000])
    return int(found[1].replace(",", ""))


def test_everybody_counts_the_same_filed_institutions(city: dict[str, Institution], as_user: Any) -> None:
    states = {name for name in city if name in set(FilingStatus)}
    assert states == set(FilingStatus) - {"SUPPLEMENT", "REJECTED"}  # as DRAFT and SUBMITTED
    wanted = [city[state] for state in FILED_STATES] + [city["national"]]
    filed, wrong, public = len(wanted), 1, Client()
    assert set(Institution.objects.filed()) == set(wanted)

    home = text_of(public.get("/"))
    assert number(r"已备案(\d+)家", home) == filed
    assert f"另有{wrong}家备案内容不符合" in home and "含停业" in home
    assert number(r"已登记(\d+)家", home) == filed + wrong + number(r"已登记未备案(\d+)家", home)

    assert number(r"(\d+)家机构", text_of(public.get(f"/institutions/?{FILED}"))) == filed
    whole = text_of(public.get("/institutions/"))
    assert number(r"(\d+)家机构", whole) == filed + wrong
    assert f"其中已备案{filed}家，备案内容不符合{wrong}家" in whole
    # The parts of the filter are said to add up, and they do.
    parts = [number(rf"{label}（(\d+)）", whole) for label in ("已备案", r"已备案（核实中）", "停业")]
    assert sum(parts) == filed and f"前两项和停业都是已备案，共{filed}家，备案内容不符合的另计" in whole

    counted = public.get(f"/api/v1/institutions/?count=1&{FILED}").json()
    assert counted["count"] == len(counted["results"]) == filed
    assert {card["uscc"] for card in counted["results"]} == {place.uscc for place in wanted}
    assert public.get("/api/v1/institutions/?count=1").json()["count"] == filed + wrong

    drawn = public.get(f"/institutions/map/?{FILED}").content.decode()
    assert sum(map(int, re.findall(r'<a href="[^"]*" aria-label="[^"，]+，(\d+) 家"', drawn))) == filed
    assert f"图上共{filed + wrong}家，其中已备案{filed}家" in text_of(public.get("/institutions/map/"))

    table = b"".join(public.get("/open-data/institutions.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert sum(row["备案状态代码"] != "NONCONFORMING" for row in rows) == filed
    assert f"其中已备案{filed}家，备案内容不符合{wrong}家" in text_of(public.get("/open-data/"))

    ledgers = text_of(as_user("health_city").get("/desk/ledgers/"))
    assert f"已备案{filed}家（含停业），备案内容不符合{wrong}家" in ledgers
    board = as_user("health_city").get("/desk/reconciliation/")
    assert number(r"备案有效(\d+)家", text_of(board)) == filed
    listed = as_user("health_city").get("/desk/reconciliation/?kind=filed&format=csv")
    worklist = b"".join(listed.streaming_content) if listed.streaming else listed.content
    assert worklist.decode("utf-8-sig").strip().count("\n") == filed


def test_a_chosen_status_is_not_split_into_less_than_none(city: dict[str, Institution]) -> None:
    for path in ("/institutions/", "/institutions/map/"):
        stopped = text_of(Client().get(f"{path}?status=SUSPENDED"))
        assert "其中已备案" not in stopped
        both = text_of(Client().get(f"{path}?status=SUSPENDED&status=NONCONFORMING"))
        assert "其中已备案1家" in both and "备案内容不符合1家" in both
