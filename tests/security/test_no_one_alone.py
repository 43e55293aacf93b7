"""No sequence of acts by one person, whatever their roles, grants a staff duty, a key, an outgoing host or another's
account, or shows a full number outside the area of a duty that allows it (security.md H4, H5, L8).

One person acts through pages, administration and API, knows every fingerprint and holds every link it was shown. A second,
honest administrator approves only what he read: a duty of 网格员.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Q
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from exchange import endpoint_settings
from exchange import querysets as exchange_querysets
from exchange.models import AllowedTarget, Endpoint
from yancheng_childcare import admin as kernel_admin
from yancheng_childcare import administration, approvals
from yancheng_childcare.accounts import requests as accounts
from yancheng_childcare.models import User

from .one_person import COUNTY, OWN_USCC, OnePerson

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

RUNS, STEPS = (int(n) for n in os.environ.get("ALONE", "6x25").split("x"))


@pytest.fixture
def stage(cast, institution, elsewhere):
    """Two counties with an institution and a person each, two endpoints with their hosts, a chief with a second factor."""
    from registry.models import Person, Post
    from registry.rules.identity import make_id_number

    User.objects.filter(username="chief_tinghu").update(email="chief@example.cn")
    Authenticator.objects.create(user=cast["chief_tinghu"], type="totp", data={"secret": "x"})
    rows: dict[str, Any] = {"320902": institution(uscc=OWN_USCC), "320981": elsewhere()}
    numbers = {rows[where].legal_rep_id_no: ("registration", where) for where in ("320902", "320981")}
    for serial, where in enumerate(("320902", "320981"), 701):
        number = make_id_number("320902", rows[where].established_on.replace(year=1990), serial)
        person = Person.objects.create(name="某保育", id_no=number, id_index=f"index-{serial}")
        rows[f"post {where}"] = Post.objects.create(
            person=person, institution=rows[where], written_name="某保育", role="CARER", started_on="2025-05-01"
        )
        numbers[number] = ("post", where)
    for name, department in (("health", "320902-HEALTH"), ("police", "320902-POLICE")):
        for host in ("10.0.0.9", "10.0.0.10"):
            AllowedTarget.objects.create(
                department_id=department, host=host, port=443, cidr=f"{host}/32", reason="x",
                granted_by=cast["admin"], approved_by=cast["admin2"],
            )  # fmt: skip
        rows[name] = Endpoint.objects.create(
            department_id=department, name=name, url="https://10.0.0.9/in", secret="whsec_" + "a" * 32
        )
    return rows, numbers


def test_one_person_alone_grants_nothing(cast, stage):
    rows, numbers = stage
    machine = type("OnePerson", (OnePerson,), {"cast": cast, "rows": rows, "numbers": numbers})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=RUNS, stateful_step_count=STEPS, deadline=None, derandomize="CI" in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


# --- the machine itself: each check taken away once must be noticed
def _own_approval(monkeypatch):
    """Neither the service nor the database asks who granted."""
    monkeypatch.setattr(approvals, "_check", lambda *_: None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE yancheng_childcare_duty DROP CONSTRAINT duty_two_persons, DROP CONSTRAINT duty_not_own"
        )


def _nothing_compared(monkeypatch):
    monkeypatch.setattr(approvals, "fingerprint", lambda row: "f" * 64)
    monkeypatch.setattr(administration, "fingerprint", lambda row: "f" * 64)


def _one_opens_every_account(monkeypatch):
    monkeypatch.setattr(accounts, "holds_duties", lambda user: False)
    monkeypatch.setattr(kernel_admin, "holds_duties", lambda user: False)


def _unapproved_counts(monkeypatch):
    monkeypatch.setattr(exchange_querysets, "counts", Q)


def _own_change(monkeypatch):
    """Neither the service nor the database asks who proposed."""
    monkeypatch.setattr(approvals, "_check", lambda *_: None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE exchange_endpointchange DROP CONSTRAINT endpoint_change_two_persons")


def _addresses_at_once(monkeypatch):
    monkeypatch.setattr(endpoint_settings, "TWO_PERSONS", frozenset())


GAPS = {
    "own approval": (_own_approval, lambda one: one.grants("grid_tinghu", "CHIEF")),
    "own approval of an ADMIN duty": (_own_approval, lambda one: one.grants("puppet", "ADMIN")),
    "edited after it was shown": (
        _nothing_compared, lambda one: one.shows_one_thing_and_lets_another_be_approved("mole", "CHIEF")
    ),
    "link for staff": (_one_opens_every_account, lambda one: one.asks_for_an_account("chief_tinghu", "LINK")),
    "link for an institution": (
        _one_opens_every_account, lambda one: one.asks_for_an_account("operator_xiaotaiyang", "LINK")
    ),
    "address of staff": (_one_opens_every_account, lambda one: one.edits_an_account("chief_tinghu", True)),
    "key": (_unapproved_counts, lambda one: one.makes_a_key("chief_tinghu")),
    "key of the own department": (
        _unapproved_counts, lambda one: one.makes_a_key_of_its_department("320902-POLICE")
    ),
    "end of an endpoint": (_own_change, lambda one: one.closes_an_endpoint("police")),
    "host": (_unapproved_counts, lambda one: one.allows_a_host("10.1.2.3", False)),
    "endpoint": (_addresses_at_once, lambda one: one.points_an_endpoint_elsewhere(10, "police", False, True)),
    "clear fields": (_addresses_at_once, lambda one: one.points_an_endpoint_elsewhere(9, "police", True, True)),
    "full numbers": (lambda monkeypatch: monkeypatch.setattr(OnePerson, "may_see", lambda *_: False),
                     lambda one: one.looks_at_full_numbers()),
}  # fmt: skip


@pytest.mark.parametrize("gap", GAPS)
def test_a_missing_check_is_noticed(cast, stage, monkeypatch, gap):
    """As it is, the act changes nothing; without the check the same act is found out."""
    rows, numbers = stage
    open_gap, act = GAPS[gap]
    everything = ({COUNTY[0], COUNTY[3]}, set(), True)
    for sound in (True, False):
        if not sound:
            open_gap(monkeypatch)
        elif gap == "full numbers":
            continue  # there the oracle is what is taken away
        one = type("OnePerson", (OnePerson,), {"cast": cast, "rows": rows, "numbers": numbers})()
        try:
            one.one_person_holds_some_duties(*everything)
            found = _found_out(one, act)
        finally:
            one.teardown()
        assert (found == "") is sound, found


def _found_out(one, act):
    """What the machine says after this act; empty when it is content."""
    try:
        act(one)
        one.nothing_came_into_force()
    except AssertionError as error:
        return str(error) or "refused"
    return ""
