"""A small demo city for the tests that need one in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from tests.conftest import QUICK

NUMBER = 90


@pytest.fixture
def seed(reference: None) -> Callable[..., str]:
    """Runs the command and returns what it printed."""

    def run(**options: Any) -> str:
        out = StringIO()
        call_command("seed_demo", stdout=out, **{"institutions": NUMBER, **options})
        return out.getvalue()

    return run


@pytest.fixture(scope="module")
def _lived_through(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One city for all tests that only read it; taken back at the end of the module."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # as TestCase does: durable blocks may begin inside
    with django_db_blocker.unblock(), override_settings(**QUICK), whole:
        call_command("seed_demo", stdout=StringIO(), institutions=NUMBER)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def lived(_lived_through: None, reference: None) -> None:
    """The demo city stands; what the test changes is taken back."""


@pytest.fixture
def plans(reference: None) -> Callable[[int], list[Any]]:
    """The plan of a city of so many institutions, as of today."""
    from registry.demo.city import read_places
    from registry.demo.plan import plan_city

    def make(number: int) -> list[Any]:
        return plan_city(number, today=timezone.localdate(), places=read_places())

    return make
