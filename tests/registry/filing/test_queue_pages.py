"""The queue: order, lights, counts, filters that are remembered, taking, assigning, areas."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.encoding import iri_to_uri
from filing_cases import answer_all, closure_plan, fresh, judge_all

from registry.filing.services import take_step
from registry.models import Filing, Institution, ReviewArea
from tests.pages import markup_of
from yancheng_childcare.deadlines import new_deadline, start_deadlines, today_here
from yancheng_childcare.models import Deadline
from yancheng_childcare.workdays import add_workdays, is_workday

pytestmark = pytest.mark.django_db
SIGNED_IN = 3
URL = "/desk/review/"


def page(client: Client, url: str = URL, status: int = 200) -> str:
    response = client.get(iri_to_uri(url))
    assert response.status_code == status, response.status_code
    assert len(response.content) < 200_000
    return html.unescape(markup_of(response))


def many(own: Institution, count: int, *, due: Any = None) -> list[Filing]:
    """Filings handed in, one per institution, with a running clock; written straight, the list only reads them."""
    today = today_here()
    base = {
        f.name: getattr(own, f.name) for f in Institution._meta.concrete_fields if f.name not in {"id", "uscc", "name"}
    }
    institutions = Institution.objects.bulk_create(
        Institution(**base, uscc=f"91320902MA9{n:07d}", name=f"盐城市第{n}号托育园") for n in range(count)
    )
    filings = Filing.objects.bulk_create(
        Filing(no=f"YC-TB-2026-9{n:05d}", institution=row, authority_id="320902-HEALTH", status="SUBMITTED")
        for n, row in enumerate(institutions)
    )
    start_deadlines(
        *(
            new_deadline(
                subject=filing.subject, code="DL-RECEIPT", label="出具备案回执", source="测试", region=own.region,
                days=(n % 9) + 1, today=due or today, kind="WORKDAYS",
            )
            for n, filing in enumerate(filings)
        )
    )  # fmt: skip
    return filings


def before(day: Any, n: int) -> Any:
    """The day `n` working days earlier."""
    return next(d for d in (day - timedelta(days=k) for k in range(60)) if is_workday(d) and add_workdays(d, n) == day)


def test_one_query_carries_lines_and_counts(own, as_user, django_assert_max_num_queries):
    many(own, 300)
    client = as_user("reviewer_tinghu")
    first = page(client)
    assert "共 300 件" in first
    # most urgent first: those due after one working day
    assert first.index("YC-TB-2026-900000") < first.index("YC-TB-2026-900009")
    assert 'class="tabs__count">300' in first
    with django_assert_max_num_queries(SIGNED_IN + 2) as captured:
        page(client, URL + "?page=3")
    assert len(captured) > SIGNED_IN
    chief = as_user("chief_tinghu")
    with django_assert_max_num_queries(SIGNED_IN + 4):
        page(chief)
    with django_assert_max_num_queries(SIGNED_IN + 4 + 5):  # the first filtered look also keeps the filter
        page(client, URL + "?status=FILED")


def test_lights_say_colour_word_and_number(office_open, own, as_user):
    filings = many(own, 3)
    today = today_here()
    for filing, (start, due, paused) in zip(
        filings,
        [
            (today - timedelta(days=30), before(today, 2), None),
            (today - timedelta(days=30), today, None),
            (today, add_workdays(today, 5), today),
        ],
        strict=True,
    ):
        Deadline.objects.filter(subject=filing.subject).update(started_on=start, due_on=due, paused_on=paused)
    Filing.objects.filter(pk=filings[2].pk).update(pause_reason="不可抗力")
    client = as_user("reviewer_tinghu")
    shown = page(client)
    assert "超期" in shown and "超 2 个工作日" in shown
    assert "今天到期" in shown
    assert "不可抗力" in shown
    assert filings[0].no in page(client, URL + "?view=overdue") and filings[1].no not in page(
        client, URL + "?view=overdue"
    )
    today_list = page(client, URL + "?view=today")
    assert filings[1].no in today_list and filings[0].no not in today_list
    grey = page(client, URL + "?light=grey")
    assert filings[2].no in grey and filings[0].no not in grey


def test_flags_and_tabs_follow_the_case(filing_in, cast, as_user, operator):
    case = filing_in("SUPPLEMENT")
    client = as_user("reviewer_tinghu")
    assert "没有等待审查的备案" in page(client)
    assert case.no in page(client, URL + "?status=SUPPLEMENT")
    page(client, URL + "?all=1", status=302)
    answer_all(case, operator)
    case = take_step(fresh(case), "resubmit", actor=operator)
    shown = page(client, URL + "?view=returned")
    assert case.no in shown and "补正已回" in shown
    judge_all(case, cast["reviewer_tinghu"], fees=("SUPPLEMENT", "收费标准没有写明"))
    take_step(fresh(case), "propose_return", actor=cast["reviewer_tinghu"], reason="首次没有看到收费表")
    assert "有待签批" in page(as_user("chief_tinghu"), URL + "?view=sign")


def test_a_requested_end_of_service_waits_in_the_queue(filing_in, as_user, operator):
    case = filing_in("FILED")
    client = as_user("reviewer_tinghu")
    assert case.no not in page(client)
    take_step(case, "request_closure", actor=operator, reason="不再经营", plan=closure_plan())
    shown = page(client)
    assert case.no in shown and "申请终止服务" in shown and "剩 10 个工作日" in shown


def test_filters_are_remembered_until_cleared(own, as_user):
    many(own, 3)
    client = as_user("reviewer_tinghu")
    shown = page(client, URL + "?q=第1号&status=&light=&kind=&town=&who=&view=")
    assert "900001" in shown and "900002" not in shown
    assert "去掉条件" in shown
    again = client.get(URL)
    assert again.status_code == 302
    assert "900002" not in page(client, again["Location"])
    assert "900001" not in page(client, URL + "?who=mine")
    assert client.get(URL + "?all=1").status_code == 302
    assert "900002" in page(client)
    # hand-made values count as not chosen
    assert "900002" in page(client, URL + "?status=x&light=pink&town=999&who=me&view=zzz&page=abc")


def test_hostile_search_is_only_text(own, as_user):
    many(own, 1)
    shown = as_user("reviewer_tinghu").get(URL, {"q": "'\"><script>alert(1)</script>%_\\"})
    assert shown.status_code == 200
    assert b"<script>alert" not in shown.content
    assert "没有符合条件的备案" in markup_of(shown)


@pytest.mark.parametrize("who", ["health_city", "legal_city", "auditor_city", "leader_city"])
def test_readers_see_the_list_without_controls(filing_in, as_user, who):
    case = filing_in("SUBMITTED")
    client = as_user(who)
    shown = page(client)
    assert case.no in shown
    assert "取下一件" not in shown and "指派勾选的备案" not in shown
    assert client.post(URL + "next/").status_code == 403
    assert client.post(URL + "assign/").status_code == 403


def test_another_county_sees_nothing(filing_in, as_user):
    case = filing_in("SUBMITTED")
    assert case.no not in page(as_user("reviewer_dongtai"))


def test_take_next_gives_the_most_urgent_once(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    answer = client.post(URL + "next/")
    assert answer.status_code == 302 and answer["Location"] == f"{URL}{case.no}/"
    assert fresh(case).assigned_to_id == cast["reviewer_tinghu"].pk
    nothing = as_user("reviewer_tinghu2").post(URL + "next/", follow=True)
    assert "没有等待承办的备案" in markup_of(nothing)
    assert case.no in page(client, URL + "?who=mine")


def test_a_chief_assigns_ticked_cases_all_or_none(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    chief, reviewer = as_user("chief_tinghu"), cast["reviewer_tinghu2"]
    assert 'form="assign"' in page(chief)
    empty = chief.post(URL + "assign/", {})
    assert empty.status_code == 422
    assert "请先勾选" in markup_of(empty) and "请选择承办人" in markup_of(empty)
    wrong = chief.post(URL + "assign/", {"filing": [case.no, "YC-TB-2026-000000"], "to": reviewer.pk})
    assert wrong.status_code == 422 and fresh(case).assigned_to_id is None
    assert "checked" in markup_of(wrong)
    stranger = chief.post(URL + "assign/", {"filing": case.no, "to": cast["reviewer_dongtai"].pk})
    assert stranger.status_code == 422
    assert chief.post(URL + "assign/", {"filing": case.no, "to": reviewer.pk}).status_code == 302
    assert fresh(case).assigned_to_id == reviewer.pk


def test_areas_decide_who_gets_new_cases(ready, as_user, cast, operator):
    chief, reviewer = as_user("chief_tinghu"), cast["reviewer_tinghu2"]
    town = ready.institution.town_id
    shown = page(chief, URL + "areas/")
    assert f'name="town-{town}"' in shown and "李复核" in shown
    assert "town-320981100" not in shown
    bad = chief.post(URL + "areas/", {f"town-{town}": cast["reviewer_dongtai"].pk})
    assert bad.status_code == 422 and not ReviewArea.objects.exists()
    assert chief.post(URL + "areas/", {f"town-{town}": reviewer.pk}).status_code == 302
    assert ReviewArea.objects.get().reviewer_id == reviewer.pk
    assert "没有改动" in markup_of(chief.post(URL + "areas/", {f"town-{town}": reviewer.pk}, follow=True))
    case = take_step(fresh(ready), "submit", actor=operator)
    assert fresh(case).assigned_to_id == reviewer.pk
    assert chief.post(URL + "areas/", {}).status_code == 302
    assert not ReviewArea.objects.exists()
    assert as_user("reviewer_tinghu").get(URL + "areas/").status_code == 403


def test_overdue_by_calendar_days_ahead(own, as_user):
    """A case handed in long ago is red without anybody touching it."""
    filings = many(own, 1, due=today_here() - timedelta(days=40))
    shown = page(as_user("reviewer_tinghu"), URL + "?light=red")
    assert filings[0].no in shown
