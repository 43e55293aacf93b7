"""How much may be kept: for one institution in all, for one member of staff within a day (reliability.md T26).

Asked by `keeping.keep`, so by every upload: after `intake`, which says how large the file will be, before it is stored. Two uploads at
the same moment may both pass: the bound is then exceeded by the smaller of them, which is at most 20 MB.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from ..models import StoredFile
from .codes import refuse

DAY = timedelta(hours=24)
_MB = 1024 * 1024


def check_room(*, size: int, uscc: str, actor: Any, field: str = "file") -> None:
    """Raise Rejected when `size` more bytes are too many: FILE-029 for the institution, FILE-030 for the uploader.

    Files that belong to no institution yet (certificates, import tables: `uscc` is "") count for who uploads them.
    """
    mine = StoredFile.objects.filter(uscc=uscc) if uscc else StoredFile.objects.filter(uploaded_by=actor, uscc="")
    mine = mine.filter(deleted_at__isnull=True)
    if not uscc:
        mine = mine.filter(created_at__gt=timezone.now() - DAY)
    used = mine.aggregate(used=Sum("size"))["used"] or 0
    limit = (settings.UPLOAD_QUOTA_MB if uscc else settings.UPLOAD_DAY_MB) * _MB
    if used + size > limit:
        code = "FILE-029" if uscc else "FILE-030"
        raise refuse(code, field, used=f"{used / _MB:.0f} MB", limit=f"{limit / _MB:.0f} MB")
