"""With REQUIRE_SECOND_FACTOR no route of either face opens to staff by a password alone; operators and the public go on."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from .entry_oracle import EVERYBODY, SIGNED_IN, THIS_MACHINE, door_of
from .matrix import MISSING, address_of, all_routes, kind_of
from .scene import grant
from .test_matrix import FULL, HELD

pytestmark = pytest.mark.django_db
# One person for each role; operators work without a second factor (contract.md).
PEOPLE = {next(iter(roles)): name for name, roles in reversed(HELD.items()) if roles}
STAFF = {role: name for role, name in PEOPLE.items() if role != "OPERATOR"}
# What whoever sets a second factor up needs, and no more: pages about the own account.
OWN_ACCOUNT = ("account_", "mfa_")


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def signed_in(as_user: Any) -> Any:
    """A signed-in browser per person, made once."""
    known: dict[str, Client] = {}

    def of(name: str) -> Client:
        if name not in known:
            known[name] = as_user(name)
            known[name].raise_request_exception = False
        return known[name]

    return of


def address(name: str, parameters: set[str]) -> str:
    """Where nothing is: the refusal must come before anything is looked up."""
    return address_of(name, parameters, MISSING.get(kind_of(name, parameters), str(uuid.UUID(int=7))))


def asks_for_factor(response: Any) -> bool:
    if response.status_code == 302:
        return response["Location"] == reverse("mfa_activate_totp")
    return response.status_code == 403 and b'"GEN-2FA"' in response.content


@pytest.mark.slow
def test_staff_without_a_second_factor_pass_no_door_of_either_face(signed_in):
    wrong, asked = [], 0
    for number, (name, parameters) in enumerate(all_routes()):
        door = door_of(name)
        nobody = not door.open_to and not door.read and not door.write
        if nobody or door.open_to in {EVERYBODY, THIS_MACHINE} or name.startswith(OWN_ACCOUNT):
            continue
        for method in ("get", "post"):
            inside = [who for role, who in sorted(STAFF.items()) if door.admits(frozenset({role}), method)]
            outside = [who for role, who in sorted(STAFF.items()) if not door.admits(frozenset({role}), method)]
            # CI asks one of those who may enter and one of those who may not, by turns.
            for group, entering in ((inside, True), (outside, False)):
                for who in group if FULL else group[number % len(group) :][:1] if group else []:
                    response = getattr(signed_in(who), method)(address(name, parameters))
                    asked += 1
                    if asks_for_factor(response) is not entering or (not entering and response.status_code != 403):
                        wrong.append(f"{method.upper()} {name} {who}: {response.status_code}")
    assert not wrong, "\n".join(wrong[:40])
    assert asked > 300


def test_the_api_says_what_is_missing_and_a_key_needs_none(signed_in, api):
    response = signed_in("integrator_health").get(reverse("api:endpoints"))
    body = response.json()
    assert (response.status_code, body["code"]) == (403, "GEN-2FA")
    assert "两步验证" in body["detail"]
    assert api("integrator_health").get(reverse("api:endpoints")).status_code == 200


def test_enrolled_staff_pass_and_it_costs_no_query(signed_in, cast, settings):
    client = signed_in("reviewer_tinghu")
    Authenticator.objects.create(user=cast["reviewer_tinghu"], type="recovery_codes", data={"seed": "x"})
    assert asks_for_factor(client.get(reverse("desk")))  # codes alone are no second factor
    Authenticator.objects.create(user=cast["reviewer_tinghu"], type="totp", data={"secret": "x"})
    assert client.get(reverse("desk")).status_code == 200
    assert client.get(reverse("api:filings")).status_code == 200
    client.get(reverse("registry:list"))  # reference data is read once per process
    counts = []
    for required in (True, False):
        settings.REQUIRE_SECOND_FACTOR = required
        with CaptureQueriesContext(connection) as seen:
            client.get(reverse("registry:list"))
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_operators_and_the_public_go_on_without_one(signed_in, client):
    operator = signed_in("operator_xiaotaiyang")
    for name, parameters in all_routes():
        door = door_of(name)
        if parameters or name.startswith("admin:") or door.open_to == THIS_MACHINE:
            continue
        if door.admits(frozenset({"OPERATOR"}), "get"):
            assert not asks_for_factor(operator.get(address(name, parameters))), name
        if door.open_to == EVERYBODY and not name.startswith(("mfa_", "socialaccount_", "openid_")):
            assert not asks_for_factor(client.get(address(name, parameters))), name
            assert not asks_for_factor(signed_in("chief_tinghu").get(address(name, parameters))), name
    assert door_of("desk").open_to == SIGNED_IN


def test_staff_who_also_run_an_institution_need_one_too(cast, signed_in):
    """One role that needs none frees nobody from what the other asks for."""
    grant(cast["reviewer_tinghu"], "OPERATOR", uscc="91320902MA1TYC011T")
    assert asks_for_factor(signed_in("reviewer_tinghu").get(reverse("desk")))
