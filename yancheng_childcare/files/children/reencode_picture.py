"""Child process on one picture: checked and written anew, so nothing but the pixels survives (no GPS, no script).

Argument: `kind` ("jpeg" or "png"). Answers the new picture, or a refusal.
"""

from __future__ import annotations

import io
import json
import re
import struct
import sys
import zlib

from frames import Refused, send, send_json
from PIL import Image, ImageOps

MAX_PIXELS = 25_000_000
#: A JPEG can be decoded at a half, a quarter or an eighth without ever being whole in memory: telephones take 50 million
#: pixels and more. Its coefficients are held whole when it is progressive: 200 million of them are 600 MB.
MAX_JPEG_PIXELS = 201_000_000
Image.MAX_IMAGE_PIXELS = None  # the limits are these
JPEG_QUALITY = 90
# Honest progressive JPEGs have about ten scans. Every scan walks the whole picture again, at a price of a few bytes.
MAX_SCANS = 50
# Encoders cut the pixels into chunks of 4 kB and more: 20 MB make 5,000.
MAX_CHUNKS = 20_000
_FORMATS = {"jpeg": "JPEG", "png": "PNG"}
# What Pillow's decoders raise on damaged input.
_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)
# No "P": a palette is 768 bytes of the sender's choice that would stand in the new file as they are.
_KEPT_MODES = {"jpeg": {"L", "RGB"}, "png": {"1", "L", "LA", "RGB", "RGBA"}}
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def reencode(data: bytes, kind: str) -> bytes:
    """The picture encoded again, turned upright. `kind` is "jpeg" or "png".

    A JPEG over 25 million pixels comes out scaled down. Raises Refused: FILE-008 for a PNG over 25 million, a JPEG over
    200 million (refused from the header, before decoding), FILE-009 damaged,
    FILE-022 so many scans or chunks that only reading them takes seconds.
    """
    if kind == "jpeg" and scans(data) > MAX_SCANS:
        raise Refused("FILE-022", found=f"超过 {MAX_SCANS} 次扫描")
    if kind == "png" and chunks(data) > MAX_CHUNKS:
        raise Refused("FILE-022", found=f"超过 {MAX_CHUNKS} 个数据块")
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as picture:
            _fit(picture, kind)
            picture.load()
            return _encode(_upright(picture), kind)
    except _DAMAGED as error:
        raise Refused("FILE-009") from error


def _fit(picture: Image.Image, kind: str) -> None:
    """Ask for a smaller picture where the whole one is too large. Raises Refused where that cannot be."""
    width, height = picture.size
    most = MAX_JPEG_PIXELS if kind == "jpeg" else MAX_PIXELS
    if width * height > most:
        raise Refused("FILE-008", pixels=width * height // 10_000, limit=most // 10_000)
    factor = next(by for by in (1, 2, 4, 8) if width * height <= MAX_PIXELS * by * by)
    if factor > 1:
        picture.draft(None, (max(1, width // factor), max(1, height // factor)))


def scans(data: bytes) -> int:
    """How many scans a JPEG has, counting no further than one over MAX_SCANS (ISO/IEC 10918-1, B.1)."""
    found, at = 0, 2
    while found <= MAX_SCANS:
        marker = _MARKER.search(data, at)
        if marker is None or data[marker.end() - 1] == 0xD9 or marker.end() + 2 > len(data):
            break
        found += data[marker.end() - 1] == 0xDA
        at = marker.end() + max(2, int.from_bytes(data[marker.end() : marker.end() + 2], "big"))
    return found


def chunks(data: bytes) -> int:
    """How many chunks a PNG has up to its end, counting no further than one over MAX_CHUNKS."""
    found, at = 0, 8
    while found <= MAX_CHUNKS and at + 8 <= len(data) and data[at + 4 : at + 8] != b"IEND":
        found += 1
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return found


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF says. Cameras write odd EXIF: an unreadable one is no reason to refuse a readable picture."""
    try:
        return ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError, struct.error, ZeroDivisionError):
        return picture


def _encode(picture: Image.Image, kind: str) -> bytes:
    transparency = picture.info.get("transparency") if kind == "png" else None
    if picture.mode.startswith("I"):
        # 16 bits of grey: the upper eight are kept, as a plain conversion would cut everything over 255 to white
        picture, transparency = picture.point(lambda value: value * (1 / 256)).convert("L"), None
    if picture.mode not in _KEPT_MODES[kind]:
        clear = kind == "png" and ("A" in picture.mode or (picture.mode == "P" and transparency is not None))
        picture, transparency = picture.convert("RGBA" if clear else "RGB"), None
    # everything that travels beside the pixels goes: EXIF, XMP, comments, colour profiles, text chunks
    picture.info = {} if transparency is None else {"transparency": transparency}
    out = io.BytesIO()
    if kind == "jpeg":
        picture.save(out, "JPEG", quality=JPEG_QUALITY, exif=b"", comment=b"")
    else:
        picture.save(out, "PNG", exif=b"")
    return out.getvalue()


def main() -> int:
    """Read, encode anew, answer."""
    try:
        send(reencode(sys.stdin.buffer.read(), json.loads(sys.argv[1])["kind"]))
    except Refused as refused:
        send_json(refused.as_answer())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
