"""Files are kept, read and deleted here and nowhere else: the row and its sealed content together."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

import structlog
from django.db import transaction
from django.utils import timezone

from ..crypto import blind_index
from ..file_purposes import purpose_of
from ..models import StoredFile
from ..problems import Rejected
from . import storage
from .codes import refuse
from .intake import DOCUMENTS, IntakeResult, intake
from .kinds import KINDS
from .quota import check_room
from .scan import ScanState
from .sealing import ContentDamaged, new_key, opened, sealed

log = structlog.get_logger("storage")


def fingerprint_of(data: bytes) -> str:
    """The keyed hash by which the same content is found again, 64 hex digits."""
    return blind_index(hashlib.sha256(data).hexdigest(), "file.content")


def keep(
    taken: IntakeResult,
    *,
    uploaded_by: Any,
    uscc: str = "",
    region: Any = None,
    department: Any = None,
    field: str = "file",
) -> StoredFile:
    """Keep an upload that passed the intake. `field` is the input's name in problems.

    Raises Rejected: FILE-029, FILE-030 beyond the quota (`quota`), FILE-026 (507) when the disk is full.
    """
    check_room(size=taken.size, uscc=uscc, actor=uploaded_by, field=field)
    return keep_content(
        taken.data,
        kind=taken.kind,
        name=taken.name,
        purpose=taken.purpose,
        pages=taken.pages,
        scan_state=taken.scan_state,
        uploaded_by=uploaded_by,
        uscc=uscc,
        region=region,
        department=department,
    )


def keep_document(
    uploaded: Any, *, purpose: str, actor: Any, uscc: str, region: Any, field: str = "file"
) -> StoredFile:
    """Take one uploaded document in for an institution. Raises Rejected with a FILE code when it cannot be taken."""
    taken = intake(uploaded, purpose=purpose, allowed=DOCUMENTS, field=field)
    return keep(taken, uploaded_by=actor, uscc=uscc, region=region, field=field)


def keep_content(data: bytes, *, name: str, **about: Any) -> StoredFile:
    """Keep one content, as `keep_contents` does."""
    return keep_contents([(name, data)], **about)[0]


def keep_contents(
    contents: Iterable[tuple[str, bytes]],
    *,
    kind: str,
    purpose: str,
    uploaded_by: Any,
    pages: int = 1,
    scan_state: ScanState = ScanState.CLEAN,
    uscc: str = "",
    region: Any = None,
    department: Any = None,
) -> list[StoredFile]:
    """Encrypt and keep contents with their names, all or none, the rows in one statement.

    Raises KeyError for a purpose nobody registered, Rejected FILE-026 (507) disk full. When the caller's transaction is
    rolled back, the contents without a row are removed by `remove_orphans`.
    """
    known, files = purpose_of(purpose), []
    try:
        for name, data in contents:
            key, content = new_key(), uuid4()
            storage.write(content, sealed(data, key, content))
            file = StoredFile(
                content=content,
                content_key=base64.b64encode(key).decode(),
                fingerprint=fingerprint_of(data),
                size=len(data),
                kind=kind,
                content_type=KINDS[kind].content_type,
                pages=pages,
                original_name=name,
                purpose=known.code,
                region=region,
                department=department,
                uscc=uscc,
                scan_state=str(scan_state),
                uploaded_by=uploaded_by,
            )
            files.append(file)
        with transaction.atomic():
            return StoredFile.objects.bulk_create(files)
    except BaseException:
        for file in files:
            storage.remove(file.content)
        raise


def read_stored(file: StoredFile) -> Iterator[bytes]:
    """The content piece by piece.

    Raises Rejected: FILE-027 (410) it was deleted, FILE-028 (503) it is not there or was changed.
    """
    if not file.content_key:
        raise refuse("FILE-027")
    key = base64.b64decode(file.content_key)
    try:
        with storage.path_of(file.content).open("rb") as sealed_content:
            yield from opened(sealed_content, key, file.content)
    except (FileNotFoundError, ContentDamaged) as error:
        log.error("content_lost", file=str(file.pk), error=type(error).__name__)
        raise refuse("FILE-028") from error


def open_stored(file: StoredFile) -> io.BufferedReader:
    """The content as a file to read from start to end. Raises Rejected as `read_stored` does."""
    pieces = read_stored(file)
    return io.BufferedReader(_Pieces(next(pieces), pieces))


def is_intact(file: StoredFile) -> bool:
    """Whether the content is there and is what was taken in: for the sweep after a restore."""
    try:
        return fingerprint_of(b"".join(read_stored(file))) == file.fingerprint
    except Rejected:
        return False


def discard(file: StoredFile) -> None:
    """Take back a file that was just kept and that nothing refers to."""
    StoredFile.objects.filter(pk=file.pk).delete()
    storage.remove(file.content)


def delete_content(file: StoredFile) -> None:
    """Delete the content and its key; the row stays and says when. A second call does nothing.

    The key goes with the transaction, the content after its commit: what a crash leaves on the disk has no key.
    """
    with transaction.atomic():
        row = StoredFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if row.deleted_at:
            return
        row.content_key, row.deleted_at, row.original_name = "", timezone.now(), "（已删除）"
        row.save(update_fields=["content_key", "deleted_at", "original_name"])
        if not StoredFile.objects.filter(content=row.content, deleted_at__isnull=True).exists():
            transaction.on_commit(lambda: storage.remove(row.content))


class _Pieces(io.RawIOBase):
    """An iterator of pieces as a stream."""

    def __init__(self, first: bytes, more: Iterator[bytes]):
        self._rest, self._more = memoryview(first), more

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._more, b""))
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
