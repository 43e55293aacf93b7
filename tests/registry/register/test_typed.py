"""Three hundred questions as people type them, against the demo city: who is meant is found, who is not filed is not hidden."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db import transaction
from django.http import QueryDict
from django.test import override_settings
from django.utils.http import urlencode

from registry.models import Institution
from registry.register.apart import unlisted
from registry.register.frequency import forget
from registry.register.query import read_search
from registry.register.search import count_of, find
from tests.conftest import QUICK
from tests.registry.register.typed import Asked, area_questions, name_questions

pytestmark = pytest.mark.django_db
NAMES, AREAS = 210, 90


@pytest.fixture(scope="module")
def _city(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One demo city for the module; taken back at its end."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # as TestCase does: durable blocks may begin inside
    with django_db_blocker.unblock(), override_settings(**QUICK), whole:
        call_command("seed_demo", stdout=StringIO(), institutions=90)
        forget()
        yield
        forget()
        transaction.set_rollback(True)


@pytest.fixture
def city(_city: None, reference: None) -> list[Any]:
    return list(Institution.objects.select_related("public_entry").order_by("uscc"))


def answered(asked: Asked) -> tuple[Any, list[str], list[str]]:
    """(the page, codes on it, codes of those outside the register)."""
    query = read_search(QueryDict(urlencode({"q": asked.words})))
    page = find(query)
    outside = unlisted(query, slips=page.unsure)
    return page, [orjson.loads(row.card)["uscc"] for row in page.rows], [card["uscc"] for card in outside]


def test_who_is_meant_is_among_the_first_three_and_no_unfiled_one_is_answered_with_a_filed_one_alone(
    city: list[Any],
) -> None:
    questions = name_questions(city, NAMES)
    assert len({q.words for q in questions}) > NAMES * 0.9
    assert sum(not q.listed for q in questions) > 30
    missed, hidden = [], []
    for asked in questions:
        _, listed, outside = answered(asked)
        if asked.uscc not in (listed if asked.listed else outside)[:3]:
            missed.append(asked.words)
        if not asked.listed and listed and asked.uscc not in outside:
            hidden.append(asked.words)
    assert not hidden
    assert len(missed) <= NAMES * 0.02, missed


def test_area_and_filter_words_are_exactly_the_filters(city: list[Any]) -> None:
    wrong, found = [], 0
    for asked in area_questions(AREAS):
        page, _, outside = answered(asked)
        form = read_search(QueryDict(urlencode({**asked.form, "limit": 100}, doseq=True)))
        wanted = find(form)
        same = read_search(QueryDict(urlencode({"q": asked.words, "limit": 100})))
        if (
            {r.key for r in find(same).rows} != {r.key for r in wanted.rows}
            or page.count != count_of(form)[0]
            or outside
        ):
            wrong.append((asked.words, asked.form, page.count, wanted.count))
        found += bool(wanted.rows)
    assert not wrong
    assert found > AREAS / 3
