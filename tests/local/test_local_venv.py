"""Making and stamping `.venv`. The requirement files here name nothing that must be downloaded."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from local import bootstrap
from local.failure import LocalFailure
from local.paths import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with empty requirements in a path with a blank and Chinese."""
    root = tmp_path / "托育 平台"
    root.mkdir()
    (root / "requirements.txt").write_text("# nothing\n")
    (root / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return root


def prepare(root: Path, *, dev: bool = False) -> Path:
    return bootstrap.prepare(root / ".venv", root, dev=dev)


def test_makes_a_working_environment_and_the_second_time_costs_nothing(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    python = prepare(checkout)
    prefix = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True, check=True)
    assert Path(prefix.stdout.strip()) == checkout / ".venv"
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "[1/6] 准备 Python 环境" in shown.err
    began = time.monotonic()
    prepare(checkout)
    assert time.monotonic() - began < 2
    assert capfd.readouterr().err == ""


def test_changed_requirements_install_again_and_a_dev_environment_stays_one(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[bool] = []
    monkeypatch.setattr(bootstrap, "_install", lambda python, root, *, dev: installed.append(dev))
    prepare(checkout, dev=True)
    assert installed == []
    assert bootstrap.is_stamped(checkout / ".venv", checkout, dev=False)
    (checkout / "requirements.txt").write_text("surely-not-installed-anywhere==1.0\n")
    assert not bootstrap.is_stamped(checkout / ".venv", checkout, dev=False)
    prepare(checkout)
    assert installed == [True]
    assert bootstrap.is_stamped(checkout / ".venv", checkout, dev=True)


def test_a_runtime_stamp_does_not_satisfy_the_tests(checkout: Path) -> None:
    prepare(checkout)
    assert bootstrap.is_stamped(checkout / ".venv", checkout, dev=False)
    assert not bootstrap.is_stamped(checkout / ".venv", checkout, dev=True)


def test_a_failed_install_leaves_no_stamp(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "requirements.txt").write_text("surely-not-installed-anywhere==1.0\n")

    def fail(*_: object, **__: object) -> None:
        raise LocalFailure("依赖安装失败")

    monkeypatch.setattr(bootstrap, "_install", fail)
    with pytest.raises(LocalFailure, match="依赖安装失败"):
        prepare(checkout)
    assert not bootstrap.is_stamped(checkout / ".venv", checkout, dev=False)


def test_two_starts_at_once_make_it_once(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Path] = []
    make = bootstrap._make
    monkeypatch.setattr(bootstrap, "_make", lambda venv: (made.append(venv), make(venv)))
    starts = [threading.Thread(target=prepare, args=(checkout,)) for _ in range(3)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(made) == 1
    assert bootstrap.is_stamped(checkout / ".venv", checkout, dev=False)


def test_environment_of_a_vanished_python_is_made_again(checkout: Path) -> None:
    python = prepare(checkout)
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert subprocess.run([prepare(checkout), "-c", ""], check=False).returncode == 0


def test_unmet_names_missing_and_wrong_versions(checkout: Path) -> None:
    (checkout / "requirements.txt").write_text(
        "# why\nDjango==0.1  # old\npytest\nsurely-not-installed-anywhere==1.0\ncelery[redis]\n"
    )
    assert bootstrap.unmet(checkout, dev=False) == ["Django==0.1", "surely-not-installed-anywhere==1.0"]


def test_old_python_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    manage = load_manage()
    monkeypatch.setattr(manage.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(manage.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as stop:
        manage._need_python()
    shown = capsys.readouterr()
    assert stop.value.code == 2
    assert "需要 Python 3.11 或更新版本，当前是 Python 3.9。" in shown.err
    assert shown.out == ""


def test_mirror_settings_of_pip_reach_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    listed = "global.index-url='https://mirror.example.invalid/simple'\n:env:.find-links='/a /b'\n"
    monkeypatch.setattr(
        bootstrap.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=listed, stderr="")
    )
    env = bootstrap._uv_environment()
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.example.invalid/simple"
    assert env["UV_FIND_LINKS"] == "/a,/b"


def load_manage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("manage_under_test", ROOT / "manage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stdout_holds_only_the_answer_of_a_command() -> None:
    ran = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "--version"], capture_output=True, text=True, check=False, cwd="/"
    )
    assert ran.returncode == 0
    assert ran.stdout.strip().replace(".", "").isdigit()
