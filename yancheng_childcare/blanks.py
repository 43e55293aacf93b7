"""Blanks people paste without seeing them."""

from __future__ import annotations

#: All Unicode spaces, zero-width marks, the byte-order mark, soft hyphen.
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x20\x85\xa0\xad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
    "\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)


def is_blank(value: object) -> bool:
    """Nothing typed: None or only blanks."""
    return value is None or (isinstance(value, str) and not value.strip(BLANKS))
