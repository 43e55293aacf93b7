"""The promise itself: a copy of the checkout in an awkward path, one command, a page, Ctrl-C, nothing left."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest_local import bare_environment, free_port, left_behind, remove_sockets

from local import running
from local.paths import ROOT


def copy_checkout(target: Path) -> None:
    """Copy what git would hand out, uncommitted files included, without `.venv` and `.local`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


@pytest.mark.slow
def test_one_command_from_a_bare_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "盐城 托育 平台"
    copy_checkout(checkout)
    local = checkout / ".local"
    env = bare_environment(local)
    # A bare machine: no virtual environment is active.
    env["PATH"] = os.pathsep.join(part for part in env["PATH"].split(os.pathsep) if ".venv" not in part)
    env.pop("VIRTUAL_ENV", None)
    env.pop("DJANGO_SETTINGS_MODULE", None)
    port = free_port()
    python = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    with (tmp_path / "err").open("w+") as err:
        portal = subprocess.Popen(
            [python, str(checkout / "manage.py"), "portal", "--port", str(port)],
            env=env,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=err,
            text=True,
        )
        try:
            assert portal.stdout is not None
            ready = portal.stdout.readline()
            shown = (tmp_path / "err").read_text()
            assert ready == f"ready http://127.0.0.1:{port}\n", shown
            assert "[1/6] 准备 Python 环境" in shown
            assert "[5/6] 载入演示账号和最先的机构" in shown
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            line.request("GET", "/")
            answer = line.getresponse()
            page = answer.read().decode()
            assert answer.status == 200
            assert "演示数据" in page
            beside = subprocess.run(
                [
                    python,
                    str(checkout / "manage.py"),
                    "shell",
                    "-v0",
                    "-c",
                    "from yancheng_childcare.models import User; print(User.objects.count())",
                ],
                env=env,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            assert int(beside.stdout) > 10
            portal.send_signal(signal.SIGINT)
            assert portal.wait(90) == 0
        finally:
            portal.kill()
            portal.wait()
            remaining = [] if running.wait_until(lambda: not left_behind(local), 10) else left_behind(local)
            running.end(remaining)
    remove_sockets(local, monkeypatch)
    assert remaining == []
