"""Promises to those who send and those who receive: registrars, the two departments, their integrators."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from exchange.alarms import raise_push_alarms
from exchange.models import Delivery, Subscription
from registry.registration.services import change_institution

sys.path.insert(0, str(Path(__file__).parents[1] / "exchange"))
from push_stage import Reply, make_due, make_endpoint, make_event, push, sink, statuses  # noqa: E402

pytestmark = pytest.mark.django_db


def test_both_departments_have_each_registration_and_the_public_reads_its_end(institution, cast, as_user):
    with sink() as health, sink() as police:
        for receiver, department in ((health, "320902-HEALTH"), (police, "320902-POLICE")):
            endpoint = make_endpoint(receiver.port, department=department)
            Subscription.objects.create(endpoint=endpoint, region_id="320902", event_type="registration.cancelled")
        health.answer = lambda got: Reply(500)  # what does not arrive is sent again
        found = institution()
        push()
        health.answer = lambda got: Reply()
        make_due()
        change_institution(found, changes={"purpose": "照护"}, actor=cast["registrar_tinghu"])
        push()
        found.refresh_from_db()
        registrar, typed = as_user("registrar_tinghu"), {
            "record_version": found.record_version, "step": "cancel", "reason": "2026年1月申请注销",
            "terminated_on": "2026-01-05", "confirmed": "on",
        }  # fmt: skip
        assert registrar.post(f"/desk/registrations/{found.uscc}/end/", typed).status_code == 302
        push()
        told = [f"registration.{kind}" for kind in ("recorded", "changed", "cancelled")]
        for receiver in (health, police):
            kinds = [got.data.get("event_type") or got.headers.get("webhook-type") for got in receiver.got]
            assert len(set(map(str, kinds))) == len(told), kinds
    assert set(statuses()) == {"DELIVERED"}
    assert "登记已终止" in Client().get(f"/institutions/{found.uscc}/").content.decode()
    assert registrar.get(f"/desk/registrations/{found.uscc}/").content.decode().count("已送达") >= 2


def test_after_410_the_integrator_is_told_and_goes_on_by_the_button(cast, as_user):
    browser = as_user("integrator_health")
    with sink() as receiver:
        receiver.answer = lambda got: Reply(410)
        endpoint = make_endpoint(receiver.port)
        make_event()
        push()
        endpoint.refresh_from_db()
        assert endpoint.status == "DISABLED"
        assert "点“恢复推送”即继续推送" in browser.get("/desk/messages/").content.decode()
        assert "恢复推送" in browser.get(f"/exchange/endpoints/{endpoint.pk}/").content.decode()
        receiver.answer = lambda got: Reply()
        assert browser.post(f"/exchange/endpoints/{endpoint.pk}/switch/", {"to": "resume"}).status_code == 302
        push()
    assert statuses() == ["DELIVERED"]


def test_an_endpoint_without_events_gets_none(as_user):
    with sink() as receiver:
        endpoint = make_endpoint(receiver.port)
        endpoint.subscriptions.all().delete()
        make_event()
        push()
        assert receiver.got == []
    shown = as_user("integrator_health").get(f"/exchange/endpoints/{endpoint.pk}/").content.decode()
    assert "没有勾选任何事件，不会收到推送" in shown


def test_what_waits_at_a_paused_endpoint_is_told_after_fifteen_minutes(as_user):
    browser, endpoint = as_user("integrator_health"), make_endpoint(9)
    assert browser.post(f"/exchange/endpoints/{endpoint.pk}/switch/", {"to": "pause"}).status_code == 302
    make_event()
    push()
    assert statuses() == ["PENDING"] and raise_push_alarms() == 0
    Delivery.objects.update(created_at=timezone.now() - timezone.timedelta(minutes=16))
    assert raise_push_alarms() == 1
    assert endpoint.name in browser.get("/desk/messages/").content.decode()
