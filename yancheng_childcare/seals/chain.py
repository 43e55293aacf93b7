"""One seal as plain data, and the head that binds it to the seal before it."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ..models import Seal
from .rows import DIGEST_BYTES, mac


@dataclass(frozen=True, slots=True)
class Record:
    """A seal as it stands in the database or in its copy outside. `sealed_at` is ISO text in UTC."""

    number: int
    table: str
    after_id: int | None
    last_id: int
    columns: tuple[str, ...]
    ids: tuple[tuple[int, int], ...]
    digests: bytes
    sealed_at: str
    previous: str
    head: str = ""

    @property
    def row_count(self) -> int:
        """How many rows it holds."""
        return sum(last - first + 1 for first, last in self.ids)

    def rows(self) -> Iterator[tuple[int, bytes]]:
        """(number, digest) of each row, ascending."""
        numbers = (number for first, last in self.ids for number in range(first, last + 1))
        for place, number in enumerate(numbers):
            yield number, self.digests[place * DIGEST_BYTES : (place + 1) * DIGEST_BYTES]

    def right_head(self) -> str:
        """The head this content must have."""
        content = {**_plain(self), "digests": self.digests.hex(), "head": ""}
        return mac("heads", json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hex()

    def is_genuine(self) -> bool:
        """Whether the head was made from this content by somebody who had the key."""
        return hmac.compare_digest(self.head, self.right_head()) and self.is_sound()

    def is_sound(self) -> bool:
        """Whether there is one digest for each row."""
        return len(self.digests) == self.row_count * DIGEST_BYTES


def sealed(record: Record) -> Record:
    """The same with its head."""
    return replace(record, head=record.right_head())


def ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Ascending numbers as [first, last] ranges without gaps."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return tuple((first, last) for first, last in found)


def from_row(row: Seal) -> Record:
    """A seal of the database. Text where numbers belong (somebody's edit) is kept, so that its head fails."""
    return Record(
        number=row.number,
        table=row.table,
        after_id=row.after_id,
        last_id=row.last_id,
        columns=tuple(row.columns),
        ids=tuple((first, last) for first, last in row.ids),
        digests=bytes(row.digests),
        sealed_at=row.sealed_at.astimezone(UTC).isoformat(),
        previous=row.previous,
        head=row.head,
    )


def to_row(record: Record) -> Seal:
    """The same for the database, not yet saved."""
    content = {**asdict(record), "sealed_at": datetime.fromisoformat(record.sealed_at)}
    return Seal(row_count=record.row_count, **content)


def to_line(record: Record) -> str:
    """One line of JSON for the copy outside."""
    content = {**_plain(record), "digests": base64.b64encode(record.digests).decode()}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def from_line(line: str) -> Record:
    """Back again. Raises ValueError for a line that is no seal."""
    try:
        content: Mapping[str, Any] = json.loads(line)
        return Record(
            **{
                **content,
                "columns": tuple(content["columns"]),
                "ids": tuple((int(first), int(last)) for first, last in content["ids"]),
                "digests": base64.b64decode(content["digests"]),
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a seal") from error


def _plain(record: Record) -> dict[str, Any]:
    return {**asdict(record), "columns": list(record.columns), "ids": [list(pair) for pair in record.ids]}
