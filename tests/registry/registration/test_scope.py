"""The wording of a business scope: what counts, what only looks like it, and stable normalising."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes import registration as codes
from registry.rules import scope
from yancheng_childcare.problems import Level

COUNTS = [
    "托育服务",
    "一般项目：托育服务（不含幼儿园、托儿所）；教育咨询服务（不含涉许可审批的教育培训活动）",
    "教育咨询服务（不含涉许可审批的教育培训活动）；托育服务",
    "托育服务(除依法须经批准的项目外，凭营业执照依法自主开展经营活动)",
    "除依法须经批准的项目外，凭营业执照依法自主开展经营活动；托育服务",
    "三岁以下婴幼儿照护服务",
    "３ 周岁以下婴幼儿照护服务",
    "3 岁以下 婴幼儿照护服务。",
    "０－３岁以下婴幼儿照护服务",
    "托育\n服务",
    "不含培训\n托育服务",
    "“托育服务”",
    "【托育服务】",
    "教育咨询（不含培训，但含托育服务）",
    "不含餐饮，托育服务",
    "许可项目：食品经营。一般项目：托育服务、家政服务（涉及许可的项目除外）",
    "托育服务、依法须经批准的项目除外",
    "不得从事学科类培训；托育服务",
    "（依法须经批准的项目，经相关部门批准后方可开展经营活动）托育服务",
    "教育咨询（不含托育服务）；托育服务",
    "教育咨询（不含培训；托育服务",
]
EXCLUDED = [
    "不含托育服务",
    "不含\n托育服务",
    "教育咨询（托育服务除外）",
    "教育咨询（不含托育服务）",
    "教育咨询(不含 托 育 服 务)",
    "教育咨询（不含餐饮，托育服务）",
    "教育咨询［不包括餐饮、托育服务、住宿］",
    "教育咨询（不含三周岁以下婴幼儿照护服务）",
    "教育咨询（托育服务、餐饮服务除外）",
    "除托育服务外的教育咨询",
    "除托育服务以外的教育咨询",
    "托育服务除外",
    "托育服务（除外）",
    "不含：托育服务",
    "不含（托育服务、培训）",
    "以下项目除外：托育服务",
    "不得开展托育服务",
    "不从事托育服务",
    "非托育服务",
    "暂停托育服务",
    "不提供家庭托育服务",
]
IRREGULAR = [
    "婴幼儿托育",
    "托育、服务",
    "13岁以下婴幼儿照护服务",
    "十三岁以下婴幼儿照护服务",
    "婴幼儿看护",
    "托儿所服务",
]
ABSENT = ["教育咨询", "委托育服务", "接受委托育苗服务", "托，育服务", "家政服务（含保洁）"]


def the_codes(text: str, nature: str = "FORPROFIT") -> list[str]:
    return [problem.code for problem in scope.check_scope(text, nature)]


@pytest.mark.parametrize("text", COUNTS)
def test_standard_wording_counts(text: str) -> None:
    assert the_codes(text) == []
    assert set(scope.matched_wording(text)) & {"托育服务", "3岁以下婴幼儿照护服务"}


@pytest.mark.parametrize("text", EXCLUDED)
@pytest.mark.parametrize("nature", ["FORPROFIT", "HOME", "KINDERGARTEN"])
def test_excluded_wording_blocks(text: str, nature: str) -> None:
    assert the_codes(text, nature) == [codes.SCOPE_EXCLUDED]
    assert scope.matched_wording(text) == ()


@pytest.mark.parametrize("text", IRREGULAR)
def test_irregular_wording_is_named(text: str) -> None:
    [problem] = scope.check_scope(text, "NONPROFIT")
    assert (problem.code, problem.level) == (codes.SCOPE_IRREGULAR, Level.BLOCK)
    assert f"“{scope.assess(text).irregular}”不是规范用语" in problem.message


@pytest.mark.parametrize("text", ABSENT)
def test_scope_without_childcare_blocks(text: str) -> None:
    [problem] = scope.check_scope(text, "PUBLIC")
    assert problem.code == codes.SCOPE_MISSING
    assert "3岁以下婴幼儿照护服务" in problem.message
    assert "实施方案" in problem.clause


@pytest.mark.parametrize("text", ["早教服务", "婴幼儿早期教育", "亲子活动策划"])
def test_early_education_alone_is_flagged(text: str) -> None:
    assert the_codes(text) == [codes.SCOPE_EARLY_EDUCATION]


def test_early_education_beside_childcare_is_fine() -> None:
    assert the_codes("早期教育服务；托育服务") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [("家庭托育服务", []), ("托育服务", [codes.HOME_SCOPE]), ("教育咨询", [codes.HOME_SCOPE])],
)
def test_home_based_care_needs_its_own_wording(text: str, expected: list[str]) -> None:
    assert the_codes(text, "HOME") == expected


def test_home_wording_of_another_nature_is_a_remark() -> None:
    [problem] = scope.check_scope("家庭托育服务", "FORPROFIT")
    assert (problem.code, problem.level) == (codes.SCOPE_HOME_WORDING, Level.WARN)
    assert the_codes("家庭托育服务；托育服务") == []


@pytest.mark.parametrize("nature", ["KINDERGARTEN", "EMPLOYER"])
def test_hosts_keep_their_scope_with_a_remark(nature: str) -> None:
    [problem] = scope.check_scope("学前教育", nature)
    assert (problem.code, problem.level) == (codes.SCOPE_OF_HOST, Level.WARN)


def test_one_spelling_for_many() -> None:
    spellings = ["三岁以下", "3岁以下", "3 岁以下", "３岁以下", "３　周岁以下", "叁岁以下"]
    assert {scope.normalise(text) for text in spellings} == {"3岁以下"}


@given(
    st.text(max_size=40)
    | st.text(alphabet="三3周岁以下婴幼儿照护服务托育不含除外（）();；、，,\n 　［］“－", max_size=40)
)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = scope.normalise(text)
    assert scope.normalise(once) == once
    assert scope.assess(once).matched == scope.assess(text).matched


@given(
    st.sampled_from(["不含", "不包括", "不从事", "不得从事", "除"]),
    st.sampled_from(["托育服务", "３岁以下婴幼儿照护服务"]),
)
def test_an_exclusion_never_passes(words: str, wording: str) -> None:
    assert the_codes(f"教育咨询（{words}{wording}{'外' if words == '除' else ''}）") == [codes.SCOPE_EXCLUDED]
