"""One fault."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """In `path` the text `old` becomes `new`; `tests` are the area's tests that ought to notice.

    `fresh`: the fault lies in a trigger, a constraint or a migration, so the test database is made anew.
    """

    number: int
    words: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]
    fresh: bool = False
