"""One kept-alive HTTP/1.1 connection to a pinned address, for POST only.

The standard library's `http.client` parses headers with the e-mail parser, which alone costs more than the rest of a
push; this reads the few headers that matter. Every wait counts against one deadline, so a receiver that drips bytes
cannot hold a thread longer than one that is silent.
"""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from functools import lru_cache

from .targets import Target

HEADER_LIMIT = 32 * 1024
BODY_LIMIT = 64 * 1024
KEPT_BYTES = 4096


class ProtocolError(Exception):
    """What came back is not HTTP/1.x, or has no bounds."""


class ClosedEarly(Exception):
    """The peer closed before the first byte of an answer: on a kept connection it had simply timed out."""


@dataclass(slots=True)
class Response:
    """Status, the `Retry-After` header as sent, and at most the first 4 kB of the body."""

    status: int
    retry_after: str | None
    body: bytes


class Connection:
    """Opens at once; raises OSError (also TimeoutError, ssl.SSLError) when it cannot within `deadline` (monotonic)."""

    def __init__(self, target: Target, address: str, *, deadline: float, tls: ssl.SSLContext | None = None):
        self._buffer = b""
        self.opened_at = time.monotonic()
        self.used = False
        self.reusable = True
        sock = socket.create_connection((address, target.port), timeout=_left(deadline))
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if target.secure:
                context = tls or _trusted_authorities()
                sock.settimeout(_left(deadline))
                # The certificate must be that of the *name*, though the address was chosen by us.
                sock = context.wrap_socket(sock, server_hostname=target.host)
        except BaseException:
            sock.close()
            raise
        self._sock = sock

    def close(self) -> None:
        """Drop the connection; safe to call twice."""
        self.reusable = False
        self._sock.close()

    def post(self, request: bytes, *, deadline: float) -> Response:
        """Send a whole request and read its answer. Raises OSError, ProtocolError or ClosedEarly; then it is closed."""
        try:
            response = self._exchange(request, deadline)
        except BaseException:
            self.close()
            raise
        self.used = True
        if not self.reusable:
            self.close()
        return response

    def _exchange(self, request: bytes, deadline: float) -> Response:
        self._sock.settimeout(_left(deadline))
        try:
            self._sock.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            raise ClosedEarly from None
        first = True
        while True:
            head = self._read_head(deadline, first=first)
            status, fields = _parse_head(head)
            first = False
            if status >= 200:
                break
            if status == 101:
                raise ProtocolError("upgrade")
        version_1_0 = head.startswith(b"HTTP/1.0")
        asked_to_close = b"close" in fields.get(b"connection", b"").lower()
        self.reusable = not asked_to_close and not version_1_0
        body = b"" if status in (204, 304) else self._read_body(fields, deadline)
        retry_after = fields.get(b"retry-after")
        return Response(status, retry_after.decode("latin-1") if retry_after else None, body[:KEPT_BYTES])

    def _receive(self, deadline: float) -> bytes:
        self._sock.settimeout(_left(deadline))
        return self._sock.recv(65536)

    def _read_head(self, deadline: float, *, first: bool) -> bytes:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > HEADER_LIMIT:
                raise ProtocolError("headers too long")
            try:
                data = self._receive(deadline)
            except ConnectionResetError:
                data = b""
                if self._buffer or not first:
                    raise
            if not data:
                if first and not self._buffer:
                    raise ClosedEarly
                raise ProtocolError("closed inside headers")
            self._buffer += data
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        return head

    def _read_body(self, fields: dict[bytes, bytes], deadline: float) -> bytes:
        coding = fields.get(b"transfer-encoding", b"").strip().lower()
        if coding:
            if coding != b"chunked":
                raise ProtocolError("transfer coding")
            return self._read_chunks(deadline)
        length = fields.get(b"content-length")
        if length is None:
            self.reusable = False
            return self._read_up_to(BODY_LIMIT, deadline, until_close=True)
        if not length.isdigit():
            raise ProtocolError("content length")
        wanted = int(length[:12])
        if wanted > BODY_LIMIT:
            self.reusable = False
        return self._read_up_to(min(wanted, BODY_LIMIT), deadline)

    def _read_up_to(self, size: int, deadline: float, *, until_close: bool = False) -> bytes:
        while len(self._buffer) < size:
            data = self._receive(deadline)
            if not data:
                if until_close:
                    break
                raise ProtocolError("closed inside body")
            self._buffer += data
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        return body

    def _read_line(self, deadline: float) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > 1024:
                raise ProtocolError("line too long")
            data = self._receive(deadline)
            if not data:
                raise ProtocolError("closed inside chunk")
            self._buffer += data
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def _read_chunks(self, deadline: float) -> bytes:
        body = b""
        while True:
            size_text = self._read_line(deadline).partition(b";")[0].strip()
            try:
                size = int(size_text, 16)
            except ValueError:
                raise ProtocolError("chunk size") from None
            if size < 0 or len(body) + size > BODY_LIMIT:
                self.reusable = False
                return body
            if size == 0:
                trailers = 0
                while self._read_line(deadline):
                    trailers += 1
                    if trailers > 32:
                        raise ProtocolError("trailers")
                return body
            body += self._read_up_to(size + 2, deadline)[:-2]


@lru_cache(maxsize=1)
def _trusted_authorities() -> ssl.SSLContext:
    """The system's certificate authorities (OpenSSL honours SSL_CERT_FILE), loaded once per process."""
    return ssl.create_default_context()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _parse_head(head: bytes) -> tuple[int, dict[bytes, bytes]]:
    lines = head.split(b"\r\n")
    start = lines[0]
    if not start.startswith(b"HTTP/1.") or len(start) < 12 or not start[9:12].isdigit():
        raise ProtocolError("status line")
    fields: dict[bytes, bytes] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if not colon:
            raise ProtocolError("header line")
        name = name.lower()
        if name in (b"content-length", b"transfer-encoding") and name in fields and fields[name] != value.strip():
            raise ProtocolError("ambiguous length")
        fields[name] = value.strip()
    if b"content-length" in fields and b"transfer-encoding" in fields:
        raise ProtocolError("ambiguous length")
    return int(start[9:12]), fields
