"""The search page, the map and the front page as a visitor uses them."""

from __future__ import annotations

import csv
import re
from urllib.parse import quote, quote_plus

import pytest
from django.test import Client

from registry.models import Institution
from registry.register.places import FILE
from tests.pages import markup_of
from yancheng_childcare.places import places
from yancheng_childcare.problems import Problem

pytestmark = pytest.mark.django_db
URL = "/institutions/"


def html_of(path: str, status: int = 200) -> str:
    response = Client().get(path)
    assert response.status_code == status, markup_of(response)[:2000]
    html = markup_of(response)
    assert len(response.content) < 200_000
    assert "csrfmiddlewaretoken" not in html
    assert not response.cookies
    return html


def test_a_card_says_what_matters(entry):
    found = entry(
        name="盐城市向日葵托育服务有限公司",
        fee_month=1980,
        places_free=6,
        capacity_total=40,
        service_modes=["FULL_DAY", "HALF_DAY"],
        months_mask=((1 << 36) - 1) ^ ((1 << 12) - 1),
        card={"reported_on": "2026-01-01"},
    )
    html = html_of(f"{URL}?q={quote('向日葵')}&near=320903")
    for words in (
        "1 家机构",
        found.name,
        "已登记、已备案",
        "全日托、半日托",
        "12–36 个月",
        "1,980 元/月",
        "余位 6 个",
        "机构填报 2026-01-01",
        "机构未按期更新",
        "公里（按镇街中心估算）",
        f'href="{URL}{found.uscc}/?near=320903"',
        f'name="add" value="{found.uscc}"',
    ):
        assert words in html, words
    assert 'aria-live="polite"' in html
    assert re.search(r"<ol class=\"cards\">\s*<li><article", html)


def test_what_is_applied_stands_as_chips_that_take_one_thing_away(entry):
    entry(name="盐城市向日葵托育服务有限公司", service_modes=["FULL_DAY"], inclusive=True)
    query = f"?q={quote('向日葵')}&region=320902&town=320902001&service=FULL_DAY&service=HOURLY&inclusive=1"
    html = html_of(URL + query).replace("&amp;", "&")
    word = quote("向日葵")
    assert "服务形式：全日托" in html
    assert f'href="{URL}?q={word}&region=320902&town=320902001&service=HOURLY&inclusive=1#found"' in html
    # A county takes its town along.
    assert f'href="{URL}?q={word}&service=FULL_DAY&service=HOURLY&inclusive=1#found"' in html
    assert f'<a href="{URL}">全部清除</a>' in html
    assert "全日托（1）" in html
    assert "计时托（0）" in html
    assert "五星街道（1）" in html
    # The county was changed, the old town was still chosen: it goes.
    assert "东台市" in html_of(URL + "?region=320981&town=320902001")
    assert "镇（街道）：五星街道" not in html_of(URL + "?region=320981&town=320902001")


@pytest.mark.parametrize(
    ("query", "words", "kept"),
    [
        ("?months=99&q=%E6%89%98", "月龄应为 0 至 35 的整数", 'value="托"'),
        ("?fee_from=abc&fee_to=3000", "月费不低于应为", 'value="3000"'),
        ("?fee_from=3000&fee_to=100", "收费的上限不能低于下限", 'value="3000"'),
        ("?q=" + "x" * 101, "请输入不超过 100 个字", "x" * 101),
        ("?q=a%01b", "不含特殊控制字符", 'name="q"'),
        ("?page=nonsense", "翻页位置无效", 'name="q"'),
    ],
)
def test_a_wrong_question_is_400_and_nothing_is_lost(reference, query, words, kept):
    html = html_of(URL + query, status=400)
    assert "查询条件有误" in html
    assert words in html
    assert kept in html
    assert Client().get(URL + query).headers["Cache-Control"] == "no-store"


def test_nothing_found_says_what_that_means_and_where_to_tell(reference):
    html = html_of(f"{URL}?q={quote('查无此园<b>')}")
    assert "查不到意味着什么" in html
    assert "没有查到“查无此园&lt;b&gt;”" in html
    assert f"/reports/unfiled/?name={quote('查无此园<b>')}" in html
    assert "12345" in html
    for code in ("91320902MA1TYC0112", "91320902-MA1TYC011-2", "信用代码：91320902 MA1TYC011 2"):
        assert "代码的校验没有通过" in html_of(f"{URL}?q={quote(code)}"), code


def test_only_registered_shows_apart_and_marked(institution, entry):
    entry(name="盐城市别家托育服务有限公司")
    found = institution(name="盐城市未备案托育服务有限公司")
    for words in (found.name, found.uscc, found.uscc.lower(), f"{found.uscc[:2]} {found.uscc[2:]}", f"　{found.name} "):
        html = html_of(f"{URL}?q={quote(words)}")
        assert "不在备案名录中的机构" in html, words
        assert "已登记、未备案" in html
        assert f"{URL}{found.uscc}/" in html
    for secret in (found.legal_rep_name, found.legal_rep_id_no, found.contact_phone):
        assert secret not in html


def test_similar_names_are_marked_as_such(entry):
    entry(name="盐城市向日葵托育服务有限公司")
    html = html_of(f"{URL}?q={quote('向日癸托育')}")
    assert "没有完全一致的，以下是名称相近的其他机构" in html
    assert "向日葵" in html


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=%E6%89%98%E8%82%B2",
        "?region=320902&months=18",
        "?q=zzzz",
        "?q=zzzz&region=320902&ordering=fee",
        "?page=&q=%E6%9F%A5%E6%97%A0%E6%AD%A4%E5%9B%AD&region=320902&ordering=fee",
    ],
)
def test_four_queries_and_304(entry, django_assert_max_num_queries, query):
    entry()
    first = Client().get(URL + query)
    assert first.headers["Cache-Control"] == "public, max-age=5, must-revalidate"
    with django_assert_max_num_queries(4):
        again = Client().get(URL + query, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    entry(name="盐城市刚刚备案托育服务有限公司")
    if not query:
        assert Client().get(URL, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_signed_in_is_nobody_elses_and_posts_are_refused(as_user):
    assert "no-store" in as_user("registrar_tinghu").get(URL).headers["Cache-Control"]
    assert Client().post(URL, {"q": "x"}).status_code == 405


def test_the_map_counts_what_the_list_shows(entry):
    entry(fee_month=1000)
    entry(fee_month=1000, region="320981")
    entry(fee_month=9000, region="320981")
    html = html_of(f"{URL}map/?fee_to=2000").replace("&amp;", "&")
    assert html.count("<polygon") == 11
    assert 'aria-label="东台市，1 家"' in html
    assert f'href="{URL}?fee_to=2000&region=320981"' in html
    assert "示意图，不表示行政区划界线" in html
    assert html.count(f'href="{URL}?fee_to=2000&region=320902"') == 2  # drawn and in the table
    assert "1 家机构" in html_of(f"{URL}?fee_to=2000&region=320981")
    assert 'class="city-map"' in html_of(f"{URL}?view=map&fee_to=2000")
    assert "查询条件有误" in html_of(f"{URL}map/?nature=Z", status=400)


def test_positions_lie_in_the_city_and_their_codes_exist(reference):
    with FILE.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    assert len({row["code"] for row in rows}) == len(rows) > 60
    for row in rows:
        assert places()[row["code"]][2] == row["name"], row
        assert 32.5 <= float(row["latitude"]) <= 34.6, row
        assert 119.3 <= float(row["longitude"]) <= 121.0, row
        assert "待自然资源部门数据替换" in row["source"]


def test_the_front_page_asks_the_same_question_and_tells_the_news(entry, django_assert_max_num_queries):
    from registry.models import PublicChange

    found = entry(name="盐城市向日葵托育服务有限公司")
    for number in range(7):
        PublicChange.objects.create(
            institution=found.institution,
            uscc=found.uscc,
            name=found.name,
            region=found.region,
            town=found.town,
            kind="STATUS",
            title=f"{found.name}：第 {number} 条",
            occurred_at=found.changed_at,
        )
    html = html_of("/")
    for name in ("q", "region", "months", "service"):
        assert f'name="{name}"' in html
    for path in (URL, "/how-to-read/", "/open-data/", f"{URL}map/"):
        assert f'href="{path}"' in html
    assert "第 6 条" in html
    assert "第 0 条" not in html
    assert f'href="{URL}{found.uscc}/"' in html
    with django_assert_max_num_queries(2):
        response = Client().get("/")
    assert Client().get("/", headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


def test_a_refused_value_is_named_as_on_the_page() -> None:
    from registry.register.pages.search import _named

    assert _named(Problem("PUB-002", "months", "months 应为 0 至 35 的整数。")).message.startswith("月龄应为")
    assert _named(Problem("PUB-001", "", "不认识的查询条件")).message == "不认识的查询条件"


def test_the_visitors_position_stands_in_no_log() -> None:
    from yancheng_childcare.masking import mask_text

    for comma in (",", "%2C"):
        line = mask_text(f"GET /institutions/?q=a&near=33.346{comma}120.157&ordering=distance")
        assert "33.346" not in line
        assert "120.157" not in line
        assert line.endswith("&ordering=distance")
    assert "near=320902" in mask_text("GET /institutions/?near=320902")


def test_the_map_lists_the_towns_that_have_institutions(entry):
    entry(name="盐城市亭湖区图上托育服务有限公司", region="320902", town="320902001")
    entry(name="东台市图上托育服务有限公司", region="320981")
    html = html_of(f"{URL}map/").replace("&amp;", "&")
    assert f'href="{URL}?region=320902&town=320902001">五星街道（1）</a>' in html
    # Every county stands there, whichever was chosen in the list.
    html = html_of(f"{URL}map/?region=320902").replace("&amp;", "&")
    assert "五星街道（1）" in html and "town=320981100" in html
    assert f'href="{URL}?region=320902&town=320902001"' in html


def test_a_page_ignores_what_messengers_append_and_the_api_does_not(entry):
    entry()
    for name in ("fbclid=x", "tdsourcetag=s_pctim_aiomsg", "colour=red"):
        assert "1 家机构" in html_of(f"{URL}?region=320902&{name}")
        assert Client().get(f"/api/v1/institutions/?{name}").status_code == 400


def test_a_card_accuses_nobody_of_being_late_who_does_not_report_here(entry):
    entry()
    html = html_of(URL)
    assert "机构未按期更新" not in html
    assert "没有接入本平台" in html


def test_the_page_says_how_the_words_were_understood_and_each_can_be_taken_away(entry):
    entry(name="盐城市向日葵托育服务有限公司", inclusive=True)
    html = html_of(f"{URL}?q={quote('亭湖区普惠托育')}").replace("&amp;", "&")
    assert "已按“亭湖区”“普惠”查询" in html and "改为只按文字查找" in html
    assert f'href="{URL}?q={quote_plus("亭湖区 托育")}#found"' in html
    assert f'href="{URL}?q={quote_plus("普惠托育")}#found"' in html
    assert "1 家机构" in html
    assert "没有查到" in html_of(f"{URL}?q={quote('亭湖区普惠托育')}&literal=1")


def test_an_unknown_name_falls_back_to_its_area_and_says_so(entry):
    entry(name="盐城市向日葵托育服务有限公司")
    html = html_of(f"{URL}?q={quote('亭湖区黑猫警长托育')}")
    assert "没有查到“亭湖区黑猫警长托育”" in html
    assert "亭湖区共 1 家机构" in html


def test_an_unfiled_one_stands_above_the_near_miss(institution, entry):
    entry(name="盐城海鸥童年托育服务有限公司")
    institution(name="盐城市海盐童年托育服务有限公司")
    html = html_of(f"{URL}?q={quote('海盐童年')}")
    assert 0 < html.index("盐城市海盐童年") < html.index("名称相近的其他机构") < html.index("盐城海鸥童年")


@pytest.mark.parametrize(
    ("words", "near"), [("亭胡", True), ("海盐同年", True), ("海盐童年", False), ("haiyan", False)]
)
def test_an_unfiled_or_ended_one_that_is_only_near_is_said_to_be_near(institution, entry, words, near):
    institution(name="盐城市亭湖区海盐童年托育服务有限公司")
    ended = entry(name="盐城市亭湖区海盐童年早教有限公司", status="CANCELLED")
    Institution.objects.filter(pk=ended.pk).update(filing_state="CANCELLED")
    html = html_of(f"{URL}?q={quote(words)}")
    assert "海盐童年托育服务" in html and "海盐童年早教" in html
    assert ("相符" in html, "名称相近、不在备案名录中的机构" in html) == (not near, near)
    answer = Client().get("/api/v1/institutions/", {"q": words}).json()
    assert [card["similar"] for card in answer["unlisted"]] == [near, near]


def test_from_a_chosen_place_the_nearest_comes_first_and_stopped_ones_last(entry):
    far = entry(name="盐城市远处托育服务有限公司", town="320902108")
    stopped = entry(name="盐城市停业托育服务有限公司", town="320902001", status="SUSPENDED")
    near = entry(name="盐城市近处托育服务有限公司", town="320902001")
    html = html_of(f"{URL}?near=320902001")
    assert html.index(near.name) < html.index(far.name) < html.index(stopped.name)
    assert '<strong aria-current="true">距离</strong>' in html
    assert "同一街道" in html and "约 0.0 公里" not in html


def test_a_mistyped_code_gets_one_honest_sentence(entry):
    found = entry()
    for place in (9, 12, 15):
        code = found.uscc[:place] + ("A" if found.uscc[place] != "A" else "B") + found.uscc[place + 1 :]
        html = html_of(f"{URL}?q={code}")
        assert html.count("代码的校验没有通过") == 1 and "位应为" not in html


def test_who_stopped_says_so_once_with_the_day(entry):
    plan = {"final": False, "from_day": "2026-11-30", "until_day": "2027-01-29"}
    found = entry(status="SUSPENDED", card={"plans": [plan]})
    card = re.search(rf"<article.*?{found.uscc}.*?</article>", html_of(URL), re.S)
    tags = re.findall(r'<span class="tag[^"]*">.*?</span>', card.group(), re.S)
    assert len(tags) == 1 and "停业" in tags[0] and "2027" in tags[0]
