"""What everyone may read: root, codes, regions, schema, docs."""

from __future__ import annotations

import pytest

from tests.pages import markup_of


@pytest.mark.django_db
def test_the_root_leads_everywhere(client, cast):
    calls = client.get("/api/v1/").json()["calls"]
    for name in ("codes", "regions", "schema", "docs"):
        assert client.get(calls[name].removeprefix("http://testserver")).status_code == 200, name


@pytest.mark.django_db
def test_codes_hold_every_error_code(client):
    from yancheng_childcare.codes import catalogue

    answer = client.get("/api/v1/codes/")
    told = {row["code"] for part in answer.json()["errors"] for row in part["codes"]}
    assert told == {code for _, codes in catalogue() for code in codes}
    names = {part["name"] for part in answer.json()["lists"]}
    assert {"nature", "event_type", "delivery_status", "failure", "registration_status"} <= names


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["codes", "regions"])
def test_unchanged_lists_are_not_sent_again(client, reference, path):
    first = client.get(f"/api/v1/{path}/")
    again = client.get(f"/api/v1/{path}/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert client.get(f"/api/v1/{path}/", headers={"If-None-Match": '"x"'}).status_code == 200


@pytest.mark.django_db
def test_regions(client, reference):
    rows = {row["code"]: row for row in client.get("/api/v1/regions/").json()["results"]}
    assert rows["320902"]["parent"] == "320900"
    assert rows["3209GX"]["code_kind"] == "LOCAL"


@pytest.mark.django_db
def test_the_schema_names_every_route(client):
    from yancheng_childcare.permissions import ROUTES

    schema = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    described = len(schema["paths"])
    served = len(
        [n for n in ROUTES if n.startswith("api:") and n not in {"api:schema", "api:docs", "api:registration-import"}]
    )
    assert described >= served
    post = schema["paths"]["/api/v1/registrations/"]["post"]
    assert set(post["responses"]) >= {"200", "201", "400", "401", "403", "409", "415", "422", "429", "503"}
    assert "application/problem+json" in post["responses"]["422"]["content"]


@pytest.mark.django_db
def test_the_docs_page_has_no_inline_code(client):
    page = client.get("/api/v1/docs/").content.decode()
    assert "<style" not in page
    assert "<script>" not in page
    script = client.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["nowhere/", "registrations", "endpoints/1/", "events/x/"])
def test_unknown_addresses_answer_in_the_same_shape(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code in {301, 404}
    if answer.status_code == 404:
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "GEN-404"


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["text/html", "application/xml", "x", "*/*", ""])
def test_other_media_types_are_refused_in_json(client, accept):
    answer = client.get("/api/v1/regions/", headers={"Accept": accept})
    assert answer.status_code in {200, 406}
    assert "json" in answer["Content-Type"]


@pytest.mark.django_db
def test_other_methods(client):
    answer = client.post("/api/v1/codes/")
    assert (answer.status_code, answer.json()["code"]) == (405, "GEN-405")


@pytest.mark.django_db
def test_the_docs_page_is_in_chinese_and_names_every_call(client):
    page = markup_of(client.get("/api/v1/docs/"))
    schema = client.get("/api/v1/schema/?format=json").json()
    for path, methods in schema["paths"].items():
        for method, call in methods.items():
            assert f"{method.upper()} {path}" in page
            assert call["summary"] in page and f'id="{call["operationId"]}"' in page
    for words in ("接口说明", 'aria-label="主导航"', "统一社会信用代码", "请求内容", "答复内容", "不用密钥"):
        assert words in page
    assert "Search." not in page
    assert "swagger-ui" in client.get("/api/v1/docs/?view=swagger").content.decode()


@pytest.mark.django_db
def test_a_browser_shows_the_schema_and_does_not_save_it(client):
    answer = client.get("/api/v1/schema/?format=json", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer["Content-Type"].startswith("application/json")
    assert answer["Content-Disposition"].startswith("inline")
