"""`Sender`: posts bodies to one receiving address and says what came back. One per thread; keeps its connection."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException

from urllib3.exceptions import HTTPError

from .. import error_codes as codes
from .answers import Answer, Failure, parse_retry_after
from .connection import ClosedEarly, Connection, Response
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
        self._headers = {"Host": target.host_header, "User-Agent": USER_AGENT, "Accept": "*/*"}

    def close(self) -> None:
        """Drop the kept connection, if any."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def post(self, headers: Mapping[str, str], body: bytes, *, timeout: float) -> Answer:
        """Send one body; `timeout` in seconds covers resolving, connecting, sending and the whole answer."""
        started = time.monotonic()
        failure, response = "", None
        try:
            response = self._post({**self._headers, **headers}, body, started + timeout)
        except (TargetRefused, ClosedEarly, OSError, HTTPException, HTTPError) as error:
            failure = _failure(error)
        latency = int((time.monotonic() - started) * 1000)
        if response is None:
            self.close()
            return Answer(None, failure, latency)
        excerpt = response.body.decode("utf-8", "replace").replace("\x00", "\ufffd")
        failed = not 200 <= response.status < 300
        return Answer(
            response.status,
            str(Failure.STATUS) if failed else "",
            latency,
            excerpt,
            parse_retry_after(response.retry_after) if failed else None,
        )

    def _post(self, headers: Mapping[str, str], body: bytes, deadline: float) -> Response:
        connection = self._connection
        if connection is not None:
            stale = time.monotonic() - connection.opened_at > LONGEST_CONNECTION_SECONDS
            if connection.reusable and not stale:
                try:
                    return connection.post(headers, body, deadline=deadline)
                except ClosedEarly:
                    # The receiver closed the idle connection; nothing was answered, and the id makes a repeat harmless.
                    self._connection = None
            else:
                self.close()
        address = resolve(self.target, self.allowed)
        self._connection = Connection(self.target, address, deadline=deadline, tls=self._tls)
        return self._connection.post(headers, body, deadline=deadline)


def _failure(error: Exception) -> Failure:
    if isinstance(error, TargetRefused):
        return Failure.DNS if error.code == codes.TARGET_UNRESOLVED else Failure.REFUSED_TARGET
    # What breaks inside the body comes wrapped by urllib3.
    cause = error.__cause__ if isinstance(error, HTTPError) and error.__cause__ else error
    return next(failure for kinds, failure in _FAILURES if isinstance(cause, kinds))


# The first that fits: what stands above is also of the kinds below.
_FAILURES: tuple[tuple[tuple[type[BaseException], ...], Failure], ...] = (
    ((TimeoutError,), Failure.TIMEOUT),
    ((ssl.SSLError,), Failure.TLS),
    ((ClosedEarly, ConnectionResetError, BrokenPipeError), Failure.RESET),
    ((OSError,), Failure.CONNECT),
    ((HTTPException, HTTPError), Failure.PROTOCOL),
)
