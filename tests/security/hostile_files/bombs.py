"""Tables that are small to send and huge to read: what a reader makes of them must cost a child, never the worker."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from .makers import MEGABYTE, archive

HEADER = ["姓名", "身份证号", "岗位", "上岗日期"]
_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'


def book(
    rows: bytes,
    *,
    strings: bytes = b"",
    styles: bytes = b"",
    after: bytes = b"",
    sheet: str = "worksheets/sheet1.xml",
    more: dict[str, bytes] | None = None,
) -> bytes:
    """A workbook from raw XML: `rows` inside sheetData, `strings` the items of the shared strings."""
    relations = [
        (1, b"worksheet", sheet.encode()),
        (2, b"sharedStrings", b"sharedStrings.xml"),
        (3, b"styles", b"styles.xml"),
    ]
    return archive(
        {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _RELATIONS
            + b'<Relationship Id="r1" Type="%b/officeDocument" Target="xl/workbook.xml"/></Relationships>' % _OFFICE,
            "xl/workbook.xml": b'<workbook %b xmlns:r="%b"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
            b"</workbook>" % (_MAIN, _OFFICE),
            "xl/_rels/workbook.xml.rels": _RELATIONS
            + b"".join(
                b'<Relationship Id="r%d" Type="%b/%b" Target="%b"/>' % (number, _OFFICE, kind, target)
                for number, kind, target in relations
            )
            + b"</Relationships>",
            f"xl/{sheet}": padded(b"<worksheet %b><sheetData>%b</sheetData>%b</worksheet>" % (_MAIN, rows, after)),
            "xl/sharedStrings.xml": padded(b"<sst %b>%b</sst>" % (_MAIN, strings)),
            "xl/styles.xml": padded(b"<styleSheet %b>%b</styleSheet>" % (_MAIN, styles)),
            **(more or {}),
        }
    )


def padded(xml: bytes) -> bytes:
    """With so many comments of chance behind it that no packing ratio over 100 gives a large part away."""
    if len(xml) < MEGABYTE:
        return xml
    source = random.Random(1)  # noqa: S311  # the same bytes at every run, no secret
    return xml + b"".join(b"<!--%x-->" % source.getrandbits(4_000) for _ in range(len(xml) // 40_000))


def inline(line: int, texts: Iterable[str]) -> bytes:
    """A row of texts that stand in the sheet itself."""
    cells = b"".join(b'<c t="inlineStr"><is><t>%b</t></is></c>' % text.encode() for text in texts)
    return b'<row r="%d">%b</row>' % (line, cells)


HEAD = inline(1, HEADER)


def shared(length: int, rows: int, columns: int) -> bytes:
    """One string, and cells that all point to it."""
    cells = b'<c t="s"><v>0</v></c>' * columns
    body = b"".join(b"<row>%b</row>" % cells for _ in range(rows))
    return book(HEAD + body, strings=b"<si><t>%b</t></si>" % (b"a" * length))


def worded(size: int, seed: int) -> str:
    """Text that packs about thirty to one, so that no ratio gives it away."""
    source = random.Random(seed)  # noqa: S311  # the same bytes at every run, no secret
    return "".join(f"{source.getrandbits(64):016x}" * 40 for _ in range(size // 640))[:size]


def inline_rows() -> bytes:
    """4,800 cells of 32,000 characters that all stand in the sheet: 150 MB."""
    return book(HEAD + b"".join(inline(n, [worded(32_000, n)] * 4) for n in range(2, 1_202)))


def many_members() -> bytes:
    """A directory of 300,000 members without content."""
    entry = b"PK\x01\x02" + b"\0" * 24 + (1).to_bytes(2, "little") + b"\0" * 16 + b"a"
    start = archive({"[Content_Types].xml": _TYPES, "xl/workbook.xml": b"<a/>"})
    end = start.rindex(b"PK\x05\x06")
    directory = start[start.index(b"PK\x01\x02") : end] + entry * 300_000
    count = (0xFFFF).to_bytes(2, "little")
    tail = b"PK\x05\x06\0\0\0\0" + count * 2 + len(directory).to_bytes(4, "little")
    return (
        start[: start.index(b"PK\x01\x02")]
        + directory
        + tail
        + start.index(b"PK\x01\x02").to_bytes(4, "little")
        + b"\0\0"
    )


def csv_head(body: bytes) -> bytes:
    """A CSV with a header we know."""
    return ",".join(HEADER).encode() + b"\n" + body


#: Name → (file name, maker).
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "shared string of 100,000": ("a.xlsx", lambda: shared(100_000, 199, 100)),
    "shared string of 100,000, 50 columns": ("a.xlsx", lambda: shared(100_000, 400, 50)),
    "shared string of 32,000": ("a.xlsx", lambda: shared(32_000, 1_900, 20)),
    "shared string of 1,000, many cells": ("a.xlsx", lambda: shared(1_000, 60_000, 50)),
    "shared string of 150, as many cells as fit": ("a.xlsx", lambda: shared(150, 130_000, 58)),
    "inline strings": ("a.xlsx", inline_rows),
    "one inline string of 40 MB": ("a.xlsx", lambda: book(HEAD + inline(2, [worded(40 * MEGABYTE, 1)]))),
    "five million tiny strings": ("a.xlsx", lambda: book(HEAD, strings=b"<si><t/></si>" * 5_000_000)),
    "one row said 150,000 times": ("a.xlsx", lambda: book(HEAD + inline(2, ["甲"] * 20) * 150_000)),
    "100,000 merged ranges": (
        "a.xlsx",
        lambda: book(
            HEAD + inline(2, ["甲"] * 4),
            after=b"<mergeCells>%b</mergeCells>"
            % b"".join(b'<mergeCell ref="A%d:BH%d"/>' % (n, n + 190_000) for n in range(2, 10_002))
            * 10,
        ),
    ),
    "a million empty rows": (
        "a.xlsx",
        lambda: book(HEAD + b"".join(b'<row r="%d"><c r="A%d"/></row>' % (n, n) for n in range(2, 1_000_002))),
    ),
    "empty up to the last row and column": (
        "a.xlsx",
        lambda: book(HEAD + inline(2, ["甲"] * 4) + b'<row r="200000"><c r="BH200000"><v>1</v></c></row>'),
    ),
    "a sheet nobody measures": (
        "a.xlsx",
        lambda: book(HEAD + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', sheet="other/sheet1.xml"),
    ),
    "styles a million deep": (
        "a.xlsx",
        lambda: book(HEAD, styles=b"<a>" * 1_000_000 + b"</a>" * 1_000_000),
    ),
    "a million formats": (
        "a.xlsx",
        lambda: book(
            HEAD,
            styles=b"<numFmts>%b</numFmts><cellXfs>%b</cellXfs>"
            % (
                b"".join(b'<numFmt numFmtId="%d" formatCode="yyyy%d"/>' % (n, n) for n in range(1_000_000)),
                b'<xf numFmtId="14"/>' * 1_000_000,
            ),
        ),
    ),
    "300,000 members": ("a.xlsx", many_members),
    "csv: one line of 19 million commas": ("a.csv", lambda: csv_head(b"," * 19_000_000)),
    "csv: one line of 9 million cells": ("a.csv", lambda: csv_head(b"a," * 9_000_000)),
    "csv: one cell of 19 MB": ("a.csv", lambda: csv_head(b'"' + b"a" * 19_000_000 + b'"')),
    "csv: nineteen million lines": ("a.csv", lambda: csv_head(b"\n" * 19_000_000)),
    "csv: five million quotes": ("a.csv", lambda: csv_head(b'"",' * 5_000_000)),
    "csv: one wide character makes all of them wide": ("a.csv", lambda: csv_head("😀".encode() + b"a,b\n" * 4_700_000)),
}
