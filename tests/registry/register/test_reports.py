"""Reporting without an account: who answers, by when, once only, and asked for with number and code."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import redis
import time_machine
from django.core.cache.backends.redis import RedisCache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from casework.models import Case
from registry.register import reporting
from registry.register.report_type import owner_of
from tests.pages import markup_of, page_of
from yancheng_childcare.models import Deadline, Event, Notification

pytestmark = pytest.mark.django_db
UNFILED = {
    "name": "小手托班", "region": "320981", "place": "东台镇望海路 8 号二楼",
    "text": "每天早上有六七个孩子送来，门口没有挂牌。",
}  # fmt: skip


def error(client: Client, uscc: str, **given: str) -> Any:
    return client.post(
        f"/institutions/{uscc}/report/", {"block": "fees", "text": "保育费与门口公示的不一样。", **given}
    )


def code_shown(client: Client) -> str:
    found = re.search(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b", markup_of(client.get("/reports/done/")))
    assert found
    return found[0]


def test_who_answers(institution: Callable[..., Any]) -> None:
    found = institution()
    assert owner_of(uscc=found.uscc, block="registration", region="")[0].pk == "320902-MARKET"
    assert owner_of(uscc=found.uscc, block="fees", region="")[0].pk == "320902-HEALTH"
    assert owner_of(uscc="", block="", region="320981")[0].pk == "320981-HEALTH"


def test_a_report_names_its_institution_whatever_else_is_known(institution: Callable[..., Any], cast: Any) -> None:
    found = institution()
    for number, region in enumerate(("", found.region_id)):
        words = reporting.Words("ERROR", "保育费与门口公示的不一样。", region, "", uscc=found.uscc, block="fees")
        reporting.submit_report(words=words, nonce=f"{number}".ljust(43, "-"))
    assert set(Case.objects.values_list("subject_name", flat=True)) == {found.name}


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (datetime(2026, 11, 24, 1, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 11, 24, 16, 30, tzinfo=UTC), date(2026, 12, 2)),  # already the 25th in Yancheng
        (datetime(2026, 11, 28, 4, tzinfo=UTC), date(2026, 12, 4)),  # a Saturday
    ],
)
def test_five_working_days(cast: Any, said: datetime, due: date) -> None:
    with time_machine.travel(said, tick=False):
        assert Client().post("/reports/unfiled/", UNFILED).status_code == 302
    assert Deadline.objects.get(code="DL-REPORT").due_on == due


def test_sent_twice_is_one_report_with_one_code(institution: Callable[..., Any]) -> None:
    found, client = institution(), Client()
    page = client.get(f"/institutions/{found.uscc}/report/?block=fees")
    html = markup_of(page)
    assert "no-store" in page["Cache-Control"] and '<option value="fees" selected>' in html
    nonce = re.search(r'name="nonce" value="([^"]{43})"', html)
    assert nonce
    shown = set()
    for _ in range(2):
        answer = error(client, found.uscc, nonce=nonce[1], right="每月 1,600 元", contact="13900001111")
        assert answer.status_code == 302 and answer["Location"] == "/reports/done/"
        shown.add(code_shown(client))
        Case.objects.update(authority="320902-MARKET")  # passed on before the second arrives
    Case.objects.update(authority="320902-HEALTH")
    report = Case.objects.get()
    assert len(shown) == 1 and "sessionid" not in client.cookies
    assert (report.body.block, report.authority_id, report.body.contact) == ("fees", "320902-HEALTH", "13900001111")
    act = Event.objects.get(action="case.report.submit")
    assert not any(
        word in f"{act.summary}{act.data}" for word in ("13900001111", report.body.text, report.body.code_hash)
    )
    told = Notification.objects.filter(title="收到公众报错").values_list("user__username", flat=True)
    assert set(told) == {"reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"}
    assert "已过期" in markup_of(Client().get("/reports/done/"))


def test_what_is_wrong_is_said_and_what_was_typed_stays(institution: Callable[..., Any]) -> None:
    found, client = institution(), Client()
    for bad in ({"text": "太短"}, {"block": "nothing"}, {"contact": "明天再说"}, {"text": "长" * 1001}):
        answer = error(client, found.uscc, right="应为一千六", **bad)
        assert answer.status_code == 422 and "应为一千六" in markup_of(answer), bad
    assert error(client, found.uscc, text="坏\x00字符" * 5).status_code in {400, 422}
    missing = markup_of(client.post("/reports/unfiled/", {"name": "小手"}))
    assert "110" in missing and "请选择在哪个县" in missing and 'value="小手"' in missing
    assert not Case.objects.exists()
    assert 'value="小手"' in markup_of(client.get("/reports/unfiled/", {"name": "小手"}))
    assert client.get("/institutions/91320902MA0ZZZZZZ1/report/").status_code == 404


def test_the_result_names_the_block_and_owns_up_to_being_late(institution: Callable[..., Any]) -> None:
    found, client = institution(), Client()
    error(client, found.uscc)
    report, code = Case.objects.get(), code_shown(client)

    def shown() -> str:
        return markup_of(client.post("/reports/track/", {"no": report.no, "code": code}))

    html = shown()
    assert "栏目\n收费" in page_of(html).text and "Node" not in html and "已超过答复期限" not in html
    assert 'href="tel:12345"' in html
    Deadline.objects.update(due_on=date(2026, 1, 5))
    assert "已超过答复期限" in shown()


def test_sending_keeps_to_the_budget(entry: Callable[..., Any]) -> None:
    found, client = entry(), Client()
    for block in ("fees", "registration"):
        error(client, found.uscc)
        with CaptureQueriesContext(connection) as queries:
            assert error(client, found.uscc, block=block).status_code == 302
        own = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
        own = [sql for sql in own if "limitcount" not in sql]  # as a savepoint: it guards the step and is none of it
        assert len(own) <= 11, "\n".join(own)
    owners = Case.objects.order_by("id").values_list("authority", "subject_name", "region")
    assert set(owners) == {("320902-HEALTH", found.name, "320902"), ("320902-MARKET", found.name, "320902")}


def test_tracking_needs_both_and_the_pace_is_kept(cast: Any) -> None:
    client = Client()
    client.post("/reports/unfiled/", UNFILED)
    report, code = Case.objects.get(), code_shown(client)
    assert (report.authority_id, report.body.kind) == ("320981-HEALTH", "UNFILED")
    right = client.post("/reports/track/", {"no": report.no.lower(), "code": code.lower()})
    assert right.status_code == 200 and "处理中" in markup_of(right) and report.body.text not in markup_of(right)
    for no, given in ((report.no, "AAAA-AAAA"), ("YC-BC-2026-999999", code), ("", "")):
        wrong = client.post("/reports/track/", {"no": no, "code": given})
        assert wrong.status_code == 422 and "编号或查询码不正确" in markup_of(wrong)
    looks = [client.post("/reports/track/", {"no": report.no, "code": code}).status_code for _ in range(27)]
    assert looks == [200] * 26 + [429]
    sent = [client.post("/reports/unfiled/", UNFILED).status_code for _ in range(10)]
    assert sent == [302] * 9 + [429]


@pytest.mark.parametrize("away", ["ConnectionError", "TimeoutError"])
def test_the_limits_hold_while_redis_is_away(cast: Any, monkeypatch: pytest.MonkeyPatch, away: str) -> None:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise getattr(redis.exceptions, away)

    for name in ("add", "incr", "get", "set"):
        monkeypatch.setattr(RedisCache, name, gone)
    client = Client()
    sent = [client.post("/reports/unfiled/", UNFILED).status_code for _ in range(11)]
    assert sent == [302] * 10 + [429]
    wrong = {"no": "YC-BC-2026-999999", "code": "AAAA-AAAA"}
    looks = [client.post("/reports/track/", wrong).status_code for _ in range(31)]
    assert looks == [422] * 30 + [429]
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/reports/track/", wrong).status_code == 422


def test_the_confirmation_says_what_happens_next_and_can_be_kept(institution):
    client = Client()
    found = institution()
    url = f"/institutions/{found.uscc}/report/?block=registration"
    nonce = re.search(r'name="nonce" value="([^"]+)"', markup_of(client.get(url))).group(1)
    words = {"block": "registration", "text": "登记的地址和门口的门牌不一致，请核对。", "nonce": nonce}
    html = markup_of(client.post(url, words, follow=True))
    report = Case.objects.get()
    assert "接下来会怎样" in html and report.authority.name in html and "5 个工作日内" in html
    assert f"编号 {report.no} 查询码 " in html and 'data-copy="receipt-text"' in html and "data-print" in html
    assert 'href="/reports/track/"' in html and "tel:12345" in html
