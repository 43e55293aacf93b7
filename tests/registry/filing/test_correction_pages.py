"""Answering a notice item by item: everything kept, nothing overwritten, the old value beside the new."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from filing_cases import answer_all, fresh, judge_all, pass_on_site, png_upload

from registry.demo.sample_filing import sign
from registry.filing.casefile import CaseFile
from registry.filing.drafts import save_section
from registry.filing.materials import add_page
from registry.filing.pages.corrections import changes_since, seen_mark
from registry.filing.review import last_version
from registry.filing.services import take_step
from registry.models import Filing
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here


@pytest.fixture
def desk(as_user: Callable[[str], Client]) -> Client:
    return as_user("operator_xiaotaiyang")


@pytest.fixture
def three(filing_in: Callable[[str], Filing], cast: dict[str, Any]) -> Filing:
    """A filing sent back with three items: a section, a material and the people."""
    filing = filing_in("SUBMITTED")
    reviewer = cast["reviewer_tinghu"]
    judge_all(
        filing,
        reviewer,
        premises=("SUPPLEMENT", "租赁合同的结束日期与填写的不一致"),
        M05_FIRE=("NONCONFORMS", "消防证明缺第 2 页"),
        people=("SUPPLEMENT", "请说明炊事人员的健康证明"),
    )
    return fresh(take_step(filing, "return", actor=reviewer))


def url_of(filing: Filing) -> str:
    return f"/desk/filings/{filing.no}/corrections/"


def seen(html: str) -> dict[str, str]:
    """The hidden marks of a page."""
    return dict(re.findall(r'name="(seen-[A-Za-z0-9_]+)" value="([0-9a-f]+)"', html))


def test_the_notice_item_by_item(desk, three, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(18):
        html = markup_of(desk.get(url_of(three)))
    assert "本次为一次性告知，共 3 项，已答复 0 项" in html
    assert "租赁合同的结束日期与填写的不一致" in html
    assert "托育机构设置标准（试行）第11条" in html
    assert f"/desk/filings/{three.no}/sections/premises/" in html
    assert f"/desk/filings/{three.no}/materials/M05_FIRE/" in html
    assert "/desk/people/" in html
    assert "个工作日" in html
    assert html.count("未处理") == 3
    assert html.count("<textarea") == 3
    assert len(seen(html)) == 3


def test_old_beside_new_and_the_whole_round(desk, three, operator) -> None:
    row = three.sections.get(name="premises")
    answers = {**row.data, "lease_to": "2030-06-30"}
    save_section(three, "premises", answers=answers, expected_version=row.version, actor=operator)
    add_page(three, "M05_FIRE", uploaded=png_upload("第2页.png", 55), actor=operator)
    html = markup_of(desk.get(url_of(three)))
    assert "2029-12-31" in html
    assert "2030-06-30" in html
    assert "第 1 版，1 个文件" in html
    assert "第 2 版，2 个文件" in html
    assert html.count("已修改，还没有答复") == 2
    replies = {"reply-premises": "已按合同更正", "reply-M05_FIRE": "已补第 2 页", "reply-people": ""}
    answer = desk.post(url_of(three), {**seen(html), **replies, "save": "1"}, follow=True)
    html = markup_of(answer)
    assert "答复已保存" in html
    assert html.count("已修改并答复") == 2
    assert "还有 1 项没有答复" in html
    assert "保存并去" not in html
    answer = desk.post(
        url_of(three), {**seen(html), **replies, "reply-people": "证明在人员台账中", "save": "1"}, follow=True
    )
    html = markup_of(answer)
    assert "全部答复了" in html
    assert "保存并去签署承诺书" in html
    onward = desk.post(url_of(three), {**seen(html), "next": "1"})
    assert onward.url == f"/desk/filings/{three.no}/pledge/"
    sign(three, actor=operator)
    assert desk.post(url_of(three), {**seen(html), "next": "1"}).url == f"/desk/filings/{three.no}/check/"
    assert take_step(fresh(three), "resubmit", actor=operator).status == "SUBMITTED"
    html = markup_of(desk.get(url_of(three)))
    assert "只能查看" in html
    assert "<textarea" not in html
    assert "已按合同更正" in html
    assert desk.post(url_of(three), {"reply-people": "又改"}).status_code == 409


def test_nothing_typed_is_lost(desk, three) -> None:
    typed = {"reply-premises": "好的<b>", "reply-M05_FIRE": "长" * 1001, "reply-people": "有\x00字符"}
    answer = desk.post(url_of(three), {**seen(markup_of(desk.get(url_of(three)))), **typed})
    assert answer.status_code == 422
    html = markup_of(answer)
    assert "<title>错误：" in html
    assert "长" * 1001 in html
    assert "好的&lt;b&gt;" in html
    assert "最多 1000 个字" in html
    assert 'href="#id_reply-M05_FIRE"' in html
    assert 'id="id_reply-M05_FIRE"' in html
    kept = {reply.item: reply.text for reply in three.notices.get().replies.all()}
    assert kept == {"premises": "好的<b>"}


def test_two_persons_never_overwrite_each_other(desk, three) -> None:
    first = seen(markup_of(desk.get(url_of(three))))
    desk.post(url_of(three), {**first, "reply-premises": "甲写的"})
    desk.post(url_of(three), {**first, "reply-premises": "", "reply-people": "乙只写这一项"})
    kept = {reply.item: reply.text for reply in three.notices.get().replies.all()}
    # Nothing was typed into the other box on the older page: it takes nothing away.
    assert kept == {"premises": "甲写的", "people": "乙只写这一项"}
    clash = desk.post(url_of(three), {**first, "reply-premises": "乙写的"})
    assert clash.status_code == 409
    html = markup_of(clash)
    assert "没有覆盖" in html
    assert "甲写的" in html
    assert ">乙写的</textarea>" in html
    assert desk.post(url_of(three), {**seen(html), "reply-premises": "乙写的"}).status_code == 302
    assert three.notices.get().replies.get(item="premises").text == "乙写的"


def test_a_private_answer_shows_only_that_it_changed(filing_in, operator) -> None:
    filing = filing_in("CHANGING")
    row = filing.sections.get(name="basics")
    phone = {"contact_phone": "13987654321"}
    save_section(filing, "basics", answers=phone, expected_version=row.version, actor=operator, merge=True)
    changes = changes_since(last_version(filing), CaseFile(fresh(filing), today_here()))
    assert [(c.label, c.before, c.after) for c in changes["basics"]] == [("联系人电话", "（不显示）", "已修改")]


def test_nonconforming_is_answered_the_same_way(desk, filing_in) -> None:
    filing = filing_in("NONCONFORMING")
    html = markup_of(desk.get(url_of(filing)))
    assert "逐条整改" in html
    assert "租赁期不足三年" in html
    answer = desk.post(url_of(filing), {**seen(html), "reply-premises": "已续签"}, follow=True)
    assert "全部答复了" in markup_of(answer)


def test_without_a_notice_and_for_strangers(desk, draft, as_user) -> None:
    html = markup_of(desk.get(url_of(draft)))
    assert "没有需要答复的告知书" in html
    assert desk.post(url_of(draft), {"reply-premises": "?"}).status_code == 409
    assert as_user("operator_yangguang").get(url_of(draft)).status_code == 404
    assert as_user("reviewer_tinghu").get(url_of(draft)).status_code == 403


def test_an_answer_handed_in_long_ago_is_not_rewritten_during_a_later_change(filing_in, cast, desk) -> None:
    filing, operator, first = filing_in("SUPPLEMENT"), cast["operator_xiaotaiyang"], cast["reviewer_tinghu"]
    answer_all(filing, operator)
    filing = take_step(filing, "resubmit", actor=operator)
    judge_all(filing, first)
    filing = take_step(filing, "receipt", actor=first)
    officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
    second = cast["reviewer_tinghu2"]
    filing = take_step(filing, "verify", actor=second, officers=officers, planned_on=today_here())
    pass_on_site(filing, officers[0])
    filing = take_step(fresh(filing), "confirm", actor=second)
    filing = fresh(take_step(filing, "start_change", actor=operator))
    reply = filing.notices.get().replies.get()
    url = f"/desk/filings/{filing.no}/corrections/"
    answer = desk.post(url, {f"reply-{reply.item}": "另一种说法", f"seen-{reply.item}": seen_mark(reply)})
    assert answer.status_code == 409
    assert filing.notices.get().replies.get().text == reply.text
