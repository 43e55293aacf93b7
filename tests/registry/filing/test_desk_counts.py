"""Each number on a desk is the length of the list behind its tile, for every role; and only what must be done counts."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from filing_cases import day

from registry.demo.accounts import ACCOUNTS
from registry.filing.states import STATES
from registry.models import Credential
from registry.registration.clocks import filing_due
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.desks import agenda_for, cards_for
from yancheng_childcare.models import Deadline
from yancheng_childcare.workdays import SHANGHAI, by_day

pytestmark = pytest.mark.django_db
# How one row of each list begins; “我的备案” has cards for what is not begun.
ROW = re.compile(r"<tbody>.*?</tbody>", re.S)


@pytest.fixture
def html_of(as_user):
    def get(who: str, path: str) -> str:
        return markup_of(as_user(who).get(path))

    return get


def rows_of(html: str, path: str) -> int:
    if path.startswith("/desk/registrations/irregular/"):
        return html.count('<article class="card')
    if path.startswith("/desk/filings/"):
        return sum(part.count("<tr>") for part in ROW.findall(html)) + html.count("开始备案<span")
    if path.startswith("/desk/site-checks/"):
        return len(re.findall(r'href="/desk/site-checks/\d+/"', html))
    return sum(part.count("<tr>") for part in ROW.findall(html))


@pytest.fixture
def busy(filing_in, institution, elsewhere, cast):
    """Something for everybody: a case on site, a proposal to sign, an unfiled, an irregular and a far institution."""
    from registry.filing.services import take_step

    case = filing_in("SUBMITTED")
    away = {"reason": "不属于本辖区", "competent": "盐都区卫生健康委员会"}
    take_step(case, "propose_reject", actor=cast["reviewer_tinghu"], **away)
    institution(name="盐城市禾苗儿童中心")
    elsewhere()
    return case


@pytest.mark.parametrize("who", [account.username for account in ACCOUNTS])
def test_every_number_is_the_length_of_the_list_behind_it(as_user, cast, busy, who):
    client = as_user(who)
    for card in cards_for(cast[who]):
        response = client.get(card["url"], follow=True)
        assert response.status_code == 200, card
        if card["count"] is not None:
            assert rows_of(markup_of(response), card["url"]) == card["count"], (who, card)


def tile(cast, who: str, title: str) -> dict:
    found = [card for card in cards_for(cast[who]) if card["title"] == title]
    assert found, f"{who} has no tile {title}"
    return found[0]


def test_a_new_operator_sees_the_filing_to_do_and_its_day(html_of, own, cast):
    assert tile(cast, "operator_xiaotaiyang", "我的备案")["count"] == 1
    html = html_of("operator_xiaotaiyang", "/desk/")
    assert "办理托育机构备案" in html
    assert by_day(filing_due(own.established_on), today_here()) in html
    assert f'<a href="/desk/registrations/{own.uscc}/">{own.name}</a>' in html
    assert 'href="/desk/registrations/"' not in html


def test_people_with_all_papers_are_no_work(ready, cast):
    card = tile(cast, "operator_xiaotaiyang", "从业人员")
    assert card["count"] == 0
    assert tile(cast, "reviewer_tinghu", "从业人员")["count"] is None


def test_a_paper_that_soon_runs_out_is_work(ready, own, html_of, cast):
    paper = Credential.objects.current().filter(institution=own, kind="HEALTH").first()
    type(paper).objects.filter(pk=paper.pk).update(valid_to=today_here() + timedelta(days=20))
    assert tile(cast, "operator_xiaotaiyang", "从业人员")["count"] == 1
    assert "将于" in html_of("operator_xiaotaiyang", "/desk/people/?show=gaps")


def test_the_chiefs_desk_begins_with_what_waits_for_a_signature(html_of, busy, cast):
    assert tile(cast, "chief_tinghu", "待签批")["count"] == 1
    rows, _ = agenda_for(cast["chief_tinghu"])
    assert rows[0]["due"].title == "签批不予收件"
    assert rows[0]["due"].url == f"/desk/review/{busy.no}/"
    assert busy.institution.name in html_of("chief_tinghu", "/desk/")


def test_a_reviewer_reads_the_case_and_its_last_day(filing_in, cast):
    case = filing_in("SUBMITTED")
    rows, _ = agenda_for(cast["reviewer_tinghu"], today_here() + timedelta(days=5))
    assert ("审查备案材料", case.institution.name) in [(row["due"].title, row["due"].whose) for row in rows]
    assert all(row["due"].day for row in rows)


@pytest.mark.parametrize(("state", "words"), [("RECEIPTED", "指派现场核实"), ("VERIFYING", "作出核实结论")])
def test_the_second_reviewer_and_not_the_first_is_asked_to_go_on_after_the_receipt(filing_in, cast, state, words):
    filing_in(state)
    until = today_here() + timedelta(days=40)

    def asked(who: str) -> bool:
        return words in [row["due"].title for row in agenda_for(cast[who], until)[0]]

    assert asked("reviewer_tinghu2")
    assert not asked("reviewer_tinghu"), "who issued the receipt may not"


def test_an_operator_reads_the_last_day_of_a_correction(filing_in, cast):
    case = filing_in("SUPPLEMENT")
    notice = case.notices.get()
    rows, _ = agenda_for(cast["operator_xiaotaiyang"])
    assert [(row["due"].title, row["due"].day) for row in rows] == [("补正备案材料", notice.due_on)]


@pytest.mark.parametrize("who", ["leader_city", "health_city", "auditor_city"])
def test_who_only_reads_is_offered_nothing_to_do(html_of, busy, who):
    html = html_of(who, "/desk/")
    for words in ("可以直接取下一件", "录入、变更和注销", "件待办", "件待签批", "重发"):
        assert words not in html


def test_the_states_of_the_institutions_turn_are_those_its_pages_call_so():
    assert all(state.task and state.todo for state in STATES.values() if state.turn)


LEFT = re.compile(r"(?:剩|超) \d+ 个工作日|今天到期")


@pytest.mark.parametrize(
    ("today", "shown"),
    [("2026-09-28", 6), ("2026-10-01", 4), ("2026-10-09", 2), ("2026-10-12", 0), ("2026-10-15", -3)],
)
def test_what_is_left_is_one_figure_in_working_days_wherever_it_is_read(filing_in, html_of, today, shown):
    """国庆 lies between; 10 October is a working Saturday. A desk looks seven natural days ahead."""
    case, reviewer = filing_in("SUBMITTED"), "reviewer_tinghu"
    clock = Deadline.objects.running().get(subject=case.subject, code="DL-RECEIPT")
    Deadline.objects.running().of(case.subject).exclude(pk=clock.pk).delete()
    Deadline.objects.filter(pk=clock.pk).update(started_on=day("2026-09-18"), due_on=day("2026-10-12"))
    words = "今天到期" if shown == 0 else f"{'剩' if shown > 0 else '超'} {abs(shown)} 个工作日"
    with time_machine.travel(datetime(*map(int, today.split("-")), 10, tzinfo=SHANGHAI), tick=False):
        pages = [html_of(reviewer, path) for path in ("/desk/review/?view=", f"/desk/review/{case.no}/")]
        pages.append(html_of("operator_xiaotaiyang", f"/desk/filings/{case.no}/"))
        if today > "2026-10-05":
            pages.append(html_of(reviewer, "/desk/"))
    assert [set(LEFT.findall(html)) for html in pages] == [{words}] * len(pages)


def test_a_clock_of_natural_days_says_working_days_too(filing_in, html_of):
    case = filing_in("NONCONFORMING")
    clock = Deadline.objects.running().get(subject=case.subject, code="DL-RECTIFY")
    Deadline.objects.filter(pk=clock.pk).update(started_on=day("2026-09-12"), due_on=day("2026-10-12"))
    with time_machine.travel(datetime(2026, 9, 28, 10, tzinfo=SHANGHAI), tick=False):
        for path in ("/desk/", f"/desk/filings/{case.no}/"):
            html = html_of("operator_xiaotaiyang", path)
            assert "剩 6 个工作日" in html and not re.search(r"剩 \d+ 天|还有 \d+ 天", html), path
