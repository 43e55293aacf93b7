"""安全防范指导: new institutions of the own area, receipts, the clock they stop."""

from __future__ import annotations

import pytest
from django.utils import timezone

from exchange.models import Delivery, Receipt
from yancheng_childcare.models import Deadline

pytestmark = pytest.mark.django_db
URL = "/desk/police/"


def typed(**fields):
    return {
        "handled": "yes",
        "handled_at": timezone.localtime().strftime("%Y-%m-%d %H:%M"),
        "remark": "已查看一键报警",
        **fields,
    }


def test_a_handled_receipt_takes_it_off_the_list_and_stops_the_clock(as_user, html_of, institution, push):
    found = institution()
    push(found, HEALTH="DELIVERED", POLICE="DELIVERED")
    assert found.name in html_of("police_tinghu", URL)
    response = as_user("police_tinghu").post(f"{URL}{found.uscc}/", typed(), follow=True)
    assert "没有待指导的机构" in response.content.decode()
    receipt = Receipt.objects.get()
    assert (receipt.handled, receipt.department_id, receipt.subject) == (True, "320902-POLICE", found.uscc)
    assert Delivery.objects.get(endpoint__department="320902-POLICE").status == "ACKED"
    assert Delivery.objects.get(endpoint__department="320902-HEALTH").status == "DELIVERED"
    assert not Deadline.objects.running().of(found.subject).filter(code="DL-POLICE").exists()
    assert Deadline.objects.running().of(found.subject).filter(code="DL-FILE").exists()
    done = html_of("police_tinghu", f"{URL}?state=done")
    assert found.name in done
    assert "已查看一键报警" in done


def test_received_is_not_handled(as_user, html_of, institution, push):
    found = institution()
    push(found, POLICE="DELIVERED")
    as_user("police_tinghu").post(f"{URL}{found.uscc}/", typed(handled="no"))
    assert Receipt.objects.get().handled is False
    assert Deadline.objects.running().of(found.subject).filter(code="DL-POLICE").exists()
    html = html_of("police_tinghu", URL)
    assert found.name in html
    assert "已收到" in html


def test_a_receipt_of_another_department_stops_nothing(institution, push, cast):
    from exchange.receipts import accept_receipt
    from yancheng_childcare.models import Department

    found = institution()
    push(found, HEALTH="DELIVERED")
    accept_receipt(
        event_uid=Delivery.objects.filter(endpoint__department="320902-HEALTH").get().event.uid,
        department=Department.objects.get(code="320902-HEALTH"),
        handled=True,
        remark="",
        handled_at=timezone.now(),
        actor=cast["reviewer_tinghu"],
    )
    assert Deadline.objects.running().of(found.subject).count() == 2


def test_a_bureau_without_a_receiving_system_answers_on_its_desk(as_user, institution):
    found = institution()
    client = as_user("police_tinghu")
    assert client.get(f"{URL}{found.uscc}/").status_code == 200
    assert client.post(f"{URL}{found.uscc}/", typed()).status_code == 302
    assert Receipt.objects.get().department_id == "320902-POLICE"
    assert not Deadline.objects.running().of(found.subject).filter(code="DL-POLICE").exists()


@pytest.mark.parametrize(
    "wrong",
    [{"handled": ""}, {"handled": "maybe"}, {"handled_at": "昨天"}, {"handled_at": "2999-01-01 10:00"},
     {"remark": "长" * 501}, {"remark": "a\x00b"}],
)  # fmt: skip
def test_wrong_values_keep_nothing(as_user, institution, push, wrong):
    found = institution()
    push(found, POLICE="DELIVERED")
    assert as_user("police_tinghu").post(f"{URL}{found.uscc}/", typed(**wrong)).status_code == 422
    assert not Receipt.objects.exists()


def test_only_the_own_area_and_only_public_security(as_user, html_of, institution, elsewhere, push):
    here, there = institution(), elsewhere()
    push(here, POLICE="DELIVERED")
    assert there.name not in html_of("police_tinghu", URL)
    assert as_user("police_tinghu").post(f"{URL}{there.uscc}/", typed()).status_code == 404
    for who in ("registrar_tinghu", "reviewer_tinghu", "health_city", "admin"):
        assert as_user(who).post(f"{URL}{here.uscc}/", typed()).status_code == 403
    assert not Receipt.objects.exists()


def test_an_ended_registration_needs_no_advice(html_of, institution, cast):
    from datetime import date

    from registry.registration.services import end_registration

    found = institution()
    end_registration(
        found, step="cancel", reason="申请注销", terminated_on=date(2026, 1, 5), actor=cast["registrar_tinghu"]
    )
    assert "没有待指导的机构" in html_of("police_tinghu", URL)
