"""A receiver for measurements, in its own process: as fast as asyncio goes, waits a set delay, counts by `webhook-id`.

    python -m benchmarks.push.receiver PORT_FILE

`POST /webhooks` counts; `POST /reset?delay=0.05&status=200` starts afresh; `GET /stats` answers JSON. Times are those of the
machine's monotonic clock, the same for every process.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


class State:
    """What was received since the last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self, delay: float = 0.0, status: int = 200) -> None:
        """Forget all; from now on answer with `status` after `delay` seconds."""
        self.delay, self.status = delay, status
        self.requests = 0
        self.seen: dict[str, float] = {}
        self.order: list[str] = []
        self.first = self.last = 0.0

    def take(self, webhook_id: str) -> None:
        """Count one request; only the first with an id has an effect."""
        now = time.monotonic()
        self.requests += 1
        self.first = self.first or now
        if self.status == 200 and webhook_id not in self.seen:
            self.seen[webhook_id] = now
            self.last = now

    def stats(self, *, full: bool) -> dict[str, object]:
        """Counts and times; with `full` also the time of each id."""
        base: dict[str, object] = {
            "requests": self.requests, "unique": len(self.seen), "first": self.first, "last": self.last,
        }  # fmt: skip
        return base | ({"seen": self.seen} if full else {})


class Protocol(asyncio.Protocol):
    """HTTP/1.1 with keep-alive and Content-Length, no more."""

    def __init__(self, state: State):
        self.state = state
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            original = self.buffer[:end]
            self.buffer = self.buffer[end + 4 + length :]
            self._answer(original, head)

    def _answer(self, original: bytes, head: bytes) -> None:
        path = original.split(b" ", 2)[1].decode()
        if path.startswith("/webhooks"):
            at = head.find(b"webhook-id:")
            webhook_id = original[at + 11 :].split(b"\r\n", 1)[0].strip().decode() if at >= 0 else ""
            self.state.take(webhook_id)
            if self.state.delay:
                asyncio.get_running_loop().call_later(self.state.delay, self._write, self.state.status, b"{}")
            else:
                self._write(self.state.status, b"{}")
        elif path.startswith("/reset"):
            query = dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair)
            self.state.reset(float(query.get("delay", 0)), int(query.get("status", 200)))
            self._write(200, b"{}")
        else:
            self._write(200, json.dumps(self.state.stats(full="full" in path)).encode())

    def _write(self, status: int, body: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (status, len(body), body)
            )


async def _serve(port_file: Path) -> None:
    state = State()
    server = await asyncio.get_running_loop().create_server(lambda: Protocol(state), "127.0.0.1", 0)
    draft = port_file.with_suffix(".draft")
    draft.write_text(str(server.sockets[0].getsockname()[1]))
    draft.rename(port_file)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
