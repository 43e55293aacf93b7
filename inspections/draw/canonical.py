"""Files in one form only (CSV, UTF-8, LF, a heading, no byte order mark) and the list of the SM3 of all their lines.

The list tells which line of which file is not what it was, and its own SM3 is the fingerprint of them all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from yancheng_childcare.crypto import sm3

LIST_HEADING = ("file", "line", "sm3")


def write(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file as bytes; the order of rows is the caller's."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue().encode()


def read(content: bytes, heading: Sequence[str]) -> list[list[str]]:
    """The rows under the heading, all as long as it. ValueError(line number, why) for anything else."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode(), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise ValueError(content.count(b"\n", 0, error.start) + 1, "不是 UTF-8 文字") from error
    except csv.Error as error:
        raise ValueError(1, f"不是 CSV 文件：{error}") from error
    if not rows or rows[0] != list(heading):
        raise ValueError(1, f"首行应为 {','.join(heading)}")
    for number, row in enumerate(rows, 1):
        if len(row) != len(heading):
            raise ValueError(number, f"应有 {len(heading)} 列")
    return rows[1:]


def lines(content: bytes) -> list[bytes]:
    """The lines, each with its line feed (the last may lack it): what `sed -n 5p FILE` gives."""
    parts = [part + b"\n" for part in content.split(b"\n")]
    last = parts.pop()[:-1]
    return [*parts, last] if last else parts


def line_list(files: Mapping[str, bytes]) -> bytes:
    """For every line of every file, in the order of file names: file, line number from 1, SM3 of the line with its LF."""
    return write(
        LIST_HEADING,
        (
            (name, number, sm3(line).hex())
            for name in sorted(files)
            for number, line in enumerate(lines(files[name]), 1)
        ),
    )


def fingerprint(content: bytes) -> str:
    """SM3, 64 hex digits."""
    return sm3(content).hex()


def first_difference(given: bytes, wanted: bytes) -> int | None:
    """The first line (from 1) in which two files differ; None when they are equal byte by byte."""
    if given == wanted:
        return None
    pairs = zip(lines(given), lines(wanted), strict=False)
    same = next((number for number, (a, b) in enumerate(pairs, 1) if a != b), None)
    return same or min(len(lines(given)), len(lines(wanted))) + 1
