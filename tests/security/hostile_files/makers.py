"""Bytes of pictures, PDFs, archives and workbooks, the same at every run: no clock, no chance, nothing on disk."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pikepdf
import xlsxwriter
from PIL import Image

MEGABYTE = 1024 * 1024
#: Rides on everything that must not survive.
CANARY = b"canary-7f3a"
SCRIPT = b"<html><script>alert('" + CANARY + b"')</script></html>"
PHP = b"<?php system($_GET['" + CANARY + b"']); ?>"
EXE = (
    b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\0" * 44 + b"\x80\0\0\0" + b"\0" * 64 + b"PE\0\0"
)
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\0\x3e\0\x01\0\0\0" + b"\0" * 100
# In two parts, so that a scanner on the developer's machine leaves this source alone.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """A plain picture as Pillow writes it."""
    out = io.BytesIO()
    Image.new(mode, size).save(out, form, **options)
    return out.getvalue()


def jpeg_with(*segments: tuple[int, bytes], data: bytes | None = None) -> bytes:
    """A JPEG with marker segments (marker byte, body) right behind its start."""
    data = data or picture()
    extra = b"".join(b"\xff" + bytes([marker]) + struct.pack("!H", len(body) + 2) + body for marker, body in segments)
    return data[:2] + extra + data[2:]


def chunk(kind: bytes, body: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))


def png_with(*chunks: bytes, data: bytes | None = None) -> bytes:
    """A PNG with more chunks behind its header."""
    data = data or picture("PNG")
    return data[:33] + b"".join(chunks) + data[33:]


def png_of(width: int, height: int, pixels: bytes, *, bits: int = 8, colour: int = 0, more: bytes = b"") -> bytes:
    """A PNG that says what it likes of its size; `pixels` are the unpacked rows with their filter bytes."""
    header = chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, bits, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(pixels, 9))
    return b"\x89PNG\r\n\x1a\n" + header + more + body + chunk(b"IEND", b"")


def archive(members: Mapping[str, bytes], *, packed: bool = True) -> bytes:
    """A ZIP whose members have no date of today."""
    out = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def workbook(more: Mapping[str, bytes] | None = None) -> bytes:
    """A small xlsx, with more members where given."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    book.add_worksheet().write_row(0, 0, ["机构名称", "地址"])
    book.close()
    with zipfile.ZipFile(out, "a") as file:
        for name, content in (more or {}).items():
            file.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def office(folder: str) -> bytes:
    """What Word or PowerPoint would write, as far as a look at the directory goes."""
    return archive({"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b"<a/>"})


def raw_pdf(
    *objects: bytes, root: bytes = b"", page: bytes = b"", header: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
) -> bytes:
    """A one-page PDF, object by object. `root` and `page` are more entries of the catalogue and of the page;
    `objects` become 4 0 obj, 5 0 obj and so on.
    """
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R " + root + b" >>",
        b"<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 200 200 ] /Resources << >> " + page + b" >>",
        *objects,
    ]
    return numbered(bodies, header=header)


def numbered(bodies: list[bytes], *, header: bytes = b"%PDF-1.7\n", trailer: bytes = b"") -> bytes:
    """Objects 1, 2, 3, … with their cross-reference table; object 1 is the catalogue."""
    out, places = bytearray(header), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, trailer, table)
    return bytes(out)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """The body of a stream object."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries, data)


def pdf(pages: int = 1, change: Callable[[pikepdf.Pdf], object] | None = None, **options: Any) -> bytes:
    """A PDF of blank pages as qpdf writes it."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(200, 200))
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, static_id=True, **options)
    return out.getvalue()


def zeros(size: int) -> bytes:
    """`size` zero bytes packed by zlib, without ever holding them."""
    pack, out, piece = zlib.compressobj(9), [], b"\0" * MEGABYTE
    for _ in range(size // MEGABYTE):
        out.append(pack.compress(piece))
    return b"".join([*out, pack.flush()])
