"""One intake for files: what is honest gets in, everything hostile is refused with its code and a sentence that
helps.
"""

from __future__ import annotations

import io
import resource
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pikepdf
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from registry.rules.identity import make_id_number
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
    assert result.data == data
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
        assert read.mode == "RGBA"
        assert read.getpixel((0, 0))[3] == 0


def test_an_honest_workbook_and_csv() -> None:
    assert take("导入.xlsx", workbook(5_000), SHEETS).kind == "xlsx"
    for encoding, expected in (("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030")):
        result = take("导入.csv", "名称,地址\r\n小太阳,盐城市亭湖区\r\n".encode(encoding), SHEETS)
        assert (result.kind, result.encoding) == ("csv", expected)
    assert take("b.csv", b"MZ,BM\r\n1,2\r\n", SHEETS).kind == "csv"  # letters that are magic elsewhere


# ---- what does not: tests/security/hostile_files holds the attacks; here is what belongs to none ---------------------


def test_a_start_page_and_web_links_are_not_actions_that_harm() -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.Root["/OpenAction"] = pikepdf.Array([document.pages[0].obj, pikepdf.Name.Fit])
        jump = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com"))
        link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=jump)
        document.pages[0].Annots = pikepdf.Array([link])

    assert take("a.pdf", pdf(2, change)).pages == 2


def test_a_pdf_that_exhausts_its_limits_only_costs_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    import yancheng_childcare.files.pdfs as pdfs

    monkeypatch.setattr(pdfs, "LIMITS", replace(pdfs.LIMITS, seconds=0.001))
    assert code_of("a.pdf", pdf()) == "FILE-015"
    monkeypatch.undo()

    def wide(document: pikepdf.Pdf) -> None:
        document.Root["/Wide"] = pikepdf.Array([pikepdf.Dictionary(A=n) for n in range(210_000)])

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert code_of("a.pdf", pdf(1, wide)) == "FILE-015"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 15


@settings(deadline=None, max_examples=50)  # each table starts a child process
@given(st.binary(max_size=2_000), st.sampled_from(["a.pdf", "a.jpg", "a.png", "a.xlsx", "a.csv"]))
def test_any_bytes_get_an_answer(data: bytes, name: str) -> None:
    """Noise is no picture, document or workbook; as CSV it gets in exactly when it is text."""
    result = outcome(name, data, ("jpeg", "png", "xlsx", "csv"))
    if result == "csv":
        assert name.endswith(".csv") and is_text(data)
    else:
        assert result in FILE_CODES
        # A text is only refused as empty, or because it begins like another kind of file.
        other = {"FILE-001", "FILE-003", "FILE-004", "FILE-005", "FILE-006", "FILE-007"}
        assert not (name.endswith(".csv") and is_text(data)) or result in other


def is_text(data: bytes) -> bool:
    """UTF-8 or GB18030 without control characters, as any spreadsheet reads it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(
            unicodedata.category(letter) == "Cc" and letter not in "\t\r\n\x0b\x0c\x85" and ord(letter) < 128
            for letter in text
        ):
            return True
    return False


#: Made once: a workbook holds its hour and would be another one, of another length, in every example.
HONEST = [("a.jpg", picture()), ("a.png", picture("PNG")), ("a.xlsx", workbook())]


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_damaged_honest_files_never_crash(draw: Any) -> None:
    name, original = draw.draw(st.sampled_from(HONEST))
    damaged = bytearray(original)
    for _ in range(draw.draw(st.integers(1, 8))):
        damaged[draw.draw(st.integers(0, len(damaged) - 1))] = draw.draw(st.integers(0, 255))
    result = outcome(name, bytes(damaged), ("jpeg", "png", "xlsx"))
    if result in FILE_CODES:
        return
    assert result == detect(original)
    taken = take(name, bytes(damaged), ("jpeg", "png", "xlsx"))
    if taken.kind == "xlsx":
        assert set(zipfile.ZipFile(io.BytesIO(taken.data)).namelist()) >= {"xl/workbook.xml", "[Content_Types].xml"}
        return
    with Image.open(io.BytesIO(taken.data)) as kept:  # encoded anew: whole again, whatever was damaged
        kept.load()
        assert kept.format == ("JPEG" if taken.kind == "jpeg" else "PNG")


def test_a_scan_named_by_its_holders_identity_number_is_kept_under_a_name_without_it() -> None:
    number = make_id_number("320902", date(1985, 1, 1), 23)
    kept = take(f"健康证{number}.jpg", picture()).name
    assert number not in kept and kept == f"健康证{number[:3]}{'_' * 13}{number[-2:]}.jpg"


# ---- files as people have them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_photo_of_50_megapixels_is_taken_and_scaled(options: dict[str, Any]) -> None:
    taken = take("照片.jpg", picture(size=(8_160, 6_144), **options))
    with Image.open(io.BytesIO(taken.data)) as kept:
        assert kept.size == (4_080, 3_072)


def test_a_pdf_that_opens_without_a_password_is_taken() -> None:
    document, out = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    allow = pikepdf.Permissions(print_lowres=False, print_highres=False)
    document.save(out, encryption=pikepdf.Encryption(owner="owner", user="", allow=allow))
    assert take("章程.pdf", out.getvalue()).pages == 1


def test_a_workbook_with_a_password_is_named_so() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_016) + "EncryptedPackage".encode("utf-16-le")
    assert code_of("名册.xlsx", locked, SHEETS) == "FILE-031"
