"""One registration: facts, pushes, clocks, acts, buttons; versions; a personal number only with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from exchange.fan_out import fan_out
from exchange.models import Delivery, Endpoint
from registry.registration.services import change_institution, record_filing
from yancheng_childcare.models import Event

pytestmark = pytest.mark.django_db


def url(found, rest=""):
    return f"/desk/registrations/{found.uscc}/{rest}"


def test_the_registrar_sees_pushes_clocks_acts_and_buttons(html_of, institution, push):
    found = institution()
    push(found, HEALTH="DELIVERED", POLICE="RETRY")
    html = html_of("registrar_tinghu", url(found))
    for words in (
        "已送达",
        "重试中",
        "公安安全防范指导",
        "提交备案（平台提醒）",
        "设立登记",
        "变更登记",
        "注销、吊销或撤销",
    ):
        assert words in html
    assert "320*************" in html
    assert "138****1234" in html


def test_pushes_name_their_endpoint_and_old_ones_are_folded(html_of, institution, push, cast):
    """public-journeys.md m7: eleven rows alike after three changes, two endpoints of one department under one name."""
    found = institution()
    push(found, HEALTH="RETRY", POLICE="DELIVERED")
    for number in range(5):
        change_institution(
            found, changes={"registered_address": f"盐城市亭湖区新路{number}号"}, actor=cast["registrar_tinghu"]
        )
        found.refresh_from_db()
    fan_out()
    Delivery.objects.filter(endpoint__department__kind="POLICE").update(status="DELIVERED", closed_at=timezone.now())
    html = html_of("registrar_tinghu", url(found))
    endpoint = Endpoint.objects.get(department="320902-POLICE")
    assert f"{endpoint.department.short_name}（{endpoint.name}）" in html
    assert html.count("更早的 2 条推送") == 2


@pytest.mark.parametrize(
    ("who", "there", "missing"),
    [
        ("reviewer_tinghu", "登记国家系统备案编号", "变更登记</a>"),
        ("police_tinghu", "回告指导情况", "变更登记</a>"),
        ("health_city", "版本与变更记录", "查看完整号码"),
        ("auditor_city", "操作记录", "查看完整号码"),
    ],
)
def test_each_role_has_its_own_buttons(html_of, institution, who, there, missing):
    html = html_of(who, url(institution()))
    assert there in html
    assert missing not in html


def test_outside_the_scope_there_is_nothing(as_user, institution, elsewhere):
    there = elsewhere()
    for who in ("registrar_tinghu", "reviewer_tinghu", "police_tinghu"):
        for rest in ("", "versions/"):
            assert as_user(who).get(url(there, rest)).status_code == 404


def test_versions_tell_who_changed_what(html_of, institution, cast):
    found = institution()
    change_institution(
        found,
        changes={"registered_address": "盐城市亭湖区新址路8号", "contact_phone": "13912345678"},
        actor=cast["registrar_tinghu"],
    )
    record_filing(found, filing_no="BA-320902-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    html = html_of("registrar_tinghu", url(found, "versions/"))
    for words in (
        "首次录入",
        "第 2 版",
        "变更登记",
        found.registered_address,
        "盐城市亭湖区新址路8号",
        "139****5678",
        "BA-320902-0001",
    ):
        assert words in html
    assert "13912345678" not in html


def test_the_name_of_the_person_stands_beside_a_change_made_on_the_page(as_user, institution):
    found, client = institution(), as_user("registrar_tinghu")
    client.post(
        url(found, "end/"),
        {
            "record_version": "1",
            "step": "cancel",
            "reason": "申请注销",
            "terminated_on": "2026-01-05",
            "confirmed": "on",
        },
    )
    html = client.get(url(found, "versions/")).content.decode()
    assert "注销登记" in html
    assert "陈登科" in html


@pytest.mark.parametrize("field", ["legal_rep_id_no", "contact_phone"])
@pytest.mark.parametrize("who", ["registrar_tinghu", "police_tinghu", "reviewer_tinghu"])
def test_a_full_number_is_shown_once_for_a_reason_that_is_kept(as_user, institution, who, field):
    found, client = institution(), as_user(who)
    value = getattr(found, field)
    assert value not in client.get(url(found, f"reveal/?field={field}")).content.decode()
    short = client.post(url(found, "reveal/"), {"field": field, "reason": "查"})
    assert short.status_code == 422
    assert value not in short.content.decode()
    assert not Event.objects.filter(action="personal.read").exists()
    response = client.post(url(found, "reveal/"), {"field": field, "reason": "核对营业执照"})
    assert value in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    act = Event.objects.get(action="personal.read")
    assert (act.data["field"], act.data["reason"]) == (field, "核对营业执照")
    assert value not in str(act.data)


def test_no_other_field_and_no_other_role_reveals(as_user, institution):
    found = institution()
    assert (
        as_user("registrar_tinghu").post(url(found, "reveal/"), {"field": "name", "reason": "好奇看看"}).status_code
        == 404
    )
    for who in ("health_city", "leader_city", "auditor_city", "inspector_tinghu1"):
        assert (
            as_user(who).post(url(found, "reveal/"), {"field": "contact_phone", "reason": "好奇看看"}).status_code
            == 403
        )
