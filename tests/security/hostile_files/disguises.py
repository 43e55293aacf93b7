"""Files that are not what their name says: programs, pages, archives, other formats."""

from __future__ import annotations

import functools

from .kinds import HostileFile
from .makers import EICAR, ELF, EXE, MEGABYTE, SCRIPT, archive, jpeg_with, office, pdf, picture, raw_pdf, workbook

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@functools.cache
def zip_bomb() -> bytes:
    """60 MB of zeros in 60 kB."""
    return archive({"a.xml": b"\0" * 60 * MEGABYTE})


def nested() -> bytes:
    """An archive in an archive in an archive."""
    data = archive({"a.txt": b"\0" * MEGABYTE})
    for level in range(5):
        data = archive({f"{level}-{copy}.zip": data for copy in range(10)})
    return data


DISGUISES = [
    HostileFile("zero-bytes", "执照.pdf", bytes, "nothing at all", "FILE-001"),
    HostileFile("zero-bytes-picture", "照片.jpg", bytes, "nothing at all, as a picture", "FILE-001"),
    HostileFile("blanks", "执照.pdf", lambda: b" \r\n" * 2_000, "blanks only", "FILE-003"),
    HostileFile("nul-bytes", "执照.pdf", lambda: b"\0" * 4_096, "NUL bytes only", "FILE-003"),
    HostileFile("pdf-21-mb", "图纸.pdf", lambda: raw_pdf() + b"\0" * 21 * MEGABYTE, "too large", "FILE-002"),
    HostileFile("jpg-21-mb", "照片.jpg", lambda: picture() + b"\0" * 21 * MEGABYTE, "too large", "FILE-002"),
    HostileFile(
        "one-byte-too-many",
        "照片.png",
        lambda: picture("PNG").ljust(20 * MEGABYTE + 1, b"\0"),
        "one byte over the limit",
        "FILE-002",
    ),
    HostileFile("exe-as-pdf", "执照.pdf", lambda: EXE, "Windows program renamed", "FILE-005"),
    HostileFile("exe-double-extension", "执照.pdf.exe", lambda: EXE, "program with two extensions", "FILE-005"),
    HostileFile("exe-before-pdf", "执照.pdf", lambda: EXE + raw_pdf(), "program, a valid PDF behind it", "FILE-005"),
    HostileFile("elf-as-jpg", "照片.jpg", lambda: ELF, "Linux program renamed", "FILE-005"),
    HostileFile("mach-o-as-png", "照片.png", lambda: b"\xcf\xfa\xed\xfe" + b"\0" * 90, "macOS program", "FILE-005"),
    HostileFile("class-as-png", "照片.png", lambda: b"\xca\xfe\xba\xbe\0\0\0\x37", "Java class renamed", "FILE-005"),
    HostileFile("shell-as-pdf", "执照.pdf", lambda: b"#!/bin/sh\nrm -rf /\n", "shell script renamed", "FILE-005"),
    HostileFile("script-as-pdf", "执照.pdf", lambda: b"WScript.Echo(1);\r\n", "JScript renamed", "FILE-003"),
    HostileFile(
        "shortcut-as-pdf", "执照.pdf", lambda: b"L\0\0\0\x01\x14\x02\0" + b"\0" * 90, "Windows .lnk", "FILE-003"
    ),
    HostileFile("wasm-as-jpg", "照片.jpg", lambda: b"\0asm\x01\0\0\0", "WebAssembly renamed", "FILE-003"),
    HostileFile("html-as-pdf", "执照.pdf", lambda: b"<!DOCTYPE html>" + SCRIPT, "page with script", "FILE-005"),
    HostileFile(
        "html-after-bom", "执照.jpg", lambda: b"\xef\xbb\xbf \r\n" + SCRIPT, "page behind a BOM and blanks", "FILE-005"
    ),
    HostileFile(
        "html-utf16",
        "执照.pdf",
        lambda: "<html><script>".encode("utf-16"),
        "page in UTF-16 (starts with a BOM)",
        "FILE-005",
    ),
    HostileFile("php-as-jpg", "照片.jpg", lambda: b"<?php phpinfo();", "PHP renamed", "FILE-005"),
    HostileFile("mhtml-as-pdf", "执照.pdf", lambda: b"MIME-Version: 1.0\r\n\r\n" + SCRIPT, "web archive", "FILE-003"),
    HostileFile("rtf-as-pdf", "执照.pdf", lambda: b"{\\rtf1\\object\\objdata 01}", "RTF with an object", "FILE-003"),
    HostileFile("svg", "图标.svg", lambda: SVG, "SVG with script", "FILE-005"),
    HostileFile("svg-as-png", "图标.png", lambda: SVG, "SVG with script renamed", "FILE-005"),
    HostileFile("svg-as-jpg", "图标.jpg", lambda: SVG[21:], "SVG without declaration renamed", "FILE-005"),
    HostileFile(
        "pdf-in-html-comment",
        "执照.pdf",
        lambda: b"<!-- " + raw_pdf() + b" -->" + SCRIPT,
        "PDF header inside an HTML comment",
        "FILE-005",
    ),
    HostileFile("jpg-as-png", "照片.png", picture, "wrong extension", "FILE-003"),
    HostileFile("png-as-jpg", "照片.jpg", lambda: picture("PNG"), "wrong extension", "FILE-003"),
    HostileFile("jpg-as-pdf", "执照.pdf", lambda: jpeg_with((0xFE, b"%PDF-1.7")), "JPEG that names PDF", "FILE-003"),
    HostileFile("no-extension", "照片", picture, "no extension", "FILE-003"),
    HostileFile("pdf-as-html", "执照.html", pdf, "PDF to be opened as a page", "FILE-003"),
    HostileFile("heic", "照片.heic", lambda: HEIC, "iPhone photo", "FILE-007"),
    HostileFile("heic-as-jpg", "照片.jpg", lambda: HEIC, "iPhone photo renamed", "FILE-007"),
    HostileFile("webp-as-png", "照片.png", lambda: picture("WEBP"), "WebP renamed", "FILE-003"),
    HostileFile("tiff-as-jpg", "照片.jpg", lambda: picture("TIFF"), "TIFF renamed", "FILE-003"),
    HostileFile("gif", "照片.gif", lambda: picture("GIF"), "GIF", "FILE-004"),
    HostileFile("bmp-as-jpg", "照片.jpg", lambda: picture("BMP"), "BMP renamed", "FILE-003"),
    HostileFile("unknown-bytes", "资料.bin", lambda: bytes(range(256)), "no format at all", "FILE-004"),
    HostileFile("text", "说明.txt", lambda: "说明".encode(), "plain text", "FILE-004"),
    HostileFile("docx-as-pdf", "章程.pdf", lambda: office("word"), "Word document renamed", "FILE-003"),
    HostileFile("doc", "章程.doc", lambda: OLE, "old Office file (macros cannot be seen)", "FILE-004"),
    HostileFile("doc-as-pdf", "章程.pdf", lambda: OLE, "old Office file renamed", "FILE-003"),
    HostileFile("xlsx-as-document", "名册.xlsx", workbook, "workbook where a document is wanted", "FILE-004"),
    HostileFile(
        "xlsm",
        "名册.xlsm",
        lambda: workbook({"xl/vbaProject.bin": b"x"}),
        "workbook with macros as document",
        "FILE-004",
    ),
    HostileFile("rar", "材料.rar", lambda: b"Rar!\x1a\x07\x01\0" + b"\0" * 50, "archive", "FILE-004"),
    HostileFile("7z-as-jpg", "材料.jpg", lambda: b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 50, "archive renamed", "FILE-003"),
    HostileFile("gzip-as-pdf", "材料.pdf", lambda: b"\x1f\x8b\x08\0" + b"\0" * 50, "archive renamed", "FILE-003"),
    HostileFile("zip", "材料.zip", lambda: archive({"a.exe": EXE}), "archive with a program", "FILE-004"),
    HostileFile("zip-bomb-as-pdf", "材料.pdf", zip_bomb, "60 MB in 60 kB, renamed", "FILE-003"),
    HostileFile("zip-nested", "材料.zip", nested, "archives in archives, 100 GB in all", "FILE-004"),
    HostileFile("eicar-text", "eicar.com", lambda: EICAR, "EICAR test string (no scanner needed)", "FILE-004"),
    HostileFile("eicar-as-pdf", "执照.pdf", lambda: EICAR, "EICAR test string renamed (no scanner)", "FILE-003"),
    HostileFile(
        "eicar-behind-jpg",
        "照片.jpg",
        lambda: picture() + EICAR,
        "EICAR behind a photo, scanner on",
        "FILE-021",
        scanned=True,
    ),
    HostileFile(
        "eicar-in-pdf",
        "执照.pdf",
        lambda: raw_pdf(header=b"%PDF-1.7\n%" + EICAR + b"\n"),
        "EICAR inside a PDF, scanner on",
        "FILE-021",
        scanned=True,
    ),
]
