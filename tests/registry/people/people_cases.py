"""What people type into the ledger, and how often it may ask the database."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from registry.people.imports import LABELS
from registry.people.services import ENTERED
from registry.rules.identity import make_id_number

LIST, NEW, IMPORT = "/desk/people/", "/desk/people/new/", "/desk/people/import/"
# A signed-in page costs three queries before it does anything: session, person with unread count, duties.
SIGNED_IN = 3


def number_of(serial: int) -> str:
    """An invented ID number."""
    return make_id_number("320902", date(1992, 3, 4), serial)


def typed(name: str = "钱保育", number: int = 7, **more: Any) -> dict[str, Any]:
    """What somebody types into the form of a new person."""
    return {
        "name": name,
        "id_no": number_of(number),
        "phone": "13900001111",
        "education": "COLLEGE",
        "experience_years": "3",
        "role": "CARER",
        "full_time": "yes",
        "started_on": "2026-03-02",
        "no_mental_illness": "on",
        **more,
    }


def as_csv(rows: Iterable[dict[str, Any]], name: str = "人员.csv") -> SimpleUploadedFile:
    """An uploaded table; `rows` in the names of the form."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([LABELS[field] for field in ENTERED])
    writer.writerows([[row.get(field, "") for field in ENTERED] for row in rows])
    return SimpleUploadedFile(name, text.getvalue().encode(), "text/csv")


def listed(serial: int, **more: Any) -> dict[str, Any]:
    """One row of a table, in words."""
    words = {"education": "大专", "role": "保育人员", "full_time": "全职", "no_mental_illness": "是"}
    return typed(f"试人{serial}", serial, **{**words, **more})
