"""The one door for uploads: size, first bytes, name, content, re-encoding, scan. In this order, cheapest first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.conf import settings

from ..id_numbers import hide_id_numbers
from .codes import refuse
from .images import reencode
from .kinds import KINDS, detect, word_of
from .pdfs import check_pdf
from .scan import ScanState, scan
from .sheets import check_table
from .storage import require_space

MAX_BYTES = 20 * 1024 * 1024  # settings.UPLOAD_MAX_BYTES overrides
MAX_NAME = 100
DOCUMENTS = ("pdf", "jpeg", "png")
SHEETS = ("xlsx", "csv")
# Names Windows gives to devices, whatever follows the dot: such a file cannot be saved there.
_DEVICES = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """A file that passed. `data` is what may be stored: pictures are already encoded anew, so `size` is theirs, not the
    upload's. `pages` is 1 for anything but a PDF; `encoding` is set for a CSV."""

    kind: str
    content_type: str
    data: bytes = field(repr=False)
    size: int
    pages: int
    name: str
    purpose: str
    scan_state: ScanState
    encoding: str = ""


def intake(
    uploaded: IO[bytes] | Any, *, purpose: str, allowed: Sequence[str] = DOCUMENTS, field: str = "file"
) -> IntakeResult:
    """Check one uploaded file (anything with `.read()` and `.name`) and return what may be kept.

    `allowed` are keys of KINDS; `field` is the input's name in problems. Raises Rejected with a code of FILE_CODES.
    """
    require_space(field)
    data = _read(uploaded, field)
    name = clean_name(getattr(uploaded, "name", "") or "")
    kind = _accepted_kind(data, name, allowed, field)
    pages, encoding = 1, ""
    state = scan(data, field=field)  # before the re-encoding, which would hide what was sent
    if kind in ("jpeg", "png"):
        data = reencode(data, kind, field=field)
    elif kind == "pdf":
        pages = check_pdf(data, field=field)
    else:
        encoding = check_table(data, kind, field=field)
    return IntakeResult(
        kind=kind,
        content_type=KINDS[kind].content_type,
        data=data,
        size=len(data),
        pages=pages,
        name=name,
        purpose=purpose,
        scan_state=state,
        encoding=encoding,
    )


def _read(uploaded: IO[bytes] | Any, field: str) -> bytes:
    limit = int(getattr(settings, "UPLOAD_MAX_BYTES", MAX_BYTES))
    size = getattr(uploaded, "size", None)
    if isinstance(size, int) and size > limit:
        raise _too_large(size, limit, field)
    if hasattr(uploaded, "seek"):
        uploaded.seek(0)
    data = uploaded.read(limit + 1)
    if not data:
        raise refuse("FILE-001", field)
    if len(data) > limit:
        raise _too_large(len(data), limit, field)
    return data


def _too_large(size: int, limit: int, field: str) -> Exception:
    megabyte = 1024 * 1024
    return refuse("FILE-002", field, size=f"{size / megabyte:.1f} MB", limit=f"{limit / megabyte:.0f} MB")


def _accepted_kind(data: bytes, name: str, allowed: Sequence[str], field: str) -> str:
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    kind, words = detect(data), "、".join(KINDS[key].word for key in allowed)
    if kind in ("markup", "program"):
        raise refuse("FILE-005", field, allowed=words)
    if kind == "heic":
        raise refuse("FILE-007", field)
    if kind == "locked" and "xlsx" in allowed:
        raise refuse("FILE-031", field)
    if kind == "shifted":
        raise refuse("FILE-006", field)
    if kind == "xlsm" and "xlsx" in allowed:
        raise refuse("FILE-017", field, found="宏")
    if "csv" in allowed and extension in KINDS["csv"].extensions and kind in ("text", "unknown"):
        kind = "csv"  # a CSV has no magic: check_table decides
    claimed = next((key for key, known in KINDS.items() if extension in known.extensions), "")
    if kind not in allowed:
        if claimed in allowed:
            raise refuse("FILE-003", field, extension=extension, actual=word_of(kind))
        raise refuse("FILE-004", field, actual=word_of(kind), allowed=words)
    if claimed != kind:
        raise refuse("FILE-003", field, extension=extension or "（无）", actual=word_of(kind))
    return kind


def clean_name(name: str) -> str:
    """The original name for display: no folders, control, bidirectional or invisible characters, at most 100,
    extension kept; names of Windows devices get a "_". Scans are often named by the holder's identity number: hidden.
    """
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    name = re.sub(r'[<>:"|?*]', "_", unicodedata.normalize("NFC", name))
    name = hide_id_numbers(name).replace("*", "_")  # a star may stand in no file name
    name = _DEVICES.sub(r"\1_", re.sub(r"\s+", " ", name).strip(" ."))
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    extension = extension[:10]
    room = MAX_NAME - len(extension) - len(dot)
    return f"{stem[:room] or '未命名'}{dot}{extension}"
