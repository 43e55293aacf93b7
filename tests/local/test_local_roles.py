"""The embedded PostgreSQL has two roles; a folder from before there were two gets them, with everything that is in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest_local import bare_environment

from local import paths

# As it was made and used before: the portal's role was the superuser who owned everything.
BEFORE = """
from local import postgres, services
import os, psycopg2
new_owner, postgres.OWNER = postgres.OWNER, postgres.PORTAL
postgres.Postgres().prepare()
postgres.Postgres._create_roles_and_database = lambda self: self._execute("portal", "CREATE DATABASE portal")
leases = services.ensure(titles=("", ""), quiet=True)
connection = psycopg2.connect(os.environ["DATABASE_URL"])
connection.cursor().execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
connection.commit()
connection.close()
for lease in reversed(leases):
    assert lease.release(wait=20)
"""
AFTER = """
from local import services
import os, psycopg2
leases = services.ensure(titles=("", ""), quiet=True)
for name in ("DATABASE_URL", "OWNER_DATABASE_URL"):
    cursor = psycopg2.connect(os.environ[name]).cursor()
    cursor.execute("SELECT current_user, rolsuper FROM pg_roles WHERE rolname = current_user")
    print(*cursor.fetchone())
cursor.execute("SELECT rolname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE relname = 'kept'")
print(*(cursor.fetchone() or ["-"]))
for lease in reversed(leases):
    lease.release(wait=20)
"""


def python(code: str, folder: Path) -> str:
    environment = bare_environment(folder) | {"PYTHONPATH": str(paths.ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_portal_is_no_superuser(folder: Path) -> None:
    assert python(AFTER, folder).split("\n")[:2] == ["portal False", "owner True"]


def test_an_older_folder_gets_its_owner(folder: Path) -> None:
    python(BEFORE, folder)
    for _ in range(2):  # the second time there is nothing left to do
        assert python(AFTER, folder).split("\n")[:3] == ["portal False", "owner True", "owner"]
