"""The fast path for benchmarks: valid rows, nothing told, safe to repeat."""

from __future__ import annotations

import random

import pytest
import stdnum.cn.uscc
from django.db import connection
from django.utils import timezone

from exchange.models import OutboxEvent
from registry.demo import mass
from registry.demo.city import read_places
from registry.management.commands import seed_demo
from registry.models import Institution
from registry.registration.fields import current_values
from registry.rules.registration import check_registration
from yancheng_childcare.models import Deadline, Event
from yancheng_childcare.problems import blocking, warnings

pytestmark = pytest.mark.django_db


def load(first: int, last: int) -> int:
    said: list[str] = []
    written = mass.load_mass(first, last, today=timezone.localdate(), places=read_places(), progress=said.append)
    assert said[-1].startswith(f"  批量机构 {last - first}/{last - first}")
    return written


def test_twenty_thousand_rows(reference):
    today = timezone.localdate()
    assert load(300, 20_300) == 20_000
    rows = Institution.objects.all()
    assert rows.count() == 20_000
    assert len(set(rows.values_list("name", flat=True))) == 20_000
    assert all(stdnum.cn.uscc.is_valid(code) for code in rows.values_list("uscc", flat=True))
    assert set(rows.values_list("status", flat=True)) == {"ACTIVE", "CANCELLED"}
    assert 0.08 < rows.unfiled().count() / 20_000 < 0.16
    assert len(set(rows.values_list("region_id", flat=True))) == 11
    some = list(rows.select_related("registry_org", "town"))
    for row in random.Random(7).sample(some, 300):
        found = check_registration(current_values(row), today=today, authority_kind=row.registry_org.kind)
        assert blocking(found) == []
        assert {problem["code"] for problem in row.warnings} == {problem.code for problem in warnings(found)}
        assert row.registry_org.region_id == row.region_id == row.town.parent_id
        assert row.legal_rep_id_no.startswith("320900")
        assert row.name_pinyin
        assert row.established_on <= (row.filed_on or row.established_on) <= today


def test_nothing_is_told_and_nothing_is_twice(reference):
    assert load(300, 800) == 500
    assert load(300, 800) == 0
    assert load(300, 1000) == 200
    assert Institution.objects.count() == 700
    assert not OutboxEvent.objects.exists()
    assert not Deadline.objects.exists()
    assert not Event.objects.exists()


def test_history_wakes_up_again(reference, institution):
    load(300, 310)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgenabled FROM pg_trigger WHERE tgrelid = 'registry_institution'::regclass AND NOT tgisinternal"
        )
        assert cursor.fetchall() == [("O",)]
    history = Institution._meta.get_field("events").related_model.objects
    assert history.count() == 0
    institution()
    assert history.count() == 1


def test_a_large_number_is_lived_through_in_part(seed, monkeypatch):
    monkeypatch.setattr(seed_demo, "DEFAULT", 12)
    monkeypatch.setattr(seed_demo, "LIVED_THROUGH", 20)
    seed(institutions=60)
    assert Institution.objects.count() == 60
    assert Institution.objects.filter(created_by__isnull=True).count() == 48
    assert OutboxEvent.objects.filter(type="registration.recorded").count() == 12
