"""A workbook is measured before it is opened: the reader lays out every cell between the outermost two in memory.

One cell in row 1 and one in row 1,048,576 of column XFD would be 17 thousand million cells, and 20,000 cells that point
to one shared string are 20,000 copies of it (reliability.md T25). Positions and strings are therefore looked up in the
raw XML first. What the sheet says of its own size (`dimension`) is never believed.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import IO

from frames import Refused

# What Excel itself allows in one cell.
MAX_CELL = 32_767
_PIECE = 1 << 20
_ODD_POSITION = re.compile(rb"""<(?:\w+:)?(?:c|row)\b[^>]{0,200}?\br\s*=\s*["'](?![A-Za-z0-9]{1,18}["'])""")
# What a cell that shares a string points to.
_SHARED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*([0-9]{1,9})\s*<""")
_TAG = re.compile(rb"<[^>]*>")
# A cell that only has a colour, and a row of such: the reader does not lay them out.
_NO_VALUE = re.compile(rb"<((?:\w+:)?c)\b[^>]*(?:/>|>\s*</\1\s*>)")
_NO_CELL = re.compile(rb"<((?:\w+:)?row)\b[^>]*(?:/>|>\s*</\1\s*>)")
_FIRST_STRING = re.compile(rb"<(?:\w+:)?si[\s>/]")


def _far_positions(rows: int) -> re.Pattern[bytes]:
    """r="AB12" of a cell or r="12" of a row that may lie beyond: two letters, or as many digits as the last row has.

    With any prefix, quote or blanks around the equals sign. Looking only for these is twice as fast as for all.
    """
    digits = b"%d" % len(str(rows))
    return re.compile(
        rb"""\br\s*=\s*["'](?:([A-Za-z]{2,8})([0-9]{0,10})|([A-Za-z]?)([0-9]{""" + digits + rb""",10}))["']"""
    )


def measure(data: bytes, *, rows: int, columns: int, text: int) -> None:
    """Raises Refused: "wide" or "long" for a cell beyond, FILE-018 for a position nobody can read, FILE-023 for a
    string over 32,767 characters or cells that would share over `text` bytes of strings.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = [name for name in book.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        lengths = _string_lengths(book)
        longest, cells, far = max(lengths, default=0), 0, _far_positions(rows)
        for name in parts:
            with book.open(name) as part:
                cells += _measure_part(part, far, rows, columns)
        # Only when every cell pointing to the longest string would be too much is it added up what they point to.
        if cells * longest > text:
            room = text
            for name in parts:
                room = _room_left(book, name, lengths, room)


def column_number(letters: bytes) -> int:
    """A = 1, Z = 26, AA = 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _string_lengths(book: zipfile.ZipFile) -> list[int]:
    """Bytes of each shared string, with its tags. Raises Refused FILE-023 for one that no cell may hold."""
    try:
        strings = book.read("xl/sharedStrings.xml")
    except KeyError:
        return []
    start = _FIRST_STRING.search(strings)
    pieces = re.split(rb"</(?:\w+:)?si\s*>", strings[start.start() :] if start else b"")
    for piece in pieces:
        if len(piece) > MAX_CELL and len(_TAG.sub(b"", piece).decode("utf-8", "replace")) > MAX_CELL:
            raise Refused("FILE-023", found=f"有一格超过 {MAX_CELL:,} 个字")
    return [len(piece) for piece in pieces]


def _measure_part(part: IO[bytes], far: re.Pattern[bytes], rows: int, columns: int) -> int:
    """At most how many cells one sheet has, whose positions are all within the limits."""
    rest, first, cells = b"", True, 0
    while piece := part.read(_PIECE):
        if first and (b"\0" in piece[:64] or piece[:2] in (b"\xff\xfe", b"\xfe\xff")):
            raise Refused("FILE-018")
        first = False
        text, rest = _whole_rows(rest + piece)
        if len(rest) > _PIECE:
            raise Refused("FILE-018")
        if _ODD_POSITION.search(text):
            raise Refused("FILE-018")
        cells += text.count(b"<c") + text.count(b":c")
        if far.search(text):
            text = _NO_CELL.sub(b"", _NO_VALUE.sub(b"", text))
        for two_letters, some_digits, one_letter, many_digits in set(far.findall(text)):
            letters, digits = two_letters or one_letter, some_digits or many_digits
            if letters and column_number(letters) > columns:
                raise Refused("wide", column=letters.decode().upper())
            if digits and int(digits) > rows:
                raise Refused("long")
    return cells


def _whole_rows(text: bytes) -> tuple[bytes, bytes]:
    """What can be looked at, and what waits for the next piece: a row that has not ended, at least a tag."""
    last = max(text.rfind(b"</row>"), text.rfind(b":row>"))
    end = text.find(b">", last) if last >= 0 else text.rfind(b">")
    return text[: end + 1], text[end + 1 :]


def _room_left(book: zipfile.ZipFile, name: str, lengths: list[int], room: int) -> int:
    """What is left of `room` bytes after all the strings that the cells of one sheet share. Raises Refused FILE-023."""
    left, rest, last = room, b"", len(lengths) - 1
    with book.open(name) as part:
        while piece := part.read(_PIECE):
            text, end, rest = (rest + piece).rpartition(b"</")
            left -= sum(lengths[min(int(number), last)] for number in _SHARED.findall(text + end))
            if left < 0:
                raise Refused("FILE-023", found="各单元格重复引用的文字过多")
    return left
