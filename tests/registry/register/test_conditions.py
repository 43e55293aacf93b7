"""The conditions of a question are made once and shared; a question made from it has its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from registry.register import conditions
from registry.register.query import SearchQuery

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[SearchQuery]:
    """The questions whose filters were made into SQL, one entry each time."""
    found: list[SearchQuery] = []
    real = conditions.filters

    def filters(query: SearchQuery) -> Any:
        found.append(query)
        return real(query)

    monkeypatch.setattr(conditions, "filters", filters)
    return found


@pytest.mark.parametrize(
    "params", [{"q": "向日葵", "region": "320902"}, {"ordering": "fee", "service": "FULL_DAY"}, {"q": "没有这样的名称"}]
)
def test_a_page_makes_the_conditions_of_each_question_once(
    entry: Any, made: list[SearchQuery], params: dict[str, str]
) -> None:
    entry(name="盐城市亭湖区向日葵托育服务有限公司")
    assert Client().get("/institutions/", params).status_code == 200
    assert made and len({id(query) for query in made}) == len(made)


def test_rows_and_options_of_what_is_found_as_typed_share_them(entry: Any, made: list[SearchQuery]) -> None:
    entry(name="盐城市亭湖区向日葵托育服务有限公司")
    Client().get("/institutions/", {"q": "向日葵", "literal": "1"})
    assert len(made) == 1


def test_another_question_has_conditions_of_its_own() -> None:
    first = SearchQuery(words="向日葵", region="320902")
    other = replace(first, region="320903")
    assert conditions.of(first) is conditions.of(first)
    assert conditions.of(first).all != conditions.of(other).all
    assert conditions.of(other).chosen["region"].params == ("320903",)
