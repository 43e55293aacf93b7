"""A grid worker's clue: seen, sent, checked, answered; it orders nothing and nobody else ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from casework import clocks
from casework.cases import open_case, steps_for, take
from casework.models import Case
from inspections.clues import CLUE
from registry.models import Institution
from registry.rules.identity import make_id_number
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Deadline, Duty, Event, Notification, StoredFile
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db

CHILD = make_id_number("320902", date(2024, 1, 1), 12)
SEEN = {
    "region": "320902", "name": "无招牌", "uscc": "", "place": "亭湖区迎宾路88号二楼",
    "seen": "上午九点，约十五名幼儿在二楼，没有看到任何证照。",
}  # fmt: skip
# Who takes which step in which state, by hand.
WHO = {
    "REPORTED": {"reviewer_tinghu": {"accept", "hand_over"}, "reviewer_tinghu2": {"accept", "hand_over"},
                 "chief_tinghu": {"hand_over"}},
    # Whoever accepted it has it; a colleague is offered nothing before it is handed over.
    "CHECKING": {"reviewer_tinghu": {"confirmed", "guided", "unfounded", "hand_over", "put_back"},
                 "chief_tinghu": {"hand_over", "put_back"}},
    "CLOSED": {},
}  # fmt: skip
READERS = {"grid_tinghu", "reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "inspector_tinghu1", "inspector_tinghu2",
           "health_city", "leader_city", "auditor_city"}  # fmt: skip


def picture(shade: int) -> bytes:
    """A small PNG of one grey."""
    kept = BytesIO()
    Image.new("L", (8, 8), shade).save(kept, "PNG")
    return kept.getvalue()


@pytest.fixture
def clue(cast: dict[str, Any]) -> Case:
    return open_case(CLUE, SEEN, actor=cast["grid_tinghu"])


def test_what_was_reported_is_there_with_its_clock_and_the_county_hears_of_it(clue: Case, cast: dict[str, Any]) -> None:
    assert (clue.status, clue.subject_name, clue.region_id, clue.authority_id) == (
        "REPORTED", "无招牌", "320902", "320902-HEALTH",
    )  # fmt: skip
    assert clue.no.startswith("YC-XS-") and clue.body.seen == SEEN["seen"]
    clock = Deadline.objects.get(subject=clue.subject)
    assert (clock.code, clock.due_on) == ("DL-CLUE", add_workdays(clue.governed_on, 5))
    told = set(Notification.objects.filter(title="收到网格线索").values_list("user__username", flat=True))
    assert told == {"reviewer_tinghu", "reviewer_tinghu2"}


def test_of_a_registered_institution_it_is_about_the_institution(
    institution: Callable[..., Institution], cast: Any
) -> None:
    place = institution()
    found = open_case(CLUE, SEEN | {"uscc": place.uscc.lower()}, actor=cast["grid_tinghu"])
    assert (found.subject_kind, found.uscc, found.subject_name) == ("INSTITUTION", place.uscc, place.name)
    with pytest.raises(Rejected) as refused:
        open_case(CLUE, SEEN | {"uscc": "91320902MA00000000"}, actor=cast["grid_tinghu"])
    assert [(p.code, p.field) for p in refused.value.problems] == [("INS-101", "uscc")]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seen", "太短"),
        ("place", ""),
        ("name", "x" * 101),
        ("region", "320981"),
        ("seen", f"孩子的号码是 {CHILD}，在场"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(field: str, value: str, cast: Any) -> None:
    with pytest.raises(Rejected) as refused:
        open_case(CLUE, SEEN | {field: value}, actor=cast["grid_tinghu"])
    assert {problem.field for problem in refused.value.problems} == {field}
    assert not Case.objects.exists()


def test_who_may_take_which_step_in_each_state_and_who_reads(clue: Case, cast: dict[str, Any]) -> None:
    seen = {name for name, user in cast.items() if Case.objects.visible_to(user, user.roles).exists()}
    assert seen == READERS
    for state in ("REPORTED", "CHECKING", "CLOSED"):
        offered = {name: {step.name for step in steps_for(clue, user)} for name, user in cast.items()}
        assert {name: steps for name, steps in offered.items() if steps} == WHO[state], state
        if state == "REPORTED":
            clue = take(clue, "accept", actor=cast["reviewer_tinghu"])
            assert clue.assignee == cast["reviewer_tinghu"], (
                "the first step of the role whose turn it is takes the case"
            )
        elif state == "CHECKING":
            clue = take(clue, "confirmed", {"reason": "现场确有未登记收托"}, actor=cast["reviewer_tinghu"])
    assert (clue.result, clue.closed_on is not None, Deadline.objects.running().of(clue.subject).exists()) == (
        "CONFIRMED", True, False,
    )  # fmt: skip
    told = Notification.objects.get(user=cast["grid_tinghu"], title="您上报的线索有了结果")
    assert "现场确有未登记收托" in told.body and clue.no in told.url


def test_an_auditor_whose_duty_has_no_area_reads_all(clue: Case, cast: dict[str, Any]) -> None:
    Duty.objects.filter(user=cast["auditor_city"]).update(region=None)
    auditor = type(cast["auditor_city"]).objects.get(pk=cast["auditor_city"].pk)
    assert Case.objects.visible_to(auditor, auditor.roles).exists()


def test_what_one_officer_has_no_other_ends_before_it_is_handed_over(clue: Case, cast: dict[str, Any]) -> None:
    take(clue, "accept", actor=cast["reviewer_tinghu"])
    with pytest.raises(Rejected) as refused:
        take(clue, "guided", {"reason": "已经提醒"}, actor=cast["reviewer_tinghu2"])
    assert [problem.code for problem in refused.value.problems] == ["CAS-109"]
    other = cast["reviewer_tinghu2"]
    take(clue, "hand_over", {"to": str(other.pk), "reason": "本周外出"}, actor=cast["chief_tinghu"])
    assert Notification.objects.filter(user=other, title="转交给您的办件").exists()
    assert take(clue, "guided", {"reason": "已经提醒"}, actor=other).result == "GUIDED"


def test_strangers_have_no_part_in_it(clue: Case, cast: dict[str, Any]) -> None:
    for username in ("reviewer_dongtai", "grid_tinghu", "operator_yangguang", "registrar_tinghu"):
        with pytest.raises(Rejected) as refused:
            take(clue, "accept", actor=cast[username])
        assert refused.value.status == 403, username
    with pytest.raises(Rejected):
        open_case(CLUE, SEEN, actor=cast["reviewer_tinghu"])


def test_the_database_refuses_every_change_the_table_does_not_have(clue: Case) -> None:
    for change in ({"status": "CLOSED"}, {"type": "OTHER"}, {"opened_by": None}, {"no": "X"}):
        with pytest.raises(InternalError), transaction.atomic():
            Case.objects.filter(pk=clue.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        Case.objects.filter(pk=clue.pk)._raw_delete("default")  # past the protected keys


def test_each_rung_is_taken_once_and_missed_ones_in_order(clue: Case, cast: dict[str, Any]) -> None:
    due = Deadline.objects.get(subject=clue.subject).due_on
    assert clocks.ring(today=clue.governed_on).done == 0
    late = add_workdays(due, 2)
    assert [clocks.ring(today=late).done, clocks.ring(today=late).done] == [2, 0]
    rungs = Event.objects.filter(action="case.clock_rung").order_by("id").values_list("data__rung", flat=True)
    assert list(rungs) == [-1, 1]
    assert Notification.objects.filter(user=cast["chief_tinghu"], title="网格线索超期未核查").count() == 1


def test_the_journey_by_page(as_user: Callable[[str], Client], cast: dict[str, Any]) -> None:
    grid, reviewer = as_user("grid_tinghu"), as_user("reviewer_tinghu")
    assert "上报线索" in grid.get("/desk/cases/").content.decode()
    wrong = grid.post("/desk/cases/new/clue/", SEEN | {"seen": "太短"})
    assert wrong.status_code == 422 and SEEN["place"] in wrong.content.decode(), "what was typed stays"
    made = grid.post("/desk/cases/new/clue/", SEEN)
    case = Case.objects.get()
    assert made["Location"] == f"/desk/cases/{case.no}/"
    assert "待受理" in grid.get(made["Location"]).content.decode()
    desk = reviewer.get("/desk/").content.decode()
    assert "受理网格线索" in desk and "无招牌" in desk
    page = f"/desk/cases/{case.no}/"
    assert f"{page}accept/" in reviewer.get(page).content.decode()
    assert reviewer.post(f"{page}accept/", {"record_version": "1"}).status_code == 302
    stale = reviewer.post(f"{page}guided/", {"record_version": "1", "reason": "已经当面提醒"})
    assert stale.status_code == 412 and "已被他人更新" in stale.content.decode()
    assert reviewer.post(f"{page}guided/", {"record_version": "2", "reason": "已经当面提醒"}).status_code == 302
    shown = grid.get(page).content.decode()
    assert "已提醒改正" in shown and "办理记录" not in shown and "承办人" not in shown, "what stays inside"
    assert "办理记录" in reviewer.get(page).content.decode()
    assert as_user("reviewer_dongtai").get(page).status_code == 404


def test_pictures_stay_with_the_clue_and_are_seen_by_whoever_sees_it(
    as_user: Callable[[str], Client], cast: Any
) -> None:
    grid = as_user("grid_tinghu")
    wrong = grid.post("/desk/cases/new/clue/", SEEN | {"files": SimpleUploadedFile("a.png", b"no picture")})
    assert wrong.status_code == 422 and not Case.objects.exists() and not StoredFile.objects.exists()
    many = [SimpleUploadedFile(f"{n}.png", picture(n)) for n in range(7)]
    assert grid.post("/desk/cases/new/clue/", SEEN | {"files": many}).status_code == 422
    made = grid.post("/desk/cases/new/clue/", SEEN | {"files": [SimpleUploadedFile("现场.png", picture(1))]})
    row = Case.objects.get().attachments.get()
    page = f"{made['Location']}files/{row.pk}/"
    assert "现场.png" in as_user("reviewer_tinghu").get(made["Location"]).content.decode()
    assert as_user("reviewer_tinghu").get(page).headers["Content-Type"] == "image/png"
    assert Event.objects.filter(action="file.read", actor=cast["reviewer_tinghu"]).exists()
    for stranger in ("reviewer_dongtai", "registrar_tinghu"):
        assert as_user(stranger).get(page).status_code == 404
    assert as_user("health_city").get(f"/files/{row.file_id}/").status_code == 404, "only through its case"


def test_the_same_over_the_api(api: Callable[[str], Client], cast: dict[str, Any]) -> None:
    grid, reviewer = api("grid_tinghu"), api("reviewer_tinghu")
    kept = {"Idempotency-Key": "clue-1"}
    body = {"type": "CLUE", "answers": SEEN}
    made = grid.post("/api/v1/cases/", body, content_type="application/json", headers=kept)
    again = grid.post("/api/v1/cases/", body, content_type="application/json", headers=kept)
    assert (made.status_code, again.status_code, Case.objects.count()) == (201, 200, 1), made.content
    case = reviewer.get(f"/api/v1/cases/{made.json()['no']}/")
    names = [action["name"] for action in case.json()["actions"]]
    assert "accept" in names and case.json()["status_label"] == "待受理"
    path = f"/api/v1/cases/{made.json()['no']}/accept/"
    assert reviewer.post(path, {}, content_type="application/json").status_code == 428
    moved = reviewer.post(path, {}, content_type="application/json", headers={"If-Match": case["ETag"]})
    assert (moved.status_code, moved.json()["status"]) == (200, "CHECKING")
    ends = path.replace("accept", "confirmed")
    wrong = reviewer.post(ends, {"answers": {}}, content_type="application/json", headers={"If-Match": moved["ETag"]})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["pointer"] == "/reason"
    listed = reviewer.get("/api/v1/cases/?type=CLUE&open=1&count=1").json()
    assert (listed["count"], listed["results"][0]["due_on"]) == (1, str(Deadline.objects.get().due_on))
    assert grid.get("/api/v1/cases/").json()["results"], "who reported it sees it"
    assert api("reviewer_dongtai").get("/api/v1/cases/").json()["results"] == []


def test_who_is_on_leave_is_stood_in_for(clue: Case, cast: dict[str, Any], as_user: Callable[[str], Client]) -> None:
    away, deputy = cast["reviewer_tinghu"], cast["reviewer_tinghu2"]
    take(clue, "accept", actor=away)
    today = timezone.localdate()
    page = as_user("reviewer_tinghu").post(
        "/desk/cases/deputies/",
        {
            "deputy": str(deputy.pk),
            "from_day": str(today),
            "until_day": str(today + timedelta(days=3)),
            "reason": "年休假",
        },
    )
    assert page.status_code == 302
    assert "无招牌" in as_user("reviewer_tinghu2").get("/desk/").content.decode()
    later = timezone.now() + timedelta(days=5)
    with time_machine.travel(later), pytest.raises(Rejected):
        take(Case.objects.get(), "guided", {"reason": "已经提醒"}, actor=type(deputy).objects.get(pk=deputy.pk))
    done = take(Case.objects.get(), "guided", {"reason": "已经提醒"}, actor=type(deputy).objects.get(pk=deputy.pk))
    assert done.result == "GUIDED"


def test_the_docs_list_every_step() -> None:
    page = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text(encoding="utf-8")
    section = page.partition("## Clue of a grid worker")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")
    ]
    listed = {(row[0], row[1], row[2], row[3]) for row in rows[1:-1] if "step" not in row}
    steps = [CLUE.opening, *CLUE.rows]
    assert listed == {(s.name, s.label, "、".join(sorted(s.sources)) or "–", s.target) for s in steps}


def test_a_worker_of_a_town_reports_to_the_county(cast: dict[str, Any]) -> None:
    """Most grid workers have a town, not a county; a duty for the whole city has no one office."""
    worker = cast["operator_yangguang"]
    for code in ("320902001", "320900"):
        Duty.objects.create(
            user=worker, role=Role.GRID, region_id=code, valid_from=timezone.localdate(), granted_by=cast["admin"],
            approved_by=cast["admin2"],
        )  # fmt: skip
    worker = type(worker).objects.get(pk=worker.pk)
    case = open_case(CLUE, SEEN | {"region": "320902001"}, actor=worker)
    assert (case.region_id, case.authority_id) == ("320902001", "320902-HEALTH")
    assert "accept" in {step.name for step in steps_for(case, cast["reviewer_tinghu"])}
    assert Notification.objects.filter(user=cast["reviewer_tinghu"], title="收到网格线索").exists()
    with pytest.raises(Rejected) as refused:
        open_case(CLUE, SEEN | {"region": "320900"}, actor=worker)
    assert {problem.field for problem in refused.value.problems} == {"region"}


def test_who_reported_it_reads_nothing_the_county_keeps_to_itself(
    clue: Case, cast: dict[str, Any], as_user: Callable[[str], Client]
) -> None:
    other = cast["reviewer_tinghu2"]
    take(clue, "hand_over", {"to": str(other.pk), "reason": "本周外出培训"}, actor=cast["chief_tinghu"])
    page = as_user("grid_tinghu").get(f"/desk/cases/{clue.no}/").content.decode()
    assert "本周外出培训" not in page and "承办人" not in page and clue.body.seen in page
    assert "本周外出培训" in as_user("reviewer_tinghu").get(f"/desk/cases/{clue.no}/").content.decode()
