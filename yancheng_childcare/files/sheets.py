"""Import files: an xlsx is looked at as the ZIP it is before any reader opens it; a CSV must be text."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from django.conf import settings

from .codes import refuse

MAX_UNPACKED = 50 * 1024 * 1024  # settings.IMPORT_MAX_UNPACKED overrides
MAX_RATIO = 100
MAX_MEMBERS = 1_000
_ARCHIVES = re.compile(r"\.(zip|xlsx|xlsm|xlsb|xls|docx|docm|pptx|jar|7z|rar|gz|exe|dll|ole)$", re.IGNORECASE)
_DTD = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def check_xlsx(data: bytes, *, field: str = "file") -> None:
    """Whether a workbook may be opened. Unpacked sizes are measured, not believed.

    Raises Rejected: FILE-016 bomb (over 50 MB unpacked, 100 ×, 1,000 members), FILE-017 macros, embedded files or
    nested archives, FILE-018 broken or with a DTD.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            members = book.infolist()
            _check_directory(members, field)
            total = 0
            for member in members:
                total += _unpacked_size(data, member, total, field)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError, IndexError) as error:
        raise refuse("FILE-018", field) from error


def _limit() -> int:
    return int(getattr(settings, "IMPORT_MAX_UNPACKED", MAX_UNPACKED))


def _check_directory(members: list[zipfile.ZipInfo], field: str) -> None:
    if len(members) > MAX_MEMBERS:
        raise refuse("FILE-016", field, found=f"{len(members)} 个内部文件")
    unpacked = sum(member.file_size for member in members)
    if unpacked > _limit():
        raise refuse("FILE-016", field, found=f"解压后 {unpacked // 1024 // 1024} MB")
    for member in members:
        name = member.filename
        if name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower():
            raise refuse("FILE-017", field, found="宏")
        if "/embeddings/" in name.lower() or "/activex/" in name.lower() or _ARCHIVES.search(name):
            raise refuse("FILE-017", field, found="内嵌文件")
        if name.startswith("/") or ".." in name.split("/") or "\\" in name or member.flag_bits & 1:
            raise refuse("FILE-018", field)
        # small parts of an honest file reach high ratios: only what can hurt is judged
        if member.file_size > 1024 * 1024 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise refuse("FILE-016", field, found=f"压缩比超过 {MAX_RATIO} 倍")


def _unpacked_size(data: bytes, member: zipfile.ZipInfo, before: int, field: str) -> int:
    """Inflate one member in pieces and count. A member larger than its directory entry says is refused as a lie."""
    header = data[member.header_offset : member.header_offset + 30]
    if header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    start = (
        member.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    )
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        _check_part(packed[:2048], member.filename, field)
        return len(packed)
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise refuse("FILE-018", field)
    inflate, size, room = zlib.decompressobj(-15), 0, _limit() - before
    while not inflate.eof:
        piece = inflate.decompress(packed, 1024 * 1024)
        if size == 0:
            _check_part(piece[:2048], member.filename, field)
        size += len(piece)
        if size > room or size > member.file_size:
            raise refuse("FILE-016", field, found="实际大小与目录不符" if size <= room else "解压后过大")
        packed = inflate.unconsumed_tail
        if not packed and not piece:
            raise zipfile.BadZipFile("truncated member")
    return size


def _check_part(start: bytes, name: str, field: str) -> None:
    if start[:4] == b"PK\x03\x04":
        raise refuse("FILE-017", field, found="内嵌压缩包")
    if name.lower().endswith((".xml", ".rels", ".vml")) and _DTD.search(start.replace(b"\0", b"")):
        raise refuse("FILE-018", field)


def check_csv(data: bytes, *, field: str = "file") -> str:
    """The encoding of a CSV: "utf-8-sig" (also right without a BOM) or "gb18030".

    Raises Rejected: FILE-020 NUL characters (also UTF-16), FILE-019 neither encoding fits.
    """
    if b"\0" in data:
        raise refuse("FILE-020" if not data.startswith((b"\xff\xfe", b"\xfe\xff")) else "FILE-019", field)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # bytes of a binary file can happen to decode: a text has no control characters
        if not re.search(r"[\x01-\x08\x0e-\x1f\x7f]", text):
            return encoding
    raise refuse("FILE-019", field)
