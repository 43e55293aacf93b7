"""The address of a search: what it holds is what is applied, links lead to the results, a position is kept by nobody."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from tests.pages import markup_of, page_of

pytestmark = pytest.mark.django_db
URL, API = "/institutions/", "/api/v1/institutions/"


def html_of(path: str, status: int = 200) -> str:
    response = Client().get(path)
    assert response.status_code == status, path
    return markup_of(response).replace("&amp;", "&")


def chips(html: str) -> list[tuple[str, str]]:
    """(label, address without it) of every chip."""
    found = re.findall(r'<a class="chip" href="([^"]*)"><span class="visually-hidden">去掉条件 </span>([^<]*)', html)
    return [(label, url) for url, label in found]


def test_the_last_of_repeated_values_is_the_one_applied_shown_and_taken_away(entry: Any) -> None:
    entry(months_mask=1 << 6)
    html = html_of(f"{URL}?months=5&months=6&region=320981&region=320902")
    assert chips(html) == [
        ("月龄：6 个月", f"{URL}?region=320902#found"),
        ("县（市、区）：亭湖区", f"{URL}?months=6#found"),
    ]
    assert "1 家机构" in html
    assert '<option value="6" selected>' in html
    html = html_of(f"{URL}?q={quote('没有')}&q=&months=5&months=")
    assert chips(html) == []
    assert "1 家机构" in html
    assert Client().get(f"{API}?months=99&months=6").status_code == 200
    assert Client().get(f"{API}?months=6&months=99").status_code == 400


def test_taking_the_starting_point_away_leaves_an_order_that_needs_none(entry: Any) -> None:
    entry()
    assert (("距离起点：亭湖区", f"{URL}?ordering=fee#found")) in chips(html_of(f"{URL}?near=320902&ordering=fee"))
    assert (("距离起点：亭湖区", f"{URL}#found")) in chips(html_of(f"{URL}?near=320902&ordering=distance"))


def test_the_form_may_drop_the_starting_point_and_keep_its_hidden_order(entry: Any) -> None:
    """The order travels in a hidden field: nobody can mend it there, so it gives way."""
    entry()
    for query in ("ordering=distance", "q=&region=&town=&near=&ordering=distance"):
        html = html_of(f"{URL}?{query}")
        assert "1 家机构" in html
        assert 'name="ordering" value=""' in html
    assert html_of(f"{URL}map/?ordering=distance")
    assert Client().get(f"{API}?ordering=distance").json()["code"] == "PUB-005"


def test_a_visitors_own_position_is_kept_by_no_cache(entry: Any) -> None:
    entry()
    for path in (URL, f"{URL}map/", API):
        for query in (
            "near=33.380,120.160&ordering=distance",
            "near=33.380,120.160",
            "near=33.38%2C120.16&ordering=fee",
        ):
            answer = Client().get(f"{path}?{query}")
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "private, no-store", path
            assert "ETag" not in answer.headers
        assert "public" in Client().get(f"{path}?near=320902&ordering=distance").headers["Cache-Control"]
        assert "public" in Client().get(f"{path}?near=33.38,120.16&near=320902").headers["Cache-Control"]


def test_distances_shown_are_those_sorted_by(entry: Any) -> None:
    for region in ("320981", "320921", "320902", "320923"):
        entry(
            region=region,
            town={"320923": "320923100"}.get(region) or f"{region}100" if region != "320902" else "320902002",
        )
    query = "near=34.200,119.600&ordering=distance"
    sorted_by = [card["distance_km"] for card in Client().get(f"{API}?{query}").json()["results"]]
    assert sorted_by == sorted(sorted_by)
    assert [float(km) for km in re.findall(r"约 ([0-9.]+) 公里", html_of(f"{URL}?{query}"))] == sorted_by


def test_what_messengers_append_to_a_shared_address_is_ignored(entry: Any) -> None:
    found = entry()
    html = html_of(f"{URL}?region=320902&from=singlemessage&isappinstalled=0&scene=1&clicktime=1&enterid=1")
    assert found.name in html
    assert not re.search(r'href="[^"]*singlemessage', html)
    assert html_of(f"{URL}map/?from=timeline")
    assert Client().get(f"{API}?from=timeline").json()["code"] == "PUB-001"


def test_links_and_the_form_lead_to_the_results(entry: Any) -> None:
    """On a phone the form fills more than a screen: a page turned or a filter taken away must not begin there again."""
    for _ in range(3):
        entry()
    html = html_of(f"{URL}?limit=2&region=320902")
    assert html.count('id="found"') == 1
    assert f'action="{URL}#found"' in html
    assert re.search(r'rel="next" href="[^"]*#found"', html)
    for label in ("收费从低到高", "距离"):
        assert re.search(rf'<a href="[^"]*#found">{label}</a>', html), label
    assert html_of(f"{URL}?q={quote('查无此园')}").count('id="found"') == 1
    assert f'action="{URL}#found"' in html_of("/")
    assert 'id="found"' not in html_of(f"{URL}?nature=Z", 400)


def test_on_a_phone_the_form_leaves_room_for_the_results(entry: Any) -> None:
    """What is asked most stands open, everything else is folded, also when something in it is applied."""
    entry(service_modes=["FULL_DAY"])
    html = html_of(URL)
    form = html[html.index('<form class="filter-bar') : html.index('id="found"')]
    head, folded = form.split('<details class="more">')
    assert re.findall(r'<(?:input|select)[^>]* name="(\w+)"', head) == ["q", "region", "months"]
    assert len(re.findall(r' name="(\w+)"', folded)) > 10
    # What is applied stands as chips above the results; the drawer opens only for what must be put right in it.
    html = html_of(f"{URL}?service=FULL_DAY&town=320902001")
    assert '<details class="more">' in html and "更多条件（已选 2 项）" in html
    assert {label for label, _ in chips(html)} == {"服务形式：全日托", "镇（街道）：五星街道"}
    assert '<details class="more" open>' in html_of(f"{URL}?fee_from=abc", 400)


def test_a_page_without_results_shows_no_noughts(entry: Any) -> None:
    entry()
    assert "（0）" in html_of(URL)
    for nothing in (f"q={quote('查无此园')}", "region=320981", "fee_to=1", "q=zzzz"):
        html = html_of(f"{URL}?{nothing}")
        assert "没有" in html and "（0）" not in html, nothing


def test_the_map_shows_all_counties_and_says_so(entry: Any) -> None:
    entry(inclusive=True)
    entry(region="320981", inclusive=True)
    html = html_of(f"{URL}map/?region=320902&town=320902001&inclusive=1")
    assert [label for label, _ in chips(html)] == ["申报普惠"]
    assert 'aria-label="东台市，1 家"' in html
    assert 'aria-label="亭湖区，1 家"' in html
    assert f'<a href="{URL}?region=320902&town=320902001&inclusive=1">看机构列表</a>' in html


def test_similar_names_have_no_map(entry: Any) -> None:
    """The map counts what matches as typed: beside a list of what only resembles it would show zeros."""
    entry(name="盐城市向日葵托育服务有限公司")
    assert "看分布图" in html_of(f"{URL}?q={quote('向日葵')}")
    assert "看分布图" not in html_of(f"{URL}?q={quote('向日癸托育')}")


def test_a_card_names_the_town_once(entry: Any) -> None:
    entry(registered_address="盐城市亭湖区五星街道希望大道18号", card={"address": "盐城市亭湖区五星街道希望大道18号"})
    assert html_of(URL).count("五星街道") == 1
    entry(name="盐城市向日葵托育服务有限公司", card={"address": "希望大道19号"})
    assert "亭湖区五星街道　希望大道19号" in page_of(html_of(f"{URL}?q={quote('向日葵')}")).lines


def test_what_is_wrong_stands_at_its_field_in_the_same_words(reference: Any) -> None:
    html = html_of(f"{URL}?fee_from=abc&q={'x' * 101}", 400)
    for name, words in (("fee_from", "月费不低于应为 0 至 999,999 的整数。"), ("q", "请输入不超过 100 个字")):
        assert re.search(rf'<a href="#id_{name}">{words}', html), name
        assert re.search(rf'id="id_{name}_error".*?<span class="visually-hidden">错误：</span>{words}', html), name
        assert re.search(
            rf'<input[^>]*id="id_{name}"[^>]*aria-invalid="true" aria-describedby="id_{name}_error"', html
        ), name
    assert 'aria-invalid="true"' not in html_of(URL)


def test_fees_are_read_as_a_phone_types_them(entry: Any) -> None:
    entry(fee_month=1800)
    html = html_of(f"{URL}?fee_from={quote('１５００')}&fee_to={quote('2,000 元')}")
    assert [label for label, _ in chips(html)] == ["月费不低于：1,500 元", "月费不高于：2,000 元"]
    assert 'name="fee_from" inputmode="numeric" maxlength="12" autocomplete="off" value="1500"' in html
    assert "1 家机构" in html
    assert Client().get(f"{API}?fee_from={quote('１５００')}").status_code == 400


def test_only_registered_leads_to_a_report_too(institution: Any) -> None:
    found = institution(name="盐城市未备案托育服务有限公司")
    html = html_of(f"{URL}?q={quote(found.name)}")
    assert f'href="/reports/unfiled/?name={quote(found.name)}"' in html


def test_a_date_or_a_price_of_a_card_is_not_torn_apart(entry: Any) -> None:
    entry(fee_month=1980, card={"reported_on": "2026-01-01"})
    html = html_of(URL)
    for words in ("（机构填报 2026-01-01）", "全日托 1,980 元/月"):
        assert f'<span class="nowrap">{words}</span>' in html


def test_beside_a_similar_code_stands_what_is_wrong_with_the_one_typed(entry: Any) -> None:
    found = entry()
    wrong = found.uscc[:17] + ("1" if found.uscc[17] != "1" else "2")
    html = html_of(f"{URL}?q={wrong}")
    assert "没有完全一致的" in html
    assert found.name in html
    assert "代码的校验没有通过，可能有一位有误" in html
