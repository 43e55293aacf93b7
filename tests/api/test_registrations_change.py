"""PATCH registrations/{uscc}/ : only on the version that was read."""

from __future__ import annotations

import pytest

from exchange.models import OutboxEvent


@pytest.mark.django_db
def test_a_change_makes_a_new_version(call, institution):
    made = institution()
    answer = call("registrar_tinghu").patch(
        f"registrations/{made.uscc}/", {"contact_phone": "13900001111"}, If_Match='"1"'
    )
    assert answer.status_code == 200
    assert answer["ETag"] == '"2"'
    assert answer.data["record_version"] == 2
    assert answer.data["contact_phone"] == "139****1111"
    assert OutboxEvent.objects.filter(subject=made.uscc, type="registration.changed", version=2).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        (None, 428, "GEN-428"), ('"2"', 412, "GEN-412"), ('W/"1"', 412, "GEN-412"), ("junk", 412, "GEN-412"),
        ('"1', 412, "GEN-412"), ('"99999999999999999999"', 412, "GEN-412"), ('"7", "1"', 200, ""), ("*", 200, ""),
    ],
)  # fmt: skip
def test_if_match(call, institution, tag, status, code):
    made = institution()
    headers = {"If_Match": tag} if tag else {}
    answer = call("registrar_tinghu").patch(f"registrations/{made.uscc}/", {"purpose": "照护"}, **headers)
    assert answer.status_code == status
    assert answer.data.get("code", "") == code
    made.refresh_from_db()
    assert made.record_version == (2 if status == 200 else 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "REG-508"), ({"status": "CANCELLED"}, "GEN-UNKNOWN"), ({"registry_org_id": "x"}, "GEN-UNKNOWN"),
        ({"uscc": "91320903MA1TYC02X1"}, "REG-512"), ({"name": ""}, "REG-201"), ({"business_scope": "餐饮"}, "REG-103"),
        ({"established_on": 5}, "REG-301"), ({"registered_capital": []}, "REG-208"),
    ],
)  # fmt: skip
def test_refused_changes_leave_everything_as_it_was(call, institution, body, code):
    made = institution()
    answer = call("registrar_tinghu").patch(f"registrations/{made.uscc}/", body, If_Match='"1"')
    assert (answer.status_code, answer.data["code"]) == (422, code)
    made.refresh_from_db()
    assert made.record_version == 1


@pytest.mark.django_db
def test_the_code_may_be_repeated(call, institution):
    made = institution()
    answer = call("registrar_tinghu").patch(
        f"registrations/{made.uscc}/", {"uscc": made.uscc, "name": "盐城市新名字托育服务有限公司"}, If_Match='"1"'
    )
    assert answer.status_code == 200
    assert answer.data["former_names"] == [made.name]


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("registrar_civil", 404), ("reviewer_tinghu", 403), ("admin", 403)])
def test_others_may_not_change(call, institution, who, status):
    made = institution()
    assert call(who).patch(f"registrations/{made.uscc}/", {"purpose": "x"}, If_Match='"1"').status_code == status
