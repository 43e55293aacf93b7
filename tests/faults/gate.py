"""A TCP door in front of a service, which a test can shut, freeze or slam: real sockets, no stub of the service."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path


class Gate:
    """Listens on a loopback port and carries bytes to a Unix socket. Begins open."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._flow = threading.Event()
        self._flow.set()
        self._lines: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                outside, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(outside,), daemon=True).start()

    def _serve(self, outside: socket.socket) -> None:
        with self._lock:
            self._lines.append(outside)
        self._flow.wait()
        inside = socket.socket(socket.AF_UNIX)
        try:
            inside.connect(str(self.target))
        except OSError:
            inside.close()
            outside.close()
            return
        with self._lock:
            self._lines.append(inside)
        threading.Thread(target=self._carry, args=(inside, outside), daemon=True).start()
        self._carry(outside, inside)

    def _carry(self, source: socket.socket, goal: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._flow.wait()
                goal.sendall(data)
        except OSError:
            pass
        for line in (source, goal):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def freeze(self) -> None:
        """A black hole: connections are taken, what is sent is acknowledged by the kernel, nothing is ever answered."""
        self._flow.clear()

    def shut(self) -> None:
        """As if the server were stopped: open connections end, new ones are refused."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.slam()

    def slam(self) -> None:
        """End every open connection; new ones are taken."""
        with self._lock:
            lines, self._lines = self._lines, []
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def restore(self) -> None:
        """Open again, on the same port."""
        self._flow.set()
        if self._listener.fileno() == -1:
            self._listener = self._listen(self.port)
