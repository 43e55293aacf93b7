"""The pieces an entry is made of: ages, money, order, searched words, what counts as news."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from registry.models import PublicChange, PublicEntry
from registry.public.changes import changes_between
from registry.public.detail import read_detail
from registry.public.entry import _money, card, columns, months_mask, refresh_all, refresh_entry, searched_words
from registry.public.order import folded, order_key
from registry.public.sources import gather
from registry.services import change_institution, end_registration, record_filing


def ages(*rows: dict[str, str], nature: str = "FORPROFIT", accepted: object = object()) -> set[int]:
    mask = months_mask(
        SimpleNamespace(classes=list(rows), institution=SimpleNamespace(nature=nature), accepted=accepted)
    )
    return {month for month in range(64) if mask >> month & 1}


@pytest.mark.parametrize(
    ("row", "months"),
    [
        ({"class_type": "INFANT"}, set(range(6, 12))),
        ({"class_type": "TODDLER_S"}, set(range(12, 24))),
        ({"class_type": "TODDLER_L"}, set(range(24, 36))),
        ({"class_type": "MIXED"}, set(range(18, 36))),
        ({"class_type": "MIXED", "youngest_months": "20", "oldest_months": "30"}, set(range(20, 31))),
        ({"class_type": "TODDLER_L", "youngest_months": "24", "oldest_months": "99"}, set(range(24, 36))),
        ({"class_type": "TODDLER_L", "youngest_months": "x", "oldest_months": "³"}, set(range(24, 36))),
        ({"class_type": "NEW"}, set()),
        ({"class_type": "TODDLER_S", "youngest_months": "30", "oldest_months": "20"}, set()),
        ({}, set()),
    ],
)
def test_months_of_a_class(row, months):
    assert ages(row) == months


def test_months_of_several_classes_and_of_a_home():
    assert ages({"class_type": "INFANT"}, {"class_type": "TODDLER_L"}) == {*range(6, 12), *range(24, 36)}
    assert ages(nature="HOME") == set(range(36))
    assert ages(nature="HOME", accepted=None) == set()
    assert ages() == set()


@pytest.mark.parametrize(
    ("typed", "money"),
    [
        ("1980", Decimal("1980.00")),
        ("1980.5", Decimal("1980.50")),
        ("0", Decimal("0.00")),
        ("", None),
        (None, None),
        ("NaN", None),
        ("Infinity", None),
        ("-1", None),
        ("1e9", None),
        ("面议", None),
    ],
)
def test_money(typed, money):
    assert _money(typed) == money


def test_the_standing_order():
    keys = [order_key(grade, "91X") for grade in ("A", "B", "C", "", "D")]
    assert keys == sorted(keys)
    assert order_key("", "91320902MA1X000A0R") == "3R0A000X1AM20902319"


def test_searched_words():
    assert searched_words("盐城ＡＢＣ 托育", "", "新 名") == "盐城abc托育\n新名"
    assert folded("Ｔｉｎｇ　Hu") == "tinghu"


def told(old: dict[str, object] | None, new: dict[str, object]) -> list[tuple[str, str]]:
    card = {"address": "a", "capacity_total": 20, "fee_month": "1980.00"}
    base = {"name": "甲", "status": "FILED", "nature": "ENTERPRISE", "card": card}
    before = None
    if old is not None:
        values = {
            **base,
            **{k: v for k, v in old.items() if k != "card"},
            "card": {**base["card"], **old.get("card", {})},
        }
        before = SimpleNamespace(**values)
    after = {**base, **{k: v for k, v in new.items() if k != "card"}, "card": {**base["card"], **new.get("card", {})}}
    return [(row["kind"], row["detail"]) for row in changes_between(before, after, None)]


def test_what_is_news():
    assert told(None, {}) == [("STATUS", "")]
    assert told({}, {}) == []
    assert told({}, {"card": {"places_free": 3, "reported_on": "2026-01-01"}}) == []
    assert [kind for kind, _ in told({}, {"status": "SUSPENDED"})] == ["STATUS"]
    assert told({}, {"name": "乙"}) == [("NAME", "原名称：甲")]
    assert told({}, {"card": {"address": "b"}}) == [("ADDRESS", "地址：a → b")]
    for old, new in (("HOME", "HOME"), ("ENTERPRISE", "HOME"), ("HOME", "ENTERPRISE")):
        assert told({"nature": old}, {"nature": new, "card": {"address": "b"}}) == [("ADDRESS", "")]
    assert told({"card": {"fee_month": None}}, {}) == [("FEES", "全日托保育费（元/月）：未填 → 1980.00")]
    assert told({}, {"card": {"fee_month": None}}) == []
    long = told({"name": "长" * 100}, {"name": "乙" * 100, "card": {"address": "址" * 700}})
    assert all(len(detail) <= 600 for _, detail in long)


@pytest.mark.django_db
def test_an_entry_lives_with_its_institution(institution, cast, django_assert_max_num_queries):
    saved = institution()
    assert refresh_entry(saved.pk) is False
    assert not PublicEntry.objects.exists()
    assert read_detail(saved.uscc).status == "UNFILED"
    record_filing(saved, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    entry = PublicEntry.objects.get()
    assert (entry.status, entry.listed, entry.version) == ("FILED", True, 1)
    with django_assert_max_num_queries(12):
        assert refresh_entry(saved.pk) is False
    assert refresh_all() == 0
    change_institution(saved, changes={"name": "盐城市改名托育服务有限公司"}, actor=cast["registrar_tinghu"])
    entry.refresh_from_db()
    assert (entry.name, entry.version) == ("盐城市改名托育服务有限公司", 2)
    assert "gaiming" in entry.latin and saved.name in entry.words
    assert list(PublicChange.objects.values_list("kind", flat=True)) == ["NAME", "STATUS"]
    end_registration(
        saved, step="cancel", reason="自愿注销", terminated_on=date(2026, 2, 1), actor=cast["registrar_tinghu"]
    )
    entry.refresh_from_db()
    assert (entry.status, entry.listed) == ("ENDED", False)
    assert read_detail(saved.uscc).listed is False
    assert read_detail("91320902MA1TYC011T") is None


@pytest.mark.django_db
def test_a_home_shows_no_door(institution):
    home = institution(
        nature="HOME", name="盐城市亭湖区安家家庭托育点", registered_address="盐城市亭湖区新民社区幸福路8号3幢201室"
    )
    values = columns(gather(home.pk))
    for text in (values["card"]["address"], values["words"], str(values["content"])):
        assert "幸福路" not in text and "201" not in text
    assert card(gather(home.pk), values, "x")["address"] == "x"
