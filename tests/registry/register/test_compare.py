"""Side by side by question; and how to read it all."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from registry.choices import ClassType, MealMode, Nature, PostRole, PublicStatus, RegistrationStatus, ServiceMode
from registry.demo.sample_filing import ANSWERS
from registry.models import PublicEntry
from registry.register.blocks.official import GATES
from registry.register.blocks.reported import SIZES
from registry.register.wording import STANDINGS
from registry.rules.filing.catalogue import rule_of
from tests.pages import markup_of
from tests.security.filed import file_it
from yancheng_childcare.deadlines import today_here

pytestmark = pytest.mark.django_db
URL = "/institutions/compare/"


def test_two_by_question_and_only_what_differs(institution, cast, entry, django_assert_max_num_queries):
    first = institution()
    file_it(first, cast)
    second = entry(name="盐城市东台市远方托育服务有限公司", region="320981")
    with django_assert_max_num_queries(2):
        html = markup_of(Client().get(URL, {"uscc": [first.uscc, second.uscc], "near": "320902"}))
    for words in (
        "合法吗",
        "安全吗",
        "贵吗",
        "近吗",
        "人够吗",
        first.name,
        second.name,
        "没有信息",
        "机构填报",
        "官方",
        "全市",
        "公里",
    ):
        assert words in html
    less = markup_of(Client().get(URL, {"uscc": [first.uscc, first.uscc.lower(), second.uscc], "different": "1"}))
    assert "备案状态" not in less and "县（市、区）" in less and "看全部项目" in less


def test_too_many_too_few_unknown_and_garbage(entry):
    codes = [entry(name=f"盐城市亭湖区对比{n}托育服务有限公司").uscc for n in "一二三四五"]
    many = Client().get(URL, {"uscc": codes})
    assert many.status_code == 400 and "最多对比 4 家" in markup_of(many)
    assert markup_of(many).count("移出") == 4
    one = Client().get(URL, {"uscc": codes[0]})
    assert one.status_code == 200 and "再加一家" in markup_of(one) and "加入一家" in markup_of(one)
    assert Client().get(URL).status_code == 200
    unknown = Client().get(URL, {"uscc": [codes[0], "91320902MA1TYC011T"]})
    assert "没有在备案名录中查到" in markup_of(unknown)
    garbage = Client().get(URL, {"uscc": ["<x>", codes[0]]})
    assert garbage.status_code == 400 and "<x>" not in markup_of(garbage)


def test_how_to_read_names_every_status_and_is_shared(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/how-to-read/")
    html = markup_of(answer)
    for words in (
        "已登记、未备案",
        "备案已撤销",
        "安全底线",
        "托位",
        "5 个工作日",
    ):
        assert words in html
    assert Client().get("/how-to-read/", headers={"If-None-Match": answer["ETag"]}).status_code == 304


def links(html: str) -> list[str]:
    """The addresses of the comparison on this page."""
    return [found.replace("&amp;", "&") for found in re.findall(r'href="(/institutions/compare/\?[^"]*)"', html)]


def test_what_was_chosen_stays_chosen(entry):
    codes = [entry(name=f"盐城市亭湖区留住{n}托育服务有限公司").uscc for n in "一二三"]
    html = markup_of(Client().get(URL, {"uscc": codes, "near": "33.380,120.160", "different": "1"}))
    (toggle,) = links(html)
    assert "near=33.380" in toggle and "different" not in toggle
    assert html.count('name="remove"') == 3
    posted = {"uscc": codes, "near": "33.380,120.160", "different": "1", "remove": codes[1]}
    left = Client().post("/institutions/compare/choose/", posted)
    assert left.status_code == 302 and codes[1] not in left["Location"]
    assert all(part in left["Location"] for part in (codes[0], codes[2], "near=33.380%2C120.160", "different=1"))
    assert "公里" in markup_of(Client().get(URL, {"uscc": codes, "near": "33.380,120.160"}))
    for nonsense in ("999999", "91,181", "'\"<", "x" * 500):
        assert "公里" not in markup_of(Client().get(URL, {"uscc": codes, "near": nonsense}))


def test_results_hand_the_starting_point_to_the_comparison(entry):
    found = entry(name="盐城市亭湖区起点托育服务有限公司")
    client = Client()
    client.post("/institutions/compare/choose/", {"add": found.uscc})
    for params in ({"near": "320902"}, {"region": "320902", "ordering": "distance"}):
        assert f"?uscc={found.uscc}&near=320902" in links(markup_of(client.get("/institutions/", params)))[0]
    assert "near" not in links(markup_of(client.get("/institutions/")))[0]


def test_every_value_says_whose_it_is(institution, cast, entry):
    first = institution()
    file_it(first, cast)
    second = entry(name="盐城市东台市远方托育服务有限公司", region="320981")
    html = markup_of(Client().get(URL, {"uscc": [first.uscc, second.uscc]}))
    day = PublicEntry.objects.get(pk=first.pk).card["reported_on"]
    rows = dict(re.findall(r'<tr[^>]*><th scope="row">([^<]+)</th>(.*?)</tr>', html, re.S))
    for label, said in (
        ("余位", f"机构填报 {day}"), ("托位", f"机构填报 {day}"), ("收托月龄", f"机构填报 {day}"),
        ("备案状态", "官方"), ("最近检查", "官方"),
    ):  # fmt: skip
        cell = re.sub(r"<[^>]+>", " ", re.findall(r"<td.*?</td>", rows[label], re.S)[0])
        assert said in " ".join(cell.split()), label
    assert "35 个" in rows["托位"] and "平均 35 个" in rows["托位"] and "室内空气" in rows
    assert "平均 1:" in rows["保育人员与婴幼儿"] and "平均每班在托" in rows
    # The status is the one of the institution's own page, with its light.
    assert "tag--green" in rows["备案状态"] and "已登记、已备案" in rows["备案状态"]


def test_bought_meals_are_compared_with_a_licence(entry):
    def gate(name: str) -> dict[str, object]:
        paper = {"name": name, "state": "HELD", "paper": "证", "issued_on": None, "valid_to": None}
        facts = {"gates": [paper]}
        return {"kind": "OFFICIAL", "source": "备案机关", "confirmed_on": None, "facts": facts, "empty": ""}

    codes = [
        entry(name=f"盐城市亭湖区{name}托育服务有限公司", content={"safety": gate(name)}).uscc
        for name in ("外购配餐", "食品经营许可")
    ]
    html = markup_of(Client().get(URL, {"uscc": codes}))
    row = re.search(r'<th scope="row">食品经营许可</th>(.*?)</tr>', html, re.S).group(1)
    assert "外购配餐，有材料" in row and "没有信息" not in row


def test_the_guide_explains_every_word_that_a_public_page_may_show(institution, cast):
    guide = markup_of(Client().get("/how-to-read/"))
    choices = (Nature, ServiceMode, MealMode, PostRole, RegistrationStatus)
    words = {str(label) for kind in choices for label in kind.labels}
    words |= {label.partition("（")[0] for label in map(str, ClassType.labels)}
    words |= {standing.word for standing in STANDINGS.values()} | {name for _, name in GATES}
    assert set(STANDINGS) == set(PublicStatus.values)
    found = institution()
    file_it(found, cast)
    page = markup_of(Client().get(f"/institutions/{found.uscc}/"))
    words |= set(re.findall(r"<dt>([^<]+)</dt>", page))
    assert not sorted(word for word in words if word not in guide)
    for anchor in re.findall(r'class="chip" href="#([^"]+)"', guide):
        assert guide.count(f'id="{anchor}"') == 1


def test_the_numbers_of_the_guide_are_those_of_the_rules():
    guide = markup_of(Client().get("/how-to-read/"))
    today = today_here()
    ratios = rule_of("R-RAT-01", today).params
    for kind, rule_id in SIZES.items():
        name = str(ClassType(kind).label).partition("（")[0]
        text = re.search(rf"<dt>{name}</dt><dd>(.*?)</dd>", guide).group(1)
        assert f"最多 {rule_of(rule_id, today).params['max']} 人" in text and f"{ratios[kind]} " in text
    home = re.search(r"<dt>家庭托育点</dt><dd>(.*?)</dd>", guide).group(1)
    assert f"最多收 {rule_of('R-HOME-01', today).params['max']} 人" in home
    assert f"最多照护 {rule_of('R-HOME-02', today).params['ratio']} 人" in home
    assert ANSWERS["facilities"]["recording_days"] in guide


def test_the_visitors_own_position_is_kept_by_no_cache(entry):
    codes = [entry().uscc for _ in range(2)]
    own = Client().get(URL, {"uscc": codes, "near": "33.38,120.16"})
    town = Client().get(URL, {"uscc": codes, "near": "320902"})
    assert own["Cache-Control"] == "private, no-store" and "ETag" not in own
    assert town["Cache-Control"].startswith("public, max-age=")
