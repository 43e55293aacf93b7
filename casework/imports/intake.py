"""A table that is taken row by row is kept once, after it was read to its end."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError

from yancheng_childcare.files import SHEETS, fingerprint_of, intake, keep
from yancheng_childcare.models import StoredFile

from .columns import Columns
from .reading import open_upload


def keep_table(
    uploaded: Any, *, purpose: str, columns: Columns, limit: int, actor: Any, once: dict[str, Any]
) -> StoredFile:
    """Take a table in, or return the kept one of the same content whose owner columns are those of `once`.

    Raises Rejected: FILE codes of the intake, and the reader's codes when it cannot be read as a table; then nothing of it
    is left.
    """
    taken = intake(uploaded, purpose=purpose, allowed=SHEETS, field="file")
    with open_upload(taken, columns=columns, limit=limit) as table:
        for _ in table.pieces:
            continue
    same = StoredFile.objects.filter(
        purpose=purpose, fingerprint=fingerprint_of(taken.data), deleted_at__isnull=True, **once
    )
    if kept := same.first():
        return kept
    try:
        return keep(taken, uploaded_by=actor, **once)
    except IntegrityError:
        if kept := same.first():
            return kept
        raise
