"""`POST /api/v1/registrations/import/` as other departments' programs use it."""

from __future__ import annotations

from typing import Any

import pytest
from import_tables import as_csv, as_xlsx

from exchange.models import OutboxEvent
from registry.models import Institution

pytestmark = pytest.mark.django_db
URL = "/api/v1/registrations/import/"


def test_dry_run_counts_and_lists(api: Any, registration: Any) -> None:
    response = api("registrar_tinghu").post(
        f"{URL}?dry_run=1", {"file": as_xlsx([registration(), registration(town_code="320903002")])}
    )
    assert response.status_code == 200
    found = response.json()
    assert (found["state"], found["rows_total"], found["rows_new"], found["rows_bad"]) == ("CHECKED", 2, 1, 1)
    assert found["problems"] == [
        {
            "row": 3,
            "column": "town_code",
            "code": "REG-503",
            "message": found["problems"][0]["message"],
            "level": "BLOCK",
        }
    ]
    assert found["more"] is False
    assert not Institution.objects.exists()


def test_good_rows_are_taken_and_again_nothing(api: Any, registration: Any) -> None:
    client, rows = api("registrar_tinghu"), [registration(), registration(name="")]
    first = client.post(URL, {"file": as_csv(rows)}).json()
    assert (first["state"], first["rows_new"], first["rows_bad"]) == ("DONE", 1, 1)
    second = client.post(URL, {"file": as_csv(rows)}).json()
    assert (second["rows_new"], second["rows_same"], second["rows_bad"]) == (0, 1, 1)
    assert Institution.objects.count() == OutboxEvent.objects.count() == 1
    status = client.get(URL, {"job": first["job"]})
    assert status.json() == first
    assert api("registrar_civil").get(URL, {"job": first["job"]}).status_code == 404


def test_all_or_nothing(api: Any, registration: Any) -> None:
    response = api("registrar_tinghu").post(
        f"{URL}?only_good=0", {"file": as_csv([registration(), registration(name="")])}
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/3/name"
    assert not Institution.objects.exists()


@pytest.mark.parametrize("query", ["", "?dry_run=1", "?only_good=0"])
def test_a_file_that_cannot_be_read(api: Any, query: str) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = api("registrar_tinghu")
    response = client.post(URL + query, {"file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")})
    assert (response.status_code, response.json()["code"]) == (422, "REG-551")
    assert client.post(URL + query, {}).json()["code"] == "REG-201"
    assert client.post(URL + query, {"file": "text"}).status_code == 422
    assert client.post(URL + query, b"{}", content_type="application/json").status_code == 415


def test_who_may(api: Any, registration: Any, client: Any) -> None:
    assert client.post(URL, {"file": as_csv([registration()])}).status_code == 401
    assert api("reviewer_tinghu").post(URL, {"file": as_csv([registration()])}).status_code == 403
    assert api("registrar_tinghu").get(URL, {"job": "x"}).status_code == 404


def test_a_long_file_is_accepted_and_worked_on_later(
    api: Any, registration: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.registration.imports import jobs

    handed: list[tuple[Any, ...]] = []
    monkeypatch.setattr(jobs, "AT_ONCE_LINES", 2)
    monkeypatch.setattr(
        "registry.registration.imports.api.hand_over",
        lambda task, *arguments: handed.append((task, *arguments)) or True,
    )
    client = api("registrar_tinghu")
    response = client.post(URL, {"file": as_csv([registration() for _ in range(4)])})
    assert (response.status_code, response.json()["state"]) == (202, "WAITING")
    task, *arguments = handed.pop()
    task(*arguments)
    status = client.get(URL, {"job": response.json()["job"]}).json()
    assert (status["state"], status["rows_new"]) == ("DONE", 4)
