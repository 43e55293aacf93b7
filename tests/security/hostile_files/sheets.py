"""Import files: bombs, macros, other files inside, text that is none."""

from __future__ import annotations

import struct

from yancheng_childcare.files.intake import SHEETS as KINDS

from .kinds import HostileFile
from .makers import EXE, MEGABYTE, SCRIPT, office, pdf, workbook

LAUGHS = b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 50 + b'"><!ENTITY d "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&d;</a>'


def lying() -> bytes:
    """A directory that claims 100 bytes for 3 MB."""
    data = bytearray(workbook({"xl/big.xml": b"<a>" + b" " * 3_000_000}))
    entry = data.rindex(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    return bytes(data)


def locked() -> bytes:
    """The container a workbook with a password lies in, as far as the door looks (MS-OFFCRYPTO 1.3)."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_016) + "EncryptedPackage".encode("utf-16-le") + bytes(480)


def sheet(name: str, filename: str, build: object, tries: str, expect: str) -> HostileFile:
    """An entry for the door of import files."""
    return HostileFile(name, filename, build, tries, expect, allowed=KINDS)  # type: ignore[arg-type]


def book(name: str, member: str, content: bytes, tries: str, expect: str, filename: str = "名册.xlsx") -> HostileFile:
    """A workbook with one member too many."""
    return sheet(name, filename, lambda: workbook({member: content}), tries, expect)


SHEETS = [
    sheet("xlsx-password", "名册.xlsx", locked, "asks for a password", "FILE-031"),
    sheet(
        "xlsx-bomb", "名册.xlsx", lambda: workbook({"xl/a.xml": b"\0" * 210 * MEGABYTE}), "210 MB in 210 kB", "FILE-016"
    ),
    sheet(
        "xlsx-ratio", "名册.xlsx", lambda: workbook({"xl/a.xml": b"\0" * 9 * MEGABYTE}), "packed 1,000 ×", "FILE-016"
    ),
    sheet("xlsx-lying", "名册.xlsx", lying, "directory claims less than there is", "FILE-016"),
    sheet(
        "xlsx-1000-members",
        "名册.xlsx",
        lambda: workbook({f"xl/{number}.xml": b"x" for number in range(1_000)}),
        "more than 1,000 members",
        "FILE-016",
    ),
    book("xlsx-macro", "xl/vbaProject.bin", b"x", "macro in a plain workbook", "FILE-017"),
    book("xlsm-macro", "xl/vbaProject.bin", b"x", "workbook with macros", "FILE-017", "名册.xlsm"),
    book("xlsx-embedded", "xl/embeddings/a.docx", office("word"), "document inside", "FILE-017"),
    book("xlsx-nested", "xl/inner.zip", b"x", "archive inside", "FILE-017"),
    book("xlsx-nested-renamed", "xl/media/a.png", workbook(), "archive inside, renamed", "FILE-017"),
    book("xlsx-activex", "xl/activeX/a.bin", EXE, "control inside", "FILE-017"),
    book("xlsx-zip-slip", "../../a.xml", b"x", "member outside of the folder", "FILE-018"),
    book("xlsx-entities", "xl/x.xml", LAUGHS, "entities that multiply", "FILE-018"),
    sheet("xlsx-truncated", "名册.xlsx", lambda: workbook()[:600], "cut off", "FILE-003"),
    sheet("xlsx-text", "名册.xlsx", lambda: b"name,address\r\n", "text renamed", "FILE-003"),
    sheet("xlsx-exe", "名册.xlsx", lambda: EXE, "program renamed", "FILE-005"),
    sheet("xls", "名册.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old workbook", "FILE-004"),
    sheet("docx", "名册.docx", lambda: office("word"), "document instead of a table", "FILE-004"),
    sheet("pdf-as-sheet", "名册.pdf", pdf, "PDF instead of a table", "FILE-004"),
    sheet("csv-workbook", "名册.csv", workbook, "workbook renamed", "FILE-003"),
    sheet("csv-page", "名册.csv", lambda: SCRIPT, "page renamed", "FILE-005"),
    sheet("csv-bytes", "名册.csv", lambda: b"a,b\xff\xff\xff\xff\r\n", "no encoding", "FILE-019"),
    sheet("csv-utf16", "名册.csv", lambda: "名称,地址".encode("utf-16"), "UTF-16", "FILE-019"),
    sheet("csv-terminal", "名册.csv", lambda: b"a,b\x1b[31m\r\n", "commands for a terminal", "FILE-019"),
    sheet("csv-nul", "名册.csv", lambda: b"a,b\0\r\n", "NUL character", "FILE-020"),
]
