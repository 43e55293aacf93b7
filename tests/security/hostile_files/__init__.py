"""The corpus of hostile uploads. Every file is built in memory, the same bytes at every run; README.md lists them."""

from __future__ import annotations

from .disguises import DISGUISES
from .kinds import HARMLESS, HostileFile
from .names import NAMES
from .pdfs import PDFS
from .pictures import PICTURES
from .sheets import SHEETS

CORPUS: list[HostileFile] = [*DISGUISES, *PICTURES, *PDFS, *SHEETS, *NAMES]

__all__ = ["CORPUS", "HARMLESS", "HostileFile", "table"]


def table() -> str:
    """The table of README.md; a test compares the two."""
    rows = ["| name | what it tries | what happens |", "| --- | --- | --- |"]
    for hostile in CORPUS:
        happens = "made harmless" if hostile.expect == HARMLESS else f"refused: {hostile.expect}"
        rows.append(f"| `{hostile.name}` | {hostile.tries} | {happens} |")
    return "\n".join(rows) + "\n"
