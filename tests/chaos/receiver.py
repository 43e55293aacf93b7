"""A receiver of the crash run: verifies, deduplicates by `webhook-id` on disk, and misbehaves at seeded random moments.

    python -m tests.chaos.receiver --name health --stage STAGE.json

It is killed with -9 like everything else. Its word on what took effect is `<name>.effects.jsonl`, written and synced
before it answers. While the file `calm` exists it behaves.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from .durable import DurableLog, read

# What a receiver does instead of simply answering, and how often. `after` = the effect is there all the same.
MOODS = {
    "slow": 0.03,
    "error": 0.015,
    "error after": 0.015,
    "busy": 0.01,
    "hang": 0.006,
    "hang after": 0.006,
    "lost ack": 0.03,
}


class Receiver(ThreadingHTTPServer):
    """Its state is the log; memory only remembers what the log says."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name: str, stage: dict[str, Any]):
        """`stage` is what `tests.chaos.stage` wrote."""
        mine = stage["endpoints"][name]
        folder = Path(stage["folder"])
        self.timeout_seconds: float = mine["timeout"]
        self.webhook = Webhook(mine["secret"])
        self.calm = folder / "calm"
        self.effects = DurableLog(folder / f"{name}.effects.jsonl")
        self.visits = DurableLog(folder / f"{name}.visits.jsonl", sync=False)
        self.known = {record["id"] for record in read(self.effects.path)}
        starts = DurableLog(folder / f"{name}.starts.jsonl")
        starts.append({"at": time.time(), "known": len(self.known)})
        # Another life, another sequence; all of them follow from the seed of the run.
        self.rng = random.Random(f"{stage['seed']} {name} {len(read(starts.path))}")
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", mine["port"]), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that was killed closes its connections: no news."""

    def mood(self) -> str:
        """What this request will meet."""
        with self.lock:
            draw = self.rng.random()
        if self.calm.exists():
            return "fine"
        for mood, share in MOODS.items():
            draw -= share
            if draw < 0:
                return mood
        return "fine"

    def take(self, webhook_id: str, body: bytes, mood: str) -> None:
        """The effect, once per webhook-id."""
        event = json.loads(body)
        data = event["data"]
        with self.lock:
            again = webhook_id in self.known
            if not again:
                self.effects.append(
                    {
                        "id": webhook_id,
                        "event": data["event_id"],
                        "type": event["type"],
                        "subject": data["uscc"],
                        "version": data["record_version"],
                        "at": time.time(),
                    }
                )
                self.known.add(webhook_id)
            self.visits.append({"id": webhook_id, "again": again, "mood": mood, "at": time.time()})

    def note(self, webhook_id: str, mood: str) -> None:
        """A visit that was turned away."""
        with self.lock:
            self.visits.append({"id": webhook_id, "mood": mood, "at": time.time()})

    def refuse(self, webhook_id: str) -> None:
        """A signature that does not hold: counted, it must never happen."""
        with self.lock:
            self.visits.append({"id": webhook_id, "bad": True, "at": time.time()})


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Receiver
    # Headers and body of an answer leave in one packet; without this each waits for the other side's delayed ACK.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Sign of life for the harness."""
        self._answer(200)

    def do_POST(self) -> None:
        """Verify, then act as the mood wants."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        webhook_id = self.headers.get("webhook-id", "")
        try:
            self.server.webhook.verify(body, {name.lower(): value for name, value in self.headers.items()})
        except WebhookVerificationError:
            self.server.refuse(webhook_id)
            self._answer(401)
            return
        mood = self.server.mood()
        if mood == "error":
            self.server.note(webhook_id, mood)
            self._answer(500)
        elif mood == "busy":
            self.server.note(webhook_id, mood)
            self._answer(429, {"Retry-After": str(1 + len(body) % 2)})
        elif mood == "hang":
            # The sender has given up meanwhile; the effect comes late.
            time.sleep(self.server.timeout_seconds + 1.5)
            self.server.take(webhook_id, body, mood)
            self._answer(200)
        else:
            self.server.take(webhook_id, body, mood)
            self._after(mood)

    def _after(self, mood: str) -> None:
        if mood == "lost ack":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif mood == "hang after":
            time.sleep(self.server.timeout_seconds + 1.0)
            self._answer(200)
        elif mood == "error after":
            self._answer(500)
        else:
            if mood == "slow":
                time.sleep(0.7)
            self._answer(200)

    def _answer(self, code: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """The visits are the log."""


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", required=True)
    parser.add_argument("--stage", type=Path, required=True)
    options = parser.parse_args()
    Receiver(options.name, json.loads(options.stage.read_text())).serve_forever()


if __name__ == "__main__":
    main()
