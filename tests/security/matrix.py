"""Routes, addresses and the verdict on one answer: what the tests of the authorization matrix share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.urls import get_resolver, reverse
from psycopg2.extensions import TRANSACTION_STATUS_INERROR as IN_ERROR

from yancheng_childcare.checks import routes

from .positions import BODY
from .scene import RECEIPT_NO, Target

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
# Where not everybody whose object is in scope gets an ordinary answer: exactly these statuses.
# readyz: truthfully 503 without workers; no batch of draws stands in this city (what they show: tests/inspections/test_draw_pages.py)
EXACT = {"readyz": {200, 503}, "draws:one": {404, 405}, "draws:file": {404, 405}}
# Where a person must have just proved to be there: asked by somebody who has.
CONFIRMED = {"exchange:key-create", "exchange:key-rotate", "exchange:key-propose"}
# What a form must say to be about anything at all.
POSTED = {"filing:notice": {"step": "return"}, "filing:issue": {"step": "receipt"}}
# Who may read a case may still lack the duty for one step of it: the workflow's own refusal.
MAY_REFUSE = {"filing:decide", "filing:notice", "filing:issue", "filing:site-check", "filing:review", "filing:contact",
              "api:filing-step", "exchange:key-rotate", "cases:new", "cases:step", "cases:letter-act", "api:case-step",
              "public:report-contact", "inspections:record"}  # fmt: skip
MISSING = {
    "institution": "91320902MA0ZZZZZZ1", "message": 999999999, "delivery": "msg_none", "filing": "YC-TB-2026-999999",
    "post": 999999999, "discrepancy": 999999999, "site_check": 999999999, "report": "YC-BC-2026-999999", "subscription": "x" * 43,
    "key": 999999999, "opening": "YC-KT-2026-999999", "account": 999999999, "duty": 999999999, "identity": 999999999, "host": 999999999,
    "day": 999999999, "staff_table": 999999999, "subject": 999999999, "matter": 999999999,
    "officer": 999999999, "tie": 999999999, "case": "YC-XS-2026-999999", "visit": "YC-JC-2026-999999",
}  # fmt: skip
BUSINESS_TABLES = (
    "registry_institution", "registry_importjob", "exchange_outboxevent", "exchange_endpoint", "exchange_subscription",
    "exchange_delivery", "exchange_receipt", "exchange_apiclient", "exchange_allowedtarget", "exchange_endpointchange",
    "yancheng_childcare_accountrequest", "yancheng_childcare_linkedidentity", "yancheng_childcare_user", "yancheng_childcare_duty",
    "yancheng_childcare_specialday", "yancheng_childcare_storedfile", "registry_stafftable", "registry_filing", "registry_filingsection",
    "registry_filingversion", "registry_material", "registry_verdict", "registry_notice", "registry_proposal",
    "registry_person", "registry_persondiscrepancy", "registry_post", "registry_credential", "registry_training", "registry_sitecheck",
    "registry_rulewaiver", "registry_reviewarea", "registry_publicentry", "registry_publicreport",
    "registry_accountopening", "casework_case", "casework_letter", "casework_letterservice", "casework_letterreply",
    "casework_caseproposal", "casework_deputy", "casework_attachment", "inspections_clue",
    "inspections_visit", "inspections_visititem", "inspections_visitphoto",
    "inspections_enforcementsubject", "inspections_matter", "inspections_officer", "inspections_tie",
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


# Routes that name a letter or a file of their case, and which part of the target it is.
LETTERS = {"filing:letter": "notice", "cases:letter": "letter", "cases:paper": "letter", "cases:letter-act": "letter",
           "cases:file": "file"}  # fmt: skip


def is_library(name: str) -> bool:
    """Whether a well-kept library answers there, with rules of its own besides ours."""
    return name.startswith(("admin:", "account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_"))


def kind_of(name: str, parameters: set[str]) -> str:
    """What object the parameters of one of our own routes name."""
    if is_library(name):
        return ""
    if "uscc" in parameters:
        return "institution"
    if name in {"public:subscription-confirm", "public:subscription-leave"}:
        return "subscription"
    if name == "public:report-contact":
        return "report"
    if name == "accounts:review":
        return "opening"
    if name == "staff-table:table":
        return "staff_table"
    if name in {"inspections:record", "inspections:sheet"}:
        return "visit"
    if name.startswith("inspections:") and parameters:
        return name.removeprefix("inspections:").removesuffix("-end")
    if name.startswith("staff:") and parameters:
        return {"staff:approval": "duty", "staff:duty-end": "duty", "staff:identity-end": "identity",
                "staff:day": "day", "staff:day-delete": "day"}.get(name, "account")  # fmt: skip
    if name.startswith(("cases:", "api:case")):
        return "case" if "no" in parameters else ""
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
    if name.startswith("exchange:key") and parameters:
        return "key"
    if name == "exchange:host-end":
        return "host"
    if "endpoint" in name and parameters:
        return "endpoint"
    if name.startswith(("exchange:", "api:deliver")) and parameters:
        return "delivery"
    return {"file": "file", "message": "message"}.get(name, "") if parameters else ""


def part_of(name: str, parameter: str, target: Target | None) -> Any:
    """The key of what hangs on the object, None when the parameter names something else."""
    return target.parts[LETTERS[name]] if target is not None and name in LETTERS and parameter == "pk" else None


def fill(name: str, parameter: str, key: Any) -> Any:
    """A value for every parameter any route has."""
    fixed = {
        "app_label": "registry", "content_type_id": 1, "object_id": 1, "url": "anything", "provider_id": "province",
        "uidb36": "1", "key": "a-b", "fmt": "csv", "format": "csv", "id": 1,
        "kind": "csv", "year": 2026, "token": "x" * 43, "number": 1, "code": "M05_FIRE", "page": 1, "item": "premises", "receipt_no": RECEIPT_NO,
        "act": "link", "what": "duty", "batch": "YC-SJ-2026-000001",
    }  # fmt: skip
    if parameter == "name":
        return "premises" if "section" in name else "pause" if name == "filing:decide" else "withdraw"
    if name.startswith(("cases:", "api:case")) and parameter in {"kind", "step", "act"}:
        return {"kind": "clue", "step": "accept", "act": "recall"}[parameter]
    if parameter == "step":
        return "submit"
    if name == "public:area-feed":
        return "320902"
    if name in LETTERS and parameter == "pk":
        return 999999999
    if key is not None and parameter in {"uscc", "no", "pk", "webhook_id", "id", "job", "endpoint", "token"}:
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


def address_of(name: str, parameters: set[str], key: Any, target: Target | None = None) -> str:
    """The address of a route; the admin's nameless catch-all stands for any unknown address under it."""
    if name.endswith(":"):
        return reverse(f"{name}index") + "anything/"
    values = {parameter: part_of(name, parameter, target) or fill(name, parameter, key) for parameter in parameters}
    return reverse(name, kwargs=values)


def judge(cell: Cell, response: Any, before: tuple, absent: Any) -> tuple[str, list[str]]:
    """Which kind of cell this is, and everything that is wrong with the answer."""
    status, wrong = response.status_code, []
    body = b"".join(response.streaming_content) if response.streaming else response.content
    leaked = cell.target is not None and cell.target.canary.encode() in body
    broken = connection.needs_rollback or connection.connection.info.transaction_status == IN_ERROR
    if broken:
        return "served", [f"{cell.method.upper()} {cell.name} {cell.position}: a database error was swallowed"]
    changed = fingerprint() != before
    if status >= 500 and status != 502 and cell.name not in EXACT:
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
        library = is_library(cell.name)
        expected = (
            status in EXACT.get(cell.name, SERVED)
            or (status == 403 and (cell.name in MAY_REFUSE or cell.position == BODY))
            or (library and status in {401, 403, 404})
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
