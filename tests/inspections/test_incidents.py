"""事故事件台账: hours that ignore holidays, who is told, who reads, what is refused, the recording, the chief's first line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, InternalError, transaction
from django.test import Client

from casework import clocks
from casework.cases import open_case, steps_for, take
from casework.inbox import inbox_for
from casework.models import Case
from inspections.choices import IncidentKind, ToldTo
from inspections.demo_incidents import make_scenes
from inspections.incident_desk import tell_late
from inspections.incident_terms import DUTIES, due_moment, is_cluster, overwritten_from
from inspections.incidents import INCIDENT
from inspections.models import Incident, IncidentTold
from registry.models import Institution
from tests.inspections.going import says
from yancheng_childcare.models import Deadline, Duty, Notification
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import SHANGHAI

NOW = datetime(2026, 12, 1, 10, 0, tzinfo=SHANGHAI)
HAPPENED = {
    "uscc": "", "kind": "ACCIDENT", "happened_at": "2026-12-01 09:10", "found_at": "2026-12-01 09:20", "place": "二楼小一班活动室",
    "children": "1", "ages": "2岁半", "staff_on_duty": "3", "cases": "", "what": "上午户外活动时吊顶掉落，砸伤一名孩子。",
    "first_aid": "已拨打 120 送医",
}  # fmt: skip
LOCKED = {"where": "二楼走廊和小一班镜头，九点到十点，已存移动硬盘"}
ACCOUNT = {"cause": "吊顶老化", "measures": "孩子已出院，全园吊顶检查完毕"}
WHY = {"reason": "已核实处置情况"}
# By hand from domain-2.md C3: hours (0: at once), who must be told.
TERMS = {
    "ABUSE": (0, {"POLICE", "HEALTH"}), "DOMESTIC": (0, {"POLICE"}), "LOST": (0, {"POLICE", "GUARDIAN"}),
    "ACCIDENT": (1, {"EMERGENCY", "HEALTH"}), "FIRE": (0, {"FIRE"}), "FOOD": (2, {"MARKET", "HEALTH"}),
    "EMERGENCY": (0, {"GOVERNMENT", "HEALTH", "CDC"}), "CLUSTER": (24, {"CDC", "HEALTH"}),
    "INJURY": (24, {"GUARDIAN", "HEALTH"}),
}  # fmt: skip
_OWN = {"told", "lock_video"}
_HAND = {"hand_over"}
# Who takes which step in which state of what the institution reported, by hand.
WHO = {
    "REPORTED": {"operator": {*_OWN, "account"}, "reviewer_tinghu": {*_OWN, "account", "unfounded"},
                 "reviewer_tinghu2": {*_OWN, "account", "unfounded"}, "chief_tinghu": {"seen", "unfounded"}},
    "ACCOUNTED": {"operator": _OWN, "reviewer_tinghu": {*_OWN, "back", "close", "unfounded", *_HAND},
                  "reviewer_tinghu2": {*_OWN, "back", "close", "unfounded", *_HAND},
                  "chief_tinghu": {"seen", "close", "unfounded", *_HAND}},
    "CLOSED": {},
}  # fmt: skip
READERS = {"operator", "reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "health_city", "auditor_city"}


@pytest.fixture
def people(cast: dict[str, Any], institution: Callable[..., Institution]) -> dict[str, Any]:
    """The cast, with somebody of the institution itself."""
    place, user = institution(), cast["operator_yangguang"]
    Duty.objects.filter(user=user).delete()
    Duty.objects.create(
        user=user, role="OPERATOR", uscc=place.uscc, valid_from=date(2026, 1, 1), granted_by=cast["admin"],
        approved_by=cast["admin2"],
    )  # fmt: skip
    others = {name: one for name, one in cast.items() if name != "operator_yangguang"}
    return others | {"operator": type(user).objects.get(pk=user.pk)}


@pytest.fixture
def report(people: dict[str, Any]) -> Iterator[Callable[..., Case]]:
    """Report an incident on the morning of 2026-12-01; keyword arguments replace what is told."""

    def make(by: str = "operator", **changed: str) -> Case:
        return open_case(INCIDENT, HAPPENED | changed, actor=people[by])

    with time_machine.travel(NOW, tick=False):
        yield make


def test_every_kind_has_its_hours_its_recipients_and_what_comes_first() -> None:
    assert {kind: (duty.hours, {one.value for one in duty.to}) for kind, duty in DUTIES.items()} == TERMS
    assert set(DUTIES) == set(IncidentKind.values)
    assert all(duty.first and duty.basis for duty in DUTIES.values())
    calls = {kind: duty.call for kind, duty in DUTIES.items() if duty.at_once}
    assert calls == {"ABUSE": "110", "DOMESTIC": "110", "LOST": "110", "FIRE": "119", "EMERGENCY": "120"}
    assert IncidentKind.ABUSE.label.startswith("涉嫌"), "nothing is said to be so before it is decided"


def test_hours_run_through_holidays_and_nights() -> None:
    """domain-2.md C3: on the national day 14:05 → 15:05; food 2 h; a cluster the next day at the same hour."""
    found = datetime(2026, 10, 1, 14, 5, tzinfo=SHANGHAI)
    assert due_moment("ACCIDENT", found) == datetime(2026, 10, 1, 15, 5, tzinfo=SHANGHAI)
    assert due_moment("FOOD", datetime(2026, 10, 1, 23, 0, tzinfo=SHANGHAI)) == datetime(
        2026, 10, 2, 1, 0, tzinfo=SHANGHAI
    )
    assert due_moment("LOST", found) == found
    wednesday = datetime(2026, 11, 25, 9, 30, tzinfo=SHANGHAI)
    assert due_moment("CLUSTER", wednesday, [2, 2, 1]) == datetime(2026, 11, 26, 9, 30, tzinfo=SHANGHAI)
    assert due_moment("CLUSTER", wednesday, [2, 2]) is None


@pytest.mark.parametrize(
    ("cases", "reached"),
    [([2, 2, 1], True), ([3], True), ([0, 0, 3, 0], True), ([2, 2], False), ([2, 1, 1, 1], False), ([2, 0, 1, 2, 2], True),
     ([], False)],
)  # fmt: skip
def test_three_in_a_day_or_five_in_three_days_make_a_cluster(cases: list[int], reached: bool) -> None:
    assert is_cluster(cases) is reached


def test_a_recording_is_overwritten_after_ninety_days() -> None:
    assert overwritten_from(date(2026, 11, 29)) == date(2027, 2, 27)


@pytest.mark.django_db
def test_who_may_take_which_step_in_each_state_and_who_reads(
    report: Callable[..., Case], people: dict[str, Any]
) -> None:
    case = report()
    assert {name for name, user in people.items() if Case.objects.visible_to(user, user.roles).exists()} == READERS
    assert case.assignee is None, "an institution that reports is not the officer who has it"
    for state in WHO:
        assert case.status == state
        offered = {name: {step.name for step in steps_for(case, user)} for name, user in people.items()}
        assert {name: steps for name, steps in offered.items() if steps} == WHO[state], state
        if state == "REPORTED":
            told = {"to": "EMERGENCY", "told_at": "2026-12-01 09:40", "by": "园长", "number": "YJ-1"}
            case = take(
                take(case, "told", told, actor=people["operator"]), "lock_video", LOCKED, actor=people["operator"]
            )
            case = take(case, "account", ACCOUNT, actor=people["operator"])
        elif state == "ACCOUNTED":
            case = take(case, "close", WHY, actor=people["chief_tinghu"])
    assert (case.result, Deadline.objects.running().of(case.subject).exists()) == ("HANDLED", False)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(TERMS))
def test_the_police_read_suspected_abuse_and_lost_children_only(
    kind: str, report: Callable[..., Case], people: dict[str, Any], cast: dict[str, Any]
) -> None:
    case = report(kind=kind, cases="3" if kind == "CLUSTER" else "")
    police = people["police_tinghu"]
    assert Case.objects.visible_to(police, police.roles).filter(pk=case.pk).exists() is (kind in {"ABUSE", "LOST"})
    assert steps_for(case, police) == []
    Duty.objects.filter(user=police).update(region_id="320981")
    elsewhere = type(police).objects.get(pk=police.pk)
    assert not Case.objects.visible_to(elsewhere, elsewhere.roles).exists()


@pytest.mark.django_db
def test_the_county_hears_of_it_at_once_and_the_recording_is_to_be_locked(
    report: Callable[..., Case], people: dict[str, Any]
) -> None:
    case = report()
    told = Notification.objects.filter(title="收到事件报告").values_list("user__username", flat=True)
    assert set(told) == {"reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"}
    assert case.body.due_at == datetime(2026, 12, 1, 10, 20, tzinfo=SHANGHAI)
    row = IncidentTold.objects.get()
    assert (row.to, row.number, row.told_at) == (ToldTo.HEALTH, case.no, NOW)
    clock = Deadline.objects.running().get(subject=case.subject, code="DL-INCIDENT-VIDEO")
    assert clock.due_on == date(2026, 12, 2)
    shown = dict(INCIDENT.facts(case))
    assert "120" in shown["先做什么"] and "2026-12-01 10:20" in shown["报告时限"] and "节假日照算" in shown["报告时限"]
    assert shown["录像"] == "未锁定，2027-03-01 起会被覆盖"
    case = take(case, "lock_video", LOCKED, actor=people["operator"])
    assert not Deadline.objects.running().filter(subject=case.subject, code="DL-INCIDENT-VIDEO").exists()
    with says("已经锁定"):
        take(case, "lock_video", LOCKED, actor=people["operator"])


@pytest.mark.django_db
def test_no_account_before_everybody_was_told_and_the_recording_locked(
    report: Callable[..., Case], people: dict[str, Any]
) -> None:
    case, me = report(), people["operator"]
    with pytest.raises(Rejected) as refused:
        take(case, "account", ACCOUNT, actor=me)
    assert [problem.code for problem in refused.value.problems] == ["INS-135", "INS-136"]
    told = {"to": "EMERGENCY", "told_at": "2026-12-01 09:40", "by": "园长", "number": ""}
    for wrong in ("2026-12-01 09:00", "2026-12-01 10:30", "昨天"):
        with pytest.raises(Rejected) as refused:
            take(case, "told", told | {"told_at": wrong}, actor=me)
        assert [problem.field for problem in refused.value.problems] == ["told_at"]
    with pytest.raises(Rejected):  # none of this kind's
        take(case, "told", told | {"to": "MARKET"}, actor=me)
    case = take(case, "told", told, actor=me)
    assert case.body.all_told_at == NOW, "the portal's own report to health came last"
    with pytest.raises(Rejected):  # once
        take(case, "told", told, actor=me)
    case = take(take(case, "lock_video", LOCKED, actor=me), "account", ACCOUNT, actor=me)
    case = take(case, "back", {"reason": "请写明孩子现况"}, actor=people["reviewer_tinghu"])
    assert case.status == "REPORTED"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"ages": "张小宝2岁"}, "ages"),
        ({"found_at": "2026-12-01 09:00"}, "found_at"),
        ({"found_at": "2026-12-01 10:01"}, "found_at"),
        ({"happened_at": "今天上午"}, "happened_at"),
        ({"uscc": "91320902MA00000000"}, "uscc"),
        ({"kind": "CLUSTER"}, "cases"),
        ({"what": "太短"}, "what"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_kept(
    changed: dict[str, str], field: str, report: Callable[..., Case]
) -> None:
    with pytest.raises(Rejected) as refused:
        report(**changed)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_who_is_not_told_in_time_is_reminded_once(report: Callable[..., Case], people: dict[str, Any]) -> None:
    case = report()
    assert tell_late(NOW + timedelta(minutes=19)).done == 0
    late = NOW + timedelta(minutes=20)
    assert [tell_late(late).done, tell_late(late + timedelta(hours=1)).done] == [1, 0]
    told = Notification.objects.filter(title="事件报告已到时限").values_list("user__username", flat=True)
    assert sorted(told) == ["chief_tinghu", "operator_yangguang", "reviewer_tinghu", "reviewer_tinghu2"]
    other = report(kind="FIRE")
    take(
        other,
        "told",
        {"to": "FIRE", "told_at": "2026-12-01 09:25", "by": "园长", "number": "119-7"},
        actor=people["operator"],
    )
    assert tell_late(late + timedelta(days=1)).done == 0, "nothing is left to tell"
    assert Incident.objects.get(pk=case.pk).late_told_at == late


@pytest.mark.django_db
def test_what_is_urgent_stands_first_with_the_chief_until_it_is_noted(
    report: Callable[..., Case], people: dict[str, Any]
) -> None:
    report(kind="INJURY")
    urgent, chief = report(kind="FOOD"), people["chief_tinghu"]
    first = inbox_for(chief).todo[0]["item"]
    assert (first.state.task, first.url) == ("查看紧急事件并登记知悉", f"/desk/cases/{urgent.no}/")
    assert sum(row["item"].first for row in inbox_for(chief).todo) == 1, "an injury is not urgent"
    take(urgent, "seen", actor=chief)
    assert not any(row["item"].first for row in inbox_for(chief).todo)
    with says("已经登记知悉"):
        take(Case.objects.get(pk=urgent.pk), "seen", actor=chief)


@pytest.mark.django_db
def test_a_reviewer_enters_it_for_an_institution_and_carries_it_through(
    report: Callable[..., Case], people: dict[str, Any]
) -> None:
    me, place = people["reviewer_tinghu"], Institution.objects.get()
    case = report("reviewer_tinghu", uscc=place.uscc, kind="FIRE")
    assert (case.assignee, case.uscc) == (me, place.uscc)
    case = take(case, "told", {"to": "FIRE", "told_at": "2026-12-01 09:25", "by": "受理岗", "number": "1"}, actor=me)
    case = take(take(case, "lock_video", LOCKED, actor=me), "account", ACCOUNT, actor=me)
    assert take(case, "close", WHY, actor=me).result == "HANDLED"


@pytest.mark.django_db
def test_strangers_have_no_part_in_it(report: Callable[..., Case], people: dict[str, Any], as_user: Any) -> None:
    case = report()
    for name in ("reviewer_dongtai", "operator_xiaotaiyang", "inspector_tinghu1", "health_city", "police_tinghu"):
        with pytest.raises(Rejected) as refused:
            take(case, "lock_video", LOCKED, actor=people[name])
        assert refused.value.status == 403, name
    with pytest.raises(Rejected):
        report("reviewer_dongtai", uscc=case.uscc)
    with pytest.raises(Rejected):
        report("operator_xiaotaiyang", uscc=case.uscc)
    assert as_user("operator_xiaotaiyang").get(f"/desk/cases/{case.no}/").status_code == 404


@pytest.mark.django_db
def test_the_database_refuses_other_changes_and_a_name_among_the_ages(report: Callable[..., Case]) -> None:
    case = report()
    for change in ({"status": "CHECKING"}, {"type": "CLUE"}):
        with pytest.raises(InternalError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=case.pk).update(ages="张小宝2岁")
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=case.pk).update(found_at=NOW - timedelta(days=1))
    with pytest.raises(InternalError), transaction.atomic():
        IncidentTold.objects.update(number="改")


@pytest.mark.django_db
def test_rungs_are_taken_once(report: Callable[..., Case], people: dict[str, Any]) -> None:
    report()
    assert clocks.ring(today=date(2026, 12, 1)).done == 0
    assert [clocks.ring(today=date(2026, 12, 2)).done, clocks.ring(today=date(2026, 12, 2)).done] == [1, 0]
    assert Notification.objects.filter(user=people["operator"], title="请立即锁定录像").count() == 1


@pytest.mark.django_db
def test_the_journey_by_page(people: dict[str, Any], as_user: Callable[[str], Client]) -> None:
    with time_machine.travel(NOW, tick=True):
        me, chief = as_user("operator_yangguang"), as_user("chief_tinghu")
        assert "110" in me.get("/desk/cases/new/incident/").content.decode()
        wrong = me.post("/desk/cases/new/incident/", HAPPENED | {"ages": "张小宝"})
        assert wrong.status_code == 422 and "不能写姓名" in wrong.content.decode()
        made = me.post("/desk/cases/new/incident/", HAPPENED)
        page = made["Location"]
        shown = me.get(page).content.decode()
        assert "先做什么" in shown and f"{page}lock_video/" in shown and "县级应急管理部门" in shown
        assert "查看紧急事件并登记知悉" in chief.get("/desk/").content.decode()
        told = {"record_version": "1", "to": "EMERGENCY", "told_at": "2026-12-01 09:40", "by": "园长", "number": "YJ-1"}
        assert me.post(f"{page}told/", told).status_code == 302
        assert re.search(r"YJ-1", me.get(page).content.decode())


def test_the_docs_list_every_step() -> None:
    page = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text(encoding="utf-8")
    section = page.partition("## Incidents")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")
    ]
    listed = {(row[0], row[1], row[2], row[3]) for row in rows[1:] if "step" not in row}
    steps = [INCIDENT.opening, *INCIDENT.rows]
    assert listed == {(s.name, s.label, "、".join(sorted(s.sources)) or "–", s.target or "the same") for s in steps}


@pytest.mark.django_db
def test_the_demo_city_shows_incidents_and_childcare_without_papers(cast: dict[str, Any], institution: Any) -> None:
    institution()
    for _ in range(2):  # a second time nothing is added
        make_scenes(None, users=cast, today=date(2026, 12, 1))
    found = Case.objects.exclude(type="REFERRAL").order_by("id").values_list("type", "status")
    assert list(found) == [
        ("UNLICENSED", "HANDLING"), ("UNLICENSED", "HANDLING"), ("UNLICENSED", "CHECKING"), ("INCIDENT", "REPORTED"),
        ("INCIDENT", "REPORTED"),
    ]  # fmt: skip
    assert {one.body.kind for one in Case.objects.filter(type="INCIDENT")} == {"LOST", "CLUSTER"}


def test_suspected_abuse_that_the_county_enters_is_hidden_from_the_institution(
    report: Callable[..., Case], people: dict[str, Any]
) -> None:
    owner = people["operator"]
    own = report(kind="ABUSE")
    entered = report("reviewer_tinghu", kind="ABUSE", uscc=own.uscc)
    seen = Case.objects.visible_to(owner, owner.roles)
    assert seen.filter(pk=own.pk).exists() and not seen.filter(pk=entered.pk).exists()
    reviewer = people["reviewer_tinghu"]
    assert Case.objects.visible_to(reviewer, reviewer.roles).filter(pk=entered.pk).exists()
