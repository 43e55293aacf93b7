"""What a file is, by its first bytes. The name is only compared with that, never believed."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A file format we can take: its word on screen, type for HTTP, and the extensions that go with it."""

    word: str
    content_type: str
    extensions: tuple[str, ...]


KINDS: dict[str, Kind] = {
    "pdf": Kind("PDF", "application/pdf", ("pdf",)),
    "jpeg": Kind("JPG 图片", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif")),
    "png": Kind("PNG 图片", "image/png", ("png",)),
    "xlsx": Kind("xlsx 表格", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
    "csv": Kind("csv 表格", "text/csv; charset=utf-8", ("csv", "txt")),
}

# What we recognise only to say clearly why it is refused.
OTHER_WORDS: dict[str, str] = {
    "gif": "GIF 图片",
    "webp": "WebP 图片",
    "bmp": "BMP 图片",
    "tiff": "TIFF 图片",
    "office97": "旧版 Office 文件（doc、xls）",
    "locked": "有打开密码的 Office 文件",
    "xlsm": "带宏的表格（xlsm）",
    "docx": "Word 文档",
    "zip": "压缩包",
    "archive": "压缩包",
    "text": "文本文件",
    "unknown": "无法识别的文件",
}

# A modern Office file with a password lies encrypted in the container that the old formats used (MS-OFFCRYPTO 1.3).
_LOCKED = "EncryptedPackage".encode("utf-16-le")

#: Twenty megabytes have room for 400,000 directory entries, which would be 200 MB of objects.
MAX_LISTED = 5_000

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office97"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
    (b"#!", "program"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"PK\x05\x06", "archive"),
)
_MARKUP = (
    b"<!doctype",
    b"<html",
    b"<svg",
    b"<?xml",
    b"<script",
    b"<head",
    b"<body",
    b"<?php",
    b"<!--",
    b"<iframe",
    b"<img",
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"heif", b"avif", b"avis"}


def detect(data: bytes) -> str:
    """The kind by content: a key of KINDS or OTHER_WORDS, or "heic", "program", "markup", "locked" (asks for a
    password), "shifted" (magic not at offset 0).
    """
    start = data[:1024]
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS:
        return "heic"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "webp"
    if start[:4] == b"PK\x03\x04":
        return _zip_kind(data)
    # without NULs, so that a page in UTF-16 is known as one
    text_start = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n\x0b\x0c").lower()
    if text_start.startswith(_MARKUP):
        return "markup"
    for magic, kind in _MAGIC:
        # two letters are too weak to tell a bitmap or a program from a text file
        if start.startswith(magic) and not (len(magic) == 2 and magic.isalpha() and _is_texty(start)):
            return "locked" if kind == "office97" and _LOCKED in data else kind
    if any(start.find(magic) > 0 for magic in (b"%PDF-", b"\x89PNG\r\n\x1a\n")) or start.find(b"\xff\xd8\xff\xe0") > 0:
        return "shifted"
    return "text" if _is_texty(start) else "unknown"


def _is_texty(start: bytes) -> bool:
    """No control bytes other than blanks: could be UTF-8 or GB18030 text."""
    return bool(start) and not any(byte < 32 and byte not in b"\t\r\n\x0b\x0c" for byte in start)


def has_few_members(data: bytes) -> bool:
    """Whether a ZIP in these bytes lists at most MAX_LISTED members: `zipfile` makes an object of each on opening."""
    return data.count(b"PK\x01\x02") <= MAX_LISTED


def _zip_kind(data: bytes) -> str:
    if not has_few_members(data):
        return "zip"
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return "zip"
    if "[Content_Types].xml" not in names:
        return "zip"
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return "xlsm"
    if any(name.startswith("word/") for name in names):
        return "docx"
    return "xlsx" if "xl/workbook.xml" in names else "zip"


def word_of(kind: str) -> str:
    """The Chinese word for a detected kind."""
    return KINDS[kind].word if kind in KINDS else OTHER_WORDS.get(kind, OTHER_WORDS["unknown"])
