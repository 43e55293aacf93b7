"""Make `.venv` beside manage.py and continue inside it. Standard library only: nothing is installed yet."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

from .failure import LocalFailure
from .locks import Lock
from .mode import is_local
from .paths import ROOT, write_whole
from .progress import say, step

RUNTIME_FILES = ("requirements.txt",)
DEV_FILES = ("requirements.txt", "requirements-dev.txt")
_BASE: str = getattr(sys, "_base_executable", sys.executable)


def ensure_interpreter(argv: list[str], root: Path = ROOT) -> None:
    """Return when this interpreter has what the command `argv[1]` needs; otherwise prepare `.venv` and exec into it.

    `test` needs requirements-dev.txt, everything else requirements.txt. Another active virtual environment is used as
    it is when it holds every pinned version; so is a plain interpreter when YANCHENG_PYTHON=system. With DEBUG=0 nothing
    is installed or written beside the code. Exits with a Chinese message when the environment is not complete.
    """
    dev = len(argv) > 1 and argv[1] == "test"
    venv = root / ".venv"
    python = venv / "bin" / "python"
    inside = venv.exists() and venv.samefile(sys.prefix)
    stamped = is_stamped(venv, root, dev=dev)
    if inside and stamped:
        return
    if is_local():
        chosen = sys.prefix != sys.base_prefix or os.environ.get("YANCHENG_PYTHON") == "system"
        if chosen and not inside and not unmet(root, dev=dev):
            return
        try:
            prepare(venv, root, dev=dev)
        except LocalFailure as failure:
            say(str(failure))
            sys.exit(failure.exit_code)
    elif inside or not (stamped and python.exists()):
        if missing := unmet(root, dev=dev):
            say(
                f"正式环境（DEBUG=0）不会自动安装依赖，缺少或版本不符：{'、'.join(missing[:5])} 等 {len(missing)} 项。"
                "请先运行 pip install -r requirements.txt。"
                " / With DEBUG=0 nothing is installed by itself: run pip install -r requirements.txt first."
            )
            sys.exit(2)
        return
    os.execv(python, [str(python), *argv])  # noqa: S606 - our own interpreter, no shell


def prepare(venv: Path, root: Path, *, dev: bool) -> Path:
    """Make or refresh `venv` for the requirements of `root` and return its python.

    Two starts at once wait for each other. Raises LocalFailure with a remedy when a step fails.
    """
    python = venv / "bin" / "python"
    if is_stamped(venv, root, dev=dev) and python.exists():
        return python
    try:
        lock = Lock(root / ".local" / "venv.lock")
    except PermissionError as error:
        raise LocalFailure(
            f"无法写入 {root}：当前用户没有权限。", "请换用该文件夹的所有者运行，或把代码复制到自己的目录。"
        ) from error
    with lock:
        # Somebody else may have finished the work while we waited.
        if is_stamped(venv, root, dev=dev) and python.exists():
            return python
        dev = dev or "dev" in _read_stamp(venv)
        with step("[1/6] 准备 Python 环境（首次需要下载依赖）"):
            # A `.venv` may outlive the Python it was made with.
            if not _quiet([str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]):
                _make(venv)
            # One filled by hand needs a stamp, not an install.
            if unmet(root, dev=dev, path=[str(place) for place in venv.glob("lib/*/site-packages")]):
                _install(python, root, dev=dev)
            stamp = {"dev": fingerprint(root, DEV_FILES)} if dev else {"runtime": fingerprint(root, RUNTIME_FILES)}
            write_whole(venv / "requirements.stamp", json.dumps(stamp))
    return python


def fingerprint(root: Path, files: tuple[str, ...]) -> str:
    """Return a hash over the text of the requirement files."""
    digest = hashlib.sha256()
    for name in files:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def is_stamped(venv: Path, root: Path, *, dev: bool) -> bool:
    """True if `venv` was filled from the requirement files as they are now. A dev stamp satisfies both."""
    stamp = _read_stamp(venv)
    wanted = (("dev", DEV_FILES),) if dev else (("dev", DEV_FILES), ("runtime", RUNTIME_FILES))
    return any(kind in stamp and stamp[kind] == fingerprint(root, files) for kind, files in wanted)


def unmet(root: Path, *, dev: bool, path: list[str] | None = None) -> list[str]:
    """Return the requirement lines (name and pinned version) that the packages on `path` (default: ours) do not satisfy."""
    missing = []
    for name in DEV_FILES if dev else RUNTIME_FILES:
        for line in (root / name).read_text(encoding="utf-8").splitlines():
            found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?:==([^\s;#]+))?", line)
            if line.startswith(("#", "-")) or not found:
                continue
            installed = next(iter(distributions(name=found[1], path=sys.path if path is None else path)), None)
            if installed is None or found[2] not in (None, installed.version):
                missing.append(found[0])
    return missing


def _read_stamp(venv: Path) -> dict[str, str]:
    try:
        stamp = json.loads((venv / "requirements.stamp").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _make(venv: Path) -> None:
    # Without pip: uv does not need it, and Debian's python3 may lack ensurepip.
    command = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(venv)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        raise LocalFailure(
            f"无法创建 Python 虚拟环境：{(made.stderr or made.stdout).strip()[-400:]}",
            "Debian/Ubuntu 请先安装：apt install python3-venv，然后重新运行同一命令。",
        )


def _install(python: Path, root: Path, *, dev: bool) -> None:
    """Install with uv when it can be had, with pip otherwise."""
    wanted = str(root / ("requirements-dev.txt" if dev else "requirements.txt"))
    uv = shutil.which("uv", path=f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}") or _fetch_uv(python)
    if uv:
        say("      用 uv 安装依赖")
        command = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), "-r", wanted]
        if subprocess.run(command, env=_uv_environment(), check=False, stdout=sys.stderr).returncode == 0:
            return
        say("      uv 没有成功，改用 pip")
    pip = _pip(python)
    if pip is None:
        raise LocalFailure(
            "找不到 uv 或 pip，无法安装依赖。",
            "Debian/Ubuntu 请先安装：apt install python3-venv python3-pip，再重新运行。",
        )
    say("      用 pip 安装依赖")
    if subprocess.run([*pip, "install", "--quiet", "-r", wanted], check=False, stdout=sys.stderr).returncode != 0:
        raise LocalFailure(
            "依赖安装失败，原因见上面的英文输出。",
            "请检查网络；使用镜像时可先设置，例如 export PIP_INDEX_URL=https://镜像地址/simple，再重新运行。",
        )


def _pip(python: Path) -> list[str] | None:
    """Return a command that runs pip for `python`: its own, one from ensurepip, or the base interpreter's."""
    own = [str(python), "-m", "pip"]
    if _quiet([*own, "--version"]) or (_quiet([str(python), "-m", "ensurepip"]) and _quiet([*own, "--version"])):
        return own
    outside = [_BASE, "-m", "pip", "--python", str(python)]
    return outside if _quiet([*outside, "--version"]) else None


def _fetch_uv(python: Path) -> str | None:
    pip = _pip(python)
    return str(python.parent / "uv") if pip and _quiet([*pip, "install", "--quiet", "uv"]) else None


def _uv_environment() -> dict[str, str]:
    """Let uv see the mirror, links and certificate that pip was configured with; uv does not read pip's settings."""
    env = dict(os.environ)
    listed = subprocess.run([_BASE, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True).stdout
    found = dict(re.findall(r"^(?:global|user|site|install|:env:)\.+([a-z-]+)='(.*)'$", listed, re.MULTILINE))
    for option, variable, separator in (
        ("index-url", "UV_DEFAULT_INDEX", " "),
        ("extra-index-url", "UV_INDEX", " "),
        ("find-links", "UV_FIND_LINKS", ","),
        ("cert", "SSL_CERT_FILE", " "),
    ):
        if found.get(option):
            env.setdefault(variable, separator.join(found[option].replace("\\n", " ").split()))
    if found.get("extra-index-url"):
        # pip looks at all its indexes; somebody who configured them for pip trusts them equally.
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def _quiet(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False
