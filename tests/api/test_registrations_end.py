"""POST registrations/{uscc}/cancel|revoke|rescind/ : final steps."""

from __future__ import annotations

import pytest

from exchange.models import OutboxEvent

BODY = {"reason": "决定书文号 2026-1", "terminated_on": "2026-01-05"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "status", "event"),
    [
        ("cancel", "CANCELLED", "registration.cancelled"),
        ("revoke", "REVOKED", "registration.revoked"),
        ("rescind", "RESCINDED", "registration.revoked"),
    ],
)
def test_each_ends_the_registration(call, institution, step, status, event):
    made = institution()
    answer = call("registrar_tinghu").post(f"registrations/{made.uscc}/{step}/", BODY, If_Match='"1"')
    assert answer.status_code == 200
    assert answer.data["status"] == status
    assert answer.data["actions"] == []
    assert answer["ETag"] == '"2"'
    assert OutboxEvent.objects.filter(subject=made.uscc, type=event).count() == 1


@pytest.mark.django_db
def test_a_second_end_is_a_conflict(call, institution):
    made, caller = institution(), call("registrar_tinghu")
    caller.post(f"registrations/{made.uscc}/cancel/", BODY, If_Match='"1"')
    answer = caller.post(f"registrations/{made.uscc}/revoke/", BODY, If_Match='"2"')
    assert (answer.status_code, answer.data["code"]) == (409, "GEN-409")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "tag", "status", "pointer"),
    [
        ({}, '"1"', 422, "/reason"),
        ({**BODY, "reason": "x" * 301}, '"1"', 422, "/reason"),
        ({**BODY, "reason": 5}, '"1"', 422, "/reason"),
        ({**BODY, "reason": "a\u202eb"}, '"1"', 422, "/reason"),
        ({**BODY, "terminated_on": "2999-01-01"}, '"1"', 422, "/terminated_on"),
        ({**BODY, "terminated_on": "1999-01-01"}, '"1"', 422, "/terminated_on"),
        ({**BODY, "terminated_on": {}}, '"1"', 422, "/terminated_on"),
        ({**BODY, "status": "x"}, '"1"', 422, "/status"),
        (BODY, '"3"', 412, ""),
        (BODY, "", 428, ""),
    ],
)
def test_refused(call, institution, body, tag, status, pointer):
    made = institution()
    headers = {"If_Match": tag} if tag else {}
    answer = call("registrar_tinghu").post(f"registrations/{made.uscc}/cancel/", body, **headers)
    assert answer.status_code == status
    assert answer.data["errors"][0]["pointer"] == pointer
    made.refresh_from_db()
    assert made.status == "ACTIVE"
