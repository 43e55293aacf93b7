"""The web server's worker: refuses an address that is too long in our words instead of gunicorn's English page,
lets all workers of one server count their metrics together, and answers probes while every thread hangs.

Up to 8,190 bytes the portal answers itself, with a page or RFC 9457. Beyond, no request exists yet: nobody knows
whether a browser or a program asks, so both get the same JSON. It is loaded before Django and imports nothing of it.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import uuid4

from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

from .problems import ADDRESS_TOO_LONG, Problem

PROBES = (b"GET /healthz", b"GET /readyz", b"HEAD /healthz", b"HEAD /readyz")
LONGEST_PROBE = max(map(len, PROBES))
# Seconds the one spare thread waits for a client to say what it wants.
PATIENCE_SECONDS = 0.2
_NO_PROBE = object()


class PortalWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's thread worker with one answer changed and one thread more, for probes alone (operations.md 3d)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handed_over = 0  # connections in the threads' hands; counted in the main thread only

    def init_process(self) -> None:
        self.spare = ThreadPoolExecutor(max_workers=1, thread_name_prefix="probe")
        super().init_process()

    def enqueue_req(self, conn: Any) -> None:
        """While every thread is busy, look first whether it is a probe: a monitor must not queue behind what hangs."""
        if self.handed_over < self.cfg.threads:
            self._hand_over(conn)
            return
        looked = self.spare.submit(self._answer_probe, conn)
        looked.add_done_callback(lambda done: self.method_queue.defer(self._after_look, conn, done))

    def _hand_over(self, conn: Any) -> None:
        self.handed_over += 1
        super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        self.handed_over -= 1
        super().finish_request(conn, fs)

    def _answer_probe(self, conn: Any) -> Any:
        """In the spare thread: answer a probe; anything else is left as it came."""
        if not conn.initialized and not conn.wait_for_data(PATIENCE_SECONDS):
            return _NO_PROBE
        try:
            begins = conn.sock.recv(LONGEST_PROBE, socket.MSG_PEEK)
        except OSError:
            return _NO_PROBE
        return self.handle(conn) if begins.startswith(PROBES) else _NO_PROBE

    def _after_look(self, conn: Any, looked: Any) -> None:
        if not looked.cancelled() and looked.exception() is None and looked.result() is _NO_PROBE:
            self._hand_over(conn)
        else:
            super().finish_request(conn, looked)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        trace = uuid4().hex
        self.log.warning("Address too long, trace_id %s", trace)
        with suppress(OSError):  # who asked may be gone
            client.sendall(refusal(414, "URI Too Long", ADDRESS_TOO_LONG, trace))


def share_metrics() -> None:
    """Each worker writes its counters where every other can read them: else `/metrics` shows one worker's, by chance.

    prometheus_client looks for the folder when it is imported, so this does nothing once it is. The folder ends with the
    server; `PROMETHEUS_MULTIPROC_DIR` names another.
    """
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ or "prometheus_client" in sys.modules:
        return
    folder, owner = tempfile.mkdtemp(prefix="portal-metrics-"), os.getpid()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder

    def remove() -> None:
        if os.getpid() == owner:  # a worker ends too, and has inherited this
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


share_metrics()


def refusal(status: int, reason: str, problem: Problem, trace: str) -> bytes:
    """The whole HTTP answer; its body has the form of every refusal of the API."""
    error = {"pointer": "", "code": problem.code, "message": problem.message, "level": str(problem.level)}
    body = json.dumps(
        {
            "type": f"/api/v1/codes/#{problem.code}",
            "title": "请求没有完成",
            "status": status,
            "code": problem.code,
            "detail": problem.message,
            "errors": [error],
            "trace_id": trace,
        },
        ensure_ascii=False,
    ).encode()
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
        f"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
