"""What the ledger never shows: clear numbers in the database or the log, names to people they are none of."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import connection
from people_cases import LIST, NEW, number_of, typed

from registry.demo.accounts import ACCOUNTS
from registry.models import Person

CANARY = "金丝雀禹"
READ_BY = {"operator_xiaotaiyang", "reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "health_city"}


def _everything() -> str:
    """Every row of every table of the schema, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608  names from the catalogue
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


def test_no_table_and_no_log_holds_a_number_in_clear(own: Any, as_user: Any, caplog: pytest.LogCaptureFixture) -> None:
    client = as_user("operator_xiaotaiyang")
    with caplog.at_level(logging.DEBUG):
        client.post(NEW, typed(CANARY))
        client.post(NEW, typed(CANARY, role="GUARD", started_on="wrong"))
        client.post(NEW, typed(CANARY, role="GUARD", full_time="no"))
        person = Person.objects.get()
        client.post(f"{LIST}{person.posts.first().pk}/reveal/", {"reason": "核对健康合格证"})
    assert (person.id_no, person.posts.first().phone) == (number_of(7), "13900001111")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id_no, phone, id_index FROM registry_person p JOIN registry_post o ON o.person_id = p.id LIMIT 1"
        )
        id_no, phone, index = cursor.fetchone()
    assert id_no.startswith("1.")
    assert phone.startswith("1.")
    assert number_of(7)[6:14] not in index
    everything = _everything()
    assert CANARY in everything
    for clear in (number_of(7), "13900001111"):
        assert clear not in everything
        assert clear not in caplog.text


def test_one_person_city_wide_has_one_row(own: Any, elsewhere: Any, operator_of: Any, hire: Any) -> None:
    far = elsewhere()
    hire(CANARY, full_time="no")
    hire(CANARY, full_time="no", at=far, by=operator_of(far), id_no=f" {number_of(7).lower()} ")
    person = Person.objects.get()
    assert person.posts.current().count() == 2


def test_the_canary_is_seen_by_those_it_concerns_only(own: Any, hire: Any, as_user: Any) -> None:
    post = hire(CANARY)
    for account in ("", *(account.username for account in ACCOUNTS)):
        client = as_user(account)
        pages = [LIST, f"{LIST}?uscc={own.uscc}", f"{LIST}{post.pk}/", f"{LIST}{post.pk}/leave/", "/desk/", "/institutions/",
                 f"/institutions/{own.uscc}/", f"/desk/registrations/{own.uscc}/"]  # fmt: skip
        seen = [path for path in pages if CANARY in client.get(path).content.decode()]
        assert bool(seen) == (account in READ_BY), (account, seen)
        assert not [path for path in seen if not path.startswith(LIST)], account
