"""The form of official letters (GB/T 9704—2012): head, measures, lines, signature, page numbers; nothing torn apart."""

from __future__ import annotations

import dataclasses
import io
import re
from datetime import date

import pikepdf
import pytest
from letter_pdf import MM, Run, lines, runs
from letter_samples import AUTHORITY, COMMON, ITEM, every_letter, receipt
from PIL import Image

from casework.documents.content import content
from casework.documents.render import render_html, render_pdf, render_png
from casework.documents.sheet import Letter
from casework.documents.wording import WHOLE, office_lines
from registry.documents import letters

ZONE = "盐南高新技术产业开发区管理委员会社会事业局（卫生健康）"
SIGNED_ON = "2026年11月23日"
LEFT, RIGHT, TOP, BOTTOM = 28, 184, 37, 262  # of the text: 版心 156 x 225 mm


def pages_of(letter: Letter) -> list[list[Run]]:
    """What is drawn on each page."""
    with pikepdf.open(io.BytesIO(render_pdf(letter))) as pdf:
        return [runs(page) for page in pdf.pages]


def correction(length: int, **changes: object) -> Letter:
    """A notice whose one finding is so many lines long."""
    item = dataclasses.replace(ITEM, finding="问" * (22 + 28 * (length - 1)))
    given = {"notice_no": "320902BZ20260003", "round": 1, "case_no": "YC-TB-2026-000001", "items": [item]}
    return letters.correction_letter(**{**given, "due_on": date(2026, 12, 7), **COMMON, **changes})


def found(page: list[Run], text: str) -> Run:
    """The run that is this text, blanks aside."""
    return next(run for run in page if run.text.replace(" ", "") == text)


def test_the_head_title_and_text_have_the_sizes_and_places_of_the_standard() -> None:
    page = pages_of(correction(1))[0]
    head, number, title = found(page, AUTHORITY), found(page, "编号："), found(page, "一次性告知书")
    assert head.size > 32 and abs(head.x - LEFT) < 1, "thirteen characters fill the width"
    assert head.y - head.size * 0.88 / MM == pytest.approx(TOP + 35, abs=0.2)
    between = (number.y - 0.88 * number.size / MM) - (head.y + 0.12 * head.size / MM)
    assert between == pytest.approx(2 * 28.9 / MM, abs=0.2), "two empty lines between them"
    assert title.size == 22 and title.y > number.y + 4 + 2 * 28.9 / MM
    assert found(page, "盐城市亭湖区小太阳托育服务有限公司：").x == pytest.approx(LEFT, abs=0.1)
    body = next(run for run in page if run.text.startswith("你单位"))
    assert body.size == 16 and body.x - LEFT == pytest.approx(2 * 15.79 / MM, abs=0.1), "two characters in"


def test_a_full_page_has_22_lines_of_28_characters() -> None:
    page = lines(pages_of(correction(30))[1])
    assert len(page) == 22
    assert {round((after - before) * MM, 0) for (before, _), (after, _) in zip(page, page[1:], strict=False)} == {29}
    assert len(page[0][1]) == 28


@pytest.mark.parametrize("name", list(every_letter()))
def test_nothing_stands_outside_of_the_text_area_but_the_page_number(name: str) -> None:
    """A certificate may reach 5 mm lower."""
    letter, ppi = every_letter()[name], 60
    for place, picture in enumerate(render_png(letter, ppi=ppi), start=1):
        paper = Image.open(io.BytesIO(picture)).convert("L").point(lambda grey: 255 if grey < 250 else 0)
        number = [int(mm * ppi / 25.4) for mm in (0, BOTTOM + 5.5, 210, 297)]
        box = paper.crop(tuple(number)).getbbox()
        assert box is not None, "the page number"
        assert (box[0] > paper.width / 2) == bool(place % 2), "odd pages to the right, even pages to the left"
        paper.paste(0, tuple(number))
        left, top, right, bottom = (edge * 25.4 / ppi for edge in paper.getbbox() or (0, 0, 0, 0))
        assert left > LEFT - 0.6 and right < RIGHT + 0.6 and top > TOP - 0.6
        assert bottom < BOTTOM + (5.6 if letter.rows else 0.6)


def test_pages_are_numbered_between_dashes() -> None:
    pages = pages_of(correction(30))
    footers = ["".join(run.text for run in page if run.artifact and run.y > BOTTOM) for page in pages]
    assert [footer.replace(" ", "") for footer in footers] == [f"—{place}—" for place in range(1, len(pages) + 1)]


@pytest.mark.parametrize("authority", [AUTHORITY, "射阳县卫生健康委员会", ZONE])
@pytest.mark.parametrize("kind", ["correction", "conditions"])
def test_the_signature_stands_where_the_seal_goes(authority: str, kind: str) -> None:
    page = pages_of(dataclasses.replace(every_letter()[kind], authority=authority))[-1]
    named = office_lines(authority).split("\n")
    day, names, seal = found(page, SIGNED_ON), [found(page, line) for line in named], found(page, "此处加盖电子印章")
    character = 15.79 / MM
    day_middle = day.x + 41 / 2
    assert 184 - (day.x + 41) > 4 * character - 2, "four characters from the edge, or more for a long name"
    assert [run.y for run in (*names, day)] == sorted(run.y for run in (*names, day))
    for line, run in zip(named, names, strict=True):
        assert run.x + len(line) * character / 2 == pytest.approx(day_middle, abs=2), "centred over the date"
        assert 28 + 64 * (kind == "conditions") < run.x + 1 and run.x + len(line) * character < RIGHT + 1
    assert names[0].y - 15 < seal.y < names[0].y - 3, "inside of the circle, over the name"
    before = max(y for y, _ in lines(page) if y < seal.y and y < names[0].y - 8)
    assert seal.y - 5.5 - before < 2 * 28.9 / MM, "the seal's edge is within a line of the text"


def test_a_long_name_is_parted_where_it_has_a_seam() -> None:
    assert office_lines(AUTHORITY) == AUTHORITY
    assert office_lines(ZONE) == "盐南高新技术产业开发区管理委员会\n社会事业局（卫生健康）"
    assert office_lines("甲" * 21) == f"{'甲' * 11}\n{'甲' * 10}"
    head = [run for run in pages_of(correction(1, authority=ZONE))[0] if run.size > 20][:2]
    assert [run.text for run in head] == office_lines(ZONE).split("\n")


def test_the_signature_never_stands_without_text() -> None:
    """Forty-seven lengths, so that the end falls on every line of a page: three lines of text, or a tighter page."""
    pitches = set()
    for length in range(1, 48):
        last = lines(pages_of(correction(length))[-1])
        texts = [text for _, text in last]
        assert texts.index("此处加盖电子印章") >= 3, length
        assert texts[texts.index(AUTHORITY) + 1] == SIGNED_ON and texts[-1].startswith("（电子印章服务")
        pitches.add(round((last[1][0] - last[0][0]) * MM))
    assert min(pitches) >= 27 and max(pitches) == 29
    assert len(pitches) > 1, "pages are tightened where that keeps the end together"


def test_a_certificate_stays_on_one_page() -> None:
    long = "盐城市亭湖区新兴镇人民中路 88 号建军社区服务中心综合楼"
    for address, authority in ((long, AUTHORITY), (long * 2, AUTHORITY), (long, ZONE)):
        assert len(pages_of(receipt(address=address, authority=authority, version=2, demo=True))) == 1


@pytest.mark.parametrize("name", list(every_letter()))
def test_no_number_date_or_code_is_torn_apart(name: str) -> None:
    letter = every_letter()[name]
    on_paper = [text for page in pages_of(letter) for _, text in lines(page)]
    on_screen = render_html(letter)
    shown = content(letter)
    texts = [shown["number"], shown["signed_on"], *shown["paragraphs"], *shown["closing"]]
    texts += [text for item in shown["items"] for pair in item["lines"] + item["points"] for text in pair]
    whole = {match[0] for text in texts for match in WHOLE.finditer(text)}
    assert whole
    for text in whole:
        assert any(re.sub(r"\s", "", text) in line for line in on_paper), text
        assert f'<span class="nowrap">{text}</span>' in on_screen


def test_what_stays_whole() -> None:
    text = (
        "依据《办法》（国卫办人口发〔2019〕25号）第7条、第8条，办件编号 YC-TB-2026-000046，代码 91320902MA1TYC011T，"
        "于2026年12月7日前，每月 1,980 元/月，6—12 个月，窗地比 20%，面积 3.5 平方米，10 个工作日，JGJ 39—2016，320902TY20260001"
    )
    assert [match[0] for match in WHOLE.finditer(text)] == [
        "国卫办人口发〔2019〕25号", "第7条", "第8条", "YC-TB-2026-000046", "91320902MA1TYC011T", "2026年12月7日",
        "1,980 元/月", "6—12 个月", "20%", "3.5 平方米", "10 个工作日", "JGJ 39—2016", "320902TY20260001",
    ]  # fmt: skip


def test_attachments_stand_under_the_text() -> None:
    one = receipt()
    assert content(one)["attachments"] == ["附件：托育机构基本条件告知书"]
    two = dataclasses.replace(one, attachments=("甲", "乙"))
    assert content(two)["attachments"] == ["附件：1. 甲", "2. 乙"]
    texts = [text for _, text in lines(pages_of(two)[0])]
    assert texts.index("附件：1.甲") + 1 == texts.index("2.乙") < texts.index(SIGNED_ON)


def test_what_a_reviewer_typed_reads_as_a_letter() -> None:
    """Quotation marks of the mainland, and a full stop after what was found and what is to be done."""
    item = dataclasses.replace(ITEM, finding="公示栏写作\u300c日托\u300d", how_to_fix="重新公示。", clause="第15条")
    letter = correction(1, items=[item], round=2, cause="首次没有看到", approved_by="李四")
    shown = "".join(text for _, text in lines(pages_of(letter)[0]))
    assert "存在问题：公示栏写作“日托”。依据：第15条补正要求：重新公示。" in shown
    assert "再次告知的原因：首次没有看到。" in shown and "“日托”。" in render_html(letter)
