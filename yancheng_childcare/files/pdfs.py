"""PDFs: what can be seen from outside here, what needs parsing in a child process with limits."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

from .codes import refuse
from .confined import ChildFailed, Limits, ask
from .kinds import has_few_members

MAX_PAGES = 200
LIMITS = Limits(memory=768 * 1024 * 1024, cpu_seconds=10, seconds=20, answer=1024 * 1024)
# Some writers pad after %%EOF. Blanks and NUL are tolerated, nothing else.
MAX_PADDING = 1024
_END = re.compile(rb"startxref[\s\0]+\d{1,12}[\s\0]+%%EOF")
# What may follow the end of an earlier revision: objects, a cross-reference table, a comment.
_NEXT = re.compile(rb"[\s\0]*(\d+\s+\d+\s+obj|xref|%|\Z)")
_FIRST_OBJECT = re.compile(rb"\d+\s+\d+\s+obj")
_OTHER_START = re.compile(rb"<\s*[a-z!?/]|PK\x03\x04|\xff\xd8\xff|GIF8|\x7fELF", re.IGNORECASE)
# Browsers and mail gateways guess a type from this many bytes.
SNIFFED = 1024


def check_pdf(data: bytes, *, field: str = "file") -> int:
    """The number of pages of an acceptable PDF.

    Raises Rejected: FILE-010 asks for a password, FILE-011 over 200 pages, FILE-012 active content, FILE-013 broken, FILE-014
    another file appended or mixed in, FILE-015 too complex to check.
    """
    if not data.startswith(b"%PDF-"):
        raise refuse("FILE-006", field)
    _check_start(data, field)
    _check_end(data, field)
    answer = _probe(data, field)
    match answer.get("error"):
        case "encrypted":
            raise refuse("FILE-010", field)
        case "complex":
            raise refuse("FILE-015", field)
        case None:
            pages = int(answer["pages"])
        case _:
            raise refuse("FILE-013", field)
    if pages > MAX_PAGES:
        raise refuse("FILE-011", field, pages=pages, limit=MAX_PAGES)
    if answer["active"]:
        raise refuse("FILE-012", field, found="、".join(answer["active"]))
    return pages


def _check_start(data: bytes, field: str) -> None:
    """Nothing but comments between the header and the first object: a page or archive there is another file to others."""
    start = data[:SNIFFED]
    first = _FIRST_OBJECT.search(start)
    if _OTHER_START.search(start, 5, first.start() if first else len(start)):
        raise refuse("FILE-014", field)


def _check_end(data: bytes, field: str) -> None:
    """Every revision ends properly and only another follows. A bare "%%EOF" proves nothing: anybody can write one."""
    ends = list(_END.finditer(data))
    if not ends or data.find(b"startxref", ends[-1].end()) >= 0:
        raise refuse("FILE-013", field)
    if not all(_NEXT.match(data, end.end()) for end in ends[:-1]):
        raise refuse("FILE-014", field)
    tail = data[ends[-1].end() :]
    if len(tail) > MAX_PADDING or tail.strip(b"\x00 \t\r\n\x0c"):
        raise refuse("FILE-014", field)
    if not has_few_members(data):
        raise refuse("FILE-014", field)
    try:
        # a ZIP with a fake %%EOF behind it still opens as a ZIP
        with zipfile.ZipFile(io.BytesIO(data)) as hidden:
            members = len(hidden.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        members = 0
    if members:
        raise refuse("FILE-014", field)


def _probe(data: bytes, field: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(ask("probe_pdf", [data], LIMITS, field=field))
    except ChildFailed:
        raise refuse("FILE-015", field) from None
    return answer
