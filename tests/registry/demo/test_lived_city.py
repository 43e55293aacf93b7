"""What `seed_demo` leaves: a city that was lived through, with work on every desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from exchange.models import Delivery, DeliveryAttempt, Endpoint, OutboxEvent, Receipt
from exchange.receipts import accept_receipt
from registry.models import Filing, Institution, PublicEntry
from registry.register.daily import refresh_all
from yancheng_childcare.models import Deadline, Event, User
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
NUMBER = 90  # as the fixture `seed` makes them


def test_the_city_is_lived_through(lived):
    assert Institution.objects.count() == NUMBER
    assert set(Institution.objects.values_list("channel", flat=True)) == {"DEMO"}
    assert OutboxEvent.objects.filter(type="registration.recorded").count() == NUMBER
    changed = Institution.objects.filter(record_version__gt=1)
    assert changed.exclude(former_names=[]).exists()
    for institution in Institution.objects.filter(status="ACTIVE"):
        events = OutboxEvent.objects.filter(subject=institution.uscc, type__startswith="registration.").order_by("id")
        assert [event.version for event in events] == list(range(1, institution.record_version + 1))
        assert timezone.localdate(events[0].occurred_at) == institution.approved_on
    own = Institution.objects.get(uscc="91320902MA1TYC011T")
    assert own.name == "盐城市亭湖区小太阳托育服务有限公司"
    assert own.former_names == ["盐城市亭湖区小太阳婴幼儿照护服务有限公司"]
    assert own.filed_on
    other = Institution.objects.get(uscc="91320903MA1TYC02X1")
    assert (other.region_id, other.filing_state) == ("320903", "FILED")


def test_events_and_ids_follow_the_dates(lived):
    approved = list(Institution.objects.order_by("id").values_list("approved_on", flat=True))
    assert approved == sorted(approved)
    # inspections are lived through after the rest of the city stands
    told = OutboxEvent.objects.exclude(type__startswith="inspection.").order_by("position")
    positions = list(told.values_list("occurred_at__date", flat=True))
    # the filings of today are left to the engine: the first start shows them going out
    fresh = OutboxEvent.objects.filter(position__isnull=True).values_list("type", flat=True)
    assert {kind.partition(".")[0] for kind in fresh} == {"filing", "institution", "inspection"}
    assert [day for day in positions if day] == sorted(positions)
    assert not OutboxEvent.objects.filter(occurred_at__gt=timezone.now()).exists()


def test_clocks_carry_the_registrations_own_date(lived):
    for institution in Institution.objects.filter(filings=None):
        clocks = {clock.code: clock for clock in Deadline.objects.of(institution.subject)}
        assert set(clocks) == {"DL-FILE", "DL-POLICE"}
        assert clocks["DL-FILE"].started_on == institution.established_on
        assert clocks["DL-POLICE"].started_on == institution.approved_on
        assert clocks["DL-POLICE"].due_on == add_workdays(institution.approved_on, 10)
        assert clocks["DL-FILE"].closed_on == (institution.filed_on or institution.terminated_on)
    assert Deadline.objects.running().filter(code="DL-POLICE").exists()
    assert Deadline.objects.filter(code="DL-POLICE", closed_on__lt=timezone.localdate() - timedelta(days=200)).exists()


def test_pushes_are_the_engines_own(lived):
    for delivery in Delivery.objects.select_related("event")[:20]:
        head = f"msg_{delivery.event.uid.hex}_{delivery.endpoint_id.hex[:12]}"
        assert delivery.webhook_id == head
    pushed = OutboxEvent.objects.filter(position__isnull=False)
    by_endpoint = {e.department_id: e.deliveries.count() for e in Endpoint.objects.all()}
    assert by_endpoint["320900-HEALTH"] == by_endpoint["320900-POLICE"] == pushed.count()
    tinghu = pushed.filter(region="320902").count()
    assert by_endpoint["320902-HEALTH"] == by_endpoint["320902-POLICE"] == tinghu > 0


def test_one_log_has_an_old_failure(lived):
    endpoint = Endpoint.objects.get(department="320902-POLICE")
    tries = DeliveryAttempt.objects.filter(delivery__endpoint=endpoint)
    assert set(tries.values_list("code", flat=True)) == {503, None, 200}
    assert not DeliveryAttempt.objects.exclude(delivery__endpoint=endpoint).exists()
    assert endpoint.last_failure_at < endpoint.last_success_at < timezone.now() - timedelta(days=3)
    done = Delivery.objects.filter(closed_at__isnull=False)
    assert set(done.values_list("attempts", flat=True)) == {3}
    assert set(done.values_list("status", flat=True)) <= {"DELIVERED", "ACKED"}


def test_receipts_are_as_the_service_writes_them(lived, cast):
    ours = Receipt.objects.filter(department="320902-POLICE", handled=True).first()
    act = Event.objects.get(action="receipt.accepted", data__receipt=ours.pk)
    theirs = accept_receipt(
        event_uid=ours.event.uid, department=ours.department, handled=True, remark="", handled_at=ours.handled_at,
        actor=cast["police_tinghu"],
    )  # fmt: skip
    other = Event.objects.get(action="receipt.accepted", data__receipt=theirs.pk)
    for field in ("actor_id", "actor_label", "subject", "region_prefix", "summary", "succeeded"):
        assert getattr(act, field) == getattr(other, field), field
    assert set(act.data) == set(other.data)
    assert ours.sent_by_id == theirs.sent_by_id
    assert Receipt.objects.filter(handled=False).exists()
    assert not Receipt.objects.filter(handled_at__gt=timezone.now()).exists()


def test_every_desk_has_work(lived):
    people = {user.username: user for user in User.objects.filter(is_active=True)}
    today = timezone.localdate()

    def seen(who: str):
        return Institution.objects.visible_to(people[who], people[who].roles)

    for who in ("registrar_tinghu", "registrar_civil"):
        assert seen(who).registered_by(people[who]).exists()
        assert seen(who).irregular_scope().exists()
    for who in ("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "reviewer_dongtai", "health_city"):
        assert seen(who).unfiled().exists(), who
    assert seen("reviewer_tinghu").unfiled_for(settings.UNFILED_GOVERN_DAYS, today).exists()
    advised = Receipt.objects.filter(department__kind="POLICE", handled=True).values("subject")
    assert seen("police_tinghu").active().exclude(uscc__in=advised).exists()
    assert seen("police_tinghu").filter(uscc__in=advised).exists()
    for who in ("health_city", "leader_city", "auditor_city", "credit_city", "legal_city"):
        assert seen(who).count() == NUMBER
    for who in ("operator_xiaotaiyang", "operator_yangguang"):
        assert seen(who).count() == 1
    for who in ("integrator_health", "integrator_police", "police_tinghu", "health_city", "admin", "registrar_tinghu"):
        assert Delivery.objects.visible_to(people[who], people[who].roles).exists(), who
    for who in ("integrator_health", "integrator_police", "reviewer_tinghu", "health_city", "admin"):
        assert Endpoint.objects.visible_to(people[who], people[who].roles).exists(), who
    for who in ("reviewer_tinghu", "police_tinghu", "registrar_tinghu", "health_city", "operator_yangguang", "admin"):
        assert people[who].notifications.exists(), who


def test_filings_stand_in_every_state_somebody_may_want_to_see(lived):
    states = set(Filing.objects.values_list("status", flat=True))
    assert states >= {"DRAFT", "SUBMITTED", "SUPPLEMENT", "RECEIPTED", "VERIFYING", "NONCONFORMING", "CHANGE_SUBMITTED",
                      "SUSPENDED", "FILED"}  # fmt: skip
    own = Filing.objects.get(institution__uscc="91320902MA1TYC011T")
    assert (own.status, own.kind) == ("DRAFT", "INITIAL")


def test_service_accounts_cannot_sign_in(lived):
    service = User.objects.filter(username__startswith="demo_")
    assert service.count() > 10
    assert not service.filter(is_active=True).exists()
    assert not any(user.has_usable_password() for user in service)


def test_the_register_is_of_today(lived):
    """Steps on past days must not leave people on the page who had been there for two weeks then."""
    entries = PublicEntry.objects.filter(institution__filings__created_by__username="demo_public_operator")
    assert entries.count() >= 12
    for entry in entries.exclude(status="SUSPENDED"):
        filing = Filing.objects.get(institution=entry.institution_id)
        days = (timezone.localdate() - filing.versions.get().received_on).days + 30
        assert entry.content["staff"]["facts"]["average_years"] == pytest.approx(days / 365, abs=0.1)
    assert refresh_all().done == 0
