"""The public API: contract, caching, the short lane, limits."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from yancheng_childcare.permissions import ROUTES
from yancheng_childcare.public_lane import PREFIX

pytestmark = pytest.mark.django_db
LIST = "/api/v1/institutions/"


def test_list_has_the_pages_of_the_contract(entry: Any, client: Client) -> None:
    names = [entry(name=f"盐城市亭湖区向阳{n}号托育服务有限公司").uscc for n in "一二三四五"]
    seen: list[str] = []
    url: str | None = f"{LIST}?q=向阳&limit=2&count=1"
    pages = []
    while url:
        answer = (
            client.get(url.split("testserver")[-1], query_params=None).json()
            if "testserver" in url
            else client.get(LIST, {"q": "向阳", "limit": 2, "count": 1}).json()
        )
        assert set(answer) >= {"next", "previous", "results"} and answer["count"] == 5 and not answer["count_capped"]
        seen += [row["uscc"] for row in answer["results"]]
        pages.append(answer)
        url = answer["next"]
        assert len(pages) < 9
    assert sorted(seen) == sorted(names) and len(seen) == 5
    back = client.get(pages[1]["previous"].split("testserver")[-1]).json()
    assert [row["uscc"] for row in back["results"]] == [row["uscc"] for row in pages[0]["results"]]


def test_a_slip_is_forgiven_within_the_filters_as_on_the_page(entry: Any, client: Client) -> None:
    here = entry(name="盐城市亭湖区向日葵托育服务有限公司")
    entry(name="东台市向日葵托育服务有限公司", region="320981")
    wide = client.get(LIST, {"q": "向日魁托育"}).json()
    narrow = client.get(LIST, {"q": "向日魁托育", "region": "320902"}).json()
    assert len(wide["results"]) == 2 and wide["similar"]
    assert [row["uscc"] for row in narrow["results"]] == [here.uscc] and narrow["similar"]
    right = client.get(LIST, {"q": "向日葵托育", "region": "320924"}).json()
    assert right["results"] == [] and "similar" not in right, "the words are right, the county has none"


def test_detail_names_the_source_of_every_block(entry: Any, client: Client) -> None:
    found = entry()
    answer = client.get(f"{LIST}{found.uscc.lower()}/")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body["uscc"] == found.uscc and body["blocks"]
    for block in body["blocks"].values():
        assert block["kind"] in {"OFFICIAL", "INSTITUTION"} and block["source"] and "confirmed_on" in block
    missing = client.get(f"{LIST}91320902MA1X000A0R/")
    assert missing.status_code == 404 and missing.json()["code"] == "GEN-404"


def test_an_answer_is_shared_for_five_seconds_and_not_sent_twice(entry: Any, client: Client) -> None:
    found = entry()
    for path in (LIST, f"{LIST}{found.uscc}/"):
        first = client.get(path)
        assert first["Cache-Control"] == "public, max-age=5, must-revalidate" and "Set-Cookie" not in first
        assert first["Access-Control-Allow-Origin"] == "*" and first["X-Content-Type-Options"] == "nosniff"
        assert first["Content-Length"] == str(len(first.content))
        again = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304 and not again.content
    type(found).objects.filter(pk=found.pk).update(card={**found.card, "name": "改了"})
    changed = client.get(LIST, headers={"If-None-Match": client.get(LIST)["ETag"] + "x"})
    assert changed.status_code == 200


def test_budget_is_one_statement(entry: Any, client: Client, django_assert_num_queries: Any) -> None:
    found = entry(name="盐城市亭湖区向阳托育服务有限公司")
    with django_assert_num_queries(1):
        client.get(LIST)
    with django_assert_num_queries(2):  # the search, and whether one outside the register has just this name
        client.get(LIST, {"q": "向阳托育服务", "region": "320902"})
    with django_assert_num_queries(1):
        client.get(f"{LIST}{found.uscc}/")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("nature=Z", "PUB-002"),
        ("months=36", "PUB-002"),
        ("months=-1", "PUB-002"),
        ("colour=red", "PUB-001"),
        ("region=110000", "PUB-005"),
        ("ordering=distance", "PUB-005"),
        ("page=abc", "PUB-004"),
        ("near=95,10", "PUB-005"),
        ("q=" + "%E6%89%98" * 101, "PUB-003"),
    ],
)
def test_a_wrong_question_is_a_clear_400(client: Client, query: str, code: str) -> None:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code and answer.json()["detail"]


@pytest.mark.parametrize("status", ["CANCELLED", "RESCINDED", "UNFILED", "ENDED"])
def test_a_status_outside_the_list_is_named_by_no_document_and_its_refusal_says_where_to_look(
    client: Client, reference: None, status: str
) -> None:
    """What the schema and the dictionary list is taken; what is not taken they do not list."""
    schema = client.get("/api/v1/schema/?format=json").json()["paths"]["/api/v1/institutions/"]["get"]["parameters"]
    (offered,) = [one["schema"]["items"]["enum"] for one in schema if one["name"] == "status"]
    assert all(client.get(LIST, {"status": value}).status_code == 200 for value in offered)
    dictionary = client.get("/open-data/dictionary.json").json()["fields"]
    (meaning,) = [one["meaning"] for one in dictionary if one["name"] == "status"]
    assert set(re.findall("[A-Z]+", meaning)) == set(offered) and status not in offered
    answer = client.get(LIST, {"status": status})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert "unlisted" in error["message"] and all(value in error["message"] for value in offered)


def test_writing_is_refused(client: Client) -> None:
    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(LIST).status_code in {403, 405}


@override_settings()
def test_the_rate_is_kept_per_address(client: Client, settings: Any) -> None:
    settings.API_RATE_ANONYMOUS = "3/min"
    assert [client.get(LIST).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get(LIST)
    assert refused.json()["code"] == "GEN-429" and 1 <= int(refused["Retry-After"]) <= 61
    assert client.get(LIST, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_a_dead_connection_is_tried_once_more(client: Client, monkeypatch: Any) -> None:
    from registry.register import search

    calls: list[int] = []
    real = search.run

    def dies_once(sql: str, params: list[Any]) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("server closed the connection unexpectedly")
        return real(sql, params)

    monkeypatch.setattr(search, "run", dies_once)
    monkeypatch.setattr("yancheng_childcare.public_lane.connections.close_all", lambda: None)
    assert client.get(LIST).status_code == 200 and len(calls) == 2


def test_only_public_routes_lie_on_the_short_lane(client: Client) -> None:
    from django.urls import resolve

    for path in (PREFIX, f"{PREFIX}91320902MA1X000A0R/"):
        assert ROUTES[resolve(path).view_name].public
    assert client.get(f"{PREFIX}a/b/").status_code == 404


def test_session_is_never_looked_at(entry: Any, client: Client) -> None:
    entry()
    client.cookies["sessionid"] = "x" * 32
    from django.db import connection

    with CaptureQueriesContext(connection) as captured:
        assert client.get(LIST).status_code == 200
    assert not [query for query in captured if "session" in query["sql"]]
