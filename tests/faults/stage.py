"""A portal of its own with everything that can be away: PostgreSQL, a streaming replica, Redis, the web server.

All are real. Between the portal and each service stands a `Gate`, so that a test takes the service away in an instant and
gives it back. The database is a copy of the test run's own.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection

from local import postgres, redis, running
from local.launch import launcher
from local.paths import ROOT
from local.portal import port_is_free
from local.processes import web_command

from .gate import Gate

# A test's server loses nothing it would miss.
QUICK = {"fsync": "off", "synchronous_commit": "on", "full_page_writes": "off", "max_connections": "60"}
PATIENCE = 90.0
# PostgreSQL's fast shutdown; the web server has nothing to finish that anybody waits for.
STOP = {"primary": signal.SIGINT, "replica": signal.SIGINT, "web": signal.SIGKILL}


class Stage:
    """Use as a context manager. `env` is the environment of every process of this portal."""

    def __init__(self, *, receiver_port: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ycf", dir="/tmp"))
        self._receiver_port = receiver_port
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self.seeded: dict[str, str] = {}
        self.env: dict[str, str] = {}
        self.port = next(port for port in range(18300, 18900, 7) if port_is_free(port))

    def __enter__(self) -> Stage:
        try:
            self._start_services()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """End every process this stage started and delete its folder."""
        for name in reversed(list(self._children)):
            self.stop(name, STOP.get(name, signal.SIGTERM))
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- services

    def _start_services(self) -> None:
        primary, replica = self.folder / "primary", self.folder / "replica"
        self._run([*self._postgres("initdb", primary), "-U", "portal", "--auth=trust", "--encoding=UTF8",
                   "--locale=C.UTF-8", "--no-instructions", "--no-sync"])  # fmt: skip
        self._start_postgres("primary")
        self._copy_database()
        self._run([*self._postgres("pg_basebackup", replica), "-h", str(self.socket_folder("primary")), "-U", "portal",
                   "-R", "-c", "fast", "--no-sync"])  # fmt: skip
        self._start_postgres("replica")
        self.start("redis", [*launcher(signal.SIGTERM), str(redis.binary()), "--port", "0", "--save", "",
                             "--unixsocket", str(self.folder / "redis.sock")])  # fmt: skip
        self.gates = {
            "primary": Gate(self.socket_folder("primary") / ".s.PGSQL.5432"),
            "replica": Gate(self.socket_folder("replica") / ".s.PGSQL.5432"),
            "redis": Gate(self.folder / "redis.sock"),
        }
        address = "postgres://portal@127.0.0.1:{}/portal"
        redis_url = f"redis://127.0.0.1:{self.gates['redis'].port}/0"
        self.env = {
            **os.environ,
            "DATABASE_URL": address.format(self.gates["primary"].port),
            "READ_REPLICA_URL": address.format(self.gates["replica"].port),
            "REDIS_URL": redis_url,
            "CELERY_BROKER_URL": redis_url,
            "FILE_ROOT": str(self.folder / "files"),
            "OPEN_DATA_ROOT": str(self.folder / "open-data"),
            "LOG_LEVEL": "INFO",
            "REPLICA_REST_SECONDS": "1",
            "REPLICA_MAX_LAG_SECONDS": "2",
            "API_RATE_ANONYMOUS": "100000/min",
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "tests.faults.seed", str(self._receiver_port)]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        self.seeded = json.loads(done.stdout.splitlines()[-1])

    def socket_folder(self, name: str) -> Path:
        """Where the server `name` has its socket."""
        return self.folder / f"{name}-run"

    def _postgres(self, program: str, data: Path) -> list[str]:
        return postgres.unprivileged([str(postgres.binary(program)), "-D", str(data)], signal.SIGKILL)

    def _start_postgres(self, name: str) -> None:
        run = self.socket_folder(name)
        run.mkdir(mode=0o700, exist_ok=True)
        values = {**QUICK, "listen_addresses": "", "unix_socket_directories": str(run), "timezone": "Asia/Shanghai"}
        pairs = [part for key, value in values.items() for part in ("-c", f"{key}={value}")]
        program = [str(postgres.binary("postgres")), "-D", str(self.folder / name), *pairs]
        self.start(name, postgres.unprivileged(program, signal.SIGINT))
        assert running.wait_until(lambda: self._answers(name), 30), self.log(name)

    def _answers(self, name: str) -> bool:
        try:
            self.sql(name, "SELECT 1", database="postgres")
        except psycopg2.Error:
            return False
        return True

    def _copy_database(self) -> None:
        self.sql("primary", "CREATE DATABASE portal", database="postgres")
        source = connection.get_connection_params()
        where = ["-U", str(source["user"]), str(source["dbname"])]
        for letter, name in (("-h", "host"), ("-p", "port")):
            where += [letter, str(source[name])] if source.get(name) else []
        dump = subprocess.Popen([str(postgres.binary("pg_dump")), *where], stdout=subprocess.PIPE)
        load = [str(postgres.binary("psql")), "-q", "-h", str(self.socket_folder("primary")), "-U", "portal", "portal"]
        subprocess.run(load, stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True)
        assert dump.wait() == 0

    def sql(self, server: str, statement: str, params: Any = None, *, database: str = "portal") -> list[Any]:
        """Ask a server directly, past its gate."""
        line = psycopg2.connect(host=str(self.socket_folder(server)), user="portal", dbname=database, connect_timeout=3)
        line.autocommit = True
        try:
            with line.cursor() as cursor:
                cursor.execute(statement, params)
                return cursor.fetchall() if cursor.description else []
        finally:
            line.close()

    # --- processes

    def start(self, name: str, command: list[str]) -> None:
        """Start a process; its output goes to a log in the folder."""
        with (self.folder / f"{name}.log").open("ab") as output:
            self._children[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.env or None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop a process of this stage and wait for it."""
        child = self._children.pop(name)
        if how == signal.SIGKILL:
            os.killpg(child.pid, how)
        else:
            child.send_signal(how)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def start_web(self, *, threads: int = 8) -> None:
        """The web server; returns when it answers."""
        command = web_command(self.port)
        command[command.index("--workers") + 1] = "1"
        command[command.index("--threads") + 1] = str(threads)
        self.start("web", command)
        assert running.wait_until(lambda: self._web_answers(), PATIENCE), self.log("web")

    def _web_answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz", seconds=2).status == 200
        except OSError:
            return False

    def log(self, name: str) -> str:
        """What a process has said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    @staticmethod
    def _run(command: list[str]) -> None:
        done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr.decode()[-2000:]

    # --- asking

    def ask(
        self, method: str, path: str, *, who: str = "", body: bytes | None = None, seconds: float = 30, kind: str = ""
    ) -> Answer:
        """One HTTP request over a new connection. `who`: "" nobody, "session" an officer, "key" a program."""
        headers = {"Host": "127.0.0.1"}
        if who == "session":
            token = "c" * 32
            headers["Cookie"] = f"{self.seeded['cookie']}={self.seeded['session']}; {settings.CSRF_COOKIE_NAME}={token}"
            headers["X-CSRFToken"] = token
        if who == "key":
            headers["Authorization"] = f"Bearer {self.seeded['key']}"
        if body is not None:
            headers["Content-Type"] = kind or "application/json"
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            line.request(method, path, body=body, headers=headers)
            answer = line.getresponse()
            content = answer.read()
        finally:
            line.close()
        return Answer(answer.status, dict(answer.getheaders()), content, time.monotonic() - began)

    def queries_since(self, server: str, moment: Any) -> list[str]:
        """What the portal's web processes asked a server after `moment` (of `now`), their watch aside."""
        rows = self.sql(
            server,
            "SELECT query FROM pg_stat_activity WHERE application_name = 'portal' AND query_start > %s"
            " AND query NOT LIKE '%%pg_wal_lsn_diff%%' AND query NOT LIKE '%%_heartbeat%%'",
            [moment],
        )
        return [query for (query,) in rows]

    def forget_caches(self) -> None:
        """Empty Redis, so that the next page asks a database."""
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.folder / "redis.sock"))
            line.sendall(b"FLUSHALL\r\n")
            assert line.recv(5) == b"+OK\r\n"

    def now(self) -> Any:
        """The moment by the clock both servers share."""
        return self.sql("primary", "SELECT clock_timestamp()")[0][0]

    def beat(self, age: str = "0 s") -> None:
        """Signs of life of both worker queues, this old: no worker runs here unless a test starts one."""
        self.sql(
            "primary",
            "INSERT INTO yancheng_childcare_heartbeat (name, at) SELECT name, now() - %s::interval"
            " FROM unnest(ARRAY['push', 'celery']) AS name ON CONFLICT (name) DO UPDATE SET at = excluded.at",
            [age],
        )

    def is_well(self) -> bool:
        """Whether the probe finds everything, the replica included."""
        try:
            answer = self.ask("GET", "/readyz", seconds=5)
        except OSError:
            return False
        return answer.status == 200 and answer.data.get("replica") is True

    def until(self, true: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something is so."""
        assert running.wait_until(true, seconds), "it did not happen in time"


class Answer:
    """An HTTP answer and how long it took."""

    def __init__(self, status: int, headers: dict[str, str], content: bytes, seconds: float) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self.seconds = seconds

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def data(self) -> Any:
        return json.loads(self.content)

    def __repr__(self) -> str:
        return f"<{self.status} in {self.seconds:.2f} s>"
