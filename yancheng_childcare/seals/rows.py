"""A row as bytes, and its keyed digest.

The bytes are PostgreSQL's COPY text of named columns with the session's formats pinned, so they do not depend on the
version of the server, and a column added later changes nothing. Of an encrypted column the clear text counts, not the
ciphertext: `rotate_keys` may renew the one without breaking a seal. The digest is keyed, so that digests kept outside
tell nothing about rows that hold guessable things (an ID number has some ten thousand candidates a day of birth).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from psycopg2 import sql

from ..append_only import AppendOnlyTable
from ..crypto import DecryptionFailed, decode_key, decrypt

DIGEST_BYTES = 16
# Rows one statement reads.
_AT_ONCE = 20_000
# How values are written as text; a server or role may have other defaults.
_FORMATS = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


@lru_cache(maxsize=128)
def _keyed(master: str, purpose: str) -> hmac.HMAC:
    key = HKDF(hashes.SM3(), 32, salt=None, info=f"yancheng-childcare seal: {purpose}".encode()).derive(
        decode_key(master, "SEAL_KEY")
    )
    return hmac.HMAC(key, hashes.SM3())


def mac(purpose: str, content: bytes) -> bytes:
    """HMAC-SM3 of `content` under SEAL_KEY, with a key of its own for each purpose; 32 bytes."""
    # A copy of a keyed state costs half of making one (5 µs a row instead of 8).
    state = _keyed(settings.SEAL_KEY, purpose).copy()
    state.update(content)
    return state.finalize()


class RowReader:
    """Reads rows of one table as (number, digest). `columns` are those the seal names, which may be fewer than today's."""

    def __init__(self, table: AppendOnlyTable, columns: Sequence[str]):
        self.table, self.columns = table, tuple(columns)
        # The key stands first in the line.
        self._encrypted = {
            position: table.encrypted[column]
            for position, column in enumerate(self.columns, start=1)
            if column in table.encrypted
        }
        self._purpose = f"row of {table.name}"

    def read(self, cursor: Any, after: int | None, upto: int, most: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Rows with a number in (after, upto], ascending, `most` of them or all; a bounded number is in memory at once.

        The caller is in a transaction and has called `pin_formats`.
        """
        left = most
        while left is None or left > 0:
            asked = _AT_ONCE if left is None else min(left, _AT_ONCE)
            lines = _Lines()
            cursor.copy_expert(self._statement(after, upto, asked), lines)
            found = lines.split()
            for line in found:
                yield int(line[: line.index(b"\t")]), self.digest(line)
            if len(found) < asked:
                return
            after = int(found[-1][: found[-1].index(b"\t")])
            left = None if left is None else left - len(found)

    def _statement(self, after: int | None, upto: int, most: int) -> sql.Composed:
        key = sql.Identifier(self.table.key)
        return sql.SQL(
            "COPY (SELECT {key}, {columns} FROM {table} WHERE {key} <= {upto}{lower} ORDER BY {key} LIMIT {most}) TO STDOUT"
        ).format(
            key=key,
            columns=sql.SQL(", ").join(map(sql.SQL, self.columns)),
            table=sql.Identifier(self.table.name),
            upto=sql.Literal(upto),
            lower=sql.SQL("") if after is None else sql.SQL(" AND {} > {}").format(key, sql.Literal(after)),
            most=sql.Literal(most),
        )

    def digest(self, line: bytes) -> bytes:
        """The digest of one line of COPY text."""
        return mac(self._purpose, self._clear(line) if self._encrypted else line)[:DIGEST_BYTES]

    def _clear(self, line: bytes) -> bytes:
        cells = line.split(b"\t")
        for position, purpose in self._encrypted.items():
            token = cells[position]
            if token in (b"", rb"\N"):
                continue
            try:
                cells[position] = b"clear:" + decrypt(token.decode(), purpose).encode().hex().encode()
            except DecryptionFailed:
                cells[position] = b"unreadable:" + token
        return b"\t".join(cells)


class _Lines:
    """What COPY writes, kept; a range is bounded by the caller."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def split(self) -> list[bytes]:
        return b"".join(self._pieces).split(b"\n")[:-1]


def pin_formats(cursor: Any) -> None:
    """Write values as text in one way, until the end of the transaction."""
    cursor.execute(
        "SELECT " + ", ".join(["set_config(%s, %s, true)"] * len(_FORMATS)),
        [part for pair in _FORMATS.items() for part in pair],
    )
