"""终止登记: available steps, reason, date and a deliberate tick; final afterwards."""

from __future__ import annotations

import pytest

from exchange.models import OutboxEvent

pytestmark = pytest.mark.django_db


def url(found):
    return f"/desk/registrations/{found.uscc}/end/"


def typed(**fields):
    return {
        "record_version": "1", "step": "cancel", "reason": "2026年1月申请注销", "terminated_on": "2026-01-05",
        "confirmed": "on", **fields,
    }  # fmt: skip


@pytest.mark.parametrize(("step", "status"), [("cancel", "CANCELLED"), ("revoke", "REVOKED"), ("rescind", "RESCINDED")])
def test_each_way_ends_the_registration_and_tells(as_user, institution, step, status):
    client, found = as_user("registrar_tinghu"), institution()
    html = client.post(url(found), typed(step=step), follow=True).content.decode()
    found.refresh_from_db()
    assert found.status == status
    assert OutboxEvent.objects.filter(subject=found.uscc).count() == 2
    assert "变更登记</a>" not in html


def test_all_that_is_missing_is_said_at_once(as_user, institution):
    found = institution()
    response = as_user("registrar_tinghu").post(url(found), {"record_version": "1"})
    html = response.content.decode()
    assert response.status_code == 422
    for words in ("请选择办理事项", "请填写原因", "请填写终止日期", "请勾选确认"):
        assert words in html
    found.refresh_from_db()
    assert found.status == "ACTIVE"


@pytest.mark.parametrize(
    "wrong",
    [{"terminated_on": "2999-01-01"}, {"terminated_on": "2001-01-01"}, {"reason": "x" * 301}, {"reason": "a\x00b"},
     {"step": "change"}, {"step": "drop table"}, {"confirmed": ""}],
)  # fmt: skip
def test_wrong_values_change_nothing(as_user, institution, wrong):
    found = institution()
    assert as_user("registrar_tinghu").post(url(found), typed(**wrong)).status_code == 422
    found.refresh_from_db()
    assert found.status == "ACTIVE"


def test_a_stale_version_is_refused(as_user, institution):
    found = institution()
    assert as_user("registrar_tinghu").post(url(found), typed(record_version="0")).status_code == 412


def test_an_ended_registration_cannot_be_ended_or_changed(as_user, institution):
    client, found = as_user("registrar_tinghu"), institution()
    client.post(url(found), typed())
    for path in (url(found), url(found).replace("end", "change")):
        response = client.get(path)
        assert response.status_code == 409
        assert "注销" in response.content.decode()
