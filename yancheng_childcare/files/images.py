"""Pictures: checked and written anew, so nothing but the pixels survives (no GPS, no appended script)."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageOps

from .codes import refuse

MAX_PIXELS = 25_000_000
JPEG_QUALITY = 90
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
_KEPT_MODES = {"jpeg": {"L", "RGB"}, "png": {"1", "L", "LA", "P", "RGB", "RGBA"}}


def reencode(data: bytes, kind: str, *, field: str = "file") -> bytes:
    """The picture encoded again, turned upright. `kind` is "jpeg" or "png".

    Raises Rejected: FILE-008 over 25 million pixels (refused from the header, before decoding), FILE-009 damaged.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_many(picture.width * picture.height, field)
            picture.load()
            return _encode(_upright(picture), kind)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise refuse("FILE-008", field, pixels="过多", limit=MAX_PIXELS // 10_000) from None
    except _DAMAGED as error:
        raise refuse("FILE-009", field) from error


def _upright(picture: Image.Image) -> Image.Image:
    """Turned as its EXIF says. Cameras write odd EXIF: an unreadable one is no reason to refuse a readable picture."""
    try:
        return ImageOps.exif_transpose(picture)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, IndexError, struct.error, ZeroDivisionError):
        return picture


def _encode(picture: Image.Image, kind: str) -> bytes:
    transparency = picture.info.get("transparency") if kind == "png" else None
    if picture.mode not in _KEPT_MODES[kind]:
        picture = picture.convert("RGB" if kind == "jpeg" or "A" not in picture.mode else "RGBA")
        transparency = None
    # everything that travels beside the pixels goes: EXIF, XMP, comments, colour profiles, text chunks
    picture.info = {} if transparency is None else {"transparency": transparency}
    out = io.BytesIO()
    if kind == "jpeg":
        picture.save(out, "JPEG", quality=JPEG_QUALITY, exif=b"", comment=b"")
    else:
        picture.save(out, "PNG", exif=b"")
    return out.getvalue()


def _too_many(pixels: int, field: str) -> Exception:
    return refuse("FILE-008", field, pixels=pixels // 10_000, limit=MAX_PIXELS // 10_000)
