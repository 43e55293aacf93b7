"""The standing order of the register, and text as it is searched."""

from __future__ import annotations

import unicodedata

# Best grade first; not yet graded before 不合格: absence is no judgement (product.md C7).
GRADE_ORDER = {"A": "0", "B": "1", "C": "2", "": "3", "D": "4"}
# Behind every grade, whatever it was: first those told to mend their filing, then those that stopped.
LAST = {"NONCONFORMING": "5", "SUSPENDED": "6"}
FIRST_OF_LAST = "5"


def folded(text: str) -> str:
    """Text as it is searched: full width made plain, lower case, blanks taken out."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def order_key(grade: str, uscc: str, status: str = "FILED", reports: bool = False) -> str:
    """Grade, then who reports here before who does not, then the code read backwards; who may not or does not take children is last.

    Within a group nobody is first for its name or its county. It also scatters every word evenly over the order, so that
    a walk meets a frequent one soon (performance.md §1.1).
    """
    if status in LAST:
        return f"{LAST[status]}{GRADE_ORDER[grade]}{uscc[::-1]}"
    return f"{GRADE_ORDER[grade]}{0 if reports else 1}{uscc[::-1]}"
