"""One gunicorn worker and a client that keeps its connection: what a request costs, without what a client library costs."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(application: str, environment: dict[str, str]) -> Iterator[int]:
    """One worker with one thread; yields its port when it answers. Raises RuntimeError when it does not."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--no-control-socket", "--workers", "1", "--worker-class", "gthread",
        "--threads", "1", "--keep-alive", "30", "--log-level", "error", "--bind", f"127.0.0.1:{port}", application,
    ]  # fmt: skip
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 40
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), 1):
                    break
            except OSError:
                if time.monotonic() > until or process.poll() is not None:
                    raise RuntimeError(f"{application} does not answer") from None
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: a GET, or a POST of this JSON when there is any."""

    path: str
    body: bytes = b""
    headers: tuple[str, ...] = ()

    def text(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [
            f"{'POST' if self.body else 'GET'} {self.path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json, */*",
            *self.headers,
        ]  # fmt: skip
        if self.body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Client:
    """A kept connection; `get` and `send` return (status, body)."""

    def __init__(self, port: int):
        self.port = port
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), 120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> tuple[int, bytes]:
        """One GET. Opens the connection anew when the server closed it."""
        return self.send(Ask(path))

    def send(self, ask: Ask) -> tuple[int, bytes]:
        """One request. Opens the connection anew when the server closed it."""
        request = ask.text()
        self.socket.sendall(request)
        data = self.socket.recv(65536)
        if not data:
            self.socket.close()
            self._open()
            self.socket.sendall(request)
            data = self.socket.recv(65536)
        while b"\r\n\r\n" not in data:
            data += self.socket.recv(65536)
        head, body = data.split(b"\r\n\r\n", 1)
        length = next(
            int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
        )
        pieces, have = [body], len(body)
        while have < length:
            pieces.append(self.socket.recv(1 << 18))
            have += len(pieces[-1])
        if b"connection: close" in head.lower():
            self.socket.close()
            self._open()
        return int(head.split(b" ", 2)[1]), b"".join(pieces)


def times(port: int, paths: list[str]) -> list[float]:
    """Milliseconds of each GET, one after the other. Raises RuntimeError when one is not answered with 200."""
    client, found = Client(port), []
    for path in paths:
        began = time.perf_counter()
        status, body = client.get(path)
        found.append((time.perf_counter() - began) * 1000)
        if status != 200:
            raise RuntimeError(f"{status} {path} {body[:300]!r}")
    return found


def rate(port: int, paths: list[str], seconds: float, clients: int = 3) -> float:
    """Requests per second that `clients` get through in this time, each going round the paths from another start."""
    done = [0] * clients
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        client, position = Client(port), number * len(paths) // clients
        while time.monotonic() < until:
            client.get(paths[position % len(paths)])
            position, done[number] = position + 1, done[number] + 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - began)


def through(port: int, asks: Sequence[Ask], clients: int = 3) -> float:
    """Requests per second while `clients` send these, each once. Raises RuntimeError when one is not answered with 2xx."""
    refused: list[str] = []

    def work(number: int) -> None:
        client = Client(port)
        for ask in asks[number::clients]:
            status, body = client.send(ask)
            if not 200 <= status < 300:
                refused.append(f"{status} {ask.path} {body[:300]!r}")
                return

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise RuntimeError(refused[0])
    return len(asks) / (time.monotonic() - began)
