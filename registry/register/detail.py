"""One institution as the public reads it, whether it is on the register or only registered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ..models import Institution, PublicEntry
from .entry import columns
from .sources import gather


@dataclass(frozen=True, slots=True)
class Detail:
    """What is shown; `version` rises with every change and is part of the page's ETag."""

    uscc: str
    status: str
    listed: bool
    card: dict[str, Any]
    content: dict[str, Any]
    version: str
    changed_at: datetime


def read_detail(uscc: str) -> Detail | None:
    """The institution with this code, or None. One query on the register; those that never were filed are made now."""
    entry = PublicEntry.objects.filter(uscc=uscc).first()
    if entry is not None:
        return Detail(uscc, entry.status, entry.listed, entry.card, entry.content, f"{entry.version}", entry.changed_at)
    found = Institution.objects.filter(uscc=uscc).only("pk", "record_version", "updated_at").first()
    if found is None:
        return None
    sources = gather(found.pk)
    values = columns(sources)
    # What is published of it changes without its registration.
    version = f"r{found.record_version} {orjson.dumps(sources.results).decode()}"
    return Detail(uscc, values["status"], False, values["card"], values["content"], version, found.updated_at)
