"""A letter as data: who says what to whom, on what ground. The same letter always gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LetterItem:
    """One numbered item: what was found, on what ground, what to do and where. Empty parts are not drawn.

    `points` are (text, source) lines under the item, numbered on their own.
    """

    title: str
    finding: str = ""
    clause: str = ""
    how_to_fix: str = ""
    where: str = ""
    rule_id: str = ""
    points: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter. Texts are plain: nothing in them is markup, neither on paper nor on the screen.

    `kind` decides only the captions of an item's lines (`content.add_captions`).
    """

    kind: str
    title: str
    number: str
    authority: str
    addressee: str
    issued_on: date
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    items: tuple[LetterItem, ...] = ()
    closing: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    qr_url: str = ""
    qr_caption: str = ""
    demo: bool = False
    preview: bool = False
