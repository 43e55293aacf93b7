"""Words as people really type and paste them: slips in long names, lines from a chat, codes with dashes, other scripts."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.http import QueryDict
from django.utils.http import urlencode

from registry.register.apart import unlisted
from registry.register.query import SearchQuery, read_search
from registry.register.search import Page, find

pytestmark = pytest.mark.django_db
NAME = "东台市向日葵童心婴幼儿照护服务中心"
ADDRESS = "江苏省东台市头灶镇麋鹿巷982号B座"


def ask(words: str) -> SearchQuery:
    return read_search(QueryDict(urlencode({"q": words})))


def found(words: str) -> tuple[Page, list[str]]:
    page = find(ask(words))
    return page, [orjson.loads(row.card)["name"] for row in page.rows]


@pytest.fixture
def sunflower(entry: Any) -> Any:
    entry(name="盐城市亭湖区石榴家园托育有限公司", registered_address="盐城市亭湖区文港路9号")
    return entry(name=NAME, registered_address=ADDRESS)


@pytest.mark.parametrize("place", range(len(NAME)))
@pytest.mark.parametrize("slip", ["wrong", "missing", "extra"])
def test_one_slip_anywhere_in_a_whole_name(sunflower: Any, place: int, slip: str) -> None:
    words = {
        "wrong": f"{NAME[:place]}囧{NAME[place + 1 :]}",
        "missing": f"{NAME[:place]}{NAME[place + 1 :]}",
        "extra": f"{NAME[:place]}囧{NAME[place:]}",
    }[slip]
    page, names = found(words)
    assert names == [NAME], words
    # Without its first or last character it is still a part of the name, and no slip.
    assert page.similar is not (slip == "missing" and place in {0, len(NAME) - 1})


@pytest.mark.parametrize(
    "words",
    [
        "向目葵",  # three characters, the middle one wrong and of another sound
        "日目童",
        "向日葵童心 麋麓巷982号",  # the second of two words is wrong
        "向目葵童心 麋鹿巷",
        "向日葵童心 麋鹿巷 頭灶镇",
        "東臺市向日葵童心嬰幼兒照護服務中心",  # traditional characters
        "向日葵童心嬰幼兒",
        NAME + ADDRESS,  # name and address run together, either way round
        ADDRESS + NAME,
        "向日葵童心婴幼儿照护服务中心头灶镇麋鹿巷",
    ],
)
def test_slips_and_run_together_lines_are_found_as_similar(sunflower: Any, words: str) -> None:
    page, names = found(words)
    assert names == [NAME]
    assert page.similar


@pytest.mark.parametrize(
    "words",
    [
        f"{NAME}，{ADDRESS}",
        f"{NAME}、{ADDRESS}。",
        f"名称：{NAME}；地址：{ADDRESS}",
        f"【{NAME}】 {ADDRESS}",
        "“向日葵”",
        "“向日葵”,童心",
        "向\u200b日葵",
        "\ufeff向日葵\u200e",
        "麋鹿巷 982 号",
        "麋鹿巷 982号 B座",
        "麋鹿巷９８２号ｂ座",
        "向日葵 B",
        "dong tai shi xiang ri kui tong xin",
        "ＤＴＳＸＲＫ",
    ],
)
def test_pasted_lines_find_what_they_name(sunflower: Any, words: str) -> None:
    page, names = found(words)
    assert names == [NAME]
    assert not page.similar


def test_every_word_counts_also_the_sixth(sunflower: Any) -> None:
    page, names = found("xiang ri kui tong xin ying zzz")
    assert names == []


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("tinghu", {"region": "320902"}), ("tinghuqu", {"region": "320902"}), ("ting hu", {"region": "320902"}),
        ("yandu", {"region": "320903"}), ("yandou", {"region": "320903"}), ("YANDU", {"region": "320903"}),
        ("dongtai", {"region": "320981"}), ("wuxing", {"town": "320902001"}), ("wuxingjiedao", {"town": "320902001"}),
        ("xinxingzhen", {"town": "320902102"}), ("xinxing", {"town": "320902102"}),
    ],
)  # fmt: skip
def test_a_place_in_pinyin_is_the_place(entry: Any, typed: str, same: dict[str, str]) -> None:
    """Exactly those of the place; 盐都 in the city's own reading and in the one the library knows (field 22)."""
    for region, town in (
        ("320902", "320902001"), ("320902", "320902102"), ("320903", "320903003"), ("320903", "320903002"), ("320981", "320981100"),
    ):  # fmt: skip
        entry(region=region, town=town)
    found, wanted = find(ask(typed)), find(read_search(QueryDict(urlencode(same))))
    assert wanted.rows and {row.key for row in found.rows} == {row.key for row in wanted.rows}
    assert found.count == wanted.count and not found.similar


def test_a_code_is_found_however_it_is_written(sunflower: Any, institution: Any) -> None:
    apart = institution(name="盐城市未备案托育服务有限公司")
    for uscc, names in ((sunflower.uscc, [NAME]), (apart.uscc, [])):
        for words in (
            f"{uscc[:8]}-{uscc[8:17]}-{uscc[17]}",
            f"{uscc[:8]} {uscc[8:]}",
            "".join(chr(ord(character) + 0xFEE0) for character in uscc),
            f"统一社会信用代码：{uscc.lower()}",
            f"\u200b{uscc}\u200b",
        ):
            page, seen = found(words)
            assert seen == names, words
            assert not page.similar
            assert [card["uscc"] for card in unlisted(ask(words))] == ([] if names else [uscc]), words


def test_one_wrong_character_of_a_code_finds_the_listed_one_alone(sunflower: Any, institution: Any) -> None:
    apart = institution(name="盐城市未备案托育服务有限公司")
    for uscc, names in ((sunflower.uscc, [NAME]), (apart.uscc, [])):
        words = uscc[:9] + ("A" if uscc[9] != "A" else "B") + uscc[10:]
        page, seen = found(words)
        assert seen == names
        assert page.similar is bool(names)
        assert unlisted(ask(words)) == []


def test_an_exact_name_outside_the_register_in_either_bracket_and_in_a_line(institution: Any) -> None:
    apart = institution(name="盐城市未备案（亭湖）托育服务有限公司")
    for words in (
        apart.name,
        "盐城市未备案(亭湖)托育服务有限公司",
        f"{apart.name}，盐城市亭湖区希望大道18号",
        f"盐城市亭湖区希望大道18号 {apart.name}",
        f"“{apart.name}”",
    ):
        assert [card["uscc"] for card in unlisted(ask(words))] == [apart.uscc], words
    for words in ("%", "_", "盐城市未备案%%%"):
        assert unlisted(ask(words)) == [], words


@pytest.mark.parametrize("words", ["，", "\u202e", "''", "；；", "\u200b", "名称："])
def test_nothing_but_marks_finds_nothing(sunflower: Any, words: str) -> None:
    assert found(words)[1] == []


@pytest.mark.parametrize("words", ["yandu", "yandou", "yanduqu", "yandushiliu", "yandoushiliu"])
def test_a_place_of_the_city_is_found_in_both_readings_of_its_name(entry: Any, words: str) -> None:
    """The library reads 盐都 as yandou, people say and type yandu (field.md 22)."""
    there = entry(name="盐城市盐都区石榴托育服务有限公司", region="320903", town="320903002")
    entry(name="盐城市亭湖区石榴家园托育有限公司")
    assert found(words)[1] == [there.name]
