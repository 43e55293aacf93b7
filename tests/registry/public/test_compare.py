"""Side by side by question; and how to read it all."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.security.filed import file_it

pytestmark = pytest.mark.django_db
URL = "/institutions/compare/"


def test_two_by_question_and_only_what_differs(institution, cast, entry, django_assert_max_num_queries):
    first = institution()
    file_it(first, cast)
    second = entry(name="盐城市东台市远方托育服务有限公司", region="320981")
    with django_assert_max_num_queries(2):
        html = Client().get(URL, {"uscc": [first.uscc, second.uscc], "near": "320902"}).content.decode()
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
    less = Client().get(URL, {"uscc": [first.uscc, first.uscc.lower(), second.uscc], "different": "1"}).content.decode()
    assert "备案状态" not in less and "县（市、区）" in less and "看全部项目" in less


def test_too_many_too_few_unknown_and_garbage(entry):
    codes = [entry(name=f"盐城市亭湖区对比{n}托育服务有限公司").uscc for n in "一二三四五"]
    many = Client().get(URL, {"uscc": codes})
    assert many.status_code == 400 and "最多对比 4 家" in many.content.decode()
    assert many.content.decode().count("移出") == 4
    one = Client().get(URL, {"uscc": codes[0]})
    assert one.status_code == 200 and "怎么对比" in one.content.decode() and "加入对比" in one.content.decode()
    assert Client().get(URL).status_code == 200
    unknown = Client().get(URL, {"uscc": [codes[0], "91320902MA1TYC011T"]})
    assert "没有在备案名录中查到" in unknown.content.decode()
    garbage = Client().get(URL, {"uscc": ["<x>", codes[0]]})
    assert garbage.status_code == 400 and "<x>" not in garbage.content.decode()


def test_how_to_read_names_every_status_and_is_shared(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/how-to-read/")
    html = answer.content.decode()
    for words in (
        "已登记、未备案",
        "备案已撤销",
        "安全底线",
        "未评价",
        "不是法律规定",
        "WS/T 821",
        "托位",
        "5 个工作日",
    ):
        assert words in html
    assert Client().get("/how-to-read/", headers={"If-None-Match": answer["ETag"]}).status_code == 304
