"""Every route of the URLconf × 7 methods × every person of the cast × own / other institution / other county (the
five rarer methods only at the own object).

Entry is judged by `permissions.ROUTES`, the one table; what a person then sees by the hand-written oracle in
`positions.py`. A route without a rule fails. Denied requests change nothing and show nothing.
"""

from __future__ import annotations

import os
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, reverse
from psycopg2.extensions import TRANSACTION_STATUS_INERROR as IN_ERROR

from registry.demo.accounts import ACCOUNTS
from yancheng_childcare.checks import routes
from yancheng_childcare.permissions import ROUTES, rule_for

from .positions import ORACLE, POSITIONS, Target, build

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
# CI is short: the persons who write or see most, and the five rarer methods of two of them. MATRIX=full asks everybody.
FULL = "CI" not in os.environ or os.environ.get("MATRIX") == "full"
THOROUGH = {"", "operator_xiaotaiyang"}
SHORT = {*THOROUGH, "operator_yangguang", "reviewer_tinghu", "reviewer_dongtai", "chief_tinghu", "registrar_tinghu",
         "inspector_tinghu1", "police_tinghu", "admin"}  # fmt: skip
# A colleague with the very same duty answers nothing new.
TWINS = {"reviewer_tinghu2", "inspector_tinghu2", "assessor_a2"}
PERSONS = ("", *(account.username for account in ACCOUNTS if account.username not in TWINS))
BUILD = Path(__file__).parents[2] / "build" / "matrix"
# Served, but truthfully 503 without workers, or 404 while the import has no bad rows.
MAY_BE_ABSENT = {
    "readyz", "registry:import-errors",
    # no letter, receipt, page or notice on the matrix's bare filings
    "filing:letter", "filing:receipt", "filing:material-remove", "filing:verify", "filing:corrections", "filing:done",
    "filing:notice", "filing:issue",
    # nobody follows, no year was kept, nothing was just reported
    "public:subscription-confirm", "public:subscription-leave", "public:snapshot", "public:report-done",
}  # fmt: skip
# Who may read a case may still lack the duty for one step of it: the workflow's own refusal.
MAY_REFUSE = {"filing:decide", "filing:notice", "filing:issue", "filing:site-check", "filing:review", "api:filing-step"}
MISSING = {
    "institution": "91320902MA0ZZZZZZ1", "message": 999999999, "delivery": "msg_none", "filing": "YC-TB-2026-999999",
    "post": 999999999, "site_check": 999999999, "report": "YC-BC-2026-999999",
}  # fmt: skip
BUSINESS_TABLES = (
    "registry_institution", "registry_importjob", "exchange_outboxevent", "exchange_endpoint", "exchange_subscription",
    "exchange_delivery", "exchange_receipt", "exchange_apiclient", "yancheng_childcare_user", "yancheng_childcare_duty",
    "yancheng_childcare_specialday", "yancheng_childcare_storedfile", "registry_filing", "registry_filingsection",
    "registry_filingversion", "registry_material", "registry_verdict", "registry_notice", "registry_proposal",
    "registry_person", "registry_post", "registry_credential", "registry_training", "registry_persondiscrepancy", "registry_sitecheck",
    "registry_rulewaiver", "registry_reviewarea", "registry_publicentry", "registry_publicreport",
)  # fmt: skip
# What a person who may enter and whose object is in scope may get: never a refusal, never a fault.
SERVED = {200, 201, 202, 204, 302, 303, 304, 400, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429, 502}


@dataclass(frozen=True, slots=True)
class Cell:
    """One request and what is expected of it."""

    name: str
    method: str
    position: str
    target: Target | None
    key: Any
    missing_key: Any
    may_enter: bool
    in_scope: bool
    signed_in: bool


def kind_of(name: str, parameters: set[str]) -> str:
    """What object the parameters of one of our own routes name."""
    if name not in ROUTES:
        return ""
    if "uscc" in parameters:
        return "institution"
    if name == "public:report":
        return "report"
    if "no" in parameters:
        return "filing"
    if name == "people:discrepancy":
        return "discrepancy"
    if name.startswith("people:") and parameters:
        return "post"
    if name == "filing:site-check":
        return "site_check"
    if name.startswith("registry:import") and "fmt" not in parameters and parameters:
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
        "uidb36": "1", "key": "a-b", "fmt": "csv", "format": "csv", "id": 1,
        "kind": "csv", "year": 2026, "token": "x" * 43, "number": 1, "code": "M05_FIRE", "page": 1, "item": "premises", "receipt_no": "320902TY20269999",
    }  # fmt: skip
    if parameter == "name":
        return "premises" if "section" in name else "pause" if name == "filing:decide" else "withdraw"
    if parameter == "step":
        return "submit"
    if name == "public:area-feed":
        return "320902"
    if name == "filing:letter" and parameter == "pk":
        return 1
    if key is not None and parameter in {"uscc", "no", "pk", "webhook_id", "id", "job", "endpoint"}:
        return key
    if parameter in fixed:
        return fixed[parameter]
    raise AssertionError(f"route {name!r} has a parameter {parameter!r} this test has no value for")


def all_routes() -> list[tuple[str, set[str]]]:
    """(view name, parameters) of everything reachable, each name once per parameter set."""
    names = sorted({name for name, _pattern, _callback in routes()})
    return [(name, parameters) for name in names for parameters in parameter_sets(name)]


def parameter_sets(name: str) -> list[set[str]]:
    """Every set of parameters under which this name can be reversed."""
    resolver = get_resolver()
    *spaces, last = name.split(":")
    if not last:
        return [set()]
    for space in spaces:
        _prefix, resolver = resolver.namespace_dict[space]
    return [
        set(parameters) for possibilities in resolver.reverse_dict.getlist(last) for _t, parameters in possibilities[0]
    ] or [set()]


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
    text = body.decode("utf-8", "replace")
    if isinstance(key, str):
        text = text.replace(key, "KEY")
    text = re.sub(r'"trace_id":"[^"]*"', "", text)
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|hx-headers=\S+|\{&quot;X-CSRFToken[^}]*\}', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}", "ID", text)


@pytest.fixture
def targets(cast, institution, elsewhere):
    return build(cast, institution, elsewhere)


def address_of(name: str, parameters: set[str], key: Any) -> str:
    """The address of a route; the admin's nameless catch-all stands for any unknown address under it."""
    if name.endswith(":"):
        return reverse(f"{name}index") + "anything/"
    return reverse(name, kwargs={parameter: fill(name, parameter, key) for parameter in parameters})


def judge(cell: Cell, response: Any, before: tuple, absent: Any) -> tuple[str, list[str]]:
    """Which kind of cell this is, and everything that is wrong with the answer."""
    status, wrong = response.status_code, []
    body = b"".join(response.streaming_content) if response.streaming else response.content
    leaked = cell.target is not None and cell.target.canary.encode() in body
    broken = connection.needs_rollback or connection.connection.info.transaction_status == IN_ERROR
    if broken:
        return "served", [f"{cell.method.upper()} {cell.name} {cell.position}: a database error was swallowed"]
    changed = fingerprint() != before
    if status >= 500 and status != 502 and cell.name != "readyz":
        wrong.append("server error")
    if "Content-Security-Policy" not in response.headers or response.headers.get("X-Content-Type-Options") != "nosniff":
        wrong.append("safety headers missing")
    if not cell.may_enter:
        verdict = "denied"
        if cell.signed_in:
            expected = status == 403
        elif cell.name.startswith("api:"):
            expected = status == 401
        else:
            expected = status == 302 and "/accounts/login/" in response["Location"]
    elif not cell.in_scope:
        verdict = "out of scope"
        # OPTIONS tells the shape of the address, so it answers the same for what does not exist.
        expected = status in {404, 405} or (cell.method == "options" and status == 200)
        if status != 405 and normal(body, cell.key) != normal(absent().content, cell.missing_key):
            wrong.append("the body tells that it exists")
    else:
        verdict = "served"
        library = cell.name not in ROUTES
        expected = (
            status in SERVED
            or (status == 403 and cell.name in MAY_REFUSE)
            or (library and status in {401, 403, 404})
            or cell.name in MAY_BE_ABSENT
        )
        leaked = False
        changed = changed and cell.method in {"get", "head", "options"} and not library
    if not expected:
        wrong.append(f"status {status} when {verdict}")
    if leaked:
        wrong.append("leak")
    if changed:
        wrong.append(f"something changed when {verdict}")
    return verdict, [f"{cell.method.upper()} {cell.name} {cell.position}: {text}" for text in wrong]


def cells_of(person: str, user: Any, targets: dict[tuple[str, str], Target]) -> Iterator[tuple[Cell, str, str]]:
    """Every cell of one person with its address and the address of something that does not exist."""
    for name, parameters in all_routes():
        rule = rule_for(name)
        assert rule is not None, f"route {name} has no rule"
        kind = kind_of(name, parameters)
        for position in POSITIONS if kind else ("",):
            target = targets.get((kind, position))
            if kind and target is None:
                continue
            key, missing = (target.key, MISSING.get(kind, str(uuid.UUID(int=7)))) if target else (None, None)
            seen = not kind or (rule.public and kind == "institution") or position in ORACLE[kind].get(person, ())
            # The other methods meet the same wall: once, at the person's own object, is enough.
            whole = position in ("", POSITIONS[0]) and (FULL or person in THOROUGH)
            for method in METHODS if whole else ("get", "post"):
                may = rule.public or (
                    user is not None and (rule.signed_in or user.has_role(*rule.roles_for(method.upper())))
                )
                cell = Cell(name, method, position, target, key, missing, may, seen, user is not None)
                yield cell, address_of(name, parameters, key), address_of(name, parameters, missing)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("person", [p for p in PERSONS if FULL or p in SHORT], ids=lambda p: p or "visitor")
def test_matrix(person, cast, targets, as_user):
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    cookies = {name: morsel.value for name, morsel in as_user(person).cookies.items()}

    client = Client(raise_request_exception=False)

    def ask(method: str, address: str) -> Any:
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies[name] = value
        return getattr(client, method)(address)

    before = fingerprint()  # every cell is rolled back, so one look is enough
    for cell, address, missing in cells_of(person, cast.get(person), targets):
        with transaction.atomic():
            response = ask(cell.method, address)
            verdict, found = judge(cell, response, before, lambda m=cell.method, a=missing: ask(m, a))
            counted[verdict] += 1
            wrong += found
            transaction.set_rollback(True)
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / f"{person or 'visitor'}.txt").write_text(f"{dict(counted)}\n" + "\n".join(wrong))
    assert not wrong, "\n".join(wrong[:60])
    assert counted.total() > 300


def test_there_are_enough_persons():
    assert len(PERSONS) >= 14


@pytest.mark.django_db
def test_a_route_without_a_rule_is_found(monkeypatch):
    from yancheng_childcare import permissions
    from yancheng_childcare.checks import every_route_has_a_rule

    assert every_route_has_a_rule(None) == []
    monkeypatch.delitem(permissions.ROUTES, "desk")
    assert [e.id for e in every_route_has_a_rule(None)] == ["portal.E001"]
