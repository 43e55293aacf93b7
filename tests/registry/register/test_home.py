"""The front page as a parent's entrance, and the form that leads to a receipt."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from registry.documents.links import signature
from registry.models import PublicChange
from registry.register.pages.home import FOR_OTHERS, FOR_PARENTS, LATEST, latest_changes
from tests.pages import markup_of
from tests.security.filed import file_it

pytestmark = pytest.mark.django_db


def tell(entry, kind: str, title: str, days: int = 0) -> None:
    PublicChange.objects.create(
        institution_id=entry.pk, uscc=entry.uscc, name=entry.name, region_id=entry.region_id, town_id=entry.town_id,
        kind=kind, title=f"{entry.name}：{title}", occurred_at=timezone.now() - timedelta(days=days),
    )  # fmt: skip


def test_one_line_an_institution_and_only_what_the_city_should_know(entry, django_assert_num_queries):
    first, second = (entry(name=f"盐城市亭湖区公示{n}托育服务有限公司") for n in "一二")
    for kind, title in (
        ("STATUS", "已备案（核实中）"),
        ("PLACES", "托位数变更"),
        ("FEES", "收费变更"),
        ("STATUS", "已备案"),
    ):
        tell(first, kind, title)
    tell(second, "STATUS", "停业")
    tell(second, "FEES", "收费变更")
    with django_assert_num_queries(1):
        news = latest_changes()
    assert [item["title"].partition("：")[2] for item in news] == ["停业", "已备案"]
    for n in range(LATEST + 2):
        tell(entry(name=f"盐城市亭湖区更多{n}托育服务有限公司"), "STATUS", "停业")
    assert len(latest_changes()) == LATEST


def test_the_news_stand_by_the_day_they_happened(entry):
    """A case noted afterwards is kept last and is no news."""
    for number, days in enumerate((3, 9, 1)):
        one = entry(name=f"盐城市亭湖区先后{number}托育服务有限公司")
        tell(one, "STATUS", "已备案", days)
    dates = [item["date"] for item in latest_changes()]
    assert len(dates) == 3 and dates == sorted(dates, reverse=True)


def test_parents_come_first_and_large_type_has_fewer_blocks(entry):
    client = Client()
    html = markup_of(client.get("/"))
    assert html.index("家长常用") < html.index("机构和部门")
    for entrance in (*FOR_PARENTS, *FOR_OTHERS):
        link = re.search(rf'<h3><a href="([^"]+)">{entrance["title"]}</a>', html).group(1)
        if entrance["route"] != "registry:list":  # the desk of the registrars asks who comes
            assert client.get(link).status_code == 200, link
    client.cookies["view_mode"] = "large"
    large = markup_of(client.get("/"))
    assert "家长常用" in large and "机构和部门" not in large and "最新公示" not in large
    assert large.index("tel:12345") < large.index("hero__search")


def test_places_on_file_are_counted_and_explained(entry):
    cache.delete("public_figures")
    entry(name="盐城市亭湖区托位一托育服务有限公司", capacity_total=35)
    entry(name="盐城市亭湖区托位二托育服务有限公司", capacity_total=20)
    entry(name="盐城市亭湖区托位三托育服务有限公司", capacity_total=90, listed=False)
    html = markup_of(Client().get("/"))
    assert re.search(r"备案托位.*?>55<", html, re.S)
    assert "/how-to-read/#figures" in html and 'id="figures"' in markup_of(Client().get("/how-to-read/"))
    cache.delete("public_figures")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("320902TY20260001", "320902TY20260001"),
        (" 320902 ty 2026-0001 ", "320902TY20260001"),
        ("３２０９０２ＴＹ２０２６０００１", "320902TY20260001"),
        ("9" * 500, "9" * 20),
    ],
)
def test_a_number_typed_from_paper_leads_to_its_receipt(typed, number, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/verify/", {"no": typed})
    assert answer.status_code == 302 and answer["Location"] == f"/verify/{number}/"


@pytest.mark.parametrize("typed", ["", "   ", "回执", "../..", "——"])
def test_what_holds_no_number_asks_again(typed):
    answer = Client().get("/verify/", {"no": typed})
    assert answer.status_code == 200 and 'name="no"' in markup_of(answer)


def test_a_wrong_number_can_be_typed_again():
    answer = Client().get("/verify/", {"no": "<script>9</script>"}, follow=True)
    html = markup_of(answer)
    assert answer.status_code == 404 and "<script>9" not in html and 'href="/verify/"' in html


def test_a_true_code_on_a_dead_paper_is_no_green_light(institution, cast):
    case = file_it(institution(), cast, "CANCELLED")
    html = markup_of(Client().get(f"/verify/{case.receipt_no}/?s={signature(case.receipt_no)}"))
    assert "您扫的是墙上的证：二维码是平台印的" in html and "“已注销”" in html
    assert "notice--success" not in html


def test_the_sum_of_places_says_how_many_reported(entry):
    cache.delete("public_figures")
    entry(capacity_total=30)
    entry(capacity_total=20)
    entry(capacity_total=None)
    html = markup_of(Client().get("/"))
    assert "2 家在本平台填报的机构合计" in html and ">50<" in html
