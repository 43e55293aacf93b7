"""The demo city, lived through once and then copied: a browser test starts in a fraction of the time."""

from __future__ import annotations

from io import StringIO

from django.core.management import call_command

from tests.kept_rows import Kept, keep, replace_all

_kept: Kept | None = None


def bring_back() -> None:
    """Fill the database with the demo city; the first call of a process lives through it and keeps a copy."""
    global _kept
    if _kept:
        replace_all(_kept)
    else:
        call_command("seed_demo", institutions=60, verbosity=0, stdout=StringIO())
        _kept = keep()
