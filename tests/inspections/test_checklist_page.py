"""检查表: eighty-two items as anybody reads them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inspections.models import CheckItem
from tests.pages import page_of

pytestmark = pytest.mark.django_db
URL = "/inspections/checklist/"


@pytest.fixture(autouse=True)
def _items(cast: dict[str, Any]) -> None:
    assert CheckItem.objects.count() == 82


def test_everybody_reads_all_items_with_one_query(client: Client) -> None:
    client.get(URL)
    with CaptureQueriesContext(connection) as asked:
        seen = page_of(client.get(URL))
    assert "共 82 项" in seen.text and len([q for q in asked if "inspections_checkitem" in q["sql"]]) == 1
    items = CheckItem.objects.all()
    assert all(item.text in seen.text and item.how_to in seen.text for item in items)
    assert sum("改进建议" in row for row in seen.rows) == items.filter(binding=False).count()


def test_narrowed_by_who_judges_severity_and_force(client: Client) -> None:
    for query, rows in (
        ("field=FIRE", CheckItem.objects.judged_by("FIRE")),
        ("severity=RED", CheckItem.objects.filter(severity="RED")),
        ("force=no", CheckItem.objects.filter(binding=False)),
        ("q=D2-09", CheckItem.objects.filter(code="D2-09")),
    ):
        assert f"共 {rows.count()} 项" in page_of(client.get(f"{URL}?{query}")).text, query
        assert 0 < rows.count() < 82
    assert "没有符合条件的检查项目" in page_of(client.get(URL, {"q": "没有这样的"})).text
