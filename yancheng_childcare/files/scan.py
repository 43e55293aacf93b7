"""ClamAV over its socket (INSTREAM, about twenty lines; reliability.md T23). No scanner reachable = the file waits."""

from __future__ import annotations

import socket
import struct
from enum import StrEnum

import structlog
from django.conf import settings

from .codes import refuse

TIMEOUT_SECONDS = 30
_CHUNK = 64 * 1024
log = structlog.get_logger("security")


class ScanState(StrEnum):
    """CLEAN may be shown to others; WAITING must not be until a later scan says so (StoredFile.scan_state)."""

    CLEAN = "CLEAN"
    WAITING = "WAITING"


def scan(data: bytes, *, field: str = "file") -> ScanState:
    """CLEAN when the scanner says so or none is configured (`CLAMD_SOCKET` empty); WAITING when it does not answer
    properly.

    Raises Rejected FILE-021 when it names a virus.
    """
    address = getattr(settings, "CLAMD_SOCKET", "")
    if not address:
        return ScanState.CLEAN
    try:
        answer = _ask(str(address), data)
    except OSError as error:
        log.error("scanner_unreachable", error=type(error).__name__)
        return ScanState.WAITING
    if answer.endswith("FOUND"):
        log.warning("virus_found", signature=answer.removeprefix("stream:").removesuffix("FOUND").strip()[:80])
        raise refuse("FILE-021", field)
    if answer == "stream: OK":
        return ScanState.CLEAN
    log.error("scanner_unclear", answer=answer[:80])
    return ScanState.WAITING


def _ask(address: str, data: bytes) -> str:
    with _connect(address) as link:
        link.settimeout(TIMEOUT_SECONDS)
        link.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), _CHUNK):
            chunk = data[start : start + _CHUNK]
            link.sendall(struct.pack("!I", len(chunk)) + chunk)
        link.sendall(struct.pack("!I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := link.recv(4096)):
            answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connect(address: str) -> socket.socket:
    """A path is a Unix socket, `host:port` is TCP."""
    if address.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(TIMEOUT_SECONDS)
        try:
            link.connect(address)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), TIMEOUT_SECONDS)
