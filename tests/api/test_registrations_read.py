"""GET registrations/ and registrations/{uscc}/: scope, filters, pages, version."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from .conftest import budget


def follow(caller, url):
    parts = urlsplit(url)
    return caller.get(f"{parts.path.removeprefix('/api/v1/')}?{parts.query}")


@pytest.mark.django_db
def test_pages_go_there_and_back(call, institution):
    made = [institution().uscc for _ in range(7)][::-1]
    caller = call("registrar_tinghu")
    first = caller.get("registrations/?limit=3&count=1")
    assert [row["uscc"] for row in first.data["results"]] == made[:3]
    assert first.data["count"] == 7
    assert first.data["previous"] is None
    second = follow(caller, first.data["next"])
    third = follow(caller, second.data["next"])
    assert [row["uscc"] for row in second.data["results"] + third.data["results"]] == made[3:]
    assert third.data["next"] is None
    back = follow(caller, third.data["previous"])
    assert [row["uscc"] for row in back.data["results"]] == made[3:6]
    assert [row["uscc"] for row in follow(caller, back.data["previous"]).data["results"]] == made[:3]


@pytest.mark.django_db
def test_each_sees_its_own(call, institution, elsewhere):
    here, there = institution().uscc, elsewhere().uscc
    seen = {
        name: {row["uscc"] for row in call(name).get("registrations/").data["results"]}
        for name in ("registrar_tinghu", "registrar_civil", "reviewer_tinghu", "reviewer_dongtai", "health_city")
    }
    assert seen == {
        "registrar_tinghu": {here}, "registrar_civil": {there}, "reviewer_tinghu": {here},
        "reviewer_dongtai": {there}, "health_city": {here, there},
    }  # fmt: skip


@pytest.mark.django_db
def test_filters(call, institution):
    one = institution(name="盐城市小月亮托育服务有限公司")
    institution()
    caller = call("registrar_tinghu")
    for query in (
        f"uscc={one.uscc.lower()}",
        "name=%E5%B0%8F%E6%9C%88%E4%BA%AE",
        f"uscc={one.uscc}&region=320902&nature=FORPROFIT&status=ACTIVE",
    ):
        assert [row["uscc"] for row in caller.get(f"registrations/?{query}").data["results"]] == [one.uscc], query
    for query in ("status=CANCELLED", "nature=HOME", "region=320902002", "updated_since=2099-01-01T00:00:00%2B08:00"):
        assert caller.get(f"registrations/?{query}").data["results"] == [], query
    assert len(caller.get("registrations/?region=320902001").data["results"]) == 2
    assert len(caller.get("registrations/?region=320900").data["results"]) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=x", "limit=99999999999999999999", "cursor=x", "cursor=b99999999999999999999", "count=2",
        "status=x", "nature=1", "region=999999", "region=%E4%B8%AD", "updated_since=x", "updated_since=99999-01-01", "size=5",
        "name=" + "x" * 101, "updated_since=0001-01-01T00:00:00%2B14:00",
    ],
)  # fmt: skip
def test_wrong_filters_are_named(call, query):
    answer = call("registrar_tinghu").get(f"registrations/?{query}")
    assert answer.status_code in {200, 422}
    if answer.status_code == 422:
        assert answer.data["errors"][0]["pointer"] == f"/{query.split('=')[0]}"
        assert answer.data["detail"]
    else:
        assert query.startswith("updated_since=0001")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["name=%00", "%00=1", "cursor=b1%00"])
def test_characters_nobody_can_store(call, query):
    answer = call("registrar_tinghu").get(f"registrations/?{query}")
    assert (answer.status_code, answer.data["code"]) == (400, "GEN-400")


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["name=%ff", "name=%ed%a0%80"])
def test_bytes_that_are_no_text_are_a_name_nobody_has(call, institution, query):
    institution()
    answer = call("registrar_tinghu").get(f"registrations/?{query}")
    assert (answer.status_code, answer.data["results"]) == (200, [])


@pytest.mark.django_db
def test_one_with_its_version(call, institution):
    made = institution()
    answer = call("reviewer_tinghu").get(f"registrations/{made.uscc}/")
    assert answer.status_code == 200
    assert answer["ETag"] == '"1"'
    assert answer.data["actions"] == []
    assert answer.data["legal_rep_id_no"].count("*") == 13
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["91320902MA0ZZZZZZ1", "x", "%E4%B8%AD", "x" * 400, "%ff"])
def test_what_is_out_of_scope_looks_as_if_it_were_not_there(call, elsewhere, key):
    there = elsewhere()
    caller = call("registrar_tinghu")
    hidden, absent = caller.get(f"registrations/{there.uscc}/"), caller.get(f"registrations/{key}/")
    assert hidden.status_code == 404
    assert absent.status_code in {400, 404}
    if absent.status_code == 404 and absent.data:
        assert {k: v for k, v in hidden.data.items() if k != "trace_id"} == {
            k: v for k, v in absent.data.items() if k != "trace_id"
        }


@pytest.mark.django_db
def test_without_a_key_it_is_401(client):
    answer = client.get("/api/v1/registrations/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert client.get("/api/v1/registrations/", headers={"Authorization": "Bearer yck_wrong"}).status_code == 401


@pytest.mark.django_db
def test_the_budgets(call, institution):
    made = [institution() for _ in range(5)]
    caller = call("registrar_tinghu")
    caller.get("registrations/")
    with budget(1):
        caller.get("registrations/?region=320902&name=%E8%AF%95")
    with budget(2):
        caller.get("registrations/?count=1")
    with budget(1):
        caller.get(f"registrations/{made[0].uscc}/")
