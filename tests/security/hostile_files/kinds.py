"""What an entry of the corpus is, and what has to be true of a file that was made harmless."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from yancheng_childcare.files.intake import DOCUMENTS, IntakeResult

from .makers import CANARY, EXE, SCRIPT

HARMLESS = "harmless"
Check = Callable[[IntakeResult], None]


@dataclass(frozen=True, slots=True)
class HostileFile:
    """One attack. `expect` is the FILE code it is refused with, or HARMLESS with a `check` that raises AssertionError
    while anything of the attack is left. `scanned` entries meet a scanner that knows the EICAR signature."""

    name: str
    filename: str
    build: Callable[[], bytes]
    tries: str
    expect: str
    check: Check | None = None
    allowed: tuple[str, ...] = DOCUMENTS
    scanned: bool = False


def bare(mode: str = "", size: tuple[int, int] = (64, 48)) -> Check:
    """The picture is there with its size, and nothing else: no metadata, no further frame, no byte behind its end."""

    def check(result: IntakeResult) -> None:
        data = result.data
        parts = jpeg_parts(data) if result.kind == "jpeg" else png_parts(data)
        allowed = {0xE0, 0xDB, 0xC0, 0xC4, 0xDA} if result.kind == "jpeg" else {b"IHDR", b"IDAT", b"IEND"}
        assert set(parts) <= allowed, parts
        for word in (CANARY, SCRIPT, EXE, b"<?php", b"<script", b"Exif", b"xmp", b"PK\x03\x04", b"GPS"):
            assert word not in data
        with Image.open(io.BytesIO(data)) as read:
            read.load()
            assert read.size == size
            assert not mode or read.mode == mode
            assert getattr(read, "n_frames", 1) == 1
            assert not dict(read.getexif())
            assert set(read.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, read.info

    return check


def jpeg_parts(data: bytes) -> list[int]:
    """The markers of the segments. Raises AssertionError when the picture's end is not the end of the file."""
    at, found = 2, []
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        found.append(data[at + 1])
        at += 2 + struct.unpack("!H", data[at + 2 : at + 4])[0]
    assert data.index(b"\xff\xd9", at) == len(data) - 2
    return [*found, data[at + 1]]


def png_parts(data: bytes) -> list[bytes]:
    """The kinds of the chunks. Raises AssertionError when IEND is not the end of the file."""
    at, found = 8, []
    while at < len(data):
        found.append(data[at + 4 : at + 8])
        at += 12 + struct.unpack("!I", data[at : at + 4])[0]
    assert at == len(data)
    assert found[-1] == b"IEND"
    return found


def named(name: str) -> Check:
    """The file is kept under exactly this name."""

    def check(result: IntakeResult) -> None:
        assert result.name == name

    return check
