"""`Sender`: posts bodies to one receiving address and says what came back. One per thread; keeps its connection."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping

from .. import error_codes as codes
from .answers import Answer, Failure, parse_retry_after
from .http1 import ClosedEarly, Connection, ProtocolError, Response
from .targets import Allowed, Target, TargetRefused, resolve

USER_AGENT = "yancheng-childcare-portal/1"
# A changed address or a withdrawn permission takes effect at the latest after this many seconds on a busy connection.
LONGEST_CONNECTION_SECONDS = 60.0


class Sender:
    """Never raises for what the other side does: every outcome is an `Answer`."""

    def __init__(self, target: Target, allowed: tuple[Allowed, ...], *, tls: ssl.SSLContext | None = None):
        self.target = target
        self.allowed = allowed
        self._tls = tls
        self._connection: Connection | None = None
        self._start = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.host_header}\r\nUser-Agent: {USER_AGENT}\r\nAccept: */*\r\n"
        ).encode()

    def close(self) -> None:
        """Drop the kept connection, if any."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def post(self, headers: Mapping[str, str], body: bytes, *, timeout: float) -> Answer:
        """Send one body; `timeout` in seconds covers resolving, connecting, sending and the whole answer."""
        started = time.monotonic()
        deadline = started + timeout
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        request = b"%s%sContent-Length: %d\r\n\r\n%s" % (self._start, lines.encode("latin-1"), len(body), body)
        error, response = "", None
        try:
            response = self._post(request, deadline)
        except TargetRefused as refused:
            error = Failure.DNS if refused.code == codes.TARGET_UNRESOLVED else Failure.REFUSED_TARGET
        except TimeoutError:
            error = Failure.TIMEOUT
        except ssl.SSLError:
            error = Failure.TLS
        except (ClosedEarly, ConnectionResetError, BrokenPipeError):
            error = Failure.RESET
        except OSError:
            error = Failure.CONNECT
        except ProtocolError:
            error = Failure.PROTOCOL
        latency = int((time.monotonic() - started) * 1000)
        if response is None:
            self.close()
            return Answer(None, str(error), latency)
        excerpt = response.body.decode("utf-8", "replace").replace("\x00", "\ufffd")
        failed = not 200 <= response.status < 300
        return Answer(
            response.status,
            str(Failure.STATUS) if failed else "",
            latency,
            excerpt,
            parse_retry_after(response.retry_after) if failed else None,
        )

    def _post(self, request: bytes, deadline: float) -> Response:
        connection = self._connection
        if connection is not None:
            stale = time.monotonic() - connection.opened_at > LONGEST_CONNECTION_SECONDS
            if connection.reusable and not stale:
                try:
                    return connection.post(request, deadline=deadline)
                except ClosedEarly:
                    # The receiver closed the idle connection; nothing was answered, and the id makes a repeat harmless.
                    self._connection = None
            else:
                self.close()
        address = resolve(self.target, self.allowed)
        self._connection = Connection(self.target, address, deadline=deadline, tls=self._tls)
        return self._connection.post(request, deadline=deadline)
