"""What programs of others meet: bodies, slashes, other origins, problems with an id, one time zone, limits in the schema."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from exchange.models import Endpoint
from registry.models import Institution

pytestmark = pytest.mark.django_db
OPEN = ("/api/v1/institutions/", "/open-data/institutions.csv", "/feeds/areas/320900.atom")


def test_an_action_with_defaults_never_runs_when_a_body_was_announced(as_user: Any, institution: Any) -> None:
    from yancheng_childcare.models import Department

    endpoint = Endpoint.objects.create(
        department=Department.objects.get(code="320902-HEALTH"),
        name="前置机",
        url="https://r.example/",
        secret="whsec_a",
    )
    answer = as_user("integrator_health").post(
        f"/api/v1/endpoints/{endpoint.pk}/rotate/",
        content_type="application/json",
        headers={"transfer-encoding": "chunked"},
    )
    assert (answer.status_code, answer.json()["code"]) == (411, "GEN-411")
    endpoint.refresh_from_db()
    assert endpoint.secret == "whsec_a"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_an_unsafe_request_is_never_redirected(as_user: Any, registration: Any, method: str) -> None:
    send = getattr(as_user("registrar_tinghu"), method)
    answer = send("/api/v1/registrations", registration(), content_type="application/json")
    assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
    assert "/api/v1/registrations/" in answer.json()["detail"]
    assert not Institution.objects.exists()


def test_readers_are_still_led_to_the_last_slash(client: Client, reference: None) -> None:
    answer = client.get("/institutions")
    assert (answer.status_code, answer["Location"]) == (301, "/institutions/")


@pytest.mark.parametrize("path", OPEN)
def test_scripts_of_other_sites_may_ask_with_a_mark_and_read_it(client: Client, reference: None, path: str) -> None:
    asked = client.options(
        path,
        headers={
            "origin": "https://other.example",
            "access-control-request-method": "GET",
            "access-control-request-headers": "if-none-match",
        },
    )
    assert asked.status_code in {200, 204} and asked["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in asked["Access-Control-Allow-Headers"] and "GET" in asked["Access-Control-Allow-Methods"]
    answer = client.get(path, headers={"origin": "https://other.example"})
    assert answer["Access-Control-Allow-Origin"] == "*" and answer["ETag"]
    assert "ETag" in answer["Access-Control-Expose-Headers"]


def test_nothing_else_is_open_to_other_sites(client: Client, reference: None) -> None:
    for path in ("/api/v1/registrations/", "/desk/", "/accounts/login/"):
        assert "Access-Control-Allow-Origin" not in client.options(path, headers={"origin": "https://other.example"})


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/institutions/?limit=0",
        "/api/v1/institutions/91320902MA1TYC0000/",
        "/api/v1/registrations/",
        "/api/v1/x/",
    ],
)
def test_every_problem_has_an_id(client: Client, reference: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code >= 400 and len(answer.json()["trace_id"]) >= 32


def test_an_address_that_is_too_long_has_an_id(client: Client, reference: None) -> None:
    from yancheng_childcare.problems import ADDRESS_TOO_LONG
    from yancheng_childcare.web_worker import refusal

    assert client.get("/api/v1/institutions/?q=" + "x" * 5_000).json()["trace_id"]
    assert b'"trace_id": "abc"' in refusal(414, "URI Too Long", ADDRESS_TOO_LONG, "abc")


def test_trace_is_refused_with_what_is_allowed(client: Client, reference: None) -> None:
    answer = client.trace("/api/v1/institutions/")
    assert answer.status_code == 405 and "GET" in answer["Allow"]


def test_the_schema_names_limits_and_choices(client: Client, reference: None) -> None:
    from yancheng_childcare.schema import SchemaGenerator

    found = SchemaGenerator().get_schema(request=None, public=True)["paths"]["/api/v1/institutions/"]["get"][
        "parameters"
    ]
    schema = {one["name"]: one["schema"] for one in found if one["in"] == "query"}
    assert (schema["limit"]["minimum"], schema["limit"]["maximum"]) == (1, 100)
    assert (schema["months"]["minimum"], schema["months"]["maximum"]) == (0, 35)
    assert {"minimum", "maximum"} <= set(schema["fee_from"]) & set(schema["fee_to"])
    assert schema["status"]["items"]["enum"] and schema["ordering"]["enum"]
