"""The open data of each year, kept as it was: made once and never again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from tempfile import TemporaryFile
from typing import Any

import orjson
from django.db import connection, transaction
from django.utils import timezone

from ..models import OpenDataSnapshot
from .open_data import FORMATS, cards, pieces, read_state

_LOCK = 0x736E_6170  # "snap"


def keep_snapshot(*, year: int) -> int:
    """Keep this year's files; returns how many were made, 0 when they exist. All formats show the same state."""
    if len(_kept(year)) == len(FORMATS):
        return 0
    made_at, state = timezone.now(), read_state()
    # Outside the transaction: a large workbook takes longer than one may stand idle.
    with _spooled() as lines:
        files = {kind: _content(kind, lines, state.changed_at) for kind in FORMATS}
        rows = lines.rows
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        missing = [kind for kind in FORMATS if kind not in _kept(year)]
        for kind in missing:
            content = files.pop(kind)
            OpenDataSnapshot.objects.create(
                year=year,
                format=kind,
                content=content,
                sha256=sha256(content).hexdigest(),
                rows=rows,
                made_at=made_at,
            )
    return len(missing)


class _Lines:
    """The public lines in a temporary file, to be read once for each format without holding them in memory."""

    def __init__(self, file: Any):
        self.file, self.rows = file, 0
        for card in cards():
            file.write(orjson.dumps(card) + b"\n")
            self.rows += 1

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.file.seek(0)
        return map(orjson.loads, self.file)


@contextmanager
def _spooled() -> Iterator[_Lines]:
    with TemporaryFile() as file:
        yield _Lines(file)


def _content(kind: str, lines: _Lines, changed_at: datetime | None) -> bytes:
    return b"".join(pieces(kind, lines, changed_at))


def _kept(year: int) -> set[str]:
    return set(OpenDataSnapshot.objects.filter(year=year).values_list("format", flat=True))
