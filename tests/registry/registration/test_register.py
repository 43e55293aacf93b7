"""The main job on one page: register → event in the outbox → visible to the right people."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from exchange.models import OutboxEvent
from registry.models import Institution
from registry.registration.services import change_institution, end_registration
from registry.registration.workflow import REGISTRATION
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db


def test_registering_saves_tells_and_starts_clocks(institution):
    saved = institution()
    event = OutboxEvent.objects.get()
    assert (event.type, event.subject, event.version) == ("registration.recorded", saved.uscc, 1)
    assert saved.legal_rep_id_no not in str(event.data)
    assert saved.legal_rep_id_no in event.sealed
    assert Event.objects.get(action="registration.recorded").subject == saved.subject
    assert set(Deadline.objects.of(saved.subject).values_list("code", flat=True)) == {"DL-FILE", "DL-POLICE"}


def test_a_wrong_registration_saves_nothing(institution):
    with pytest.raises(Rejected) as raised:
        institution(uscc="91320902MA1TYC0112")
    assert raised.value.problems[0].field == "uscc"
    assert not Institution.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_a_second_registration_of_the_same_code_is_led_to_change(institution):
    first = institution()
    with pytest.raises(Rejected) as raised:
        institution(uscc=first.uscc)
    assert (raised.value.status, raised.value.code) == (409, "REG-501")


def test_change_makes_a_version_and_keeps_the_former_name(institution, cast):
    saved = institution()
    old = saved.name
    changed = change_institution(
        saved, changes={"name": "盐城市新名字托育服务有限公司"}, actor=cast["registrar_tinghu"]
    )
    assert changed.record_version == 2
    assert changed.former_names == [old]
    assert list(OutboxEvent.objects.values_list("type", "version")) == [
        ("registration.recorded", 1),
        ("registration.changed", 2),
    ]


def test_change_that_changes_nothing_is_refused(institution, cast):
    saved = institution()
    with pytest.raises(Rejected) as raised:
        change_institution(saved, changes={"name": saved.name}, actor=cast["registrar_tinghu"])
    assert raised.value.code == "REG-508"


def test_a_stale_version_is_refused_and_nothing_is_lost(institution, cast):
    saved = institution()
    change_institution(saved, changes={"registered_address": "盐城市亭湖区新路 1 号"}, actor=cast["registrar_tinghu"])
    with pytest.raises(Rejected) as raised:
        change_institution(
            saved, changes={"registered_address": "别处"}, actor=cast["registrar_tinghu"], expected_version=1
        )
    assert raised.value.status == 412
    saved.refresh_from_db()
    assert saved.registered_address == "盐城市亭湖区新路1号"  # blanks inside addresses are taken out on entry


@pytest.mark.parametrize("step", ["cancel", "revoke", "rescind"])
def test_ending_is_final_and_stops_the_clocks(institution, cast, step):
    saved = institution()
    actor = cast["registrar_tinghu"]
    end_registration(saved, step=step, reason="申请注销", terminated_on=date(2026, 1, 5), actor=actor)
    assert not Deadline.objects.running().of(saved.subject).exists()
    with pytest.raises(Rejected) as raised:
        end_registration(saved, step="cancel", reason="再来一次", terminated_on=date(2026, 1, 5), actor=actor)
    assert raised.value.status == 409


@pytest.mark.parametrize(
    "who", ["registrar_civil", "reviewer_tinghu", "police_tinghu", "operator_xiaotaiyang", "admin"]
)
def test_only_the_own_registration_authority_takes_a_step(institution, cast, who):
    saved = institution()
    with pytest.raises(Rejected) as raised:
        change_institution(saved, changes={"name": "盐城市改名托育服务有限公司"}, actor=cast[who])
    assert raised.value.status == 403
    assert REGISTRATION.available(saved, cast[who]) == []


def test_the_database_refuses_what_the_table_does_not_allow(institution):
    assert REGISTRATION.changes() == {("ACTIVE", "CANCELLED"), ("ACTIVE", "REVOKED"), ("ACTIVE", "RESCINDED")}
    saved = institution()
    with transaction.atomic():
        Institution.objects.filter(pk=saved.pk).update(status="CANCELLED", terminated_on=date(2026, 1, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        Institution.objects.filter(pk=saved.pk).update(status="ACTIVE", terminated_on=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Institution.objects.filter(pk=saved.pk).delete()


def test_visible_only_in_scope(institution, elsewhere, cast):
    here, there = institution(), elsewhere()

    def seen(who: str) -> set[str]:
        return set(Institution.objects.visible_to(cast[who], cast[who].roles).values_list("uscc", flat=True))

    assert seen("registrar_tinghu") == {here.uscc}
    assert seen("registrar_civil") == {there.uscc}
    assert seen("reviewer_tinghu") == {here.uscc}
    assert seen("reviewer_dongtai") == {there.uscc}
    assert seen("police_tinghu") == {here.uscc}
    assert seen("health_city") == seen("leader_city") == seen("auditor_city") == {here.uscc, there.uscc}
    assert seen("grid_tinghu") == seen("assessor_a1") == seen("admin") == seen("operator_yangguang") == set()
    assert seen("inspector_expired") == set()
