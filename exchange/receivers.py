"""A demo receiver: what a department's system has to do, and a page that shows what it got.

    python -m exchange.receivers --name health|police --port PORT

Verifies the signature (secret from DEMO_HEALTH_SECRET or DEMO_POLICE_SECRET; two secrets parted by a blank during a
rotation), ignores repeats by `webhook-id` and older versions, and shows the last events as they were received at `GET /`.
Keeps everything in memory and logs nothing, so no personal data is written anywhere. Needs neither Django nor a database.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import sys
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any
from zoneinfo import ZoneInfo

from .signatures import SignatureRefused, key_of, verify

NAMES = {"health": "卫生健康部门", "police": "公安机关"}
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "receivers"
SHOWN = 200
REMEMBERED_IDS = 200_000
LONGEST_BODY = 256 * 1024
EVENT_LABELS = {
    "registration.recorded": "设立登记",
    "registration.changed": "变更登记",
    "registration.cancelled": "注销登记",
    "registration.revoked": "吊销或撤销登记",
    "ping.test": "连通测试",
}


@dataclass(frozen=True, slots=True)
class Received:
    """One event as it came."""

    at: datetime
    webhook_id: str
    type: str
    data: dict[str, Any]


class Inbox:
    """What a receiver keeps: ids to ignore repeats, the newest version per institution, the last events to show."""

    def __init__(self, name: str, secrets: str):
        self.name = name
        self.keys = [key_of(secret) for secret in secrets.split()]
        self.accepted = self.repeated = self.outdated = self.refused = 0
        self.last: deque[Received] = deque(maxlen=SHOWN)
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._versions: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """Handle one push; returns status and answer. `headers` has lower-case names."""
        try:
            webhook_id = verify(self.keys, headers, body)
        except SignatureRefused as refused:
            with self._lock:
                self.refused += 1
            return 401, {"received": False, "reason": refused.reason, "message": "签名未通过验证"}
        try:
            event = json.loads(body)
            data, kind = event["data"], str(event["type"])
            subject, version = str(data.get("uscc", "")), int(data.get("record_version", 0))
        except (ValueError, KeyError, TypeError, AttributeError):
            return 422, {"received": False, "message": "事件体格式不对"}
        with self._lock:
            if webhook_id in self._ids:
                self.repeated += 1
                return 200, {"received": True, "repeated": True, "id": webhook_id}
            self._ids[webhook_id] = None
            if len(self._ids) > REMEMBERED_IDS:
                self._ids.popitem(last=False)
            if subject and version < self._versions.get(subject, 0):
                # Each event carries the whole record: an older one has nothing to add.
                self.outdated += 1
                return 200, {"received": True, "outdated": True, "id": webhook_id}
            if subject:
                self._versions[subject] = version
            self.accepted += 1
            self.last.appendleft(Received(datetime.now(ZoneInfo("Asia/Shanghai")), webhook_id, _plain_type(kind), data))
        return 200, {"received": True, "id": webhook_id}

    def page(self) -> bytes:
        """The page in Chinese."""
        with self._lock:
            events = list(self.last)
            counts = (self.accepted, self.repeated, self.outdated, self.refused)
        rows = "\n".join(_row(event) for event in events)
        text = Template((TEMPLATES / "inbox.html").read_text(encoding="utf-8")).substitute(
            name=html.escape(self.name),
            accepted=counts[0],
            repeated=counts[1],
            outdated=counts[2],
            refused=counts[3],
            refused_class="bad" if counts[3] else "",
            shown=len(events),
            rows=rows
            or '<tr><td colspan="8" class="empty">还没有收到推送。在门户中办理一次设立登记即可看到。</td></tr>',
        )
        return text.encode()


def _plain_type(kind: str) -> str:
    """CloudEvents types carry a prefix and a version around ours."""
    return kind.removeprefix("cn.yancheng.tuoyu.").removesuffix(".v1")


def _row(event: Received) -> str:
    data = event.data
    cells = (
        ("", f"{event.at:%m-%d %H:%M:%S}"),
        ("", EVENT_LABELS.get(event.type, event.type)),
        ("", data.get("name") or data.get("message") or "—"),
        ("code", data.get("uscc") or "—"),
        ("", data.get("record_version", "—")),
        ("code", data.get("legal_rep_id_no") or "—"),
        ("code", data.get("contact_phone") or "—"),
        ("code", event.webhook_id),
    )
    return "<tr>" + "".join(f'<td class="{style}">{html.escape(str(value))}</td>' for style, value in cells) + "</tr>"


class Handler(BaseHTTPRequestHandler):
    """`POST /webhooks`, `GET /`, `/inbox.css`, `/healthz`."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "demo-receiver", ""
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave in one packet
    timeout = 120
    inbox: Inbox

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._answer(413, "application/json", b"{}")
            return
        body = self.rfile.read(int(length))
        if self.path != "/webhooks":
            self._answer(404, "application/json", b"{}")
            return
        status, answer = self.inbox.take({name.lower(): value for name, value in self.headers.items()}, body)
        self._answer(status, "application/json", json.dumps(answer, ensure_ascii=False).encode())

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer(200, "text/html; charset=utf-8", self.inbox.page())
        elif self.path == "/inbox.css":
            self._answer(200, "text/css; charset=utf-8", (TEMPLATES / "inbox.css").read_bytes())
        elif self.path == "/healthz":
            self._answer(200, "application/json", b'{"status": "ok"}')
        else:
            self._answer(404, "text/plain; charset=utf-8", "没有这个页面".encode())

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: what arrives is personal data."""


class Server(ThreadingHTTPServer):
    """One thread per kept-alive connection."""

    daemon_threads = True
    request_queue_size = 128


def serve(name: str, port: int, secrets: str, *, host: str = "127.0.0.1") -> Server:
    """A bound server, not yet serving. Raises ValueError for an unusable secret, OSError when the port is taken."""
    handler = type("BoundHandler", (Handler,), {"inbox": Inbox(NAMES[name], secrets)})
    return Server((host, port), handler)


def main(arguments: list[str] | None = None) -> int:
    """Run until stopped."""
    parser = argparse.ArgumentParser(description="演示接收端")
    parser.add_argument("--name", choices=sorted(NAMES), required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    variable = f"DEMO_{options.name.upper()}_SECRET"
    if not os.environ.get(variable):
        sys.stderr.write(f"缺少环境变量 {variable}（whsec_ 开头的签名密钥）。\n")
        return 2
    with serve(options.name, options.port, os.environ[variable]) as server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
