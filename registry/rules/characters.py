"""Characters that look alike or cannot be seen: shared by every rule that reads text."""

from __future__ import annotations

import re

#: Blanks people paste without seeing them: all Unicode spaces, zero-width marks, the byte-order mark, soft hyphen.
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x20\x85\xa0\xad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)

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


def compact(text: str) -> str:
    """A code or number without blanks, in half-width capitals. Idempotent."""
    return text.translate(COMPACT)


def shown(character: str) -> str:
    """How a message names one character: itself when it can be seen, else its code point."""
    kind = "字母" if character.isascii() and character.isalpha() else "字符"
    return f"{kind} {character}" if character.isprintable() else f"看不见的字符 U+{ord(character):04X}"
