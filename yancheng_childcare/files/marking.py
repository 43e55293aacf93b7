"""One storage, many machines: the folder of every process must be the one this database's files lie in.

A worker with a FILE_ROOT of its own would fail at every import, with a message nobody can act on. The mark in the folder
is compared with the one in the database.
"""

from __future__ import annotations

import time
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction

from ..models import StorageMark, StoredFile

MARK_NAME = ".portal-storage"
_DAY_SECONDS = 24 * 3600
log = structlog.get_logger("storage")


class WrongStorage(Exception):
    """FILE_ROOT is not where the files of this database lie. The message says what to do."""


def check_mark() -> None:
    """Compare the mark, or write it for a database without one. Raises WrongStorage, OSError for a folder out of reach."""
    root = Path(settings.FILE_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with transaction.atomic():
        row, made = StorageMark.objects.get_or_create(id=1, defaults={"mark": _mark_in(root) or uuid4().hex})
        found = _mark_in(root)
        if not found and (made or not StoredFile.objects.filter(deleted_at__isnull=True).exists()):
            (root / MARK_NAME).write_text(row.mark)
            return
    if found != row.mark:
        raise WrongStorage(
            f"文件存储 {root} 不是本数据库使用的存储（标记 {found or '缺失'}，应为 {row.mark}）。"
            "请把各机器的 FILE_ROOT 指向同一个共享目录后重新启动。"
        )


def is_marked() -> bool:
    """Whether FILE_ROOT carries the mark of this database."""
    expected = StorageMark.objects.filter(pk=1).values_list("mark", flat=True).first()
    return bool(expected) and _mark_in(Path(settings.FILE_ROOT)) == expected


def remove_orphans(*, older_than_seconds: float = _DAY_SECONDS) -> int:
    """Delete contents and drafts that no row tells of: what a rolled back transaction or a crash left. How many.

    Only where the mark says that the folder belongs to this database: elsewhere every content would look like one.
    """
    root, oldest = Path(settings.FILE_ROOT), time.time() - older_than_seconds
    if not is_marked():
        log.error("storage_not_marked", root=str(root))
        return 0
    removed = 0
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and len(path.name) == 2):
        old = [path for path in folder.iterdir() if path.stat().st_mtime < oldest]
        named = {path.name: path for path in old if len(path.name) == 32 and not path.name.startswith(".")}
        known = StoredFile.objects.filter(content__in=[UUID(name) for name in named], deleted_at__isnull=True)
        kept = {content.hex for content in known.values_list("content", flat=True)}
        for path in old:
            if path.name.startswith(".") or path.name in named and path.name not in kept:
                path.unlink(missing_ok=True)
                removed += 1
    if removed:
        log.warning("orphans_removed", count=removed)
    return removed


def _mark_in(root: Path) -> str:
    path = root / MARK_NAME
    return path.read_text().strip()[:32] if path.is_file() else ""


__all__ = ["MARK_NAME", "WrongStorage", "check_mark", "is_marked", "remove_orphans"]
