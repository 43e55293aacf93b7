"""One intake for files: what is honest gets in, everything hostile is refused with its code and a sentence that
helps.
"""

from __future__ import annotations

import hashlib
import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from yancheng_childcare.files import SHEETS, intake
from yancheng_childcare.files.codes import FILE_CODES
from yancheng_childcare.files.intake import IntakeResult
from yancheng_childcare.files.kinds import detect
from yancheng_childcare.problems import Rejected


def take(name: str, data: bytes, allowed: tuple[str, ...] = ("pdf", "jpeg", "png")) -> IntakeResult:
    return intake(SimpleUploadedFile(name, data), purpose="test", allowed=allowed)


def code_of(name: str, data: bytes, allowed: tuple[str, ...] = ("pdf", "jpeg", "png")) -> str:
    with pytest.raises(Rejected) as caught:
        take(name, data, allowed)
    [problem] = caught.value.problems
    assert problem.field == "file"
    assert problem.code in FILE_CODES
    assert problem.message.endswith("。")
    assert "{" not in problem.message
    return problem.code


def outcome(name: str, data: bytes, allowed: tuple[str, ...]) -> str:
    """The kind of a file that got in, else the code it was refused with; any other exception fails the test."""
    try:
        return take(name, data, allowed).kind
    except Rejected as refused:
        return refused.code


# ---- makers ------------------------------------------------------------------------------------------------


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, form, **options)
    return out.getvalue()


def pdf(pages: int = 1, change: Callable[[pikepdf.Pdf], object] | None = None, **options: Any) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(200, 200))
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def workbook(rows: int = 3, **options: Any) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    sheet = book.add_worksheet()
    for row in range(rows):
        sheet.write_row(row, 0, [f"盐城{row}", row])
    book.close()
    return out.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, content)
    return out.getvalue()


# ---- what gets in --------------------------------------------------------------------------------------------


def test_an_honest_pdf() -> None:
    data = pdf(3)
    result = take("营业执照.pdf", data)
    assert (result.kind, result.content_type, result.pages) == ("pdf", "application/pdf", 3)
    assert result.data == data
    assert result.size == len(data)
    assert result.sha256 == hashlib.sha256(data).hexdigest()
    assert result.name == "营业执照.pdf"
    assert result.scan_state == "CLEAN"
    assert "data" not in repr(result)


@pytest.mark.parametrize(
    ("form", "mode"),
    [("JPEG", mode) for mode in ("RGB", "L", "CMYK", "1")]
    + [("PNG", mode) for mode in ("RGB", "L", "LA", "P", "RGBA", "1", "I;16")],
)
def test_pictures_of_every_mode(form: str, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (40, 30)).save(out, form)
    result = take("现场.JPG" if form == "JPEG" else "现场.png", out.getvalue())
    with Image.open(io.BytesIO(result.data)) as read:
        assert read.size == (40, 30)
        assert read.format == form
    assert result.kind == form.lower()
    assert result.size == len(result.data)


def test_a_photo_loses_its_place_but_not_its_orientation() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010E] = "canary-description"
    exif.get_ifd(0x8825)[2] = (33.0, 23.0, 1.0)  # GPS latitude
    result = take("a.jpg", picture(exif=exif, comment=b"canary-comment") + b"canary-tail<script>alert(1)</script>")
    with Image.open(io.BytesIO(result.data)) as read:
        assert read.size == (48, 64)
        assert not dict(read.getexif())
    assert b"canary" not in result.data
    assert b"Exif" not in result.data
    assert b"<script" not in result.data


def test_a_png_loses_text_and_exif_chunks_and_keeps_transparency() -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Comment", "canary-text")
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "PNG", pnginfo=text, exif=b"Exif\0\0canary-exif", transparency=0)
    result = take("a.png", out.getvalue() + b"PK\x03\x04canary-zip")
    assert b"canary" not in result.data
    with Image.open(io.BytesIO(result.data)) as read:
        assert read.info.get("transparency") is not None


def test_an_honest_workbook_and_csv() -> None:
    assert take("导入.xlsx", workbook(5_000), SHEETS).kind == "xlsx"
    for encoding, expected in (("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030")):
        result = take("导入.csv", "名称,地址\r\n小太阳,盐城市亭湖区\r\n".encode(encoding), SHEETS)
        assert (result.kind, result.encoding) == ("csv", expected)
    assert take("b.csv", b"MZ,BM\r\n1,2\r\n", SHEETS).kind == "csv"  # letters that are magic elsewhere


# ---- what does not --------------------------------------------------------------------------------------------

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("a.pdf", lambda: b"", "FILE-001"),
        ("a.pdf", lambda: pdf() + b"\0" * (20 * 1024 * 1024), "FILE-002"),
        ("a.pdf", lambda: picture(), "FILE-003"),
        ("a.jpg", lambda: picture("PNG"), "FILE-003"),
        ("a", lambda: picture(), "FILE-003"),
        ("a.exe", lambda: picture(), "FILE-003"),
        ("a.pdf.html", lambda: pdf(), "FILE-003"),
        ("a.gif", lambda: picture("GIF"), "FILE-004"),
        ("a.webp", lambda: picture("WEBP"), "FILE-004"),
        ("a.xlsx", workbook, "FILE-004"),
        ("a.txt", lambda: "说明".encode(), "FILE-004"),
        ("a.bin", lambda: bytes(range(256)), "FILE-004"),
        ("a.zip", lambda: with_member(b"", "a.txt", b"x"), "FILE-004"),
        ("a.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "FILE-004"),
        ("a.svg", lambda: SVG, "FILE-005"),
        ("a.png", lambda: SVG, "FILE-005"),
        ("a.pdf", lambda: b"\xef\xbb\xbf \n<!DOCTYPE html><script>1</script>", "FILE-005"),
        ("a.jpg", lambda: b"<HTML><body>", "FILE-005"),
        ("a.pdf", lambda: b"<!-- -->%PDF-1.7", "FILE-005"),
        ("a.pdf", lambda: b"MZ\x90\0" + b"\0" * 100, "FILE-005"),
        ("a.pdf", lambda: b"\x7fELF" + b"\0" * 100, "FILE-005"),
        ("a.pdf", lambda: b"#!/bin/sh\n\0", "FILE-005"),
        ("a.pdf", lambda: b"\n" + pdf(), "FILE-006"),
        ("a.pdf", lambda: b"x" * 900 + pdf(), "FILE-006"),
        ("a.png", lambda: b"x" + picture("PNG"), "FILE-006"),
        ("a.heic", lambda: HEIC, "FILE-007"),
        ("a.jpg", lambda: HEIC, "FILE-007"),
        ("a.png", lambda: picture("PNG", (6_000, 5_000), "1"), "FILE-008"),
        ("a.jpg", lambda: picture()[:400], "FILE-009"),
        ("a.jpg", lambda: b"\xff\xd8\xff" + b"\0" * 50, "FILE-009"),
        ("a.png", lambda: picture("PNG")[:40] + b"\0" * 60, "FILE-009"),
        ("a.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "FILE-010"),
        ("a.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="")), "FILE-010"),
        ("a.pdf", lambda: pdf(201), "FILE-011"),
        ("a.pdf", lambda: b"%PDF-1.7 nothing more", "FILE-013"),
        ("a.pdf", lambda: b"%PDF-1.7\nrubbish\n%%EOF", "FILE-013"),
        ("a.pdf", lambda: pdf()[:200] + b"\n%%EOF\n", "FILE-013"),
        ("a.pdf", lambda: pdf(0), "FILE-013"),
        ("a.pdf", lambda: pdf() + with_member(b"", "a.txt", b"x"), "FILE-014"),
        ("a.pdf", lambda: pdf() + with_member(b"", "a.txt", b"x") + b"\n%%EOF\n", "FILE-014"),
        ("a.pdf", lambda: pdf() + b"<html><script>alert(1)</script>", "FILE-014"),
        ("a.pdf", lambda: pdf() + b"\0" * 2_000, "FILE-014"),
    ],
)
def test_refused_documents(name: str, make: Callable[[], bytes], code: str) -> None:
    assert code_of(name, make()) == code


def _root(key: str, value: Callable[[pikepdf.Pdf], Any]) -> Callable[[pikepdf.Pdf], object]:
    def change(document: pikepdf.Pdf) -> None:
        document.Root[key] = value(document)

    return change


def _script(_document: Any = None) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def _launch(_document: Any = None) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))


def _attach(document: pikepdf.Pdf) -> None:
    document.attachments["a.exe"] = pikepdf.AttachedFileSpec(document, b"MZ", filename="a.exe")


def _annotate(action: Callable[[], Any]) -> Callable[[pikepdf.Pdf], object]:
    def change(document: pikepdf.Pdf) -> None:
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action())
        document.pages[0].Annots = pikepdf.Array([link])

    return change


def _page_action(document: pikepdf.Pdf) -> None:
    document.pages[0]["/AA"] = pikepdf.Dictionary(O=_script())


def _chained(document: pikepdf.Pdf) -> None:
    document.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.String("a"), Next=_launch())


ACTIVE = {
    "script at opening": _root("/OpenAction", _script),
    "launch at opening": _root("/OpenAction", _launch),
    "indirect": _root("/OpenAction", lambda d: d.make_indirect(_script())),
    "behind a jump": _chained,
    "named scripts": _root("/Names", lambda d: pikepdf.Dictionary(JavaScript=pikepdf.Dictionary())),
    "launch link": _annotate(_launch),
    "script link": _annotate(_script),
    "page action": _page_action,
    "document action": _root("/AA", lambda d: pikepdf.Dictionary(WC=_script())),
    "attachment": _attach,
    "form with XFA": _root("/AcroForm", lambda d: pikepdf.Dictionary(XFA=pikepdf.String("x"))),
}


@pytest.mark.parametrize("how", ACTIVE)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "object-streams"])
def test_active_pdfs(how: str, packed: bool) -> None:
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    assert code_of("a.pdf", pdf(1, ACTIVE[how], object_stream_mode=mode)) == "FILE-012"


def test_a_start_page_and_web_links_are_not_actions_that_harm() -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.Root["/OpenAction"] = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])
        _annotate(lambda: pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com")))(document)

    assert take("a.pdf", pdf(2, change)).pages == 2


def test_a_pdf_that_exhausts_its_limits_only_costs_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    import yancheng_childcare.files.pdfs as pdfs

    monkeypatch.setattr(pdfs, "TIMEOUT_SECONDS", 0.001)
    assert code_of("a.pdf", pdf()) == "FILE-015"
    monkeypatch.undo()

    def wide(document: pikepdf.Pdf) -> None:
        document.Root["/Wide"] = pikepdf.Array([pikepdf.Dictionary(A=n) for n in range(210_000)])

    started = time.perf_counter()
    assert code_of("a.pdf", pdf(1, wide)) == "FILE-015"
    assert time.perf_counter() - started < 15


def test_many_pages_and_deep_nesting_are_refused_in_reasonable_time() -> None:
    started = time.perf_counter()
    assert code_of("a.pdf", pdf(5_000)) == "FILE-011"
    assert time.perf_counter() - started < 10

    def deep(document: pikepdf.Pdf) -> None:
        value: Any = pikepdf.Array([])
        for _ in range(100):
            value = pikepdf.Array([value])
        document.Root["/Deep"] = value

    assert code_of("a.pdf", pdf(1, deep)) in {"FILE-015", "FILE-013"}


def test_a_picture_bomb_is_refused_from_its_header() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack("!IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0))
    bomb += chunk(b"IDAT", zlib.compress(b"\0" * 30_000 * 3_751, 9)) + chunk(b"IEND", b"")
    started = time.perf_counter()
    assert code_of("a.png", bomb) == "FILE-008"
    assert time.perf_counter() - started < 0.5


# ---- import files ---------------------------------------------------------------------------------------------


def _lying() -> bytes:
    """A workbook whose directory claims a small size for a large member."""
    data = bytearray(with_member(workbook(), "xl/big.xml", b"<a>" + b" " * 3_000_000))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("a.xlsx", lambda: with_member(workbook(), "xl/bomb.xml", b"\0" * 60_000_000), "FILE-016"),
        ("a.xlsx", lambda: with_member(workbook(), "xl/bomb.xml", b"\0" * 9_000_000), "FILE-016"),
        ("a.xlsx", _lying, "FILE-016"),
        ("a.xlsx", lambda: with_member(workbook(), "xl/vbaProject.bin", b"x"), "FILE-017"),
        ("a.xlsm", lambda: with_member(workbook(), "xl/vbaProject.bin", b"x"), "FILE-017"),
        ("a.xlsx", lambda: with_member(workbook(), "xl/embeddings/a.docx", b"x"), "FILE-017"),
        ("a.xlsx", lambda: with_member(workbook(), "xl/inner.zip", b"x"), "FILE-017"),
        ("a.xlsx", lambda: with_member(workbook(), "xl/media/a.png", workbook()), "FILE-017"),
        ("a.xlsx", lambda: with_member(workbook(), "../../a.xml", b"x"), "FILE-018"),
        ("a.xlsx", lambda: with_member(workbook(), "xl/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]>'), "FILE-018"),
        ("a.xlsx", lambda: workbook()[:600], "FILE-003"),
        ("a.xlsx", lambda: b"name,address\r\n", "FILE-003"),
        ("a.csv", workbook, "FILE-003"),
        ("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "FILE-004"),
        ("a.docx", lambda: with_member(with_member(b"", "[Content_Types].xml", b"x"), "word/a.xml", b"x"), "FILE-004"),
        ("a.csv", lambda: b"a,b\xff\xff\xff\xff\r\n", "FILE-019"),
        ("a.csv", lambda: "名称,地址".encode("utf-16"), "FILE-019"),
        ("a.csv", lambda: b"a,b\x1b[31m\r\n", "FILE-019"),
        ("a.csv", lambda: b"a,b\0\r\n", "FILE-020"),
        ("a.csv", lambda: b"<html><script>1</script>", "FILE-005"),
        ("a.pdf", pdf, "FILE-004"),
    ],
)
def test_refused_sheets(name: str, make: Callable[[], bytes], code: str) -> None:
    assert code_of(name, make(), SHEETS) == code


def test_too_many_members() -> None:
    out = io.BytesIO(workbook())
    with zipfile.ZipFile(out, "a") as book:
        for n in range(1_000):
            book.writestr(f"xl/{n}.xml", b"x")
    assert code_of("a.xlsx", out.getvalue(), SHEETS) == "FILE-016"


@given(st.binary(max_size=2_000), st.sampled_from(["a.pdf", "a.jpg", "a.png", "a.xlsx", "a.csv"]))
def test_any_bytes_get_an_answer(data: bytes, name: str) -> None:
    assert outcome(name, data, ("jpeg", "png", "xlsx", "csv")) in {*FILE_CODES, "csv"}


@given(st.data())
def test_damaged_honest_files_never_crash(draw: Any) -> None:
    name, original = draw.draw(
        st.sampled_from([("a.jpg", picture()), ("a.png", picture("PNG")), ("a.xlsx", workbook())])
    )
    damaged = bytearray(original)
    for _ in range(draw.draw(st.integers(1, 8))):
        damaged[draw.draw(st.integers(0, len(damaged) - 1))] = draw.draw(st.integers(0, 255))
    assert outcome(name, bytes(damaged), ("jpeg", "png", "xlsx")) in {*FILE_CODES, detect(original)}
