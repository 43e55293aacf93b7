"""The database refuses what no step does, for every type of case."""

from __future__ import annotations

import pytest
from django.db import connection

from registry.filing.workflow import FILING
from registry.registration.workflow import REGISTRATION


@pytest.mark.django_db
@pytest.mark.parametrize("case_type", [FILING, REGISTRATION], ids=["filing", "registration"])
def test_the_table_guards_the_status(case_type):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_functiondef(tgfoid) FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND tgname LIKE 'pgtrigger_status_guard%%'",
            [case_type.model._meta.db_table],
        )
        (body,) = cursor.fetchone()
    for source, target in case_type.changes():
        assert f"{source}:{target}" in body
