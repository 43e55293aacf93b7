"""现场核实: the officers' list, the fourteen points, two officers at once, the record once it is closed."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from filing_cases import fresh, pass_on_site

from registry.models import Filing, Institution, SiteCheck
from registry.rules.characters import compact
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import User

pytestmark = pytest.mark.django_db
SIGNED_IN = 3
LIST = "/desk/site-checks/"


def text(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    shown = markup_of(response)
    assert " style=" not in shown and (
        shown.count('method="post"') - shown.count('action="/view-mode/"')
    ) == shown.count("csrfmiddlewaretoken")
    return html.unescape(shown)


def typed(check: SiteCheck, result: str = "PASS", **fields: str) -> dict[str, str]:
    """The form filled in for every point."""
    data = {f"result-{item['id']}": result for item in check.items} | {
        f"remark-{item['id']}": "" for item in check.items
    }
    return {**data, "summary": "材料与现场一致", "record_version": str(check.record_version), **fields}


@pytest.fixture
def check(filing_in: Any) -> SiteCheck:
    """A planned check of two inspectors, for today."""
    case: Filing = filing_in("VERIFYING")
    return case.site_checks.get()


def test_the_list_says_what_is_late_and_what_is_done(check, as_user, django_assert_max_num_queries):
    client = as_user("inspector_tinghu1")
    url = f"{LIST}{check.pk}/"
    shown = text(client, LIST)
    assert url in shown and "今天" in shown and "0 / 14" in shown and "吴执法、郑执法" in shown
    SiteCheck.objects.filter(pk=check.pk).update(planned_on=today_here() - timedelta(days=3))
    assert "已过计划日" in text(client, LIST)
    with django_assert_max_num_queries(SIGNED_IN + 4):
        text(client, LIST)
    assert url not in text(as_user("reviewer_tinghu2"), LIST)
    pass_on_site(fresh(check.filing), client_user(client), fails=("S01",))
    done = text(client, LIST)
    assert "已完成" in done and "有不符合" in done and "没有待核实的任务" in done


def client_user(client: Client) -> Any:
    """Who is signed in."""
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_officers_call_and_find_the_place(check, as_user):
    version = check.filing.versions.order_by("-number").first()
    phone = version.content["sections"]["basics"]["public_phone"]
    shown = text(as_user("inspector_tinghu1"), f"{LIST}{check.pk}/")
    assert phone and f'href="tel:{compact(phone)}"' in shown
    (route,) = re.findall(r'href="(https://uri\.amap\.com/search\?[^"]+)"', shown)
    place = parse_qs(urlsplit(route).query)["keyword"][0]
    assert place == f"{check.filing.service_address} {check.filing.institution.name}"
    Institution.objects.filter(pk=check.filing.institution_id).update(nature="HOME")
    assert "amap.com" not in text(as_user("inspector_tinghu1"), f"{LIST}{check.pk}/")  # no door of a home leaves


def test_officers_keep_and_conclude(check, as_user):
    client, url = as_user("inspector_tinghu1"), f"{LIST}{check.pk}/"
    shown = text(client, url)
    assert shown.count("<fieldset") == 14 and "打印核实表" in shown and "签字" in shown
    part = {"result-S01": "PASS", "remark-S02": "地下室锁闭", "summary": "第一遍", "record_version": "1", "save": "1"}
    assert client.post(url, part).status_code == 302
    kept = SiteCheck.objects.get(pk=check.pk)
    assert kept.items[0]["result"] == "PASS" and kept.items[1]["remark"] == "地下室锁闭" and kept.concluded_on is None
    early = client.post(url, {**part, "record_version": "2", "conclude": "1", "result-S03": "FAIL"})
    answer = markup_of(early)
    assert early.status_code == 422
    assert "还没有结果" in answer and "请写明现场情况" in answer
    assert 'href="#id_result-S04"' in answer and 'id="id_result-S04"' in answer
    assert 'href="#id_remark-S03"' in answer and 'id="id_remark-S03"' in answer
    kept.refresh_from_db()
    assert kept.record_version == 2
    fails = {"result-S03": "FAIL", "remark-S03": "位于四层", "conclude": "1"}
    assert client.post(url, typed(kept, **fails)).status_code == 302
    kept.refresh_from_db()
    assert kept.concluded_on == today_here() and kept.conforms is False
    final = text(client, url)
    assert (
        "核实完成：有不符合项" in final
        and "位于四层" in final
        and "记录人 吴执法" in final
        and "<fieldset" not in final
    )
    assert client.post(url, typed(kept)).status_code == 409


def test_two_officers_at_once_see_both_records(check, as_user):
    first, second, url = as_user("inspector_tinghu1"), as_user("inspector_tinghu2"), f"{LIST}{check.pk}/"
    mine = typed(check, **{"result-S02": "NA", "remark-S02": "没有地下室"})
    assert second.post(url, typed(check, **{"remark-S05": "已装遮阳"})).status_code == 302
    clash = first.post(url, mine)
    shown = html.unescape(markup_of(clash))
    assert clash.status_code == 412
    assert "您的记录还没有保存" in shown and "保存人：郑执法" in shown
    assert "对方记录：符合，已装遮阳" in shown and "没有地下室" in shown
    assert 'name="record_version" value="2"' in shown
    assert first.post(url, {**mine, "record_version": "2"}).status_code == 302
    assert SiteCheck.objects.get(pk=check.pk).items[1]["remark"] == "没有地下室"


def test_who_may_look_and_who_may_not(check, as_user):
    url = f"{LIST}{check.pk}/"
    looking = text(as_user("reviewer_tinghu"), url)
    assert "由指派的核实人员记录" in looking and "<fieldset" not in looking
    assert as_user("reviewer_tinghu").post(url, typed(check)).status_code == 403
    assert as_user("reviewer_dongtai").get(url).status_code == 404
    assert as_user("operator_xiaotaiyang").get(url).status_code == 403
    assert as_user("inspector_tinghu1").get(f"{LIST}999999999999999999999/").status_code == 404


def test_hostile_remarks_are_kept_as_text(check, as_user):
    client, url = as_user("inspector_tinghu1"), f"{LIST}{check.pk}/"
    assert client.post(url, typed(check, **{"remark-S01": "<script>alert(1)</script>"})).status_code == 302
    assert "<script>alert" not in markup_of(client.get(url))
    assert client.post(url, typed(check, record_version="2", summary="长" * 1200)).status_code == 422
    assert client.post(url, typed(check, record_version="二", **{"result-S01": "MAYBE"})).status_code == 412
