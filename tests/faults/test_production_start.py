"""With DEBUG=0 the portal runs on what it was given or not at all: nothing embedded, nothing made, nothing written beside
the code (operations.md 13, 14, 18)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from local import postgres
from local.paths import ROOT

KEYS = {
    "SECRET_KEY": "s" * 60,
    "FIELD_KEYS": "k1:MDEyMzQ1Njc4OWFiY2RlZg==",
    "BLIND_INDEX_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "SEAL_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
}
SERVERS = {"DATABASE_URL": "postgres://portal@127.0.0.1:1/portal", "REDIS_URL": "redis://127.0.0.1:1/0"}
PYTHON = sys.executable
COMMANDS = {
    "check": [PYTHON, "manage.py", "check"],
    "web": [PYTHON, "-m", "gunicorn", "--check-config", "yancheng_childcare.wsgi"],
    "worker": [PYTHON, "-m", "celery", "-A", "yancheng_childcare", "report"],
}
# Every variable that holds a secret, with a value its reader takes.
SECRETS = {
    **KEYS,
    **SERVERS,
    "SECRET_KEY_FALLBACKS": "one,two",
    "READ_REPLICA_URL": "postgres://portal@127.0.0.1:2/portal",
    "CELERY_BROKER_URL": "redis://127.0.0.1:3/0",
    "EMAIL_URL": "smtp://user:word@127.0.0.1:25",
    "OIDC_CLIENT_SECRET": "oidc-secret",
    "DEMO_PASSWORD": "demo-password",
}


@pytest.fixture(scope="module")
def read_only_code(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The code as a careful administrator installs it: somebody else's, readable only."""
    folder = tmp_path_factory.mktemp("code") / "portal"
    skipped = shutil.ignore_patterns(
        ".git", ".venv", ".local", "__pycache__", "tests", "benchmarks", ".mypy_cache", ".ruff_cache"
    )
    shutil.copytree(ROOT, folder, ignore=skipped)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o200)


def run(folder: Path, command: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    """Run as somebody who is not root and may not override file modes."""
    given = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return subprocess.run(
        postgres.unprivileged(command, signal.SIGKILL),
        cwd=folder, env={**given, "DEBUG": "0", **env}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def contents(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("missing", ["DATABASE_URL", "REDIS_URL"])
@pytest.mark.parametrize("process", COMMANDS)
def test_no_process_starts_without_its_servers(read_only_code: Path, process: str, missing: str) -> None:
    servers = {name: url for name, url in SERVERS.items() if name != missing}
    done = run(read_only_code, COMMANDS[process], **KEYS, **servers)
    assert done.returncode != 0
    said = done.stderr + done.stdout
    assert f"必须设置 {missing}（" in said
    assert f"With DEBUG=0 {missing} must be set" in said


def test_a_management_command_says_it_in_one_line_and_touches_nothing(read_only_code: Path) -> None:
    before = contents(read_only_code)
    for command in ("showmigrations", "migrate", "shell", "portal"):
        done = run(read_only_code, [PYTHON, "manage.py", command])
        assert done.returncode == 2, (command, done.stderr)
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert contents(read_only_code) == before


@pytest.mark.django_db
def test_the_portal_runs_from_code_it_may_not_write(read_only_code: Path, tmp_path: Path) -> None:
    before = contents(read_only_code)
    server = connection.get_connection_params()
    servers = {
        "DATABASE_URL": f"postgres://{server['user']}@/{server['dbname']}?host={server['host']}",
        "REDIS_URL": os.environ["REDIS_URL"],
        "DEMO_PASSWORD": "demo-password-1",
        "ALLOWED_HOSTS": "portal.example.invalid",
        "STATE_DIRECTORY": str(tmp_path),
    }
    # The keys of this database: with others nothing starts.
    own_keys = {
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        "BLIND_INDEX_KEY": settings.BLIND_INDEX_KEY,
        "SEAL_KEY": settings.SEAL_KEY,
    }
    for command in (COMMANDS["web"], COMMANDS["worker"], [PYTHON, "manage.py", "migrate", "--plan"]):
        done = run(read_only_code, command, **{**KEYS, **own_keys}, **servers)
        assert done.returncode == 0, (command, done.stderr[-2000:])
    assert contents(read_only_code) == before


def test_services_are_never_embedded_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    from local import services

    monkeypatch.setenv("DEBUG", "0")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(services.LocalFailure, match="DATABASE_URL"):
        services.ensure("never")


def test_missing_packages_are_named_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: Any) -> None:
    from local import bootstrap

    (tmp_path / "requirements.txt").write_text("no-such-package==1.0\n")
    monkeypatch.setenv("DEBUG", "0")
    with pytest.raises(SystemExit) as ended:
        bootstrap.ensure_interpreter(["manage.py", "check"], root=tmp_path)
    assert ended.value.code == 2
    said = capfd.readouterr().err
    assert "no-such-package==1.0" in said and "pip install -r requirements.txt" in said
    assert not (tmp_path / ".venv").exists() and not (tmp_path / ".local").exists()


def test_every_secret_may_come_from_a_file(tmp_path: Path) -> None:
    for name, value in SECRETS.items():
        (tmp_path / name).write_text(value + "\n")
    code = (
        "import json; from yancheng_childcare import settings as s; print(json.dumps({"
        "'SECRET_KEY': s.SECRET_KEY, 'FIELD_KEYS': ','.join(s.FIELD_KEYS), 'BLIND_INDEX_KEY': s.BLIND_INDEX_KEY,"
        "'SEAL_KEY': s.SEAL_KEY,"
        "'SECRET_KEY_FALLBACKS': ','.join(s.SECRET_KEY_FALLBACKS), 'REDIS_URL': s.REDIS_URL,"
        "'CELERY_BROKER_URL': s.CELERY_BROKER_URL, 'DEMO_PASSWORD': s.DEMO_PASSWORD,"
        "'DATABASE_URL': s.DATABASES['default']['PORT'], 'READ_REPLICA_URL': s.DATABASES['replica']['PORT'],"
        "'EMAIL_URL': s.EMAIL_HOST_PASSWORD,"
        "'OIDC_CLIENT_SECRET': s.SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS'][0]['secret']}))"
    )
    files = {f"{name}_FILE": str(tmp_path / name) for name in SECRETS}
    done = run(ROOT, [PYTHON, "-c", code], **files, OIDC_SERVER_URL="https://sso.example.invalid", OIDC_CLIENT_ID="x")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    expected = {**SECRETS, "DATABASE_URL": 1, "READ_REPLICA_URL": 2, "EMAIL_URL": "word"}
    assert found == expected


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    done = run(ROOT, COMMANDS["check"], **SERVERS, **{**KEYS, "SECRET_KEY": ""}, SECRET_KEY_FILE=str(tmp_path / "none"))
    assert done.returncode == 2
    assert "SECRET_KEY_FILE" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("given", "guards"), [("1", True), ("0", False)])
def test_a_pooler_that_takes_no_startup_options_can_be_served(given: str, guards: bool) -> None:
    code = "from yancheng_childcare import settings as s; print('options' in s.DATABASES['default']['OPTIONS'])"
    done = run(ROOT, [PYTHON, "-c", code], **KEYS, **SERVERS, DATABASE_STARTUP_OPTIONS=given)
    assert done.stdout.strip() == str(guards), done.stderr


@pytest.mark.django_db
def test_a_session_without_time_limits_is_warned_about() -> None:
    """pgbouncer may swallow them; then they belong on the role (operations.md 20)."""
    from yancheng_childcare.checks import sessions_have_limits

    assert sessions_have_limits(None, databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    warned = sessions_have_limits(None, databases=["default"])
    assert [message.id for message in warned] == ["portal.W010"]
    assert "ALTER ROLE" in str(warned[0].hint)
