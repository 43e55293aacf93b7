"""The desk of everybody, and a type of case it has never heard of: declared by its states and one source, and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casework import inbox
from casework.inbox import Item, Source, inbox_for
from casework.pages.desk import SHOWN
from casework.types import SYSTEM, State
from registry.demo.accounts import ACCOUNTS
from registry.registration.clocks import filing_due
from tests.pages import markup_of
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Notification
from yancheng_childcare.workdays import add_workdays, in_words

pytestmark = pytest.mark.django_db
OWN_USCC = "91320902MA1TYC011T"
# A repair somebody asked for: three states, their words, and nothing else.
REPAIR = {
    "ASKED": State("yellow", Role.GRID, "上门查看损坏", following="看过后，由维修单位修理。", waits="家长"),
    "IN_WORK": State("yellow", Role.ASSESSOR, "修理", then="修好后验收。"),
    "WAITING": State("grey", SYSTEM, "质保期满归档"),
    "MENDED": State("green"),
}
URL = "/about/"
# Queries of a warm desk besides session, person and duties; the smallest number that serves each role.
BUDGET = {
    Role.REGISTRAR: 6, Role.REVIEWER: 8, Role.CHIEF: 8, Role.GRID: 1, Role.POLICE: 3, Role.OPERATOR: 7, Role.INSPECTOR: 2,
    Role.LEGAL: 1, Role.HEALTH_CITY: 1, Role.INTEGRATOR: 1, Role.HEAD: 1, Role.RECEIVER: 1,
    Role.PLANNER: 1, Role.WITNESS: 1, Role.ADMIN: 4,
}  # fmt: skip
SIGNED_IN = 3


@pytest.fixture
def desk(as_user: Callable[[str], Client]) -> Callable[..., str]:
    """The page of somebody."""
    return lambda who, query="": markup_of(as_user(who).get(f"/desk/{query}"))


@pytest.fixture
def repairs(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The repairs that concern the grid officers."""

    def declare(*rows: dict[str, Any]) -> None:
        def items(user: Any, today: date, since: datetime) -> Iterator[Item]:
            for row in rows:
                state = REPAIR[row.pop("at")]
                yield Item(state, "维修", row.pop("whose", "向阳托育"), row.pop("url", URL), **row)

        monkeypatch.setattr(inbox, "_sources", [Source(frozenset({Role.GRID}), items)])

    return declare


def lists_in(html: str) -> dict[str, list[str]]:
    """Heading → its lines as plain words."""
    found = {}
    for heading, body in re.findall(r"<h2 id=\"[a-z-]+\">(.*?)</h2>(.*?)</section>", html, re.S):
        lines = re.findall(r"<li>(.*?)</li>", body, re.S)
        found[re.sub(r"<.*", "", heading, flags=re.S).strip()] = [
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in lines
        ]
    return found


def test_a_new_type_of_case_is_in_the_three_lists_by_its_states_and_one_source(desk, repairs):
    day = add_workdays(today_here(), 1)
    repairs(
        {"at": "ASKED", "day": day, "mine": True},
        {"at": "IN_WORK", "whose": "晨光托育", "day": day, "url": "/accessibility/"},
        {"at": "WAITING", "whose": "新芽托育", "url": "/error-codes/"},
        {"at": "MENDED", "whose": "小苗托育", "ended_on": today_here()},
    )
    found = lists_in(desk("grid_tinghu"))
    until = f"{in_words(day, today_here())}前（含当日）"
    assert found["今天要办"] == [f"上门查看损坏 看过后，由维修单位修理。 向阳托育 家长在等 剩 1 个工作日 {until}"]
    assert found["进行中"] == [
        f"维修 下一步：修理 晨光托育 轮到：评估机构人员 剩 1 个工作日 {until}",
        "维修 下一步：质保期满归档 新芽托育 轮到：到期自动办理 没有时限",
    ]
    assert found["近期办结"] == [f"维修 小苗托育 {today_here().isoformat()}"]
    assert lists_in(desk("assessor_a1")) == {"我的职责": []}, "a source is asked only for its roles"


def test_what_only_this_person_can_do_is_first_then_what_is_due_then_what_stands_still(repairs, cast):
    today = today_here()
    repairs(
        {"at": "ASKED", "whose": "没有时限", "mine": True},
        {"at": "ASKED", "whose": "暂停", "mine": True, "day": today, "paused": "等待配件"},
        {"at": "ASKED", "whose": "今天", "mine": True, "day": today},
        {"at": "ASKED", "whose": "已超期", "mine": True, "day": today - timedelta(days=20)},
        {"at": "ASKED", "whose": "待签批", "mine": True, "day": today + timedelta(days=30), "first": True},
    )
    rows = inbox_for(cast["grid_tinghu"]).todo
    assert [row["item"].whose for row in rows] == ["待签批", "已超期", "今天", "没有时限", "暂停"]
    assert [row["light"] for row in rows] == ["green", "red", "yellow", "plain", "grey"]


def test_a_case_this_person_acts_on_is_not_also_under_way(repairs, cast):
    repairs(
        {"at": "ASKED", "mine": True},
        {"at": "IN_WORK"},
        {"at": "IN_WORK", "url": "/other/"},
        {"at": "IN_WORK", "url": "/other/"},
    )
    found = inbox_for(cast["grid_tinghu"])
    assert ([row["item"].url for row in found.todo], [row["item"].url for row in found.under_way]) == (
        [URL],
        ["/other/"],
    )


def test_a_long_list_says_how_long_it_is_and_opens_as_a_whole(desk, repairs):
    repairs(*({"at": "ASKED", "whose": f"机构{n}", "mine": True} for n in range(SHOWN + 3)))
    html = desk("grid_tinghu")
    assert len(lists_in(html)["今天要办"]) == SHOWN
    assert f'<span class="inbox__total">{SHOWN + 3} 件</span>' in html
    assert f'<a href="?all">显示全部 {SHOWN + 3} 件</a>' in html


def test_the_whole_list_has_every_line(desk, repairs):
    repairs(*({"at": "ASKED", "whose": f"机构{n}", "mine": True} for n in range(SHOWN + 3)))
    html = desk("grid_tinghu", "?all")
    assert len(lists_in(html)["今天要办"]) == SHOWN + 3
    assert "显示全部" not in html


def test_only_the_newest_eight_that_were_done_are_shown(repairs, cast):
    days = [today_here() - timedelta(days=n) for n in range(12)]
    repairs(*({"at": "MENDED", "whose": str(day), "ended_on": day} for day in reversed(days)))
    assert [item.ended_on for item in inbox_for(cast["grid_tinghu"]).ended] == days[:8]


def test_every_list_says_when_it_is_empty(desk, repairs):
    repairs()
    html = desk("grid_tinghu")
    for words in ("现在没有要您办的事", "没有正由别人办理的事项", "最近 30 天没有办结的事项"):
        assert words in html
    assert "inbox__total" not in html


def test_whose_duty_opens_nothing_is_told_what_comes(desk):
    html = desk("assessor_a1")
    assert "您的职责已经生效，对应的功能还没有开放。开放后从这里进入" in html
    assert list(lists_in(html)) == ["我的职责"]


@pytest.mark.parametrize("who", [account.username for account in ACCOUNTS])
def test_everybody_gets_a_desk_within_its_budget(as_user, cast, institution, elsewhere, who):
    institution(uscc=OWN_USCC, name="盐城市小太阳儿童中心")
    elsewhere()
    client = as_user(who)
    client.get("/desk/")
    with CaptureQueriesContext(connection) as asked:
        response = client.get("/desk/")
    assert response.status_code == 200
    roles = cast[who].roles
    assert len(asked) - SIGNED_IN <= sum(BUDGET.get(role, 0) for role in roles), [query["sql"][:90] for query in asked]
    html = markup_of(response)
    assert html.count("<h1") == 1
    assert lists_in(html)["我的职责"] == []
    assert "<table" not in html, "lists do not overflow a telephone"


def test_a_new_operator_reads_by_when_to_file(desk, institution):
    day = today_here() - timedelta(days=3)
    place = institution(uscc=OWN_USCC, established_on=str(day), approved_on=str(day), valid_from=str(day))
    until = in_words(filing_due(day), today_here())
    line = lists_in(desk("operator_xiaotaiyang"))["今天要办"][0]
    assert line.startswith(f"您的机构应在{until.partition('（')[0]}前备案 登记信息已经带入")
    assert f"{place.name} 备案机关在等" in line
    assert line.endswith(f"{until}前（含当日）")


def test_an_operator_reads_no_word_of_what_others_do(desk, institution):
    institution(uscc=OWN_USCC)
    html = desk("operator_xiaotaiyang")
    assert [words for words in ("录入", "注销登记", "推送", "审查备案") if words in html] == []
    offered = [line.partition(" ")[0] for line in lists_in(html)["全部功能"]]
    assert offered == ["我的备案", "从业人员", "本机构经办人", "各类办件"]


def test_police_and_registrar_read_the_same_day_from_both_sides(desk, institution):
    place = institution()
    day = Deadline.objects.running().get(subject=place.subject, code="DL-POLICE").due_on
    until = f"{in_words(day, today_here())}前（含当日）"
    (line,) = lists_in(desk("police_tinghu"))["今天要办"]
    assert line.startswith(
        f"上门指导安全防范并回告 回告后，登记机关和卫生健康部门同时看到。 {place.name} 机构和登记机关在等"
    )
    assert line.endswith(until)
    (line,) = lists_in(desk("registrar_tinghu"))["进行中"]
    assert line.startswith(f"设立登记 下一步：上门指导安全防范并回告 {place.name} 轮到：公安机关经办人")
    assert line.endswith(until)
    assert lists_in(desk("registrar_civil"))["进行中"] == [], "another authority registered it"


def test_what_police_answered_is_done_for_both(desk, institution, as_user):
    place = institution()
    sent = as_user("police_tinghu").post(
        f"/desk/police/{place.uscc}/",
        {
            "handled": "yes",
            "handled_at": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
            "remark": "已上门指导",
        },
    )
    assert sent.status_code == 302
    done = f"公安已指导并回告 {place.name} {today_here().isoformat()}"
    for who, other in (("police_tinghu", "今天要办"), ("registrar_tinghu", "进行中")):
        found = lists_in(desk(who))
        assert (found["近期办结"], found[other]) == ([done], []), who


@pytest.mark.parametrize("who", ["leader_city", "auditor_city"])
def test_who_only_reads_is_told_so_and_gets_no_lists(desk, institution, who):
    institution()
    html = desk(who)
    assert "您的职责是查看，没有需要您办理的事项" in html
    assert list(lists_in(html)) == ["全部功能", "我的职责"]
    assert [words for words in ("直接取下一件", "按时限答复", "更正后重发", "变更和注销") if words in html] == []


def test_somebody_without_a_duty_is_told_how_to_get_one(desk):
    html = desk("inspector_expired")
    assert "您的账号没有生效的职责。托育机构请先开通" in html and "/accounts/open/" in html
    assert "没有生效的职责。" in html


def test_the_entrances_are_a_plain_menu_with_words_for_the_role(desk, institution):
    institution()
    for who in ("registrar_tinghu", "reviewer_tinghu"):
        html = desk(who)
        menu = html[html.index('id="menu-title"') : html.index('id="duties-title"')]
        assert "<svg" not in menu
        assert not re.search(r"\d+ [件家人项条]", menu), "what is to be done stands above, with its number"
    assert "录入、变更和注销登记" in desk("registrar_tinghu")
    assert "职责范围内的机构登记和推送情况，只能查看。" in desk("reviewer_tinghu")


def test_messages_still_lead_to_the_desk(as_user, cast):
    note = Notification.objects.create(user=cast["grid_tinghu"], title="提醒", body="请查看", url="/desk/")
    assert as_user("grid_tinghu").post(f"/desk/messages/{note.pk}/").url == "/desk/"
