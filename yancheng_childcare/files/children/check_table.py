"""Child process on one import file at the door: an xlsx is looked at as the ZIP it is, a CSV must be text.

Arguments: `kind` ("xlsx" or "csv"), `unpacked` (bytes a workbook may unpack to). Answers {"encoding": …} ("" for a
workbook) or a refusal.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
import zlib

from frames import Refused, send_json

MAX_RATIO = 100
MAX_MEMBERS = 1_000
_ARCHIVES = re.compile(r"\.(zip|xlsx|xlsm|xlsb|xls|docx|docm|pptx|jar|7z|rar|gz|exe|dll|ole)$", re.IGNORECASE)
_DTD = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def check_xlsx(data: bytes, limit: int) -> None:
    """Whether a workbook may be opened. Unpacked sizes are measured, not believed.

    Raises Refused: FILE-016 bomb (over `limit` unpacked, 100 ×, 1,000 members), FILE-017 macros, embedded files or
    nested archives, FILE-018 broken or with a DTD.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            members = book.infolist()
            _check_directory(members, limit)
            total = 0
            for member in members:
                total += _unpacked_size(data, member, limit - total)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, NotImplementedError, EOFError, IndexError) as error:
        raise Refused("FILE-018") from error


def _check_directory(members: list[zipfile.ZipInfo], limit: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise Refused("FILE-016", found=f"{len(members)} 个内部文件")
    unpacked = sum(member.file_size for member in members)
    if unpacked > limit:
        raise Refused("FILE-016", found=f"解压后 {unpacked // 1024 // 1024} MB")
    for member in members:
        name = member.filename
        if name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower():
            raise Refused("FILE-017", found="宏")
        if "/embeddings/" in name.lower() or "/activex/" in name.lower() or _ARCHIVES.search(name):
            raise Refused("FILE-017", found="内嵌文件")
        if name.startswith("/") or ".." in name.split("/") or "\\" in name or member.flag_bits & 1:
            raise Refused("FILE-018")
        # small parts of an honest file reach high ratios: only what can hurt is judged
        if member.file_size > 1024 * 1024 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise Refused("FILE-016", found=f"压缩比超过 {MAX_RATIO} 倍")


def _unpacked_size(data: bytes, member: zipfile.ZipInfo, room: int) -> int:
    """Inflate one member in pieces and count. A member larger than its directory entry says is refused as a lie."""
    header = data[member.header_offset : member.header_offset + 30]
    if header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("no local header")
    start = (
        member.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    )
    packed = data[start : start + member.compress_size]
    if member.compress_type == zipfile.ZIP_STORED:
        _check_part(packed[:2048], member.filename)
        return len(packed)
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise Refused("FILE-018")
    inflate, size = zlib.decompressobj(-15), 0
    while not inflate.eof:
        piece = inflate.decompress(packed, 1024 * 1024)
        if size == 0:
            _check_part(piece[:2048], member.filename)
        size += len(piece)
        if size > room or size > member.file_size:
            raise Refused("FILE-016", found="实际大小与目录不符" if size <= room else "解压后过大")
        packed = inflate.unconsumed_tail
        if not packed and not piece:
            raise zipfile.BadZipFile("truncated member")
    return size


def _check_part(start: bytes, name: str) -> None:
    if start[:4] == b"PK\x03\x04":
        raise Refused("FILE-017", found="内嵌压缩包")
    if name.lower().endswith((".xml", ".rels", ".vml")) and _DTD.search(start.replace(b"\0", b"")):
        raise Refused("FILE-018")


def check_csv(data: bytes) -> str:
    """The encoding of a CSV: "utf-8-sig" (also right without a BOM) or "gb18030".

    Raises Refused: FILE-020 NUL characters (also UTF-16), FILE-019 neither encoding fits.
    """
    if b"\0" in data:
        raise Refused("FILE-020" if not data.startswith((b"\xff\xfe", b"\xfe\xff")) else "FILE-019")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # bytes of a binary file can happen to decode: a text has no control characters
        if not re.search(r"[\x01-\x08\x0e-\x1f\x7f]", text):
            return encoding
    raise Refused("FILE-019")


def main() -> int:
    """Read, check, answer."""
    wanted = json.loads(sys.argv[1])
    data = sys.stdin.buffer.read()
    try:
        encoding = "" if wanted["kind"] == "xlsx" else check_csv(data)
        if wanted["kind"] == "xlsx":
            check_xlsx(data, wanted["unpacked"])
    except Refused as refused:
        send_json(refused.as_answer())
    else:
        send_json({"encoding": encoding})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
