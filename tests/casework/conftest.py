"""The toy type of case, installed for one test, and a case of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test.utils import modify_settings

from casework import kinds
from casework.cases import open_case
from casework.models import Case
from registry.models import Institution
from yancheng_childcare.models import User


@pytest.fixture
def talk_type(db: None) -> Iterator[Any]:
    """The toy app, installed for one test: its table made by its migration, its guard as `migrate` installs it."""
    before: Any = dict(kinds._types), set(kinds.READERS), set(kinds.DOERS), set(kinds.STAFF_DOERS)
    with modify_settings(INSTALLED_APPS={"append": "tests.casework.toy.apps.ToyConfig"}):
        from tests.casework.toy.talks import TALK

        apps.clear_cache()  # what was looked up while the toy was away
        call_command("migrate", "toy", verbosity=0)
        pgtrigger.install("casework.Case:status_talk")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield TALK
        _forget(before)


def _forget(before: Any) -> None:
    for known, old in zip((kinds._types, kinds.READERS, kinds.DOERS, kinds.STAFF_DOERS), before, strict=True):
        known.clear()
        known.update(old)
    for model, trigger in pgtrigger.registered("casework.Case:status_talk"):
        trigger.unregister(model)


@pytest.fixture
def place(institution: Callable[..., Institution]) -> Institution:
    return institution(uscc="91320902MA1TYC011T", name="盐城市小太阳托育服务有限公司")


@pytest.fixture
def operator(place: Institution, cast: dict[str, Any]) -> User:
    """Who acts for it."""
    user: User = cast["operator_xiaotaiyang"]
    return user


@pytest.fixture
def talk(talk_type: Any, place: Institution, operator: User, cast: dict[str, Any]) -> Case:
    return open_case(talk_type, {"uscc": place.uscc, "matter": "收费公示不全"}, actor=cast["reviewer_tinghu"])
