"""Letters as files: PDF/A with readable Chinese, literal text, the same bytes each time; and their HTML twin."""

from __future__ import annotations

import dataclasses
import html
import io
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pikepdf
import pytest
import segno
from letter_pdf import letter_text, page_texts
from letter_samples import COMMON, ITEM, every_letter, receipt

from casework.documents import glyphs
from casework.documents.content import content
from casework.documents.render import qr_svg, render_html, render_pdf, render_png
from casework.documents.sheet import Letter, LetterItem
from registry.documents import letters

HOSTILE = (
    '#panic("boom") $x^2$ \\u{41} *粗* _斜_ `码` <b>&amp;</b> @ref [x] {y} // 注 /* 注 */ ~ = 标题 '
    '#sys.inputs #read("/etc/passwd") {{ letter }} {% now "Y" %} "引" \'号\''
)


def opened(letter: Letter) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(render_pdf(letter)))


def bare(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def many_items(count: int) -> Letter:
    return letters.correction_letter(
        notice_no="320902BZ20260003",
        round=1,
        case_no="BA-1",
        items=[dataclasses.replace(ITEM, title=f"第{place}件材料") for place in range(1, count + 1)],
        due_on=date(2026, 12, 7),
        **COMMON,
    )


def test_a_receipt_is_an_archivable_pdf_of_one_page() -> None:
    pdf = opened(receipt(demo=True))
    metadata = pdf.Root.Metadata.read_bytes().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert ">托育机构备案回执<" in metadata
    assert str(pdf.Root.Lang) == "zh-CN"
    assert pdf.Root.MarkInfo.Marked and "/StructTreeRoot" in pdf.Root
    assert str(pdf.Root.OutputIntents[0].S) == "/GTS_PDFA1"
    assert len(pdf.pages) == 1
    fonts = [
        found
        for found in pdf.objects
        if isinstance(found, pikepdf.Dictionary) and found.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    for font in fonts:
        assert re.match(r"/[A-Z]{6}\+Noto(SerifSC|SansCJKsc)-", str(font.FontName)), "a subset of a packaged font"
        assert "/FontFile2" in font or "/FontFile3" in font
    (text,) = page_texts(pdf)
    for part in ("演示数据", "备案不是行政许可", "320902TY20260001", "91320902MA1TYC011T", "60个托位", "—1—"):
        assert part in text
    for part in ("2026年11月23日", "此处加盖电子印章", "电子印章服务尚未接入", "盐城市亭湖区卫生健康委员会"):
        assert part in text
    links = [str(note.A.URI) for note in pdf.pages[0].Annots]
    assert set(links) == {"https://portal.example/verify/320902TY20260001/?s=abc"}


def test_the_same_letter_gives_the_same_bytes() -> None:
    letter = many_items(3)
    first = render_pdf(letter)
    render_pdf(receipt())
    assert render_pdf(letter) == first
    assert str(opened(letter).docinfo.CreationDate) == "D:20261123040000Z"
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(render_pdf, [letter] * 8)) == {first}


def test_text_is_shown_literally_on_both() -> None:
    letter = receipt(institution_name=HOSTILE, address=HOSTILE, principal=HOSTILE)
    text = "".join(page_texts(opened(letter)))
    shown = render_html(letter)
    assert text.count(bare(HOSTILE)) == 4, "addressee, name, address, principal"
    assert html.unescape(shown).count(HOSTILE) == 4
    assert "<b>" not in shown.replace("<br>", "")


@pytest.mark.parametrize(
    ("name", "on_paper", "on_screen"),
    [
        ("小太阳😀托育", "小太阳〓托育", "小太阳😀托育"),
        ("𠮷祥䶮托育", "𠮷祥䶮托育", "𠮷祥䶮托育"),
        ("𪚥托育", "〓托育", "𪚥托育"),
        ("\u9fed\u4db5托育", "\u9fed\u4db5托育", "\u9fed\u4db5托育"),
        ("甲\u202e乙\u200b丙\u0007丁\u0000戊", "甲乙丙丁戊", "甲乙丙丁戊"),
        ("葛\U000e0100城", "葛城", "葛\U000e0100城"),
        ("\ud800托育\ue000", "〓托育〓", "\ufffd托育\ue000"),
        ("سلام ไทย", "〓〓〓〓〓〓〓", "سلام ไทย"),
        ("甲\u2028乙\r\n丙", "甲乙丙", "甲<br>乙<br>丙"),
    ],
)
def test_no_character_stops_a_letter(name: str, on_paper: str, on_screen: str) -> None:
    letter = receipt(institution_name=name)
    assert f"机构名称{on_paper}统一" in "".join(page_texts(opened(letter)))
    assert f"<dd>{on_screen}</dd>" in render_html(letter)
    assert render_html(letter).encode()


def test_the_printable_characters_are_those_of_the_font() -> None:
    with_glyph = "托育机构〔2019〕《》、。①㎡—“”A9é"
    assert all(glyphs.has_glyph(character) for character in with_glyph)
    assert not any(glyphs.has_glyph(character) for character in "😀\x00\ue000\uffff\U0010ffff")
    assert glyphs.drawable("x" * 24) == "x" * 24
    assert glyphs.drawable("x" * 25).count(glyphs.ZERO_WIDTH_SPACE) == 24


def test_forty_items_flow_over_pages() -> None:
    letter = many_items(40)
    pdf = opened(letter)
    pages = page_texts(pdf)
    assert 5 < len(pages) < 16
    text = "".join(pages)
    found = [text.index(bare(item["heading"])) for item in content(letter)["items"]]
    assert found == sorted(found)
    assert "四十、第40件材料" in text
    for place, page in enumerate(pages, start=1):
        assert f"—{place}—" in page
    long = receipt(address="w" * 500 + "长" * 500, institution_name="很长的名称" * 40)
    assert "".join(page_texts(opened(long))).count("w") == 500


def test_every_page_is_marked_as_demo_or_preview() -> None:
    plain = opened(many_items(6))
    marked = opened(dataclasses.replace(many_items(6), demo=True, preview=True))
    assert len(marked.pages) > 1
    for page in page_texts(marked):
        assert "演示数据" in page and "预览，未发出" in page
    assert not any("演示数据" in page or "预览" in page for page in page_texts(plain))
    shown = render_html(dataclasses.replace(many_items(1), demo=True, preview=True, number=""))
    assert "演示数据" in shown and "预览，未发出" in shown and "编号：发出时生成" in shown


@pytest.mark.parametrize("name", list(every_letter()))
def test_paper_and_screen_say_the_same(name: str) -> None:
    """The text of the sheet on the screen is the text of the PDF, in its order; every word of the content is in it."""
    letter = every_letter()[name]
    sheet = re.search(r"<article.*</article>", render_html(letter), re.DOTALL)
    on_screen = bare(html.unescape(re.sub(r"<[^>]+>", "", sheet[0] if sheet else "")))
    assert letter_text(opened(letter)) == on_screen
    marked = dataclasses.replace(letter, demo=True, preview=True)
    assert letter_text(opened(marked)) == on_screen, "what marks the page is no part of the letter"
    shown = content(letter)
    expected = [shown["authority"], shown["number"], shown["title"], shown["addressee"], *shown["paragraphs"]]
    expected += [text for row in shown["rows"] for text in row]
    for item in shown["items"]:
        expected += [item["heading"], *(text for line in item["lines"] for text in line)]
        expected += [text for point in item["points"] for text in point]
    expected += [*shown["closing"], *shown["attachments"], shown["signed_by"], shown["signed_on"]]
    expected += [shown["seal"], shown["qr_caption"], shown["note"]]
    at = 0
    for text in expected:
        at = on_screen.index(bare(text), at) + len(bare(text))
    assert at == len(on_screen)


def test_the_screen_twin_obeys_the_content_security_policy() -> None:
    shown = render_html(receipt())
    assert not re.search(r"style=|<style|<script|\son\w+=", shown)
    assert shown.count("<h2") == 1 and "<dl" in shown and 'class="qr"' in shown
    assert 'href="https://portal.example/verify/320902TY20260001/?s=abc"' in shown
    assert "<svg" not in render_html(many_items(1))


def test_the_qr_code_holds_the_address() -> None:
    url = "https://portal.example/verify/320902TY20260001/?s=AbCdEfGhIjKlMnOpQrStUv&x=<script>"
    svg = qr_svg(url)
    code = segno.make_qr(url, error="m", boost_error=False)
    assert _modules(svg) == [[bool(module) for module in row] for row in code.matrix_iter(border=4)]
    assert "script" not in svg and "style=" not in svg and 'role="img"' in svg


def _modules(svg: str) -> list[list[bool]]:
    """The squares of a QR drawing, read from its one path of horizontal strokes."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])  # type: ignore[index]  # the match is the point
    grid = [[False] * size for _ in range(size)]
    (path,) = re.findall(r'stroke="#000" d="([^"]+)"', svg)
    x, y = 0.0, 0.0
    for command, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?:[ ,]?(-?[\d.]+))?", path):
        if command == "h":
            for column in range(int(x), int(x) + int(first)):
                grid[int(y)][column] = True
            x += int(first)
        else:
            x, y = (float(first), float(second)) if command == "M" else (x + float(first), y + float(second))
    return grid


def test_a_warm_letter_is_quick() -> None:
    """The figure stands in the benchmark; this only catches a compiler made anew for each letter."""
    render_pdf(receipt())
    spent = []
    for place in range(5):
        letter = receipt(institution_name=f"第{place}家托育机构")
        start = time.perf_counter()
        render_pdf(letter)
        spent.append(time.perf_counter() - start)
    assert min(spent) < 0.15


def test_pages_as_pictures(tmp_path: Path) -> None:
    pages = render_png(many_items(6), ppi=40)
    assert len(pages) == len(opened(many_items(6)).pages)
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_an_empty_letter_still_renders() -> None:
    empty = dataclasses.replace(receipt(), paragraphs=(), rows=(), items=(LetterItem(""),), closing=(), qr_url="")
    assert len(opened(empty).pages) == 1
    assert "<dl" not in render_html(empty)
