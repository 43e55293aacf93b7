"""The portal's role can do its work and cannot rewrite what is append-only, whatever switch it turns (security.md M7)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings

from local.paths import ROOT

pytestmark = pytest.mark.slow
OWNER, PORTAL = f"split_owner_{os.getpid()}", f"split_portal_{os.getpid()}"
SECRET = "only-for-this-test"


def url(role: str) -> str:
    """The server of this test run, the split database, another role."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{role}:{SECRET}@{host}/{OWNER}" + (f"?{parts.query}" if parts.query else "")


def as_superuser(*statements: str) -> None:
    """On the server of this test run, outside of any of its databases."""
    raw = psycopg2.connect(os.environ["DATABASE_URL"], dbname="postgres")
    raw.autocommit = True
    try:
        for statement in statements:
            raw.cursor().execute(statement)
    finally:
        raw.close()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A database of an ordinary owner, migrated by it, for an ordinary second role. The superuser only makes both."""
    folder = tmp_path_factory.mktemp("two-roles")
    as_superuser(
        *(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}'" for role in (OWNER, PORTAL)),
        f"CREATE DATABASE {OWNER} OWNER {OWNER}",
    )
    try:
        yield {
            **os.environ,
            "DATABASE_URL": url(PORTAL),
            "OWNER_DATABASE_URL": url(OWNER),
            "OWNER_ROLE": OWNER,
            "SEAL_ROOT": str(folder / "seals"),
            "FILE_ROOT": str(folder / "files"),
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "yancheng_childcare.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "registry" / "registration" / "imports")]),
        }
    finally:
        as_superuser(f"DROP DATABASE {OWNER} WITH (FORCE)", f"DROP ROLE {PORTAL}", f"DROP ROLE {OWNER}")


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def outcome(environment: dict[str, str]) -> dict[str, Any]:
    """What the portal's role could do, after `manage.py migrate`."""
    migrated = run(environment, "manage.py", "migrate", "--no-input", "-v", "0")
    assert migrated.returncode == 0, migrated.stderr[-3000:]
    done = run(environment, str(Path(__file__).with_name("two_roles_portal.py")))
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_the_portal_works_as_a_role_that_owns_nothing(outcome: dict[str, Any]) -> None:
    work = outcome["work"]
    assert work["ok"] and work["page"] == 200 and work["sealed"] > 20
    # One entry and its change, two imported: the import's own way of writing history goes on working.
    assert work["institutions"] == 3 and work["histories"] == 4
    assert work["fanned_out"] == 4


def test_the_portal_cannot_rewrite_what_is_append_only(outcome: dict[str, Any]) -> None:
    assert len(outcome["attacks"]) > 75
    assert [name for name, done in outcome["attacks"].items() if done] == []


def test_history_cannot_be_put_to_rest_by_the_portal(outcome: dict[str, Any]) -> None:
    assert outcome["silent_change"] == 3


def test_control_the_owner_could(environment: dict[str, str], outcome: dict[str, Any]) -> None:
    """The attacks are real: with the switch the owner's own UPDATE goes through."""
    with psycopg2.connect(url(OWNER)) as raw, raw.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', '{' || string_agg(tgname, ',') || '}', true) FROM pg_trigger"
        )
        cursor.execute("UPDATE yancheng_childcare_event SET summary = 'TAMPERED'")
        assert cursor.rowcount > 0
        raw.rollback()


def test_migrate_refuses_a_portal_that_could_do_everything(
    environment: dict[str, str], outcome: dict[str, Any]
) -> None:
    same = run({**environment, "DATABASE_URL": url(OWNER)}, "manage.py", "migrate", "--no-input", "-v", "0")
    assert same.returncode == 1 and "相同" in same.stderr


def test_the_deployment_check_names_a_portal_that_owns_its_tables(
    environment: dict[str, str], outcome: dict[str, Any]
) -> None:
    production = {
        **environment, "DEBUG": "0", "SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "portal.example.invalid",
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS), "BLIND_INDEX_KEY": settings.BLIND_INDEX_KEY,
        "SEAL_KEY": settings.SEAL_KEY, "DEMO_PASSWORD": "only-for-this-test-2026",
    }  # fmt: skip
    check = ("manage.py", "check", "--deploy", "--database", "default", "--tag", "database")
    assert "portal.E012" not in run(production, *check).stderr
    assert "portal.E012" in run({**production, "DATABASE_URL": url(OWNER)}, *check).stderr
