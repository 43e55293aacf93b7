"""Reconciliation: every number and its list agree, in scope, within the budget; the funnel narrows; the file is safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from filing_cases import change_fees, judge_all

from registry.filing import figures
from registry.filing.services import take_step
from registry.models import Filing, Institution
from registry.registration.services import change_institution, end_registration, record_filing
from yancheng_childcare.deadlines import today_here

URL = "/desk/reconciliation/"
SIGNED_IN = 3


def flags_of(rows: Any) -> list[dict[str, bool]]:
    """The flags of every institution."""
    return [dict(zip(figures.FLAGS, row, strict=True)) for row in rows.values_list(*figures.FLAGS)]


@pytest.fixture
def city(filing_in, institution, elsewhere, cast) -> dict[str, Institution]:
    """One institution of each kind."""
    today = today_here()
    filing_in("FILED")
    old, young = (today - timedelta(days=90)).isoformat(), (today - timedelta(days=5)).isoformat()
    days = lambda day: {"established_on": day, "approved_on": day, "valid_from": day}  # noqa: E731  shorter than a def
    national = institution(**days(old))
    record_filing(national, filing_no="BA-0001", filed_on=today, actor=cast["reviewer_tinghu"])
    gone = institution()
    record_filing(gone, filing_no="BA-0002", filed_on=today, actor=cast["reviewer_tinghu"])
    end_registration(gone, step="cancel", reason="申请注销", terminated_on=today, actor=cast["registrar_tinghu"])
    return {
        "late": institution(name="=盐城市公式托育服务有限公司", **days(old)),
        "young": institution(**days(young)),
        "national": national,
        "gone": gone,
        "away": elsewhere(**days(old)),
    }


def test_every_number_is_the_length_of_its_list(city, cast):
    """A figure says the same twice: of known flags and as a filter."""
    every = flags_of(figures.with_flags(Institution.objects.all()))
    user = cast["health_city"]
    seen = Institution.objects.visible_to(user, user.roles)
    for key, figure in figures.LIFE.figures.items():
        assert figures.LIFE.behind(seen, key).count() == sum(figure.holds(flags) for flags in every)
    rows, total = figures.LIFE.by_area(user, user.roles, [("320902", "亭湖区"), ("320981", "东台市")])
    for key in figures.LIFE.figures:
        assert total.counts[key] == sum(row.counts[key] for row in rows)
    widths = [total.counts[figure.key] for figure in figures.FUNNEL]
    assert widths == sorted(widths, reverse=True)
    assert total.counts == {
        "registered": 5, "running": 2, "filed": 2, "suspected": 0, "late60": 2, "late30": 2, "ended": 1, "differs": 0, "nonconforming": 0,
        "national": 1, "suspended": 0, "unknown": 3,
    }  # fmt: skip


def test_the_page_its_lists_and_its_scope(city, as_user, django_assert_max_num_queries):
    client = as_user("health_city")
    client.get(URL)
    with django_assert_max_num_queries(6 + SIGNED_IN):
        html = client.get(URL).content.decode()
    assert "登记存续 5 家，其中运营 2 家，备案有效 2 家" in html
    assert "?kind=late60&amp;region=320981" in html
    with django_assert_max_num_queries(6 + SIGNED_IN):
        page = client.get(f"{URL}?kind=late60").content.decode()
    assert city["late"].uscc in re.sub(r"<[^>]+>", "", page)
    assert city["away"].uscc in re.sub(r"<[^>]+>", "", page)
    assert city["young"].uscc not in re.sub(r"<[^>]+>", "", page)
    one = re.sub(r"<[^>]+>", "", client.get(f"{URL}?kind=late60&region=320981").content.decode())
    assert city["away"].uscc in one
    assert city["late"].uscc not in one
    own = as_user("reviewer_tinghu")
    html = own.get(URL).content.decode()
    assert "东台市" not in html
    shown = re.sub(r"<[^>]+>", "", own.get(f"{URL}?kind=late60&region=320981").content.decode())
    assert city["away"].uscc not in shown
    assert own.get(f"{URL}?kind=nothing&region=%27&before=x").status_code == 200
    assert as_user("operator_xiaotaiyang").get(URL).status_code == 403
    assert own.post(URL).status_code in {403, 405}


def test_a_change_of_the_registration_shows_until_the_filing_follows(city, cast, as_user):
    own = Institution.objects.get(uscc="91320902MA1TYC011T")
    change_institution(
        own, changes={"name": "盐城市大太阳托育服务有限公司"}, actor=cast["registrar_tinghu"],
        expected_version=own.record_version,
    )  # fmt: skip
    desk = as_user("chief_tinghu")
    words = "备案名称“盐城市小太阳托育服务有限公司”，登记名称“盐城市大太阳托育服务有限公司”"
    assert words in desk.get(f"{URL}?kind=differs").content.decode()
    case, operator, first = Filing.objects.get(institution=own), cast["operator_xiaotaiyang"], cast["reviewer_tinghu"]
    case = take_step(case, "start_change", actor=operator)
    change_fees(case, operator)
    case = take_step(case, "submit_change", actor=operator)
    assert words in desk.get(f"{URL}?kind=differs").content.decode()  # asked for is not yet accepted
    judge_all(case, first)
    take_step(case, "approve_change", actor=first)
    html = desk.get(f"{URL}?kind=differs").content.decode()
    assert words not in html and own.uscc not in re.sub(r"<[^>]+>", "", html)


def test_somebody_in_post_without_a_filing_is_running(draft, ready, as_user, cast):
    rows = figures.LIFE.behind(Institution.objects.all(), "suspected")
    assert [row.uscc for row in rows] == ["91320902MA1TYC011T"]
    assert "人员台账有在岗人员" in as_user("reviewer_tinghu").get(f"{URL}?kind=suspected").content.decode()


def test_the_suspended_are_not_running(filing_in, cast):
    filing_in("SUSPENDED")
    keys = {key for key in figures.LIFE.figures if figures.LIFE.behind(Institution.objects.all(), key).exists()}
    assert keys == {"registered", "filed", "suspended"}


def test_the_files_hold_what_the_page_shows(city, as_user):
    client: Any = as_user("health_city")
    read: Callable[[str], str] = lambda query: b"".join(  # noqa: E731  shorter than a def
        client.get(f"{URL}?{query}").streaming_content
    ).decode("utf-8-sig")
    counts = read("format=csv").splitlines()
    assert counts[0].startswith("县（市、区）,登记,运营,备案,")
    assert counts[-1].startswith("合计,5,2,2,")
    rows = read("kind=late60&format=csv")
    assert city["late"].uscc in rows
    assert "'=盐城市公式托育" in rows
    assert city["away"].uscc not in read("kind=late60&region=320902&format=csv")


def test_empty(as_user, reference):
    html = as_user("auditor_city").get(URL).content.decode()
    assert "登记存续 0 家" in html
    assert "没有这样的机构" in as_user("auditor_city").get(f"{URL}?kind=ended").content.decode()
