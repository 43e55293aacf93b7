"""办前自查 and the public standards: no account, nothing stored, open answers are never a pass."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.test import Client

from registry.filing.pages.self_check_questions import GROUPS, QUESTIONS
from registry.rules.filing.catalogue import RULES
from tests.pages import markup_of, page_of

URL, STANDARDS = "/self-check/", "/standards/"
pytestmark = pytest.mark.django_db

GOOD = {
    "nature": "FORPROFIT", "org_form": "STANDALONE", "premises_tenure": "LEASED", "lease_from": "2026-01-01",
    "lease_to": "2028-12-31", "floor_area": "600", "capacity_total": "35", "highest_floor": "1", "underground": "no",
    "window_ratio": "20", "faces_west": "no", "near_hazard": "no", "evacuation_doors": "yes",
    "TODDLER_S-classes": "1", "TODDLER_S-places": "15", "TODDLER_L-classes": "1", "TODDLER_L-places": "20",
    "TODDLER_S-sleep_area": "35", "TODDLER_S-activity_area": "35", "TODDLER_S-catering_area": "6",
    "TODDLER_S-cleaning_area": "6", "TODDLER_S-toilet_area": "8", "TODDLER_S-storage_area": "4",
    "TODDLER_L-combined_area": "50", "outdoor_kind": "OWN", "outdoor_area": "105", "health_room_area": "6",
    "observation_beds": "1", "hygiene_rules": "yes", "air_report": "yes", "monitoring_coverage": "yes",
    "recording_days": "90", "one_key_alarm": "yes", "liability_insurance": "yes", "emergency_plans": "6",
    "meal_mode": "CANTEEN", "food_samples": "yes", "meal_papers": "yes", "cooks": "1", "cooks_without": "0",
    "principal_education": "COLLEGE", "principal_years": "3", "principal_trained": "yes", "principal_hours": "60",
    "carers": "6", "carers_without": "0", "health_full": "0", "health_part": "1", "health_without": "0", "guards": "1",
    "guards_without": "0", "without_health": "0", "without_check": "0", "confirmed_fit": "yes",
}  # fmt: skip


def ask(data: dict[str, str], status: int = 200) -> str:
    response = Client().get(URL, {"check": "1", **data}, follow=True)
    assert response.status_code == status, markup_of(response)[:3000]
    assert len(response.content) < 200_000
    html = markup_of(response)
    assert not re.search(r"<style| style=| on[a-z]+=\"", html)
    return html


def part(html: str, key: str) -> str:
    """One group of the gap list; "" when it is empty."""
    found = re.search(rf'aria-labelledby="part-{key}".*?</section>', html, re.DOTALL)
    return found.group() if found else ""


def test_the_empty_page_asks_in_small_groups_and_needs_no_account(django_assert_num_queries):
    with django_assert_num_queries(0):
        html = markup_of(Client().get(URL))
    assert "不保存" in html
    assert "自查结果" not in html
    assert all(f'name="{name}"' in html for name in QUESTIONS)
    assert all(len(group.questions) <= 8 or group.folded for group in GROUPS)
    assert "required" not in re.sub(r"aria-required", "", html)


def test_nothing_answered_is_nothing_passed():
    html = ask({})
    assert "补填后再查一次" in html
    assert not part(html, "pass")
    assert not part(html, "stop")
    assert "R-SITE-01" not in html
    assert "自有场地，或者租赁期不少于 3 年" in part(html, "open")
    assert "不产生法律效力" in html
    assert "看供餐方式" in html
    assert "申办食品经营许可" not in html and "把生活用房调整到" not in html  # advice is for what failed


def test_everything_right_leaves_no_gap_and_lists_the_materials(django_assert_num_queries):
    with django_assert_num_queries(0):
        html = ask(GOOD)
    assert "没有发现不符合的" in html
    assert not any(part(html, key) for key in ("stop", "fail", "warn", "open"))
    assert "租赁期 36 个月，标准不少于 36 个月" in part(html, "pass")
    assert "合计 6 名" in page_of(html).text
    assert "托小班 1 个，每班 15 人，按 1:5 每班 3 名" in html
    assert "食品经营许可证" in html.partition("要准备的材料")[2]
    assert "供餐合同和供餐单位许可证" not in html.partition("要准备的材料")[2].partition("自查没有问到的")[0]
    assert "data-print" in html
    assert "自查时填写的内容" in html  # on paper, the answers stand with the result
    assert 'value="2028-12-31"' in html  # what was typed is kept


@pytest.mark.parametrize(
    ("answers", "where", "sentence"),
    [
        ({"lease_to": "2028-12-30"}, "stop", "租赁期 35 个月，标准不少于 36 个月"),
        ({"underground": "yes"}, "stop", "设在地下室或半地下室"),
        ({"capacity_total": "36"}, "stop", "托位总数 36 个，各班合计 35 个，应当相等"),
        ({"meal_papers": "no"}, "stop", "没有《食品经营许可证》"),
        ({"meal_mode": "OUTSOURCED", "meal_papers": ""}, "open", "供餐的有《食品经营许可证》"),
        ({"without_health": "2"}, "stop", "2 人没有在有效期内的健康合格证，不得上岗"),
        ({"without_health": "2"}, "open", "在岗保育人员满足配比"),
        ({"without_health": ""}, "open", "全员健康合格证在有效期内"),
        ({"without_check": "1"}, "stop", "1 人没有在有效期内、符合从业条件"),
        ({"confirmed_fit": "no"}, "open", "没有精神病史"),
        (
            {"TODDLER_L-places": "22", "capacity_total": "37"},
            "stop",
            "托大班 22 人，标准不超过 20 人",
        ),
        ({"carers": "5"}, "fail", "可以上岗的保育人员 5 名，至少需要 6 名"),
        ({"carers_without": "2"}, "fail", "2 名保育人员"),
        ({"guards": "0"}, "fail", "保安 0 名"),
        ({"guards_without": "1"}, "fail", "1 名保安没有"),
        ({"air_report": "no"}, "fail", "没有室内空气检测合格报告"),
        ({"cooks_without": "1"}, "stop", "1 名炊事人员没有"),
        ({"TODDLER_L-combined_area": "49.99"}, "fail", "49.99 平方米，标准不小于 50 平方米"),
        ({"one_key_alarm": "no"}, "warn", "没有装一键式报警"),
        ({"health_part": ""}, "open", "配备专（兼）职保健员"),
        ({"TODDLER_L-classes": ""}, "open", "托位总数等于各班托位之和"),
        ({"highest_floor": "2"}, "warn", "宜设在首层"),
    ],
)
def test_a_gap_says_number_limit_and_clause_in_its_group(answers, where, sentence):
    html = ask(GOOD | answers)
    assert sentence in part(html, where)
    assert ("去补填" if where == "open" else "怎么办") in part(html, where)


def test_a_home_based_place_has_rules_of_its_own():
    home = {"nature": "HOME", "capacity_total": "6", "floor_area": "50", "carers": "2", "premises_tenure": "OWNED"}
    html = ask(home)
    assert "家庭托育点 6 人，标准不超过 5 人" in part(html, "fail")
    assert "人均建筑面积 8.33 平方米" in part(html, "fail")
    assert "托大班生活单元" not in html and "托小班人数" not in html
    assert "合计 2 名" in page_of(html).text


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("carers", "9" * 500, "保育人员请填"),
        ("floor_area", "1e9", "只填数字"),
        ("floor_area", "-1", "只填数字"),
        ("capacity_total", "<script>alert(1)</script>", "托位总数请填"),
        ("lease_to", "2028-02-30", "没有这一天"),
        ("lease_to", "\x01?", "年-月-日"),
        ("nature", "KING", "请从列表中选择"),
        ("underground", "maybe", "请从列表中选择"),
        ("TODDLER_L-classes", "21", "最多填 20 个"),
        ("guards", "301", "最多填 300 人"),
    ],
)
def test_what_cannot_be_read_is_said_and_everything_typed_stays(field, typed, says):
    html = ask(GOOD | {field: typed}, status=422)
    assert says in html
    assert "<title>错误：" in html
    assert "自查结果" not in html
    assert "<script>alert" not in html
    assert 'value="600"' in html or field == "floor_area"


def test_hostile_answers_in_every_field_at_once():
    html = ask(dict.fromkeys(QUESTIONS, "';DROP TABLE x;--<b>\x01" * 1), status=422)
    assert "<b>" not in html.partition("<main")[2].replace("<body", "")


def test_the_address_keeps_the_answers_for_back_reload_and_sharing():
    asked = Client().get(URL, {"check": "1", **dict.fromkeys(QUESTIONS, ""), **GOOD})
    assert asked.status_code == 302 and asked.url.endswith("#result") and "=&" not in asked.url
    html = markup_of(Client().get(asked.url.partition("#")[0]))
    assert "自查结果" in html and 'value="2028-12-31"' in html
    assert "open" not in page_of(html).find("details", id="answers")  # above the result, one click away
    assert html.index('id="answers"') < html.index('id="result"')
    edit = markup_of(Client().get(asked.url.partition("#")[0] + "&edit=1"))
    assert "open" in page_of(edit).find("details", id="answers")


def test_each_title_threshold_and_clause_stands_once():
    rows = page_of(ask(GOOD | {"TODDLER_L-places": "22"})).rows
    row = next(row for row in rows if row.startswith("托大班"))
    assert row.count("20 人") == 1 and row.count("第19条") == 1 and row.count("人数不超过上限") == 1


def test_only_reading():
    assert Client().put(URL).status_code == 405
    assert Client().post(STANDARDS).status_code == 405
    assert Client().post(URL, GOOD).status_code == 405


# --- the catalogue in the open -----------------------------------------------------------------------------------------
def test_the_standards_show_every_rule_with_source_and_version(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = Client().get(STANDARDS)
    html = markup_of(response)
    assert len(response.content) < 200_000
    for rule in RULES:
        assert f'id="{rule.id}"' in html
        assert rule.title in html
    for word in ("法规文件", "推荐性标准", "通行做法", "平台约定", "第 1 版", "2019-10-08 起", "逐名儿童入托时核对"):
        assert word in page_of(html).text


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("q=租赁", "R-SITE-01", "R-CLS-01"),
        ("q=食品安全法+健康", "R-FOOD-02", "R-FOOD-01"),
        ("dimension=FIRE", "R-FIRE-01", "R-SITE-01"),
        ("level=BLOCK&dimension=SITE", "R-SITE-02", "R-SITE-03"),
        ("dimension=NONSENSE&level=%FF", "R-SITE-02", None),
    ],
)
def test_the_standards_can_be_searched_and_filtered(query, inside, outside):
    html = markup_of(Client().get(f"{STANDARDS}?{quote(query, safe='=&+')}"))
    assert f'id="{inside}"' in html
    assert outside is None or f'id="{outside}"' not in html


def test_a_search_without_a_hit_helps():
    html = markup_of(Client().get(f"{STANDARDS}?q={quote('<b>没有这个词')}"))
    assert "没有符合条件的标准" in html
    assert "<b>没有" not in html
