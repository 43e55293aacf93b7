"""The open data of each year, kept as it was: made once and never again."""

from __future__ import annotations

from hashlib import sha256

from django.db import connection, transaction
from django.utils import timezone

from ..models import OpenDataSnapshot
from .open_data import FORMATS, cards, pieces, read_state

_LOCK = 0x736E_6170  # "snap"


def keep_snapshot(*, year: int) -> int:
    """Keep this year's files; returns how many were made, 0 when they exist. All formats show the same state."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        kept = set(OpenDataSnapshot.objects.filter(year=year).values_list("format", flat=True))
        missing = [kind for kind in FORMATS if kind not in kept]
        if not missing:
            return 0
        state, lines = read_state(), list(cards())
        for kind in missing:
            content = b"".join(pieces(kind, lines, state.changed_at))
            OpenDataSnapshot.objects.create(
                year=year,
                format=kind,
                content=content,
                sha256=sha256(content).hexdigest(),
                rows=len(lines),
                made_at=timezone.now(),
            )
        return len(missing)
