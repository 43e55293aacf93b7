"""What may stand in a letter: no invisible characters, and in the PDF none that its font cannot draw.

PDF/A refuses a character without a glyph, so one rare character in a name would stop the whole letter. It is drawn as
〓 (the printer's mark for a missing character) and the HTML twin shows the character itself.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

FAMILY = "Noto Sans CJK SC"
FONT_FILE = "NotoSansCJK-VF.otf.ttc"
MISSING = "〓"
ZERO_WIDTH_SPACE = "\u200b"

#: Controls and invisible format characters (direction overrides, zero width, tags): a name must look as it is.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x85]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_VARIANT_MARK = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
#: A run without a place to break (a slash is one) that would run over the edge of the paper.
_LONG_RUN = re.compile("[\x21-\x2e\x30-\u2e7f]{25,}")


def visible(text: str) -> str:
    """The text without invisible characters; line breaks become newlines, lone surrogates U+FFFD."""
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    return _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def drawable(text: str) -> str:
    """Visible text as the PDF takes it: characters outside of the font become 〓, long runs may break anywhere."""
    text = _VARIANT_MARK.sub("", visible(text))
    text = "".join(character if character == "\n" or has_glyph(character) else MISSING for character in text)
    return _LONG_RUN.sub(lambda run: ZERO_WIDTH_SPACE.join(run[0]), text)


def font_folder() -> Path:
    """The folder of the font. The package is found, not imported. Raises RuntimeError when it is not installed."""
    spec = find_spec("manimgx_fonts_cjk")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("manimgx-fonts-cjk is not installed: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0])


def has_glyph(character: str) -> bool:
    """Whether the font draws a character."""
    starts, ends = _coverage()
    place = bisect_right(starts, ord(character)) - 1
    return place >= 0 and ord(character) <= ends[place]


@lru_cache(maxsize=1)
def _coverage() -> tuple[list[int], list[int]]:
    """First and last code points of the ranges in the font's character map.

    Reads only the `cmap` table, format 12 (OpenType 1.9), of the member of the collection named FAMILY. Raises
    RuntimeError when the file is not as expected: then letters must not be made with it.
    """
    data = memoryview((font_folder() / FONT_FILE).read_bytes())
    for start in struct.unpack_from(f">{struct.unpack_from('>I', data, 8)[0]}I", data, 12):
        tables = {}
        for index in range(struct.unpack_from(">H", data, start + 4)[0]):
            tag, _, offset, length = struct.unpack_from(">4s3I", data, start + 12 + 16 * index)
            tables[tag] = (offset, length)
        offset, length = tables[b"name"]
        if FAMILY.encode("utf-16-be") in bytes(data[offset : offset + length]):
            return _ranges(data, tables[b"cmap"][0])
    raise RuntimeError(f"{FONT_FILE} holds no {FAMILY}")


def _ranges(data: memoryview, cmap: int) -> tuple[list[int], list[int]]:
    for index in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * index)[0]
        if struct.unpack_from(">H", data, table)[0] == 12:
            groups = [
                struct.unpack_from(">III", data, table + 16 + 12 * group)
                for group in range(struct.unpack_from(">I", data, table + 12)[0])
            ]
            drawn = [(first, last) for first, last, glyph in groups if glyph]
            return [first for first, _ in drawn], [last for _, last in drawn]
    raise RuntimeError(f"{FONT_FILE} has no character map of format 12")
