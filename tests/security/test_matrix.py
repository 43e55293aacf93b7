"""Every route of the URLconf × 7 methods × every person of the cast × own / other institution / other county.

Entry is judged by `permissions.ROUTES`, the one table; what a person then sees by the hand-written oracle in
`positions.py`. A route without a rule fails. Denied requests change nothing and show nothing.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver

from registry.demo.accounts import ACCOUNTS
from yancheng_childcare.checks import routes
from yancheng_childcare.permissions import rule_for

from .positions import ORACLE, POSITIONS, build

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
PERSONS = ("", *(account.username for account in ACCOUNTS))
BUSINESS_TABLES = (
    "registry_institution", "registry_importjob", "exchange_outboxevent", "exchange_endpoint", "exchange_subscription",
    "exchange_delivery", "exchange_receipt", "exchange_apiclient", "yancheng_childcare_user", "yancheng_childcare_duty",
    "yancheng_childcare_specialday", "yancheng_childcare_storedfile",
)  # fmt: skip
# What a person who may enter and whose object is in scope may get: never a refusal, never a fault.
SERVED = {200, 201, 202, 204, 302, 303, 304, 400, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429, 502}


def kind_of(name: str, parameters: set[str]) -> str:
    """What object the parameters of a route name."""
    if "uscc" in parameters:
        return "institution"
    if name.startswith("registry:import"):
        return "job"
    if "endpoint" in name and parameters:
        return "endpoint"
    if name.startswith(("exchange:", "api:deliver")) and parameters:
        return "delivery"
    return {"file": "file", "message": "message"}.get(name, "") if parameters else ""


def fill(name: str, parameter: str, key: Any) -> Any:
    """A value for every parameter any route has."""
    fixed = {
        "app_label": "registry", "content_type_id": 1, "object_id": 1, "url": "anything", "provider_id": "province",
        "uidb36": "1", "key": "a-b", "fmt": "csv", "format": "csv", "line": 1,
    }  # fmt: skip
    if key is not None and parameter in {"uscc", "pk", "webhook_id", "id", "job", "endpoint"}:
        return key
    if parameter in fixed:
        return fixed[parameter]
    raise AssertionError(f"route {name!r} has a parameter {parameter!r} this test has no value for")


def all_routes() -> list[tuple[str, str, set[str]]]:
    """(view name, pattern, parameters) of everything reachable, each name once per parameter set."""
    found = {}
    for name, _pattern, _callback in routes():
        found[name] = found.get(name) or name
    resolved = []
    for name in sorted(found):
        for parameters in parameter_sets(name):
            resolved.append((name, name, parameters))
    return resolved


def parameter_sets(name: str) -> list[set[str]]:
    """Every set of parameters under which this name can be reversed."""
    resolver = get_resolver()
    *spaces, last = name.split(":")
    for space in spaces:
        _prefix, resolver = resolver.namespace_dict[space]
    return [set(parameters) for possibilities in resolver.reverse_dict.getlist(last) for _t, parameters in possibilities[0]] or [set()]


def fingerprint() -> tuple:
    """Counts of the business tables and the last row version written to each: any write moves it."""
    parts = " UNION ALL ".join(
        f"SELECT '{table}', count(*), coalesce(max(xmin::text::bigint), 0) FROM {table}" for table in BUSINESS_TABLES
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return tuple(cursor.fetchall())


def normal(body: bytes, key: Any) -> str:
    """A refusal's body without what may differ: the address, tokens, request numbers."""
    text = body.decode("utf-8", "replace").replace(str(key), "KEY")
    text = re.sub(r'"trace_id":"[^"]*"', "", text)
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|hx-headers=\S+|\{&quot;X-CSRFToken[^}]*\}', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}", "ID", text)


@pytest.fixture
def targets(cast, institution, elsewhere):
    return build(cast, institution, elsewhere)


@pytest.mark.django_db
@pytest.mark.parametrize("person", PERSONS, ids=lambda p: p or "visitor")
def test_matrix(person, cast, targets, as_user, settings):
    from django.urls import reverse

    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK}
    cells: Counter[str] = Counter()
    cookie = dict(as_user(person).cookies) if person else {}
    user = cast.get(person)
    for name, _pattern, parameters in all_routes():
        rule = rule_for(name)
        assert rule is not None, f"route {name} has no rule"
        kind = kind_of(name, parameters)
        for position in POSITIONS if kind else ("",):
            target = targets.get((kind, position))
            if kind and target is None:
                continue
            key = target.key if target else None
            address = reverse(name, kwargs={p: fill(name, p, key) for p in parameters})
            missing = None
            if kind:
                nobody = {"institution": "91320902MA0ZZZZZZ1", "message": 999999999, "delivery": "msg_none"}.get(kind, str(uuid.uuid4()))
                missing = reverse(name, kwargs={p: fill(name, p, nobody) for p in parameters})
            for method in METHODS:
                cell = f"{person or 'visitor'} {method.upper()} {name} {position}"
                client = Client(raise_request_exception=False)
                for cookie_name, morsel in cookie.items():
                    client.cookies[cookie_name] = morsel.value
                may = rule.public or (user is not None and (rule.signed_in or user.has_role(*rule.roles_for(method.upper()))))
                with transaction.atomic():
                    before = fingerprint()
                    response = getattr(client, method)(address)
                    status = response.status_code
                    body = b"".join(response.streaming_content) if response.streaming else response.content
                    cells["all"] += 1
                    assert status < 500 or status == 502, f"{cell}: {status}"
                    if not may:
                        cells["denied"] += 1
                        if user is None:
                            assert status == 401 if name.startswith("api:") else (status == 302 and "/accounts/login/" in response["Location"]), f"{cell}: {status}"
                        else:
                            assert status == 403, f"{cell}: {status}"
                        assert fingerprint() == before, f"{cell}: a denied request changed something"
                        assert target is None or target.canary.encode() not in body, f"{cell}: leak"
                    elif kind and not (rule.public and kind == "institution") and position not in ORACLE[kind].get(person, ()):
                        cells["out of scope"] += 1
                        assert status in {404, 405}, f"{cell}: {status}"
                        assert target is not None
                        assert target.canary.encode() not in body, f"{cell}: leak"
                        assert fingerprint() == before, f"{cell}: an out-of-scope request changed something"
                        if status == 404:
                            absent = getattr(client, method)(missing)
                            assert absent.status_code == 404, f"{cell}: differs from what does not exist"
                            assert normal(body, key) == normal(absent.content, nobody), f"{cell}: body tells it exists"
                    elif not (rule.local_only or name.startswith(("admin:", "openid_connect", "account_reset", "socialaccount", "mfa_"))):
                        cells["served"] += 1
                        assert status in SERVED, f"{cell}: {status}"
                        if method in {"get", "head", "options"}:
                            assert fingerprint() == before, f"{cell}: a safe method changed something"
                    assert "Content-Security-Policy" in response.headers, f"{cell}: no CSP"
                    assert response.headers.get("X-Content-Type-Options") == "nosniff", f"{cell}: nosniff"
                    transaction.set_rollback(True)
    print(f"{person or 'visitor'}: {dict(cells)}")
    out = Path(__file__).parents[2] / "build" / "matrix"
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{person or 'visitor'}.txt").write_text(repr(dict(cells)))
    assert cells["all"] > 300


def test_there_are_enough_persons():
    assert len(PERSONS) >= 14


@pytest.mark.django_db
def test_a_route_without_a_rule_is_found(monkeypatch):
    from yancheng_childcare import permissions
    from yancheng_childcare.checks import every_route_has_a_rule

    assert every_route_has_a_rule(None) == []
    monkeypatch.delitem(permissions.ROUTES, "desk")
    assert [e.id for e in every_route_has_a_rule(None)] == ["portal.E001"]
