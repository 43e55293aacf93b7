"""What files casework keeps. They are opened through their case (`pages/letters.py`), never by their own address."""

from __future__ import annotations

from yancheng_childcare.file_purposes import Purpose, add_purpose

CASE_LETTER = "case-letter"
CASE_FILE = "case-file"


def add_purposes() -> None:
    """Make them known when the app is ready."""
    add_purpose(Purpose(CASE_LETTER, "办件文书"))
    add_purpose(Purpose(CASE_FILE, "办件附件"))
