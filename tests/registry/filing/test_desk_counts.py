"""Filing on the desks: each person reads what it must do, what others do, what was done; each number is a list's length."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from filing_cases import closure_plan, day, pass_on_site

from casework.inbox import inbox_for
from registry.demo.accounts import ACCOUNTS
from registry.filing.services import take_step
from registry.filing.states import AUTHORITY, STATES
from registry.models import Credential
from registry.registration.clocks import filing_due
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.desks import lists_of, menu_of
from yancheng_childcare.models import Deadline
from yancheng_childcare.workdays import SHANGHAI, by_day, in_words

pytestmark = pytest.mark.django_db
ROW = re.compile(r"<tbody>.*?</tbody>", re.S)
LISTS = re.compile(r'<ol class="inbox">.*?</ol>', re.S)
AWAY = {"reason": "不属于本辖区", "competent": "盐都区卫生健康委员会"}


@pytest.fixture
def html_of(as_user):
    def get(who: str, path: str) -> str:
        return markup_of(as_user(who).get(path))

    return get


def rows_of(html: str, path: str) -> int:
    if path.startswith("/desk/registrations/irregular/"):
        return html.count('<article class="card')
    return sum(part.count("<tr>") for part in ROW.findall(html))


def todo(cast: dict[str, Any], who: str, today: date | None = None) -> list[tuple[str, str]]:
    """(what, whose) of the lines of what this person must do."""
    return [(row["item"].state.task, row["item"].whose) for row in inbox_for(cast[who], today).todo]


def under_way(cast: dict[str, Any], who: str) -> list[tuple[str, str]]:
    """(next step, whose turn) of what others have to do."""
    return [(row["item"].state.task, row["item"].turn) for row in inbox_for(cast[who]).under_way]


def ended(cast: dict[str, Any], who: str) -> list[str]:
    """What was decided, the newest first."""
    return [item.matter for item in inbox_for(cast[who]).ended]


@pytest.fixture
def busy(filing_in, institution, elsewhere, cast):
    """Something for everybody: a case on site, a proposal to sign, an unfiled, an irregular and a far institution."""
    case = filing_in("SUBMITTED")
    take_step(case, "propose_reject", actor=cast["reviewer_tinghu"], **AWAY)
    institution(name="盐城市禾苗儿童中心")
    elsewhere()
    return case


@pytest.mark.parametrize("who", [account.username for account in ACCOUNTS])
def test_every_number_is_the_length_of_the_list_behind_it(as_user, cast, busy, who):
    client, user = as_user(who), cast[who]
    for found in lists_of(user):
        assert rows_of(markup_of(client.get(found.url, follow=True)), found.url) == found.rows, (who, found)
    html, lines = markup_of(client.get("/desk/?all")), inbox_for(user).todo
    shown = re.findall(r'inbox__total">([\d,]+) 件', html)
    assert shown == ([str(len(lines))] if lines else [])
    if lines:
        assert LISTS.findall(html)[0].count("<li>") == len(lines)


@pytest.mark.parametrize("who", [account.username for account in ACCOUNTS])
def test_every_line_and_every_entrance_opens(as_user, cast, busy, who):
    client, inbox = as_user(who), inbox_for(cast[who])
    items = [row["item"] for row in (*inbox.todo, *inbox.under_way)] + inbox.ended
    links = [entrance["url"] for _, part in menu_of(cast[who]) for entrance in part]
    for url in [*(item.url for item in items), *links]:
        assert client.get(url, follow=True).status_code == 200, (who, url)


def test_a_new_operator_reads_the_day_by_which_to_file(html_of, own, cast):
    due = filing_due(own.established_on)
    until = in_words(due, today_here()).partition("（")[0]
    assert todo(cast, "operator_xiaotaiyang") == [(f"您的机构应在{until}前备案", own.name)]
    html = html_of("operator_xiaotaiyang", "/desk/")
    assert f'<a href="/desk/filings/start/?matter=first">您的机构应在{until}前备案</a>' in html
    assert by_day(due, today_here()) in html
    assert f'<a href="/desk/registrations/{own.uscc}/">{own.name}</a>' in html
    assert 'href="/desk/registrations/"' not in html
    assert "录入、变更" not in html


def test_people_with_all_papers_are_no_work(ready, cast):
    assert [found.rows for found in lists_of(cast["operator_xiaotaiyang"])] == [0]
    assert not any("从业人员的证件" in task for task, _ in todo(cast, "operator_xiaotaiyang"))
    assert not any("从业人员的证件" in found.task for found in lists_of(cast["reviewer_tinghu"]))


def test_a_paper_that_soon_runs_out_is_work(ready, own, html_of, cast):
    paper = Credential.objects.current().filter(institution=own, kind="HEALTH").first()
    type(paper).objects.filter(pk=paper.pk).update(valid_to=today_here() + timedelta(days=20))
    assert todo(cast, "operator_xiaotaiyang")[-1] == ("补齐或更新从业人员的证件", "1 人")
    assert "将于" in html_of("operator_xiaotaiyang", "/desk/people/?show=gaps")


def test_the_chiefs_desk_begins_with_what_waits_for_a_signature(html_of, busy, cast):
    Deadline.objects.running().of(busy.subject).update(due_on=today_here() + timedelta(days=60))
    first = inbox_for(cast["chief_tinghu"]).todo[0]["item"]
    assert (first.state.task, first.url) == ("签批不予收件", f"/desk/review/{busy.no}/")
    assert first.state.waits == "王审阅和机构"
    assert busy.institution.name in html_of("chief_tinghu", "/desk/")
    assert "签批不予收件" not in [task for task, _ in todo(cast, "reviewer_tinghu")]
    assert under_way(cast, "reviewer_tinghu") == [("签批提请的决定", "亭湖卫健委 负责人")]
    assert under_way(cast, "operator_xiaotaiyang") == [("审查备案材料", "亭湖卫健委 王审阅")], "nothing is decided yet"


def test_what_the_chief_signed_is_done_for_everybody_it_concerns(busy, cast):
    take_step(busy, "reject", actor=cast["chief_tinghu"])
    for who in ("chief_tinghu", "reviewer_tinghu", "operator_xiaotaiyang"):
        assert ended(cast, who) == ["不予收件"], who
    assert ended(cast, "reviewer_tinghu2") == []
    with time_machine.travel(datetime.now(SHANGHAI) + timedelta(days=32)):
        assert ended(cast, "chief_tinghu") == []


def test_a_reviewer_reads_the_case_its_last_day_and_who_waits(filing_in, cast, html_of):
    case = filing_in("SUBMITTED")
    item = next(row["item"] for row in inbox_for(cast["reviewer_tinghu"]).todo if row["item"].day)
    assert (item.state.task, item.whose, item.state.waits) == ("审查备案材料", case.institution.name, "机构")
    assert item.follows == "齐全的出具备案回执，不齐全的一次告知全部要补的内容。"
    html = html_of("reviewer_tinghu", "/desk/")
    assert item.follows in html
    assert "机构在等" in html


def test_a_case_somebody_else_has_is_on_nobody_elses_desk(filing_in, cast):
    case = filing_in("SUBMITTED")
    type(case).objects.filter(pk=case.pk).update(assigned_to=cast["reviewer_tinghu2"])
    line = ("审查备案材料", case.institution.name)
    assert line in todo(cast, "reviewer_tinghu2")
    assert line not in todo(cast, "reviewer_tinghu")
    assert under_way(cast, "reviewer_tinghu") == []


def test_a_clock_that_stands_still_hurries_nobody(filing_in, cast, html_of):
    case = filing_in("SUBMITTED")
    take_step(case, "pause", actor=cast["reviewer_tinghu"], cause="FORCE_MAJEURE")
    assert "审查备案材料" not in [task for task, _ in todo(cast, "reviewer_tinghu")]
    assert [row["word"] for row in inbox_for(cast["reviewer_tinghu"]).under_way] == ["暂停计时"]
    assert "（不可抗力）" in html_of("reviewer_tinghu", "/desk/")


def asked(cast: dict[str, Any], who: str, today: date | None = None) -> list[str]:
    return [task for task, _ in todo(cast, who, today)]


def test_the_second_reviewer_and_not_the_first_sends_the_officers(filing_in, cast):
    filing_in("RECEIPTED")
    assert "指派现场核实" in asked(cast, "reviewer_tinghu2")
    assert "指派现场核实" not in asked(cast, "reviewer_tinghu"), "who issued the receipt may not"
    assert ("指派现场核实", "亭湖卫健委 王审阅") in under_way(cast, "reviewer_tinghu")


def test_a_visit_is_first_the_officers_then_the_second_reviewers(filing_in, cast):
    case = filing_in("VERIFYING")
    visit = ("到场现场核实", case.institution.name)
    assert todo(cast, "inspector_tinghu1") == [visit]
    assert under_way(cast, "operator_xiaotaiyang") == [("到场现场核实", "亭湖卫健委 核实人员")]
    assert under_way(cast, "reviewer_tinghu2") == [("到场现场核实", "亭湖卫健委 核实人员")]
    assert asked(cast, "reviewer_tinghu2") == []
    tomorrow = today_here() + timedelta(days=1)
    assert asked(cast, "reviewer_tinghu2", tomorrow) == ["现场核实过了计划日，催办或改派"]
    late = inbox_for(cast["operator_xiaotaiyang"], tomorrow).under_way
    assert [row["item"].state.task for row in late] == ["作出核实结论"], "who is late stays inside"
    pass_on_site(case, cast["inspector_tinghu1"])
    assert asked(cast, "reviewer_tinghu2") == ["作出核实结论"]
    assert "作出核实结论" not in asked(cast, "reviewer_tinghu")
    assert (todo(cast, "inspector_tinghu1"), ended(cast, "inspector_tinghu1")) == ([], ["现场核实：全部符合"])


def test_an_operator_reads_the_last_day_of_a_correction(filing_in, cast):
    case = filing_in("SUPPLEMENT")
    rows = inbox_for(cast["operator_xiaotaiyang"]).todo
    assert [(row["item"].state.task, row["item"].day) for row in rows] == [("补正备案材料", case.notices.get().due_on)]
    assert under_way(cast, "reviewer_tinghu") == [("补正备案材料", "机构")]


def test_the_end_that_was_asked_for_is_the_reviewers_work(filing_in, cast):
    case = filing_in("FILED")
    assert ended(cast, "operator_xiaotaiyang") == ["核实符合"]
    take_step(case, "request_closure", actor=cast["operator_xiaotaiyang"], reason="不再经营", plan=closure_plan())
    assert ("核对安置和退费，注销备案", case.institution.name) in todo(cast, "reviewer_tinghu")
    assert under_way(cast, "operator_xiaotaiyang")[0][0] == "核对安置和退费，注销备案"
    take_step(case, "cancel", actor=cast["reviewer_tinghu"], reason="机构申请终止服务")
    assert ended(cast, "operator_xiaotaiyang") == ["注销备案", "核实符合"]
    assert under_way(cast, "operator_xiaotaiyang") == []


def test_a_rescission_goes_from_the_lawyer_to_the_chief(filing_in, cast):
    case = filing_in("FILED")
    basis = {"reason": "查实材料虚假", "clause": "登记和备案办法"}
    take_step(case, "propose_rescind", actor=cast["reviewer_tinghu"], **basis)
    assert under_way(cast, "reviewer_tinghu") == [("法制审核", "法制审核人员")]
    assert under_way(cast, "operator_xiaotaiyang") == [], "nothing is decided yet"
    assert todo(cast, "legal_city") == [("法制审核：撤销备案", case.institution.name)]
    assert "签批撤销备案" not in [task for task, _ in todo(cast, "chief_tinghu")]
    take_step(case, "legal_review", actor=cast["legal_city"], reason="事实清楚", agrees=True)
    assert (todo(cast, "legal_city"), under_way(cast, "legal_city")[0][0]) == ([], "签批提请的决定")
    assert under_way(cast, "reviewer_tinghu") == [("签批提请的决定", "亭湖卫健委 负责人")]
    assert todo(cast, "chief_tinghu")[0][0] == "签批撤销备案"


@pytest.mark.parametrize("who", ["leader_city", "health_city", "auditor_city"])
def test_who_only_reads_is_offered_nothing_to_do(html_of, busy, who):
    html = html_of(who, "/desk/")
    for words in ("可以直接取下一件", "录入、变更和注销", "签批", "重发", "按时限答复", "联系成立满"):
        assert words not in html


def test_the_states_of_the_institutions_turn_are_those_its_pages_call_so():
    assert all(state.task and state.todo for state in STATES.values() if state.turn)
    assert all(state.then and state.waits for state in STATES.values() if state.turn == AUTHORITY)


LEFT = re.compile(r"(?:剩|超) \d+ 个工作日|今天到期")


@pytest.mark.parametrize(
    ("today", "shown"),
    [("2026-09-28", 6), ("2026-10-01", 4), ("2026-10-09", 2), ("2026-10-12", 0), ("2026-10-15", -3)],
)
def test_what_is_left_is_one_figure_in_working_days_wherever_it_is_read(filing_in, html_of, today, shown):
    """国庆 lies between; 10 October is a working Saturday."""
    case, reviewer = filing_in("SUBMITTED"), "reviewer_tinghu"
    clock = Deadline.objects.running().get(subject=case.subject, code="DL-RECEIPT")
    Deadline.objects.running().of(case.subject).exclude(pk=clock.pk).delete()
    Deadline.objects.filter(pk=clock.pk).update(started_on=day("2026-09-18"), due_on=day("2026-10-12"))
    words = "今天到期" if shown == 0 else f"{'剩' if shown > 0 else '超'} {abs(shown)} 个工作日"
    with time_machine.travel(datetime(*map(int, today.split("-")), 10, tzinfo=SHANGHAI), tick=False):
        pages = [html_of(reviewer, path) for path in ("/desk/review/?view=", f"/desk/review/{case.no}/")]
        pages.append(html_of("operator_xiaotaiyang", f"/desk/filings/{case.no}/"))
        pages += [html_of(who, "/desk/") for who in (reviewer, "operator_xiaotaiyang")]
    assert [set(LEFT.findall(html)) for html in pages] == [{words}] * len(pages)


def test_a_clock_of_natural_days_says_working_days_too(filing_in, html_of):
    case = filing_in("NONCONFORMING")
    clock = Deadline.objects.running().get(subject=case.subject, code="DL-RECTIFY")
    Deadline.objects.filter(pk=clock.pk).update(started_on=day("2026-09-12"), due_on=day("2026-10-12"))
    with time_machine.travel(datetime(2026, 9, 28, 10, tzinfo=SHANGHAI), tick=False):
        for path in ("/desk/", f"/desk/filings/{case.no}/"):
            html = html_of("operator_xiaotaiyang", path)
            assert "剩 6 个工作日" in html and not re.search(r"剩 \d+ 天|还有 \d+ 天", html), path
