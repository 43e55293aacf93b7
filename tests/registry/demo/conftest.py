"""A small demo city for the tests that need one in the database."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

NUMBER = 90


@pytest.fixture
def seed(reference: None) -> Callable[..., str]:
    """Runs the command and returns what it printed."""

    def run(**options: Any) -> str:
        out = StringIO()
        call_command("seed_demo", stdout=out, **{"institutions": NUMBER, **options})
        return out.getvalue()

    return run


@pytest.fixture
def plans(reference: None) -> Callable[[int], list[Any]]:
    """The plan of a city of so many institutions, as of today."""
    from registry.demo.city import read_places
    from registry.demo.plan import plan_city

    def make(number: int) -> list[Any]:
        return plan_city(number, today=timezone.localdate(), places=read_places())

    return make
