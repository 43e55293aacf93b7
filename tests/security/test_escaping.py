"""What people write is text on every page, whoever reads it.

Every free-text column of every table gets markup appended past all checks of input; then every page of the matrix is
fetched by those who may see it. A page that hands the markup on raw fails, also one that is written tomorrow.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.test import Client

from registry.demo.accounts import ACCOUNTS
from registry.register.entry import refresh_entry
from yancheng_childcare.crypto import EncryptedTextField
from yancheng_childcare.permissions import rule_for

from .filed import file_it
from .positions import ORACLE, OWN
from .scene import build
from .test_matrix import address_of, all_routes, kind_of

MARK, ESCAPED = "<i id=x>", "&lt;i id=x&gt;"
OURS = {"yancheng_childcare", "exchange", "casework", "registry", "inspections", "credit"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Columns the test must have reached, or it proves nothing: written by visitors, institutions, officers, administrators.
MUST = {
    "registry.PublicReport.text", "casework.Case.subject_name", "registry.Institution.name",
    "registry.Person.name", "registry.FilingVersion.content", "registry.SiteCheck.summary",
    "registry.PublicEntry.content", "yancheng_childcare.Notification.title", "yancheng_childcare.Notification.body",
    "yancheng_childcare.StoredFile.original_name", "yancheng_childcare.User.display_name", "exchange.Endpoint.name",
    "yancheng_childcare.Department.name", "yancheng_childcare.Region.name",
}  # fmt: skip
# Pages whose text comes from somebody else than their reader: the markup must be seen there, escaped.
SHOWN_ON = {
    "cases:case", "cases:list", "public:institution", "public:search", "registry:detail", "filing:review",
    "people:detail", "messages", "desk", "exchange:endpoint", "exchange:delivery", "filing:queue", "people:list",
}  # fmt: skip


def marked(value: Any) -> Any:
    """The value with the mark behind every piece of text: what holds Chinese was written by a person or for one."""
    if isinstance(value, str):
        return f"{value}{MARK}" if CHINESE.search(value) else value
    if isinstance(value, list):
        return [marked(item) for item in value]
    return {key: marked(item) for key, item in value.items()} if isinstance(value, dict) else value


def fits(field: models.Field[Any, Any], text: str) -> str:
    """Cut in front, so that the mark stays whole."""
    return text[-field.max_length :] if field.max_length else text


def mark_everything() -> set[str]:
    """Mark every free-text column of every row; returns the columns in which something was marked."""
    done = set()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # past triggers and append-only tables
        for model in apps.get_models():
            if model._meta.app_label not in OURS or not model._meta.managed or model._meta.proxy:
                continue
            for field in model._meta.local_concrete_fields:
                text = isinstance(field, (models.CharField, models.TextField)) and not field.choices
                if not (text or isinstance(field, models.JSONField)) or field.primary_key or field.unique:
                    continue
                if mark_column(cursor, model, field):
                    done.add(f"{model._meta.label}.{field.name}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return done


def mark_column(cursor: Any, model: type[models.Model], field: models.Field[Any, Any]) -> int:
    count, table, key = 0, model._meta.db_table, model._meta.pk
    assert key is not None
    for row in model._base_manager.all():
        old = getattr(row, field.attname)
        new = marked(old)
        if isinstance(old, str) and new != old:
            new = new if isinstance(field, EncryptedTextField) else fits(field, new)
            try:  # JSON kept as text, sealed or not
                new = json.dumps(marked(json.loads(old)), ensure_ascii=False)
            except ValueError:
                assert MARK in new
        if new == old:
            continue
        value = field.get_db_prep_save(new, connection)
        cursor.execute(f'UPDATE "{table}" SET "{field.column}" = %s WHERE "{key.column}" = %s', [value, row.pk])
        count += 1
    return count


def readers(name: str, kind: str, cast: dict[str, Any]) -> list[str]:
    """Up to three persons of different roles who may open the page and see the object; the visitor where all may."""
    rule = rule_for(name)
    assert rule is not None
    chosen: dict[str, str] = {}
    for account in ACCOUNTS:
        user = cast[account.username]
        may = rule.public or rule.signed_in or user.has_role(*rule.roles_for("GET"))
        if may and (not kind or OWN in ORACLE.get(kind, {}).get(account.username, ())):
            chosen.setdefault(account.role, account.username)
    found = list(chosen.values())[:3]
    return ["", *found[:1]] if rule.public else found


@pytest.mark.slow
@pytest.mark.django_db
def test_markup_in_any_column_is_text_on_every_page(cast, registration, institution, elsewhere, as_user):
    targets = build(cast, registration, institution, elsewhere)
    filed = institution()
    case = file_it(filed, cast)  # letters, versions and an entry of the public register, as the bare objects have none
    refresh_entry(filed.pk)
    more = {"institution": [filed.uscc], "filing": [case.no]}
    seeded = mark_everything()
    assert seeded >= MUST, MUST - seeded
    raw, shown, opened = [], set(), 0
    for name, parameters in all_routes():
        kind = kind_of(name, parameters)
        keys = [targets[kind, OWN].key, *more.get(kind, [])] if (kind, OWN) in targets else [None]
        if kind and keys == [None]:
            continue
        for person in readers(name, kind, cast):
            for key in keys:
                body = page(as_user(person), address_of(name, parameters, key))
                opened += bool(body)
                if MARK in body:
                    at = body.index(MARK)
                    raw.append(f"{name} as {person or 'visitor'}: …{body[max(0, at - 80) : at + 20]}")
                if ESCAPED in body:
                    shown.add(name)
    assert not raw, "\n".join(raw)
    assert opened > 150
    assert shown >= SHOWN_ON, SHOWN_ON - shown


def page(client: Client, address: str) -> str:
    """What a browser would read as markup there; "" for anything else, and for what this person does not get."""
    client.raise_request_exception = False
    with transaction.atomic():
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    markup = re.match(r"text/html|application/(atom\+)?xml|image/svg", answer.headers.get("Content-Type", ""))
    return body.decode("utf-8", "replace") if markup and answer.status_code == 200 else ""
