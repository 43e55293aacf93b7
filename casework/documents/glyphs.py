"""What may stand in a letter: no invisible characters, and in the PDF none that its fonts cannot draw.

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

#: (package, file, family): Song for the text; Hei for headings, and for the rare characters that the Song lacks.
FONTS = (
    ("pylopdf-fonts-zh-cn", "NotoSerifSC-Regular.otf", "Noto Serif SC"),
    ("manimgx-fonts-cjk", "NotoSansCJK-VF.otf.ttc", "Noto Sans CJK SC"),
)
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


def font_folder(package: str) -> Path:
    """The folder of a package's fonts. It is found, not imported. Raises RuntimeError when it is not installed."""
    spec = find_spec(package.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{package} is not installed: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0])


def has_glyph(character: str) -> bool:
    """Whether one of the fonts draws a character."""
    return any(_covers(character, *_coverage(*font)) for font in FONTS)


def _covers(character: str, starts: list[int], ends: list[int]) -> bool:
    place = bisect_right(starts, ord(character)) - 1
    return place >= 0 and ord(character) <= ends[place]


@lru_cache(maxsize=len(FONTS))
def _coverage(package: str, file: str, family: str) -> tuple[list[int], list[int]]:
    """First and last code points of the ranges in a font's character map.

    Reads only the `cmap` table, format 12 (OpenType 1.9), of the font, or of the member of that family in a collection.
    Raises RuntimeError when the file is not as expected: then letters must not be made with it.
    """
    data = memoryview((font_folder(package) / file).read_bytes())
    members: tuple[int, ...] = (0,)
    if data[:4] == b"ttcf":
        members = struct.unpack_from(f">{struct.unpack_from('>I', data, 8)[0]}I", data, 12)
    for start in members:
        tables = {}
        for index in range(struct.unpack_from(">H", data, start + 4)[0]):
            tag, _, offset, length = struct.unpack_from(">4s3I", data, start + 12 + 16 * index)
            tables[tag] = (offset, length)
        offset, length = tables[b"name"]
        if family.encode("utf-16-be") in bytes(data[offset : offset + length]):
            return _ranges(data, tables[b"cmap"][0])
    raise RuntimeError(f"{file} holds no {family}")


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
    raise RuntimeError("a font of letters has no character map of format 12")
