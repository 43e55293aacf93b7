"""The pieces an entry is made of: ages, money, order, searched words, what counts as news."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from registry.filing.services import take_step
from registry.models import Filing, PublicChange, PublicEntry
from registry.register.changes import changes_between
from registry.register.daily import refresh_all
from registry.register.detail import read_detail
from registry.register.entry import _money, card, columns, months_mask, refresh_entry, searched_words
from registry.register.order import folded, order_key
from registry.register.sources import gather
from registry.register.wording import LEGAL_REP, NO_DOOR, public_address
from registry.registration.services import change_institution, end_registration, record_filing
from tests.security.filed import file_it, operator_of, plan


def ages(*rows: dict[str, str], nature: str = "FORPROFIT", accepted: object = object()) -> set[int]:
    mask = months_mask(SimpleNamespace(classes=list(rows), home=nature == "HOME", accepted=accepted))
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
    assert order_key("", "91320902MA1X000A0R") == "31R0A000X1AM20902319"
    told, stopped = (order_key("A", "91X", status) for status in ("NONCONFORMING", "SUSPENDED"))
    reports = order_key("", "91X", "FILED", True)
    assert reports < order_key("", "91X") < order_key("D", "91X") < told < stopped, "stopped and nonconforming last"


def test_searched_words():
    assert searched_words("盐城ＡＢＣ 托育", "", "新 名") == "盐城abc托育\n新名"
    assert folded("Ｔｉｎｇ　Hu") == "tinghu"


def told(old: dict[str, object] | None, new: dict[str, object]) -> list[tuple[str, str]]:
    card = {"address": "a", "capacity_total": 20, "fee_month": "1980.00"}
    base = {"name": "甲", "status": "FILED", "content": {}, "card": card}
    before = None
    if old is not None:
        values = {
            **base,
            **{k: v for k, v in old.items() if k != "card"},
            "card": {**base["card"], **old.get("card", {})},
        }
        before = SimpleNamespace(**values)
    after = {**base, **{k: v for k, v in new.items() if k != "card"}, "card": {**base["card"], **new.get("card", {})}}
    return [(row["kind"], row["detail"]) for row in changes_between(before, after)]


def test_what_is_news():
    assert told(None, {}) == [("STATUS", "")]
    assert told({}, {}) == []
    assert told({}, {"card": {"places_free": 3, "reported_on": "2026-01-01"}}) == []
    assert [kind for kind, _ in told({}, {"status": "SUSPENDED"})] == ["STATUS"]
    assert told({}, {"name": "乙"}) == [("NAME", "原名称：甲")]
    assert told({}, {"card": {"address": "b"}}) == [("ADDRESS", "地址：a → b")]
    door, hidden = "解放路18号", f"亭湖区{NO_DOOR}"
    for old, new in ((hidden, f"东台市{NO_DOOR}"), (door, hidden), (hidden, door)):
        assert told({"card": {"address": old}}, {"card": {"address": new}}) == [("ADDRESS", "")]
    assert told(None, {"card": {"filed_on": "2020-01-31"}}) == [("STATUS", "备案日期 2020年1月31日")]
    assert told({"card": {"fee_month": None}}, {}) == [("FEES", "全日托保育费：未填 → 1,980 元/月")]
    assert told({"card": {"capacity_total": 35}}, {}) == [("PLACES", "托位：35 个 → 20 个")]
    assert told({}, {"card": {"fee_month": None}}) == []
    person = {"registration": {"facts": {"rows": [{"label": LEGAL_REP, "value": "张试验"}]}}}
    another = {"registration": {"facts": {"rows": [{"label": LEGAL_REP, "value": "李样本"}]}}}
    assert told({"content": person}, {"content": another}) == [("PRINCIPAL", "")]
    for name in ("", "王示例"):
        principals = [{"contact": {"facts": {"principal": one}}} for one in (name, "赵演示")]
        assert told({"content": principals[0]}, {"content": principals[1]}) == ([("PRINCIPAL", "")] if name else [])
    assert told({"content": person}, {"content": {}}) == []
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
    assert refresh_all().done == 0
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
def test_the_door_stays_hidden_when_the_form_of_care_is_a_home(institution, cast):
    """Registered as a self-employed business, filed as a home-based place: nobody may know the door either way."""
    door = "盐城市亭湖区新民社区幸福路8号3幢201室"
    place = institution(nature="FORPROFIT_IND", registered_address=door)
    case = file_it(place, cast, basics={"org_form": "HOME", "service_address": door})
    entry = PublicEntry.objects.get(pk=place.pk)
    receipt = Client().get(f"/verify/{case.receipt_no}/").content.decode()
    for text in (entry.words, str(entry.card), str(entry.content), receipt):
        assert "幸福路" not in text and "201室" not in text and "3幢" not in text
    assert "家庭托育点管理办法" in entry.content["classes"]["facts"]["standard"]
    assert "committee" not in entry.content


@pytest.mark.django_db
def test_nobody_is_taken_while_it_is_suspended(institution, cast):
    place = institution()
    case = file_it(place, cast)
    assert PublicEntry.objects.get(pk=place.pk).places_free > 0
    take_step(case, "suspend", actor=operator_of(place, cast), reason="装修停业", plan=plan(final=False))
    assert PublicEntry.objects.get(pk=place.pk).places_free == 0


@pytest.mark.django_db
def test_a_change_of_who_runs_it_is_told_without_names(institution, cast):
    place = institution()
    record_filing(place, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    change_institution(place, changes={"legal_rep_name": "赵新任"}, actor=cast["registrar_tinghu"])
    change = PublicChange.objects.get(kind="PRINCIPAL")
    assert change.title.endswith("法定代表人（负责人）变更") and change.detail == ""


@pytest.mark.parametrize(
    ("address", "community"),
    [
        ("盐城市亭湖区新民社区幸福路8号", "盐城市亭湖区新民社区"),
        ("盐城市亭湖区幸福路八号向阳小区三幢", ""),
        ("盐城市亭湖区幸福路８号向阳小区", ""),
        ("盐城市亭湖区三幢二单元向阳小区", ""),
        ("东台市五烈镇甘港村四组12号", "东台市五烈镇甘港村"),
    ],
)
@pytest.mark.django_db
def test_a_community_is_shown_only_without_what_leads_to_the_door(institution, address, community):
    home = institution(nature="HOME", registered_address=address)
    assert public_address(home) == f"{community or '亭湖区五星街道'}{NO_DOOR}"


@pytest.mark.django_db
def test_a_home_shows_no_door(institution):
    home = institution(
        nature="HOME", name="盐城市亭湖区安家家庭托育点", registered_address="盐城市亭湖区新民社区幸福路8号3幢201室"
    )
    values = columns(gather(home.pk))
    for text in (values["card"]["address"], values["words"], str(values["content"])):
        assert "幸福路" not in text and "201" not in text
    assert card(gather(home.pk), values, "x")["address"] == "x"


@pytest.mark.django_db
def test_a_new_draft_beside_the_filing_in_force_changes_nothing_for_the_public(institution, cast):
    case = file_it(institution(), cast)
    before = columns(gather(case.institution_id))
    draft = Filing.objects.create(no="YC-TB-2026-999999", institution=case.institution, authority=case.authority)
    assert draft.pk > case.pk
    assert gather(case.institution_id).filing == case
    assert columns(gather(case.institution_id)) == before
