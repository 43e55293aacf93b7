"""POST registrations/: one effect, one answer, problems with code and field."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from exchange.models import IdempotencyRecord, OutboxEvent
from registry.models import Institution

from .conftest import budget


@pytest.mark.django_db
def test_a_valid_registration_is_kept_and_told(call, registration):
    body = registration()
    answer = call("registrar_tinghu").post("registrations/", body)
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/registrations/{body['uscc']}/"
    assert answer["ETag"] == '"1"'
    assert answer.data["status"] == "ACTIVE"
    assert answer.data["registry_org_id"] == "320902-MARKET"
    assert answer.data["channel"] == "API"
    assert answer.data["created_at"].endswith("+08:00")
    assert set(answer.data["actions"]) == {"change", "cancel", "revoke", "rescind"}
    assert OutboxEvent.objects.get(subject=body["uscc"]).type == "registration.recorded"


@pytest.mark.django_db
def test_personal_fields_are_masked_in_the_answer(call, registration):
    body = registration()
    answer = call("registrar_tinghu").post("registrations/", body)
    assert body["legal_rep_id_no"].encode() not in answer.content
    assert body["contact_phone"].encode() not in answer.content
    assert answer.data["contact_phone"] == "138****1234"
    assert Institution.objects.get(uscc=body["uscc"]).legal_rep_id_no == body["legal_rep_id_no"]
    told = OutboxEvent.objects.get(subject=body["uscc"])
    assert told.data["contact_phone"] == "138****1234"
    assert body["legal_rep_id_no"] not in str(told.data) and body["legal_rep_id_no"] in told.sealed


@pytest.mark.django_db
def test_an_unknown_field_is_named_and_nothing_is_saved(call, registration):
    answer = call("registrar_tinghu").post("registrations/", registration(status="ACTIVE", licence="x"))
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.data["code"] == "GEN-UNKNOWN"
    assert {e["pointer"] for e in answer.data["errors"]} == {"/status", "/licence"}
    assert not Institution.objects.exists()


@pytest.mark.django_db
def test_every_problem_comes_at_once_with_its_field(call, registration):
    body = registration(
        uscc="91320902MA1TYC011A", region_code="110000", legal_rep_id_no="123", established_on="2030-13-01"
    )
    answer = call("registrar_tinghu").post("registrations/", body)
    assert answer.status_code == 422
    pointers = {e["pointer"] for e in answer.data["errors"]}
    assert {"/uscc", "/region_code", "/legal_rep_id_no", "/established_on"} <= pointers
    assert b'"123"' not in answer.content


@pytest.mark.django_db
def test_a_duplicate_leads_to_the_change(call, registration, institution):
    known = institution()
    answer = call("registrar_tinghu").post("registrations/", registration(uscc=known.uscc))
    assert answer.status_code == 409
    assert answer.data["code"] == "REG-501"
    assert f"PATCH /api/v1/registrations/{known.uscc}/" in answer.data["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["reviewer_tinghu", "operator_xiaotaiyang", "auditor_city", "admin"])
def test_others_may_not_register(call, registration, username):
    answer = call(username).post("registrations/", registration())
    assert answer.status_code == 403
    assert not Institution.objects.exists()


@pytest.mark.django_db
def test_another_authority_cannot_be_named(call, registration):
    answer = call("registrar_tinghu").post("registrations/", registration(registry_org_id="320981-MARKET"))
    assert answer.status_code == 403
    assert answer.data["errors"][0]["pointer"] == "/registry_org_id"


ODD = ({"a": 1}, [], 1e308, 2**63, True, "１２", "x" * 20000, -1, "\u202e", "2026-02-30", None)
NAMES = (
    "name",
    "uscc",
    "nature",
    "registered_capital",
    "established_on",
    "contact_phone",
    "registry_org_id",
    "purpose",
)


# What is no mistake: text that is only odd, and nothing where nothing need be.
TAKEN = {
    "name": ["１２", "2026-02-30"],
    "registered_capital": ["１２"],
    "contact_phone": [None],
    "registry_org_id": [[], None],
    "purpose": ["１２", "2026-02-30", None],
}
# Another body's name in one's own registration is a matter of rights.
FOREIGN = {"registry_org_id": ["１２", "x" * 20000, "\u202e", "2026-02-30"]}


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_odd_values_are_problems_never_faults(call, registration, name):
    caller = call("registrar_tinghu")
    for value in ODD:
        answer = caller.post("registrations/", {**registration(), name: value})
        taken, foreign = value in TAKEN.get(name, []), value in FOREIGN.get(name, [])
        assert answer.status_code == (201 if taken else 403 if foreign else 422), (name, value)
        if not taken:
            assert answer.data["errors"][0]["pointer"] == f"/{name}", (name, value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "GEN-JSON"),
        (b"[]", 400, "GEN-JSON"),
        (b"", 422, "REG-"),
        (b'{"name": "\\u0000"}', 400, "GEN-400"),
        (b'{"a\\u0000": 1}', 400, "GEN-400"),
        (b'{"purpose": "\\\\u0000"}', 422, "REG-"),
        (b'{"name": "\\ud800"}', 400, "GEN-JSON"),
        (b'{"name": "\xff"}', 400, "GEN-JSON"),
        (b'{"a":' * 3000 + b"1" + b"}" * 3000, 400, "GEN-JSON"),
        (b'{"registered_capital": 1e999}', 400, "GEN-JSON"),
        (b'{"registered_capital": 100000000000000000000000}', 422, "REG-"),
        (b'{"name": "' + b"x" * 1_100_000 + b'"}', 413, "GEN-413"),
    ],
)
def test_hostile_bodies(call, raw, status, code):
    answer = call("registrar_tinghu").post("registrations/", raw)
    assert answer.status_code == status
    assert answer.data["code"].startswith(code)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_only_json_is_taken(api):
    answer = api("registrar_tinghu").post("/api/v1/registrations/", {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (415, "GEN-415")


@pytest.mark.django_db
def test_the_budget(call, registration):
    caller = call("registrar_tinghu")
    caller.post("registrations/", registration())  # reference data is in memory from the first call on
    with budget(10):
        assert caller.post("registrations/", registration()).status_code == 201
    with budget(10):  # with a key: its lock, its look-up, its answer
        assert caller.post("registrations/", registration(), Idempotency_Key="k").status_code == 201


@pytest.mark.django_db
def test_a_repeated_key_has_one_effect_and_the_same_answer(call, registration):
    body, caller = registration(), call("registrar_tinghu")
    first = caller.post("registrations/", body, Idempotency_Key="a-1")
    again = caller.post("registrations/", body, Idempotency_Key="a-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotency-Replayed"] == "true"
    assert again.data == first.data
    assert again["ETag"] == first["ETag"]
    assert again["Location"] == first["Location"]
    assert Institution.objects.count() == OutboxEvent.objects.count() == 1


@pytest.mark.django_db
def test_the_kept_answer_survives_an_emptied_cache_and_holds_no_personal_data(call, registration):
    from django.core.cache import cache

    body, caller = registration(), call("registrar_tinghu")
    caller.post("registrations/", body, Idempotency_Key="a-1")
    cache.clear()
    assert caller.post("registrations/", body, Idempotency_Key="a-1").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(r)::text FROM exchange_idempotencyrecord r")
        kept = cursor.fetchone()[0]
    assert body["legal_rep_id_no"] not in kept
    assert body["contact_phone"] not in kept


@pytest.mark.django_db
def test_a_key_with_another_content_is_refused(call, registration):
    caller = call("registrar_tinghu")
    caller.post("registrations/", registration(), Idempotency_Key="a-1")
    answer = caller.post("registrations/", registration(), Idempotency_Key="a-1")
    assert (answer.status_code, answer.data["code"]) == (422, "EXC-302")
    assert Institution.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_request_may_be_corrected_under_its_key(call, registration):
    caller, body = call("registrar_tinghu"), registration()
    assert caller.post("registrations/", {**body, "name": ""}, Idempotency_Key="a-1").status_code == 422
    assert caller.post("registrations/", body, Idempotency_Key="a-1").status_code == 201


@pytest.mark.django_db
def test_keys_belong_to_one_user(call, registration):
    body = registration()
    call("registrar_tinghu").post("registrations/", body, Idempotency_Key="a-1")
    answer = call("registrar_civil").post("registrations/", registration(nature="NONPROFIT"), Idempotency_Key="a-1")
    assert answer.status_code == 201


@pytest.mark.django_db
def test_after_three_days_a_key_is_forgotten(call, registration):
    from datetime import timedelta

    from django.utils import timezone

    body, caller = registration(), call("registrar_tinghu")
    caller.post("registrations/", body, Idempotency_Key="a-1")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=73))
    assert caller.post("registrations/", registration(), Idempotency_Key="a-1").status_code == 201


@pytest.mark.django_db
def test_a_key_is_kept_for_the_last_minute_of_three_days_and_purged_after(call, registration):
    from datetime import timedelta

    from django.utils import timezone

    from exchange.tasks import purge_idempotency_records

    body, caller, minute = registration(), call("registrar_tinghu"), timedelta(minutes=1)
    first = caller.post("registrations/", body, Idempotency_Key="a-1")
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=72) + minute)
    assert purge_idempotency_records() == 0
    again = caller.post("registrations/", body, Idempotency_Key="a-1")
    assert (first.status_code, again.status_code, again.data["uscc"]) == (201, 200, body["uscc"])
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=72) - minute)
    assert (
        caller.post("registrations/", body, Idempotency_Key="a-1").status_code == 409
    )  # judged anew: the code is taken
    assert purge_idempotency_records() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x" * 129, "中文", "a b", "a\tb"])
def test_what_is_no_key_is_refused(call, registration, key):
    answer = call("registrar_tinghu").post("registrations/", registration(), Idempotency_Key=key)
    assert (answer.status_code, answer.data["code"]) == (400, "EXC-301")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_have_one_effect(cast, api, registration):
    import orjson

    body = orjson.dumps(registration())
    clients = [api("registrar_tinghu") for _ in range(4)]
    start, answers = threading.Barrier(len(clients)), []

    def send(client: Any) -> None:
        try:
            start.wait()
            answers.append(
                client.post(
                    "/api/v1/registrations/", body, content_type="application/json", headers={"Idempotency-Key": "once"}
                ).status_code
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(201) == 1
    assert set(answers) <= {200, 201, 409}
    assert Institution.objects.count() == OutboxEvent.objects.count() == 1
