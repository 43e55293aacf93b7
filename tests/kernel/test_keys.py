"""A process whose keys are not the database's refuses to start, whichever process it is (operations.md 10)."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import connection

from local.paths import ROOT
from yancheng_childcare import keys
from yancheng_childcare.keys import WrongKeys, compare, fingerprints, register_keys
from yancheng_childcare.models import KeyFingerprint

OTHER = {
    "FIELD_KEYS": "k1:" + base64.b64encode(b"another-key-here").decode(),
    "BLIND_INDEX_KEY": base64.b64encode(b"another key of thirty-two bytes.").decode(),
    "SEAL_KEY": base64.b64encode(b"yet another of thirty-two bytes.").decode(),
}
WSGI = "import yancheng_childcare.wsgi; print('started')"
SHELL = "from yancheng_childcare.models import User; print('started', User.objects.count())"
CELERY = ["-m", "celery", "--skip-checks", "-A", "yancheng_childcare.celery"]
PROCESSES = {
    "web": ["-c", WSGI],
    "command": ["manage.py", "shell", "-c", SHELL],
    "worker": [*CELERY, "worker", "-Q", "nothing", "--pool", "solo", "-n", "keys@%h"],
    "beat": [*CELERY, "beat", "--pidfile="],
}


def started(process: str, **other: str) -> subprocess.CompletedProcess[str]:
    """A process of the portal on this test's database. Servers that do start are ended after a while."""
    database = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"]
    head, _, query = url.partition("?")
    environment = {
        **os.environ,
        "DATABASE_URL": f"{head.rpartition('/')[0]}/{database}" + (f"?{query}" if query else ""),
        "DJANGO_SETTINGS_MODULE": "yancheng_childcare.settings",
        "LOG_LEVEL": "WARNING",
        **other,
    }
    return subprocess.run(
        ["timeout", "--signal=TERM", "40", sys.executable, *PROCESSES[process]],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.django_db(transaction=True)
def test_no_process_starts_with_other_keys(process: str) -> None:
    register_keys()
    refused = started(process, **OTHER)
    assert refused.returncode not in (0, 124), refused.stderr[-2000:]
    assert "拒绝启动：BLIND_INDEX_KEY 与数据库登记的指纹不符；FIELD_KEYS:k1" in refused.stderr
    assert "started" not in refused.stdout


@pytest.mark.slow
@pytest.mark.parametrize("process", ["web", "command"])
@pytest.mark.django_db(transaction=True)
def test_control_with_the_right_keys_it_starts(process: str) -> None:
    register_keys()
    done = started(process)
    assert done.returncode == 0 and "started" in done.stdout, done.stderr[-2000:]


def compared() -> None:
    with connection.cursor() as cursor:
        compare(cursor)


@pytest.fixture
def registered(db: None) -> None:
    KeyFingerprint.objects.all().delete()
    register_keys()


@pytest.mark.parametrize("name", OTHER)
@pytest.mark.usefixtures("registered")
def test_each_key_is_told_from_another(name: str, settings: Any) -> None:
    compared()
    value = OTHER[name]
    setattr(settings, name, value.split(",") if name == "FIELD_KEYS" else value)
    with pytest.raises(WrongKeys, match=name):
        compared()
    with pytest.raises(WrongKeys):
        register_keys()


@pytest.mark.usefixtures("registered")
def test_a_new_field_key_must_be_registered_first(settings: Any) -> None:
    settings.FIELD_KEYS = ["k2:" + base64.b64encode(b"a second key k-2").decode(), *settings.FIELD_KEYS]
    with pytest.raises(WrongKeys, match=r"FIELD_KEYS:k2 在数据库中没有登记"):
        compared()
    assert register_keys() == ["FIELD_KEYS:k2"]
    compared()


@pytest.mark.usefixtures("registered")
def test_keys_made_up_on_the_spot_are_not_registered(settings: Any) -> None:
    """A `migrate` without its environment must not make the invented key a known one."""
    settings.FIELD_KEYS = ["other:" + base64.b64encode(b"made-up-key-here").decode()]
    with pytest.raises(WrongKeys, match="没有一把"):
        register_keys()


@pytest.mark.usefixtures("registered")
def test_a_field_key_may_go_only_after_the_rotation(settings: Any) -> None:
    old = list(configured.FIELD_KEYS)
    new = "k2:" + base64.b64encode(b"a second key k-2").decode()
    settings.FIELD_KEYS = [new, *old]
    register_keys()
    settings.FIELD_KEYS = [new]
    with pytest.raises(WrongKeys, match="缺少 FIELD_KEYS:k1"):
        compared()
    settings.FIELD_KEYS = [new, *old]
    call_command("rotate_keys", stdout=io.StringIO())
    settings.FIELD_KEYS = [new]
    compared()


@pytest.mark.usefixtures("registered")
def test_verify_counts_what_no_key_opens(institution: Any, settings: Any) -> None:
    one = institution()
    out = io.StringIO()
    call_command("rotate_keys", "--verify", stdout=out)
    assert "registry_institution.legal_rep_id_no：解开 1 条\n" in out.getvalue()
    settings.FIELD_KEYS = OTHER["FIELD_KEYS"].split(",")
    out = io.StringIO()
    with pytest.raises(CommandError, match="无法用现有密钥解开"):
        call_command("rotate_keys", "--verify", stdout=out)
    assert f"1 条解不开，首条编号 {one.pk}" in out.getvalue()


def test_fingerprints_show_nothing_of_the_keys() -> None:
    shown = repr(fingerprints())
    for entry in configured.FIELD_KEYS:
        assert entry.partition(":")[2] not in shown
    assert configured.SEAL_KEY not in shown and len(set(fingerprints().values())) == 3


@pytest.mark.django_db
def test_a_connection_that_was_refused_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database came up after the start: each further query is refused too, not only the first."""
    closed = []

    class Connection:
        alias = "default"
        connection = connection.connection

        def close(self) -> None:
            closed.append(True)

    def wrong(cursor: Any) -> None:
        raise WrongKeys("other keys")

    monkeypatch.setattr(keys, "compare", wrong)
    monkeypatch.setattr(keys._Process, "checked", False)
    for _ in range(2):
        with pytest.raises(WrongKeys):
            keys.compare_at_first_connection(None, Connection())
    assert len(closed) == 2
