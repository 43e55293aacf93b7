"""改派或改期: other officers or another day, what holds of what was recorded, and who is told; the day of a re-check."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from decision_cases import page, send, text_of
from filing_cases import ITEMS, answer_all, fresh, pass_on_site

from casework.inbox import inbox_for
from registry.filing import clocks, visits
from registry.filing.services import record_site_check, take_step
from registry.filing.workflow import FILING
from registry.models import Filing, SiteCheck
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty, Event, Notification, User
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays, in_words

pytestmark = pytest.mark.django_db
STEP = "steps/reassign"
REASON = "郑执法当天出差"
LEAK = "窗台有渗水"
OFFICERS = ("inspector_tinghu1", "inspector_tinghu2")


@pytest.fixture
def case(filing_in: Any) -> Filing:
    """Two inspectors are to come today."""
    found: Filing = filing_in("VERIFYING")
    return found


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """Messages are left once a step is committed."""
    return django_capture_on_commit_callbacks


def tomorrow() -> date:
    return today_here() + timedelta(days=1)


def reassign(case: Filing, cast: Any, *officers: str, day: date | None = None, **data: Any) -> Filing:
    """As the second reviewer does it."""
    actor = cast[data.pop("by", "reviewer_tinghu2")]
    people = [cast[name] for name in officers or OFFICERS]
    given = {"officers": people, "planned_on": day or tomorrow(), "reason": REASON, **data}
    return take_step(fresh(case), "reassign", actor=actor, **given)


def record(case: Filing, actor: Any, **results: tuple[str, str]) -> SiteCheck:
    """Some points, not concluded."""
    check = case.site_checks.get()
    typed = {key: {"result": result, "remark": remark} for key, (result, remark) in results.items()}
    return record_site_check(
        check, results=typed, summary="先看了一楼", conclude=False, actor=actor, expected_version=check.record_version
    )


def told(user: User, title: str) -> Notification:
    return Notification.objects.filter(user=user, title=title).latest("pk")


def refused(case: Filing, cast: Any, *officers: str, **data: Any) -> Rejected:
    with pytest.raises(Rejected) as caught:
        reassign(case, cast, *officers, **data)
    return caught.value


# --- the page
def test_the_page_begins_with_who_goes_and_the_day_and_what_it_does(case, as_user, cast):
    shown = as_user("reviewer_tinghu2").get(page(None, case, STEP)).content.decode()
    chosen = [piece for piece in shown.split("<input") if "officers" in piece and " checked" in piece]
    assert [f'value="{cast[name].pk}"' in "".join(chosen) for name in OFFICERS] == [True, True] and len(chosen) == 2
    assert f'value="{today_here()}"' in shown
    words = text_of(shown)
    assert "核实人员吴执法、郑执法" in words and "已填的结果还没有" in words
    assert "有人被换下的，已填的结果作为此前记录留存" in words


def test_the_page_keeps_its_budget(case, as_user, django_assert_max_num_queries):
    second = as_user("reviewer_tinghu2")
    with django_assert_max_num_queries(15):
        second.get(page(second, case, STEP))


def test_a_reviewer_replaces_an_officer_and_moves_the_day(case, as_user, cast):
    second = as_user("reviewer_tinghu2")
    assert f"/desk/review/{case.no}/steps/reassign/" in second.get(page(None, case, "")[:-1]).content.decode()
    people = [str(cast[name].pk) for name in ("inspector_tinghu1", "reviewer_tinghu")]
    bad = send(second, case, STEP, officers=people[:1], planned_on="明天", reason="病")
    assert bad.status_code == 422
    words = bad.content.decode()
    assert "至少要 2 名核实人员" in words and "请填写计划核实日期" in words and "请写明理由" in words
    done = send(second, case, STEP, officers=people, planned_on=str(tomorrow()), reason=REASON)
    assert done.status_code == 302
    check = fresh(case).site_checks.get()
    assert {officer.username for officer in check.officers.all()} == {"inspector_tinghu1", "reviewer_tinghu"}
    assert check.planned_on == tomorrow() and fresh(case).status == "VERIFYING"
    assert list(visits.open_checks(case)) == [check]
    history = text_of(second.get(f"/desk/review/{case.no}/?pane=history").content.decode())
    for piece in ("改派或改期", REASON, f"原计划{today_here()}，吴执法、郑执法", f"计划{tomorrow()}", "王审阅、吴执法"):
        assert piece in history, piece


def test_the_institution_reads_the_new_visit_but_not_why(case, as_user, cast):
    reassign(case, cast, "inspector_tinghu1", "reviewer_tinghu", reason="郑执法生病住院")
    shown = text_of(as_user("operator_xiaotaiyang").get(f"/desk/filings/{case.no}/").content.decode())
    assert "王审阅、吴执法" in shown and f"{tomorrow().month}月{tomorrow().day}日" in shown
    assert "生病" not in shown and "原计划" not in shown


def test_the_page_names_who_may_not_go_any_more(case, as_user, cast):
    Duty.objects.filter(user=cast["inspector_tinghu2"]).update(valid_to=today_here() - timedelta(days=1))
    shown = as_user("reviewer_tinghu2").get(page(None, case, STEP)).content.decode()
    assert "郑执法没有本辖区的核实职责" in text_of(shown) and "吴执法没有" not in text_of(shown)
    assert f'value="{cast["inspector_tinghu2"].pk}"' not in shown


def test_once_concluded_nobody_is_sent_instead(case, as_user, cast):
    second = as_user("reviewer_tinghu2")
    pass_on_site(case, cast["inspector_tinghu1"])
    assert "steps/reassign/" not in second.get(f"/desk/review/{case.no}/").content.decode()
    shown = second.get(page(None, case, STEP)).content.decode()
    assert "现场核实已经完成，不能再改派或改期" in shown and 'name="officers"' not in shown
    before = case.site_checks.get().officers.count()
    assert "已经完成" in refused(case, cast, "inspector_tinghu1", "reviewer_tinghu").problems[0].message
    assert case.site_checks.get().officers.count() == before == 2


def test_a_visit_concluded_at_the_last_moment_stays_as_it_is(case, cast, monkeypatch):
    """The officers record without the lock of the case: the effect looks again under the lock of the visit."""
    guard = visits.still_open

    def slow(filing: Filing, actor: Any, data: dict[str, Any]) -> list[Any]:
        found = list(guard(filing, actor, data))
        pass_on_site(case, cast["inspector_tinghu1"])
        return found

    step = FILING.steps["reassign"]
    needs = tuple(slow if need is guard else need for need in step.needs)
    monkeypatch.setitem(FILING.steps, "reassign", replace(step, needs=needs))
    assert refused(case, cast, "inspector_tinghu1", "reviewer_tinghu").status == 409


# --- who may not, what is refused
def test_who_issued_the_receipt_does_not_arrange_the_visit(case, as_user, cast):
    answer = as_user("reviewer_tinghu").get(page(None, case, STEP))
    assert answer.status_code == 403 and "须由另一名复核人员办理" in answer.content.decode()
    assert refused(case, cast, by="reviewer_tinghu").status == 403
    assert refused(case, cast, by="chief_tinghu").status == 403
    assert refused(case, cast, by="reviewer_dongtai").status == 403


def test_officers_are_two_of_the_area_and_not_tied(case, cast):
    assert refused(case, cast, "inspector_tinghu1").code == "FIL-112"
    assert refused(case, cast, "inspector_tinghu1", "inspector_tinghu1").code == "FIL-112"
    assert refused(case, cast, "inspector_tinghu1", "reviewer_dongtai").code == "FIL-112"
    assert refused(case, cast, "inspector_tinghu1", "inspector_expired").code == "FIL-112"
    mine = cast["operator_xiaotaiyang"].duties.get()
    Duty.objects.create(
        user=cast["inspector_tinghu2"], role="OPERATOR", uscc=mine.uscc, valid_from=mine.valid_from,
        granted_by=mine.granted_by, approved_by=mine.approved_by,
    )  # fmt: skip
    tied = User.objects.get(pk=cast["inspector_tinghu2"].pk)
    problems = refused(case, cast, officers=[cast["inspector_tinghu1"], tied]).problems
    assert ["应当回避" in problem.message for problem in problems] == [True]


def test_the_day_is_within_the_clock_and_something_is_new(case, cast):
    last = clocks.running(case).get(code=clocks.NONCONFORM).due_on
    for day in (today_here() - timedelta(days=1), last + timedelta(days=1)):
        assert [problem.field for problem in refused(case, cast, day=day).problems] == ["planned_on"]
    assert reassign(case, cast, day=last).site_checks.get().planned_on == last
    assert refused(case, cast, day=last).code == "FIL-117"
    take_step(fresh(case), "pause", actor=cast["reviewer_tinghu"], cause="EXPERTISE")
    assert refused(case, cast).code == "FIL-124"


# --- what was recorded
def test_another_day_and_one_more_officer_leave_what_was_recorded(case, cast):
    record(case, cast["inspector_tinghu1"], S01=("PASS", ""), S04=("FAIL", LEAK))
    before = case.site_checks.get()
    reassign(case, cast)
    reassign(case, cast, "inspector_tinghu1", "inspector_tinghu2", "reviewer_tinghu", day=today_here())
    after = case.site_checks.get()
    assert (after.items, after.summary, after.record_version) == (before.items, before.summary, before.record_version)


def test_who_is_taken_off_takes_the_word_along(case, as_user, cast):
    """Nobody vouches for what another saw: every point is open again, what was recorded stands beside it with the names."""
    record(case, cast["inspector_tinghu1"], S01=("PASS", ""), S04=("FAIL", LEAK))
    seen = case.site_checks.get().record_version
    reassign(case, cast, "inspector_tinghu1", "reviewer_tinghu")
    check = case.site_checks.get()
    assert {(item["result"], item["remark"]) for item in check.items} == {("", "")} and check.summary == ""
    former = {item["id"]: item["former"] for item in check.items if "former" in item}
    assert former == {
        "S01": {"result": "PASS", "remark": "", "by": "吴执法、郑执法"},
        "S04": {"result": "FAIL", "remark": LEAK, "by": "吴执法、郑执法"},
    }
    shown = as_user("inspector_tinghu1").get(f"/desk/site-checks/{check.pk}/").content.decode()
    assert f"此前记录（吴执法、郑执法）：不符合：{LEAK}" in shown and "checked" not in shown.split("<main")[1]
    history = text_of(as_user("reviewer_tinghu2").get(f"/desk/review/{case.no}/?pane=history").content.decode())
    assert "重新核实，核实情况：先看了一楼" in history
    kept = check.events.order_by("pgh_id").values_list("items", flat=True)  # what was recorded stays in the history
    assert LEAK in [item["remark"] for items in kept for item in items]
    for who, status, words in (
        ("inspector_tinghu1", 412, "核实人员已经改派"),
        ("inspector_tinghu2", 403, "只有指派的"),
    ):
        with pytest.raises(Rejected) as caught:
            record_site_check(check, results={}, summary="", conclude=False, actor=cast[who], expected_version=seen)
        assert caught.value.status == status and words in caught.value.problems[0].message


def test_two_replacements_in_a_row_keep_the_last_word_on_every_point(case, cast):
    record(case, cast["inspector_tinghu1"], S01=("PASS", ""), S04=("FAIL", LEAK))
    reassign(case, cast, "inspector_tinghu1", "reviewer_tinghu")
    record(case, cast["reviewer_tinghu"], S01=("FAIL", "门牌不符"))
    reassign(case, cast, "inspector_tinghu2", "reviewer_tinghu")
    former = {item["id"]: item.get("former") for item in case.site_checks.get().items}
    assert former["S01"] == {"result": "FAIL", "remark": "门牌不符", "by": "王审阅、吴执法"}
    assert former["S04"] == {"result": "FAIL", "remark": LEAK, "by": "吴执法、郑执法"}
    assert former["S02"] is None


# --- who is told
def test_all_three_kinds_of_officers_and_the_institution_are_told(case, cast, committed):
    gone, stays, comes = (cast[n] for n in ("inspector_tinghu2", "inspector_tinghu1", "reviewer_tinghu"))
    url = f"/desk/site-checks/{case.site_checks.get().pk}/"
    old = Notification.objects.create(user=gone, title="有现场核实任务", body="旧", url=url)
    with committed(execute=True):
        reassign(case, cast, "inspector_tinghu1", "reviewer_tinghu")
    body = told(cast["operator_xiaotaiyang"], "现场核实有调整").body
    for words in ("吴执法", "王审阅", in_words(tomorrow()), case.service_address):
        assert words in body
    assert REASON not in body and "郑执法" not in body
    for user, title in ((comes, "有现场核实任务"), (stays, "现场核实有调整")):
        message = told(user, title)
        assert in_words(tomorrow()) in message.body and message.url == url
    off = told(gone, "现场核实已改派他人")
    assert "您不用到场" in off.body and off.url == ""
    old.refresh_from_db()
    assert old.read_at is not None
    assert not Notification.objects.filter(user=gone, title="现场核实有调整").exists()


def test_desk_and_list_follow_the_officers(case, as_user, cast):
    reassign(case, cast, "inspector_tinghu1", "reviewer_tinghu")
    url = f"/desk/site-checks/{case.site_checks.get().pk}/"
    for name, goes in (("inspector_tinghu1", True), ("reviewer_tinghu", True), ("inspector_tinghu2", False)):
        due = [row["item"] for row in inbox_for(cast[name]).todo if row["item"].url == url]
        assert [row.day for row in due] == ([tomorrow()] if goes else []), name
        assert (url in as_user(name).get("/desk/site-checks/").content.decode()) is goes, name


def test_the_step_over_the_api(case, api):
    client, path = api("reviewer_tinghu2"), f"/api/v1/filings/{case.no}/"
    assert "reassign" in client.get(path).json()["actions"]
    version = f'"{fresh(case).record_version}"'
    body = {"officers": ["inspector_tinghu1"], "planned_on": str(tomorrow()), "reason": REASON}
    sent = {"content_type": "application/json", "headers": {"If-Match": version}}
    alone = client.post(f"{path}reassign/", body, **sent)
    assert (alone.status_code, alone.json()["code"]) == (422, "FIL-112")
    body["officers"].append("reviewer_tinghu")
    assert client.post(f"{path}reassign/", body, **sent).status_code == 200
    check = case.site_checks.get()
    assert check.planned_on == tomorrow() and check.officers.filter(username="reviewer_tinghu").exists()


def test_the_act_is_kept_with_all_names(case, cast):
    reassign(case, cast, "inspector_tinghu1", "reviewer_tinghu")
    act = Event.objects.of(case.subject).filter(action="filing.reassign").get()
    decided = act.data["decided_on"]
    assert act.data["reason"] == REASON and decided["planned_on"] == str(tomorrow())
    assert decided["taken_off"] == [cast["inspector_tinghu2"].pk] and decided["put_on"] == [cast["reviewer_tinghu"].pk]


# --- the second visit
def rectify(case: Filing, cast: Any) -> SiteCheck:
    answer_all(fresh(case), cast["operator_xiaotaiyang"])
    take_step(fresh(case), "rectify", actor=cast["operator_xiaotaiyang"])
    check: SiteCheck = case.site_checks.get(concluded_on=None)
    return check


def test_nobody_travels_on_the_day_a_rectification_came_in(filing_in, as_user, cast, committed, settings):
    case = filing_in("NONCONFORMING")
    with committed(execute=True):
        check = rectify(case, cast)
    day = add_workdays(today_here(), 5)
    assert settings.RECHECK_WORKDAYS == 5 and check.planned_on == day > today_here()
    operator, officer = cast["operator_xiaotaiyang"], cast["inspector_tinghu1"]
    assert in_words(day) in told(operator, "整改已提交，将再次现场核实").body
    assert "吴执法、郑执法" in told(operator, "整改已提交，将再次现场核实").body
    assert in_words(day) in told(officer, "有现场核实任务").body
    done = text_of(as_user("operator_xiaotaiyang").get(f"/desk/filings/{case.no}/done/").content.decode())
    assert f"计划于{in_words(day)}再次到现场核实" in done
    reassign(case, cast, day=tomorrow())
    assert case.site_checks.get(concluded_on=None).planned_on == tomorrow()


def test_a_second_visit_is_never_planned_past_its_clock(filing_in, cast, settings):
    settings.RECHECK_WORKDAYS = 60
    case = filing_in("NONCONFORMING")
    check = rectify(case, cast)
    assert check.planned_on == clocks.running(case).get(code=clocks.NONCONFORM).due_on


def test_a_visit_nobody_concluded_goes_on_as_the_second_one(case, cast):
    """Told what does not conform before the visit was concluded: a case has one open visit at a time."""
    record(case, cast["inspector_tinghu1"], S04=("FAIL", LEAK))
    take_step(fresh(case), "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场不一致", items=ITEMS)
    take_step(fresh(case), "nonconform", actor=cast["chief_tinghu"])
    check = rectify(case, cast)
    assert case.site_checks.get() == check and check.planned_on == add_workdays(today_here(), 5)
    point = next(item for item in check.items if item["id"] == "S04")
    assert point["result"] == "" and point["former"] == {"result": "FAIL", "remark": LEAK, "by": "吴执法、郑执法"}


def test_the_guide_says_when_the_second_visit_is(client):
    shown = text_of(client.get("/filing-guide/").content.decode())
    assert "整改后再次到现场核实" in shown and "5个工作日" in shown
