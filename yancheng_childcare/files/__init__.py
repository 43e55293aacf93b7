"""Uploaded files: taken in through `intake`, kept and read through `keeping`. Nothing else reads or writes content."""

from .intake import DOCUMENTS, SHEETS, IntakeResult, intake
from .keeping import (
    delete_content,
    discard,
    fingerprint_of,
    is_intact,
    keep,
    keep_content,
    keep_contents,
    keep_document,
    open_stored,
    read_stored,
)

__all__ = [
    "DOCUMENTS",
    "SHEETS",
    "IntakeResult",
    "delete_content",
    "discard",
    "fingerprint_of",
    "intake",
    "is_intact",
    "keep",
    "keep_content",
    "keep_contents",
    "keep_document",
    "open_stored",
    "read_stored",
]
