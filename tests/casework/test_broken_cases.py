"""What somebody who means ill, or only clicks twice, tries with a case: nothing of it may come through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework import clocks, kinds
from casework.cases import CaseType, open_case, steps_for, take
from casework.clocks import start
from casework.events import institution_ended
from casework.handing import end_early, name_deputy
from casework.inbox import inbox_for
from casework.letters import correct, recall, release
from casework.models import Case, CaseProposal, Deputy, Letter
from casework.reach import in_area
from casework.serving import reply, serve, sign_for
from casework.types import CaseStep, Rung, Second, Tell
from registry.rules.identity import make_id_number
from tests.casework.test_any_type import UNTIL_RELEASED, released
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Deadline, Duty, Event, Notification, User
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
ID_NO = make_id_number("320902", date(2024, 1, 1), 12)
JSON = "application/json"


def again(user: User) -> User:
    """The same person in another request."""
    return User.objects.get(pk=user.pk)


def also(user: User, role: Role, region: str, cast: dict[str, Any]) -> User:
    """The same person with one duty more."""
    Duty.objects.create(
        user=user, role=role, region_id=region, valid_from=timezone.localdate(),
        granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    return again(user)


def with_step(kind: CaseType, name: str, **changes: Any) -> CaseType:
    """The toy type with one step changed, or added when there is none of this name."""
    known = [replace(row, **changes) if row.name == name else row for row in kind.rows]
    made = replace(kind, rows=known)
    kinds._types[kind.name] = made
    return made


def came(talk: Case, operator: User) -> Case:
    """Its letter is served and the institution has come."""
    sign_for(released(talk), name="经办人", actor=operator)
    return take(Case.objects.get(pk=talk.pk), "come", {"words": "已经补充公示"}, actor=operator)


def proposed(talk: Case, operator: User, cast: dict[str, Any]) -> Case:
    """And its end is proposed."""
    return take(came(talk, operator), "finish", {"reason": "约谈完毕"}, actor=cast["reviewer_tinghu"])


# --- what is written


@pytest.mark.parametrize(
    "answers",
    [
        {"note": "没有人问"},
        {"note": ID_NO},
        {ID_NO: "x"},
        {"x\x00": "x"},
        {"note": "a\x00b"},
        {"note": 1},
        [],
        "x",
        None,
    ],
)
def test_answers_nobody_asked_for_are_refused_not_kept(
    talk: Case, operator: User, answers: Any, api: Callable[[str], Client]
) -> None:
    case, client = came(talk, operator), api("reviewer_tinghu")
    before = Event.objects.of(talk.subject).count()
    known = {"uscc": talk.uscc, "matter": "收费公示不全"}
    whole = known | answers if isinstance(answers, dict) else answers
    opened = client.post("/api/v1/cases/", {"type": "TALK", "answers": whole}, content_type=JSON)
    kept = {"If-Match": f'"{case.record_version}"'}
    path = f"/api/v1/cases/{talk.no}/put_back/"
    moved = client.post(path, {"answers": answers}, content_type=JSON, headers=kept)
    assert {opened.status_code, moved.status_code} <= {400, 422}
    assert Case.objects.count() == 1 and Event.objects.of(talk.subject).count() == before


def test_no_text_about_a_letter_holds_an_identity_number(talk: Case, operator: User, cast: dict[str, Any]) -> None:
    letter, officer = talk.letters.get(), cast["reviewer_tinghu"]
    tries: list[Callable[[], Any]] = [lambda: recall(letter, reason=f"写错了 {ID_NO}", actor=officer)]
    for write in tries:
        with pytest.raises(Rejected):
            write()
    letter, today = released(talk), timezone.localdate()
    facts = {"received_by": f"王某 {ID_NO}", "relation": "本人"}
    later: list[tuple[str, Callable[[], Any]]] = [
        ("received_by", lambda: serve(letter, way="DIRECT", served_on=today, facts=facts, actor=officer)),
        ("reply", lambda: reply(letter, text=f"前来的是 {ID_NO}", actor=operator)),
        ("correction", lambda: correct(letter, text=f"原文号码应为 {ID_NO}，现更正。", actor=officer)),
    ]
    for field, write in later:
        with pytest.raises(Rejected) as refused:
            write()
        assert [(one.code, one.field) for one in refused.value.problems] == [("GEN-ID", field)]
    assert Letter.objects.count() == 1 and not letter.replies.exists() and not letter.services.exists()


# --- whose it is


def test_a_chief_elsewhere_goes_on_with_nothing_a_colleague_has(
    talk: Case, operator: User, cast: dict[str, Any]
) -> None:
    case = came(talk, operator)
    other = also(cast["reviewer_tinghu2"], Role.CHIEF, "320981", cast)
    assert steps_for(case, other) == []
    with pytest.raises(Rejected) as refused:
        take(case, "finish", {"reason": "约谈完毕"}, actor=other)
    assert [one.code for one in refused.value.problems] == ["CAS-109"]


def test_nothing_is_to_be_signed_where_one_is_no_chief(talk: Case, operator: User, cast: dict[str, Any]) -> None:
    proposed(talk, operator, cast)
    other = also(cast["reviewer_tinghu2"], Role.CHIEF, "320981", cast)
    assert [row for row in inbox_for(other).todo if row["item"].url.endswith(f"{talk.no}/")] == []
    assert [
        row["item"].first for row in inbox_for(again(cast["chief_tinghu"])).todo if row["item"].matter == "约谈"
    ] == [True]


def test_a_colleague_of_the_same_role_can_be_the_second(
    talk: Case, talk_type: CaseType, operator: User, cast: dict[str, Any]
) -> None:
    """The first one has the case; that must not keep the second from signing."""
    with_step(talk_type, "finish", signed=Second(frozenset({Role.REVIEWER.value})))
    case = proposed(talk, operator, cast)
    assert {step.name for step in steps_for(case, cast["reviewer_tinghu2"])} == {"sign_finish", "refuse_finish"}
    assert take(case, "sign_finish", actor=cast["reviewer_tinghu2"]).result == "TALKED"


def test_whoever_proposed_it_signs_it_with_no_other_duty_either(
    talk: Case, operator: User, cast: dict[str, Any]
) -> None:
    """A reviewer who is also a chief of the same county is still one person."""
    reviewer = cast["reviewer_tinghu"]
    pair = {"granted_by": cast["admin"], "approved_by": cast["health_city"], "valid_from": date(2024, 1, 1)}
    Duty.objects.create(user=reviewer, role=Role.CHIEF, region_id="320902", **pair)
    case = proposed(talk, operator, cast)
    both = User.objects.get(pk=reviewer.pk)
    assert both.has_role(Role.CHIEF) and "sign_finish" not in {step.name for step in steps_for(case, both)}
    with pytest.raises(Rejected) as refused:
        take(case, "sign_finish", actor=both)
    assert refused.value.status == 403


def test_who_proposed_takes_it_back_after_the_case_was_handed_over(
    talk: Case, operator: User, cast: dict[str, Any]
) -> None:
    case, other = proposed(talk, operator, cast), cast["reviewer_tinghu2"]
    case = take(case, "hand_over", {"to": str(other.pk), "reason": "本周外出"}, actor=cast["chief_tinghu"])
    assert [step.name for step in steps_for(case, cast["reviewer_tinghu"])] == ["withdraw_finish"]
    take(case, "withdraw_finish", actor=cast["reviewer_tinghu"])
    assert CaseProposal.objects.get().outcome == "WITHDRAWN"


# --- two persons


def test_whoever_stood_in_for_the_proposer_since_does_not_sign(
    talk: Case, operator: User, cast: dict[str, Any]
) -> None:
    """Ending it early, or letting it run out, makes two persons of one no more."""
    case, reviewer, today = proposed(talk, operator, cast), cast["reviewer_tinghu"], timezone.localdate()
    chief = cast["chief_tinghu"]
    row = Deputy.objects.create(person=reviewer, deputy=chief, from_day=today, until_day=today, reason="年休假")
    end_early(row, actor=reviewer)
    with pytest.raises(Rejected) as refused:
        take(case, "sign_finish", actor=again(chief))
    assert refused.value.status == 403 and CaseProposal.objects.get().outcome == "PENDING"
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert "sign_finish" not in {step.name for step in steps_for(Case.objects.get(), again(chief))}


def test_what_was_over_before_it_was_proposed_counts_no_more(talk: Case, operator: User, cast: dict[str, Any]) -> None:
    reviewer, chief, past = cast["reviewer_tinghu"], cast["chief_tinghu"], timezone.localdate() - timedelta(days=3)
    Deputy.objects.create(person=chief, deputy=reviewer, from_day=past, until_day=past, reason="年休假")
    case = proposed(talk, operator, cast)
    assert take(case, "sign_finish", actor=again(chief)).result == "TALKED"


def test_a_proposal_ends_with_the_case_and_its_proposer_hears_of_it(
    talk: Case, operator: User, cast: dict[str, Any]
) -> None:
    case = proposed(talk, operator, cast)
    assert institution_ended(talk.uscc) == 1
    found = CaseProposal.objects.get()
    assert (found.outcome, found.decided_by) == ("WITHDRAWN", None)
    assert Notification.objects.filter(user=cast["reviewer_tinghu"], title="提请已经失效").count() == 1
    assert steps_for(Case.objects.get(pk=case.pk), cast["chief_tinghu"]) == []


def test_nobody_signs_what_they_have_not_read(
    talk: Case, operator: User, cast: dict[str, Any], as_user: Callable[[str], Client]
) -> None:
    proposed(talk, operator, cast)
    chief = as_user("chief_tinghu")
    for page in ("", "sign_finish/", "refuse_finish/"):
        shown = chief.get(f"/desk/cases/{talk.no}/{page}").content.decode()
        assert "约谈完毕" in shown and "提请签批：办结" in shown, page


# --- who stands in


def test_two_deputies_for_one_day_are_refused(cast: dict[str, Any]) -> None:
    person, today = cast["reviewer_tinghu"], timezone.localdate()
    about = {"person": person, "reason": "年休假", "today": today}
    one = {"deputy": cast["reviewer_tinghu2"], "from_day": today, "until_day": today + timedelta(days=3)}
    made = name_deputy(**about, **one)
    for from_day in (today, today + timedelta(days=3)):
        with pytest.raises(Rejected) as refused:
            name_deputy(**about, **one | {"from_day": from_day, "until_day": from_day + timedelta(days=9)})
        assert [problem.code for problem in refused.value.problems] == ["CAS-108"]
    end_early(made, actor=person)
    name_deputy(**about, **one)
    assert Deputy.objects.in_force().count() == 1


def test_a_deputy_of_a_deputy_goes_on_with_nothing(talk: Case, operator: User, cast: dict[str, Any]) -> None:
    case, today = came(talk, operator), timezone.localdate()
    other, third = cast["reviewer_tinghu2"], also(cast["reviewer_dongtai"], Role.REVIEWER, "320902", cast)
    days = {"from_day": today, "until_day": today, "reason": "年休假", "today": today}
    name_deputy(person=cast["reviewer_tinghu"], deputy=other, **days)
    name_deputy(person=other, deputy=third, **days)
    assert "finish" in {step.name for step in steps_for(case, again(other))}
    assert steps_for(case, again(third)) == []


# --- clocks


def test_a_late_service_starts_no_clock_of_a_closed_case(talk: Case, cast: dict[str, Any]) -> None:
    letter = released(talk)
    institution_ended(talk.uscc)
    facts = {"received_by": "王某", "relation": "员工"}
    serve(letter, way="DIRECT", served_on=timezone.localdate(), facts=facts, actor=cast["reviewer_tinghu"])
    assert not Deadline.objects.of(talk.subject).exists()


def test_an_end_stops_every_clock(talk: Case, talk_type: CaseType) -> None:
    with_step(talk_type, "ended", stops=())
    start(talk, list(talk_type.opening.starts), timezone.localdate())
    institution_ended(talk.uscc)
    assert not Deadline.objects.running().of(talk.subject).exists()


def test_a_rung_above_the_step_that_stops_the_clock_is_not_taken(
    talk: Case, talk_type: CaseType, operator: User, cast: dict[str, Any]
) -> None:
    (due,) = talk_type.opening.starts
    ladder = (Rung(1, step="lapse"), Rung(2, (Tell(Role.CHIEF, "仍未前来", "{no}"),)))
    opening = replace(talk_type.opening, starts=(replace(due, rungs=ladder),))
    kinds._types["TALK"] = replace(talk_type, opening=opening)
    sign_for(released(talk), name="经办人", actor=operator)
    day = add_workdays(Deadline.objects.get(subject=talk.subject).due_on, 9)
    assert (clocks.ring(today=day).done, clocks.ring(today=day).done) == (1, 0)
    assert not Notification.objects.filter(title="仍未前来").exists()


def test_all_clocks_are_paused_and_go_on_by_one_star(
    talk: Case, talk_type: CaseType, operator: User, cast: dict[str, Any]
) -> None:
    sources, by = frozenset({"COMING"}), frozenset({Role.REVIEWER.value})
    pause = CaseStep("halt", "暂停", sources, "", by, in_area(Role.REVIEWER), pauses=("*",))
    go_on = CaseStep("go_on", "恢复", sources, "", by, in_area(Role.REVIEWER), resumes=("*",))
    kinds._types["TALK"] = replace(talk_type, rows=[*talk_type.rows, pause, go_on])
    sign_for(released(talk), name="经办人", actor=operator)
    case = take(Case.objects.get(pk=talk.pk), "halt", actor=cast["reviewer_tinghu"])
    clock = Deadline.objects.running().get(subject=talk.subject)
    assert clock.paused_on is not None
    assert clocks.ring(today=add_workdays(clock.due_on, 9)).done == 0
    take(case, "go_on", actor=cast["reviewer_tinghu"])
    assert Deadline.objects.running().get(subject=talk.subject).paused_on is None


# --- letters


def test_one_correction_at_a_time_and_none_of_what_was_recalled(
    talk: Case, talk_type: CaseType, cast: dict[str, Any]
) -> None:
    letter, officer = released(talk), cast["reviewer_tinghu"]
    text = "原文“收费公示不全”应为“收费没有公示”。"
    first = correct(letter, text=text, actor=officer)
    with pytest.raises(Rejected) as twice:
        correct(letter, text=text, actor=officer)
    assert (twice.value.status, Letter.objects.count()) == (409, 2)
    recall(first, reason="更正也写错了", actor=officer)
    with pytest.raises(Rejected) as gone:
        correct(Letter.objects.get(pk=first.pk), text=text, actor=officer)
    assert "已经撤回" in gone.value.problems[0].message
    third = correct(letter, text=text, actor=officer)
    assert third.number not in {letter.number, first.number}


def test_what_a_chief_signed_no_reviewer_corrects_alone(
    talk: Case, talk_type: CaseType, operator: User, cast: dict[str, Any], as_user: Callable[[str], Client]
) -> None:
    with_step(talk_type, "finish", letter=talk_type.opening.letter)
    case = take(proposed(talk, operator, cast), "sign_finish", actor=cast["chief_tinghu"])
    with time_machine.travel(timezone.now() + UNTIL_RELEASED):
        assert release().done == 1
    letter = case.letters.get(step="sign_finish")
    assert "约谈完毕" in Notification.objects.get(user=operator, title="约谈已办结").body, (
        "the reason is said late as well"
    )
    with pytest.raises(Rejected) as refused:
        correct(letter, text="原文“收费公示不全”应为“收费没有公示”。", actor=cast["reviewer_tinghu"])
    assert refused.value.status == 403
    page = f"/desk/cases/{talk.no}/letters/{letter.pk}/"
    assert "另发更正通知书" not in as_user("reviewer_tinghu").get(page).content.decode()
    assert "另发更正通知书" in as_user("chief_tinghu").get(page).content.decode()


# --- what is read from outside, and how much is asked of the database


def test_who_is_whom_it_is_about_stays_outside_whatever_else_they_are(
    talk: Case, operator: User, cast: dict[str, Any], as_user: Callable[[str], Client]
) -> None:
    also(operator, Role.GRID, "320902", cast)
    client = as_user("operator_xiaotaiyang")
    page = client.get(f"/desk/cases/{talk.no}/").content.decode()
    assert "办理记录" not in page and "承办人" not in page
    letter = f"/desk/cases/{talk.no}/letters/{talk.letters.get().pk}/"
    assert client.get(letter).status_code == client.get(f"{letter}paper/").status_code == 404


def test_one_case_says_its_last_day_as_the_list_does(talk: Case, operator: User, api: Callable[[str], Client]) -> None:
    sign_for(released(talk), name="经办人", actor=operator)
    client = api("reviewer_tinghu")
    (listed,) = client.get("/api/v1/cases/").json()["results"]
    assert client.get(f"/api/v1/cases/{talk.no}/").json()["due_on"] == listed["due_on"] is not None


def test_ten_cases_ask_no_more_of_the_database_than_two(
    talk: Case, talk_type: CaseType, operator: User, cast: dict[str, Any], as_user: Callable[[str], Client],
    api: Callable[[str], Client],
) -> None:  # fmt: skip
    proposed(talk, operator, cast)

    chief, program = as_user("chief_tinghu"), api("chief_tinghu")

    def asked() -> list[int]:
        counts = []
        for client, page in ((chief, "/desk/cases/"), (chief, "/desk/"), (program, "/api/v1/cases/")):
            client.get(page)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page).status_code == 200
            counts.append(len(queries))
        return counts

    few = asked()
    for _ in range(8):
        case = open_case(talk_type, {"uscc": talk.uscc, "matter": "收费公示不全"}, actor=cast["reviewer_tinghu"])
        proposed(case, operator, cast)
    # Fewer for the API: what a key may do is remembered from its second call on.
    assert all(now <= before for now, before in zip(asked(), few, strict=True))


@pytest.mark.parametrize(
    "query", ["q=%25_", "state=x", "type=%F0%9F%98%80", "before=-1", "before=9" * 30, "q=" + "x" * 999]
)
def test_a_filter_with_nonsense_is_no_error(talk: Case, query: str, as_user: Callable[[str], Client]) -> None:
    assert as_user("reviewer_tinghu").get(f"/desk/cases/?{query}").status_code == 200


def test_html_in_every_text_stays_text(
    talk: Case, talk_type: CaseType, operator: User, cast: dict[str, Any], as_user: Callable[[str], Client]
) -> None:
    evil = "<img src=x onerror=alert(1)>{no}"
    officer = cast["reviewer_tinghu"]
    case = open_case(talk_type, {"uscc": talk.uscc, "matter": evil}, actor=officer)
    recall(talk.letters.get(), reason=evil, actor=officer)
    letter = released(case)
    sign_for(letter, name=evil, actor=operator)
    reply(letter, text=evil, actor=operator)
    correct(letter, text=evil, actor=officer)
    case = take(Case.objects.get(pk=case.pk), "come", {"words": evil}, actor=operator)
    take(case, "finish", {"reason": evil}, actor=officer)
    pages = [
        "/desk/",
        "/desk/cases/",
        "/notifications/",
        f"/desk/cases/{case.no}/",
        f"/desk/cases/{case.no}/sign_finish/",
    ]
    pages += [f"/desk/cases/{row.case.no}/letters/{row.pk}/" for row in Letter.objects.all()]
    for page in pages:
        for user in ("chief_tinghu", "operator_xiaotaiyang"):
            assert "<img src=x" not in as_user(user).get(page).content.decode(), (page, user)
