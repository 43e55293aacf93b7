"""One kept-alive urllib3 connection to a pinned address, for POST only.

A socket timeout of urllib3 is renewed by every byte, so a receiver that drips could hold a thread for ever; and
`http.client` takes headers that were cut off for whole ones and a chunk of -1 bytes for everything until the end. All
three are settled where bytes come in: `Bounded`.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException, HTTPResponse
from typing import Any, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.response import assert_header_parsing

from .targets import Target

HEADER_LIMIT = 32 * 1024
BODY_LIMIT = 64 * 1024
KEPT_BYTES = 4096


class ClosedEarly(Exception):
    """The peer closed before the first byte of an answer: on a kept connection it had simply timed out."""


@dataclass(slots=True)
class Response:
    """Status, the `Retry-After` header as sent, and at most the first 4 kB of the body."""

    status: int
    retry_after: str | None
    body: bytes


class Bounded(socket.socket):
    """Every wait counts against one `deadline` (monotonic); what comes in against an `allowance` of bytes."""

    deadline = 0.0
    allowance = 0
    in_head = silent = True

    def begin(self, deadline: float) -> None:
        """An answer is awaited, its headers first."""
        self.deadline, self.allowance, self.in_head, self.silent = deadline, HEADER_LIMIT, True, True

    def begin_body(self) -> None:
        """The headers were read; framing may double a body."""
        self.allowance, self.in_head = 2 * BODY_LIMIT, False

    def sendall(self, *arguments: Any) -> None:
        """As the standard library's, until the deadline."""
        self.settimeout(_left(self.deadline))
        super().sendall(*arguments)

    def send(self, *arguments: Any) -> int:
        """What `sendall` of a TLS socket calls for every piece."""
        self.settimeout(_left(self.deadline))
        return super().send(*arguments)

    def recv_into(self, *arguments: Any) -> int:
        """As the standard library's, until the deadline. Raises HTTPException for what is too long, or cut-off headers."""
        if self.allowance < 0:
            raise HTTPException("too long")
        self.settimeout(_left(self.deadline))
        count = super().recv_into(*arguments)
        if not count and self.in_head and not self.silent:
            raise HTTPException("closed inside headers")
        self.allowance -= count
        self.silent = self.silent and not count
        return count


class BoundedTLS(Bounded, ssl.SSLSocket):
    """The same over TLS."""


class Answered(HTTPResponse):
    """Headers that cannot be read are an error; urllib3 alone would only log them."""

    def begin(self) -> None:
        """Read status and headers. Raises HeaderParsingError."""
        super().begin()
        assert_header_parsing(self.msg)


class Plain(HTTPConnection):
    """Dials `address`, whatever the name resolves to by now; what is to be sent is gathered, to leave in one packet."""

    response_class = Answered
    address = ""
    deadline = 0.0
    gathered = b""

    def send(self, data: Any) -> None:
        """Instead of one packet for the headers and one for the body."""
        self.gathered += data

    def _new_conn(self) -> socket.socket:
        sock = socket.create_connection((self.address, self.port), timeout=_left(self.deadline))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        bounded = Bounded(fileno=sock.detach())
        bounded.settimeout(_left(self.deadline))
        return bounded


class Secure(Plain, HTTPSConnection):
    """The certificate must be that of the *name*, though the address was chosen by us."""


class Connection:
    """Opens at once; raises OSError (also TimeoutError, ssl.SSLError) when it cannot within `deadline` (monotonic)."""

    def __init__(self, target: Target, address: str, *, deadline: float, tls: ssl.SSLContext | None = None):
        self.opened_at = time.monotonic()
        self._path = target.path
        link = (
            Secure(target.host, target.port, ssl_context=_bounded(tls))
            if target.secure
            else Plain(target.host, target.port)
        )
        link.address, link.deadline = address, deadline
        self._link = link
        try:
            link.connect()
        except BaseException:
            link.close()
            raise
        self._sock = cast(Bounded, link.sock)

    @property
    def reusable(self) -> bool:
        """Whether another request may be sent: neither side has said that it closes."""
        return not self._link.is_closed

    def close(self) -> None:
        """Drop the connection; safe to call twice."""
        self._link.close()

    def post(self, headers: Mapping[str, str], body: bytes, *, deadline: float) -> Response:
        """Send a body and read the answer. Raises OSError, HTTPException, HTTPError or ClosedEarly; then it is closed."""
        try:
            return self._exchange(headers, body, deadline)
        except BaseException:
            self.close()
            raise

    def _exchange(self, headers: Mapping[str, str], body: bytes, deadline: float) -> Response:
        link, sock = self._link, self._sock
        sock.begin(deadline)
        link.gathered = b""
        link.request("POST", self._path, body, headers, preload_content=False, decode_content=False)
        try:
            sock.sendall(link.gathered)
            answer = link.getresponse()
        except (BrokenPipeError, ConnectionResetError):
            if sock.silent:
                raise ClosedEarly from None
            raise
        if answer.status < 200:
            raise HTTPException("no final answer")
        sock.begin_body()
        content = b""
        try:
            while len(content) < BODY_LIMIT and (piece := answer.read(BODY_LIMIT - len(content))):
                content += piece
        except ValueError as error:  # the standard library takes a chunk of -5 bytes for a number
            raise HTTPException("chunk size") from error
        if not answer.closed:
            self.close()  # what is left of too long a body would be read as the next answer
        return Response(answer.status, answer.headers.get("Retry-After"), content[:KEPT_BYTES])


@lru_cache(maxsize=1)
def _trusted_authorities() -> ssl.SSLContext:
    """The system's certificate authorities (OpenSSL honours SSL_CERT_FILE), loaded once per process."""
    return ssl.create_default_context()


def _bounded(tls: ssl.SSLContext | None) -> ssl.SSLContext:
    context = tls or _trusted_authorities()
    context.sslsocket_class = BoundedTLS
    return context


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
