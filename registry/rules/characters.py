"""Characters that look alike or cannot be seen: shared by every rule that reads text."""

from __future__ import annotations

import re
import unicodedata

from yancheng_childcare.blanks import BLANKS

#: For codes and numbers: full-width to half-width, lower to upper case (ASCII only, so no character ever grows into
#: two and positions stay true), blanks removed. Idempotent: no target is itself a source.
COMPACT: dict[int, str | None] = {
    **{0xFF01 + i: chr(0x21 + i).upper() for i in range(94)},
    **{code: chr(code).upper() for code in range(ord("a"), ord("z") + 1)},
    **{ord(blank): None for blank in BLANKS},
}

_INVISIBLE = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff"
)
#: NUL and lone surrogates cannot be stored at all; direction marks can make a name read as another one.
CONTROL_IN_LINE = re.compile(f"[\t\n\r{_INVISIBLE}]")
CONTROL_IN_TEXT = re.compile(f"[{_INVISIBLE}]")

#: What a spreadsheet shows where it has no value: its error values, a column too narrow for a date (#####), and what the
#: reader of workbooks says of a formula that was never worked out.
UNREADABLE = re.compile(
    r"#(?:N/A|(?:VALUE|REF|DIV/0|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|EXTERNAL|PYTHON)!|NAME\?|GETTING_DATA"
    r"|#{2,}|公式没有结果)",
    re.IGNORECASE,
)

_SPACES = "\x20\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
#: The dots people and keyboards put between the parts of a name (阿依古丽·买买提); stored is U+00B7 (GB 18030 A1A4).
_DOTS = "\u2022\u2024\u2027\u2219\u22c5\u30fb\uff65\u0387"
#: Simplified radicals as PDF readers copy them for the character itself; Unicode gives these no folding of its own.
_RADICALS = dict(
    zip(
        "\u2ea0\u2ec1\u2ec4\u2ec5\u2ec6\u2ec9\u2ecb\u2ed3\u2ed4\u2ed8\u2ed9\u2eda\u2edb\u2edc\u2edd\u2ee2\u2ee3\u2ee4\u2ee5\u2ee6"
        "\u2ee8\u2ee9\u2eec\u2eee\u2ef0\u2ef3",
        "民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟",
        strict=True,
    )
)
#: Characters that only look like others: Kangxi radicals, compatibility ideographs, full-width letters and digits. No
#: target is itself a source, and none grows into two. Brackets and commas stay full-width, as certificates print them.
_ALIKE: dict[int, str | None] = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)},
    **{
        code: unicodedata.normalize("NFC", chr(code))
        for code in (*range(0xF900, 0xFADA), *range(0x2F800, 0x2FA1E))
        if unicodedata.normalize("NFC", chr(code)) != chr(code)
    },
    **{ord(radical): character for radical, character in _RADICALS.items()},
    **{0xFEE0 + ord(c): c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"},
    **{ord(dot): "\u00b7" for dot in _DOTS},
}
_ALIKE_IN_LINE: dict[int, str | None] = {
    **_ALIKE,
    **{ord(space): " " for space in _SPACES},
}
_CJK = r"[^\W\x00-\x7f]"
_DOT_BETWEEN = re.compile(rf"(?<={_CJK})[.\uff0e](?={_CJK})")
_BLANK_BESIDE = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")
_BLANKS_IN_ROW = re.compile(" {2,}")
#: Where none of these stands, `folded` takes nothing but outer blanks away: in a line, in lines.
_FOLDABLE = re.compile("[" + "".join(map(chr, _ALIKE_IN_LINE)) + "\uff0e.]")
_FOLDABLE_LINES = re.compile("[" + "".join(map(chr, _ALIKE)) + "\r]")


def folded(text: str, *, lines: bool = False) -> str:
    """A text as it is stored and compared, so that what is equal to a person is equal to the machine. Idempotent.

    Look-alike characters become the usual ones. In one line (names, addresses) the dots of names are one, and blanks
    stand only between Latin words; with `lines` blanks stay and a line end is one character, whatever sent it.
    """
    if not (_FOLDABLE_LINES if lines else _FOLDABLE).search(text):
        return text.strip(BLANKS)
    if lines:
        return text.replace("\r\n", "\n").replace("\r", "\n").translate(_ALIKE).strip(BLANKS)
    text = text.translate(_ALIKE_IN_LINE)
    text = _DOT_BETWEEN.sub("\u00b7", text).replace("\uff0e", ".")
    return _BLANKS_IN_ROW.sub(" ", _BLANK_BESIDE.sub("", text)).strip(BLANKS)


def compact(text: str) -> str:
    """A code or number without blanks, in half-width capitals. Idempotent."""
    return text.upper() if text.isascii() and text.isalnum() else text.translate(COMPACT)


def shown(character: str) -> str:
    """How a message names one character: itself when it can be seen, else its code point."""
    kind = "字母" if character.isascii() and character.isalpha() else "字符"
    return f"{kind} {character}" if character.isprintable() else f"看不见的字符 U+{ord(character):04X}"
