"""What counts as a database that is away, and what the API answers then."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, ProgrammingError

from yancheng_childcare.outages import database_is_away
from yancheng_childcare.rendering import as_rejected

AWAY = [OperationalError, InterfaceError, DatabaseError]


@pytest.mark.parametrize("kind", AWAY)
def test_a_database_that_is_away_is_a_503_that_says_try_again(kind: type[Exception]) -> None:
    error = kind("server closed the connection unexpectedly")
    assert database_is_away(error)
    rejected = as_rejected(error)
    assert rejected is not None
    assert (rejected.status, rejected.code) == (503, "GEN-503")


@pytest.mark.parametrize("kind", [DataError, IntegrityError, ProgrammingError, ValueError])
def test_mistakes_are_no_outage(kind: type[Exception]) -> None:
    assert not database_is_away(kind("x"))
    rejected = as_rejected(kind("x"))
    assert rejected is None or rejected.status != 503
