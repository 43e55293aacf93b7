"""无证照与未备案治理: kinds and their bodies, who takes which step, what is refused, what follows elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.test import Client

from casework import clocks
from casework.cases import open_case, steps_for, take
from casework.models import Case, Letter
from inspections.clues import CLUE
from inspections.models import Unlicensed
from inspections.unlicensed import UNLICENSED
from registry.models import Institution
from tests.inspections.going import says
from yancheng_childcare.models import Deadline, Department, Event, Notification
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db

FOUND = {
    "kind": "NO_LICENCE", "source": "12345-2026-0007", "region": "320902", "name": "小脚丫看护点", "uscc": "",
    "place": "迎宾南路 88 号二楼", "children": "15", "found": "上午九点约十五名幼儿在二楼，没有见到证照。",
}  # fmt: skip
WHY = {"reason": "现场核实，情况属实"}
# Who has the power over each kind, and whether health sets a day to file; by hand from domain.md §5.10 and A1 row 20.
BODIES = {
    "NO_LICENCE": (["320900-HURD", "320902-FIRE", "320902-MARKET", "320902-POLICE"], False),
    "BEYOND": (["320902-MARKET"], False),
    "UNFILED": ([], True),
    "KINDERGARTEN": ([], True),
    "HOME": (["320902-MARKET"], True),
}
_ENDS = {"filed", "stopped", "unfounded"}
_HAND = {"hand_over", "put_back"}
# Who takes which step in which state, by hand. Whoever opened it has it.
WHO = {
    "CHECKING": {"reviewer_tinghu": {"refer", "set_term", "ask_inspection", *_ENDS, *_HAND}, "chief_tinghu": _HAND},
    "HANDLING": {"reviewer_tinghu": {"refer", "set_term", "ask_inspection", "referred", *_ENDS, *_HAND},
                 "chief_tinghu": _HAND},
    "CLOSED": {},
}  # fmt: skip
READERS = {"reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "inspector_tinghu1", "inspector_tinghu2", "health_city",
           "leader_city", "auditor_city"}  # fmt: skip


@pytest.fixture
def place(institution: Callable[..., Institution]) -> Institution:
    return institution()


@pytest.fixture
def found(cast: dict[str, Any], place: Institution) -> Callable[..., Case]:
    """A case of a kind; the kinds of registered institutions are about the institution."""

    def make(**changed: str) -> Case:
        kind = changed.get("kind", "NO_LICENCE")
        uscc = place.uscc if kind in {"BEYOND", "UNFILED"} else ""
        return open_case(UNLICENSED, FOUND | {"uscc": uscc} | changed, actor=cast["reviewer_tinghu"])

    return make


def test_who_may_take_which_step_in_each_state_and_who_reads(found: Callable[..., Case], cast: dict[str, Any]) -> None:
    case = found()
    assert {name for name, user in cast.items() if Case.objects.visible_to(user, user.roles).exists()} == READERS
    for state in WHO:
        assert case.status == state
        offered = {name: {step.name for step in steps_for(case, user)} for name, user in cast.items()}
        assert {name: steps for name, steps in offered.items() if steps} == WHO[state], state
        if state == "CHECKING":
            case = take(case, "refer", WHY, actor=cast["reviewer_tinghu"])
        elif state == "HANDLING":
            case = take(case, "stopped", WHY, actor=cast["reviewer_tinghu"])
    assert (case.result, Deadline.objects.running().of(case.subject).exists()) == ("STOPPED", False)


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_each_kind_goes_to_the_bodies_with_power_and_to_nobody_else(
    kind: str, found: Callable[..., Case], cast: dict[str, Any]
) -> None:
    case, me = found(kind=kind), cast["reviewer_tinghu"]
    bodies, files = BODIES[kind]
    if bodies:
        case = take(case, "refer", WHY, actor=me)
    else:
        with says("没有需要移送"):
            take(case, "refer", WHY, actor=me)
    sent = case.children.filter(type="REFERRAL")
    assert sorted(sent.values_list("authority_id", flat=True)) == bodies
    with pytest.raises(Rejected):  # nor a second time
        take(case, "refer", WHY, actor=me)
    if files:
        case = take(case, "set_term", {"days": "", **WHY}, actor=me)
        clock = Deadline.objects.running().get(subject=case.subject)
        assert (clock.code, clock.kind, clock.due_on) == (
            "DL-UNLICENSED-FILE", "DAYS", case.governed_on + timedelta(days=30),
        )  # fmt: skip
    with pytest.raises(Rejected):
        take(case, "set_term", {"days": "10", **WHY}, actor=me)
    assert sent.count() == len(bodies) and not Letter.objects.exists(), "no order, no letter"


def test_a_home_with_six_children_is_of_the_fifth_kind_and_one_with_five_is_not(
    found: Callable[..., Case], cast: dict[str, Any]
) -> None:
    """domain-2.md I22: health and market."""
    case = found(kind="HOME", children="6")
    shown = dict(UNLICENSED.facts(case))
    assert shown["有权机关"] == "市场监管、卫生健康（限期备案）" and shown["类别"] == "住宅收托超过 5 人"
    with says("不超过 5 人"):
        found(kind="HOME", children="5")
    with pytest.raises(IntegrityError), transaction.atomic():
        Unlicensed.objects.filter(pk=case.pk).update(children=5)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": "UNFILED", "uscc": ""}, "kind"),
        ({"kind": "BEYOND", "uscc": ""}, "kind"),
        ({"kind": "NO_LICENCE", "uscc": "place"}, "kind"),
        ({"kind": "UNFILED", "uscc": "91320902MA00000000"}, "uscc"),
        ({"source": "YC-XS-2026-000099"}, "source"),
        ({"region": "320981"}, "region"),
        ({"found": "太短"}, "found"),
        ({"children": "很多"}, "children"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    changed: dict[str, str], field: str, found: Callable[..., Case], place: Institution
) -> None:
    if changed.get("uscc") == "place":
        changed = changed | {"uscc": place.uscc}
    with pytest.raises(Rejected) as refused:
        found(**changed)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not Case.objects.exists()


def test_what_is_filed_already_is_not_unfiled(found: Callable[..., Case], place: Institution) -> None:
    Institution.objects.filter(pk=place.pk).update(filed_on=place.established_on, national_filing_no="X1")
    with says("已经备案"):
        found(kind="UNFILED")


def test_a_confirmed_clue_is_followed_once(found: Callable[..., Case], cast: dict[str, Any]) -> None:
    seen = {"region": "320902", "name": "无招牌", "uscc": "", "place": "迎宾路88号二楼", "seen": FOUND["found"]}
    clue = take(open_case(CLUE, seen, actor=cast["grid_tinghu"]), "accept", actor=cast["reviewer_tinghu"])
    with says("没有核实为属实"):
        found(source=clue.no)
    take(clue, "confirmed", WHY, actor=cast["reviewer_tinghu"])
    assert found(source=clue.no).parent_id == clue.pk
    with says("已经立案"):
        found(source=clue.no)
    other = take(open_case(CLUE, seen, actor=cast["grid_tinghu"]), "accept", actor=cast["reviewer_tinghu"])
    take(other, "unfounded", WHY, actor=cast["reviewer_tinghu"])
    with pytest.raises(Rejected):
        found(source=other.no)


def test_it_ends_as_referred_only_when_every_body_answered_and_one_took_it_on(
    found: Callable[..., Case], cast: dict[str, Any]
) -> None:
    me = cast["reviewer_tinghu"]
    case = take(found(kind="BEYOND"), "refer", WHY, actor=me)
    sent = case.children.get()
    with says(sent.no):
        take(case, "referred", WHY, actor=me)
    take(sent, "return", {"reason": "不属于本单位职责"}, actor=cast["receiver_market"])
    with says("没有机关受理"):
        take(case, "referred", WHY, actor=me)
    other = take(found(kind="HOME", children="8"), "refer", WHY, actor=me)
    take(other.children.get(), "accept", actor=cast["receiver_market"])
    assert take(other, "referred", WHY, actor=me).result == "REFERRED"


def test_article_41_needs_officers_who_are_asked_and_only_of_an_institution(
    found: Callable[..., Case], cast: dict[str, Any]
) -> None:
    me = cast["reviewer_tinghu"]
    case = take(found(kind="UNFILED"), "ask_inspection", WHY, actor=me)
    told = Notification.objects.filter(title="请提出个案检查")
    assert set(told.values_list("user__username", flat=True)) == {"inspector_tinghu1", "inspector_tinghu2"}
    assert case.no in told[0].body and case.status == "CHECKING"
    words = "".join(UNLICENSED.step("ask_inspection").says)
    assert "两名持证执法人员" in words and "第四十一条" in words
    with says("没有登记的场所"):
        take(found(), "ask_inspection", WHY, actor=me)


def test_strangers_have_no_part_in_it(found: Callable[..., Case], cast: dict[str, Any], as_user: Any) -> None:
    case = found()
    for username in ("reviewer_dongtai", "grid_tinghu", "operator_yangguang", "inspector_tinghu1", "health_city"):
        with pytest.raises(Rejected) as refused:
            take(case, "stopped", WHY, actor=cast[username])
        assert refused.value.status == 403, username
    with pytest.raises(Rejected):
        open_case(UNLICENSED, FOUND, actor=cast["grid_tinghu"])
    assert as_user("reviewer_dongtai").get(f"/desk/cases/{case.no}/").status_code == 404


def test_the_database_refuses_every_change_the_table_does_not_have(found: Callable[..., Case]) -> None:
    case = found()
    for change in ({"status": "SENT"}, {"type": "CLUE"}, {"opened_by": None}):
        with pytest.raises(InternalError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        Unlicensed.objects.filter(pk=case.pk)._raw_delete("default")


def test_each_rung_is_taken_once(found: Callable[..., Case], cast: dict[str, Any]) -> None:
    case = found()
    late = add_workdays(Deadline.objects.get(subject=case.subject).due_on, 2)
    assert [clocks.ring(today=late).done, clocks.ring(today=late).done] == [2, 0]
    assert list(Event.objects.filter(action="case.clock_rung").order_by("id").values_list("data__rung", flat=True)) == [
        -2,
        1,
    ]
    assert Notification.objects.filter(user=cast["chief_tinghu"], title="治理办件超期未处置").count() == 1


def test_the_journey_by_page(as_user: Callable[[str], Client], cast: dict[str, Any], place: Institution) -> None:
    me = as_user("reviewer_tinghu")
    wrong = me.post("/desk/cases/new/unlicensed/", FOUND | {"kind": "UNFILED"})
    assert wrong.status_code == 422 and "请填写统一社会信用代码" in wrong.content.decode()
    made = me.post("/desk/cases/new/unlicensed/", FOUND)
    case = Case.objects.get()
    page = made["Location"]
    shown = me.get(page).content.decode()
    assert page == f"/desk/cases/{case.no}/" and "公安、市场监管、住房城乡建设、消防" in shown
    assert me.post(f"{page}refer/", {"record_version": "1", **WHY}).status_code == 302
    after = me.get(page).content.decode()
    assert all(f"移送{body.short_name}" in after for body in Department.objects.filter(pk__in=BODIES["NO_LICENCE"][0]))
    again = me.post(f"{page}refer/", {"record_version": "2", **WHY})
    assert again.status_code == 422 and "已经移送过了" in again.content.decode()
    assert case.children.count() == 4


def test_the_docs_list_every_step() -> None:
    page = (Path(__file__).parents[2] / "docs" / "workflows.md").read_text(encoding="utf-8")
    section = page.partition("## Childcare without papers")[2].partition("\n## ")[0]
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| ")
    ]
    listed = {(row[0], row[1], row[2], row[3]) for row in rows[1:] if "step" not in row}
    steps = [UNLICENSED.opening, *UNLICENSED.rows]
    assert listed == {(s.name, s.label, "、".join(sorted(s.sources)) or "–", s.target or "the same") for s in steps}
