"""Everything that leaves as a table: one `safe_cell` for every cell, xlsx and csv written row by row.

Formula injection, reliability.md T24: a spreadsheet runs a cell that starts with = + - @ and friends, also in a CSV
and also when the sign is full-width or hidden behind a blank. Libraries miss several of these, so the rule is ours.
"""

from __future__ import annotations

import csv
import io
import math
import re
import tempfile
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from .workdays import SHANGHAI

# After NFKC, so ＝＋－＠｜％ and their small and raised forms count as well.
_DANGEROUS = frozenset("=+-@|%")
# No XML 1.0 character, or invisible: NUL and other controls, surrogates, noncharacters.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MAX_TEXT = 32_767  # Excel's limit per cell: xlsxwriter would silently drop a longer text
MAX_ROWS = 1_048_576  # Excel's limit per sheet, the header included
MAX_EXACT_INT = 10**15  # a spreadsheet keeps 15 digits: longer numbers become text
_CUT = "…（已截断）"

Cell = str | int | float


def safe_cell(value: Any) -> Cell:
    """The value as a cell that no spreadsheet will execute.

    Text that starts, after blanks and invisible characters, with = + - @ | % (any width), or with TAB, CR, LF or NUL
    itself, gets a leading apostrophe. Numbers stay numbers; None is empty; dates are ISO text in Shanghai time;
    booleans are 是 / 否.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        return int(value) if abs(value) < MAX_EXACT_INT else safe_cell(str(value))
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else ""
    if isinstance(value, float):
        return value if math.isfinite(value) else ""
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI) if value.tzinfo else value
        return local.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return _safe_text(str(value))


def _safe_text(text: str) -> str:
    risky = text[:1] in {"\t", "\r", "\n", "\0"} or _first_visible(text) in _DANGEROUS
    clean = _UNWRITABLE.sub("", text)
    if risky:
        clean = "'" + clean
    return clean if len(clean) <= MAX_TEXT else clean[: MAX_TEXT - len(_CUT)] + _CUT


def _first_visible(text: str) -> str:
    """The first character that a reader would see, in its plain-width form; "" when there is none."""
    for character in text:
        if not character.isspace() and unicodedata.category(character) not in {
            "Cc",
            "Cf",
            "Cs",
            "Cn",
            "Zs",
            "Zl",
            "Zp",
        }:
            return unicodedata.normalize("NFKC", character)[:1]
    return ""


def write_csv(rows: Iterable[Sequence[Any]], header: Sequence[str]) -> Iterator[bytes]:
    """CSV for Excel and WPS: UTF-8 with BOM, CRLF, every text made safe. Streams: one piece per 500 rows."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_MINIMAL)
    buffer.write("\ufeff")
    writer.writerow([safe_cell(name) for name in header])
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(value) for value in row])
        if number % 500 == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def write_xlsx(
    rows: Iterable[Sequence[Any]],
    header: Sequence[str],
    sheet: str,
    *,
    text_columns: Collection[str] = (),
    created: datetime | None = None,
) -> IO[bytes]:
    """A workbook in a temporary file, opened at its start (give it to FileResponse; it is deleted when closed).

    Memory stays flat: rows are written as they come. Columns named in `text_columns` are text whatever their values
    look like (codes, telephone numbers). More than 1,048,575 rows go on in further sheets. With `created` the same rows give the
    same bytes; without it the workbook carries the moment it was written.
    """
    target = tempfile.TemporaryFile()  # noqa: SIM115  # handed to the caller, who closes it
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    if created is not None:
        book.set_properties({"created": created.astimezone(UTC).replace(tzinfo=None)})
    bold, as_text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
    forced = {index for index, name in enumerate(header) if name in text_columns}
    page, line, count = None, MAX_ROWS, 0
    try:
        source = iter(rows)
        row: Sequence[Any] | None = next(source, None)
        while page is None or row is not None:
            if line >= MAX_ROWS:
                count += 1
                page = book.add_worksheet(sheet_name(sheet, count))
                _prepare(page, header, forced, bold, as_text)
                line = 1
            if row is None:
                break
            for column, value in enumerate(row):
                _write(page, line, column, value, as_text if column in forced else None)
            line += 1
            row = next(source, None)
        book.close()
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return target


def _prepare(page: Any, header: Sequence[str], forced: set[int], bold: Any, as_text: Any) -> None:
    for column, name in enumerate(header):
        page.set_column(column, column, min(40, max(10, 2 * len(name) + 4)), as_text if column in forced else None)
    page.freeze_panes(1, 0)
    for column, name in enumerate(header):
        page.write_string(0, column, str(safe_cell(name)), bold)


def _write(page: Any, line: int, column: int, value: Any, text_format: Any) -> None:
    if text_format is not None and not isinstance(value, bool):
        value = "" if value is None else str(value) if not isinstance(value, (date, float, Decimal)) else value
    cell = safe_cell(value)
    if isinstance(cell, str):
        if cell:
            page.write_string(line, column, cell, text_format)
    elif text_format is not None:
        page.write_string(line, column, str(cell), text_format)
    else:
        page.write_number(line, column, cell)


def sheet_name(title: str, number: int = 1) -> str:
    """A sheet name that Excel accepts: none of []:*?/\\, no apostrophe at the ends, at most 31 characters."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "", title).strip("' ") or "数据"
    ending = "" if number == 1 else f"（{number}）"
    return clean[: 31 - len(ending)] + ending


def export_name(region: str, measure: str, period: str, moment: datetime, extension: str) -> str:
    """`区域_指标_期间_生成时间.扩展名`, without characters that file systems refuse. `moment` needs a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    parts = [region, measure, period, moment.astimezone(SHANGHAI).strftime("%Y%m%d-%H%M%S")]
    clean = [re.sub(r'[\s_<>:"/\\|?*\x00-\x1f\x7f]+', "-", part).strip("-.") or "全部" for part in parts]
    return "_".join(part[:60] for part in clean) + "." + re.sub(r"[^a-z0-9]", "", extension.lower())
