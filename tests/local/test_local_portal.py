"""Starting, watching and stopping, with real PostgreSQL and Redis and a tiny process table."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import psycopg2
import pytest
from conftest_local import TINY, Tiny, bare_environment, left_behind

from local import running


def processes(folder: Path) -> dict[str, int]:
    return json.loads((folder / "processes.json").read_text())


def keeper_child(folder: Path, service: str) -> int:
    return int((folder / service / "pid").read_text())


def supervisor_of(tiny: Tiny) -> int:
    children = Path(f"/proc/{tiny.process.pid}/task/{tiny.process.pid}/children").read_text().split()
    return next(int(pid) for pid in children if "local.supervisor" in psutil.Process(int(pid)).cmdline())


def test_interrupt_stops_all_in_order_and_a_second_start_works(folder: Path) -> None:
    for _ in range(2):
        tiny = Tiny(folder)
        assert tiny.wait_ready() == f"ready http://127.0.0.1:{tiny.port}\n"
        code, out, err = tiny.finish(signal.SIGINT)
        stopped = [line.removeprefix("已停止 ") for line in err.splitlines() if line.startswith("已停止")]
        assert stopped == ["网站", "后台任务", "接收端", "Redis", "PostgreSQL"]
        assert (code, out) == (0, "")
        assert left_behind(folder) == []


def test_kill_9_of_the_parent_leaves_no_orphan(folder: Path) -> None:
    tiny = Tiny(folder)
    tiny.wait_ready()
    # Front, two keepers, postgres, redis, supervisor, three masters and three forked children that ignore SIGTERM.
    assert running.wait_until(lambda: len(left_behind(folder)) >= 12, 5)
    tiny.finish(signal.SIGKILL)
    assert running.wait_until(lambda: not left_behind(folder), 8), left_behind(folder)


def test_kill_9_of_parent_and_supervisor_together_ends_services_and_masters(folder: Path) -> None:
    tiny = Tiny(folder)
    tiny.wait_ready()
    session = supervisor_of(tiny)
    masters = set(processes(folder).values())
    os.kill(tiny.process.pid, signal.SIGSTOP)
    os.kill(session, signal.SIGKILL)
    tiny.finish(signal.SIGKILL)
    assert running.wait_until(lambda: not masters & set(running.in_session(session)), 8)
    # Only here may a grandchild that ignores SIGTERM live on: nobody is left to kill it.
    running.end(running.in_session(session))
    assert running.wait_until(lambda: not left_behind(folder), 8)


def test_dead_supervisor_is_replaced_and_its_children_are_swept(folder: Path) -> None:
    tiny = Tiny(folder)
    tiny.wait_ready()
    session = supervisor_of(tiny)
    assert running.wait_until(lambda: len(running.in_session(session)) == 6, 5)
    before = set(running.in_session(session))
    os.kill(session, signal.SIGKILL)
    assert tiny.wait_ready().startswith("ready ")
    assert not before & set(left_behind(folder))
    assert tiny.finish(signal.SIGTERM)[0] == 0


def test_dead_children_and_services_come_back(folder: Path) -> None:
    tiny = Tiny(folder)
    tiny.wait_ready()
    url = service_url(folder)
    worker, postgres, redis = (
        processes(folder)["worker"],
        keeper_child(folder, "postgres"),
        keeper_child(folder, "redis"),
    )
    running.end([worker, postgres, redis])
    assert running.wait_until(lambda: processes(folder)["worker"] != worker, 5)
    assert running.wait_until(lambda: keeper_child(folder, "postgres") != postgres, 10)
    assert running.wait_until(lambda: keeper_child(folder, "redis") != redis, 10)
    assert running.wait_until(lambda: answers(url), 10)
    code, _, err = tiny.finish(signal.SIGINT)
    assert code == 0
    assert "“后台任务”已退出（代码 -9）" in err


def test_killed_keeper_is_revived(folder: Path) -> None:
    tiny = Tiny(folder)
    tiny.wait_ready()
    url = service_url(folder)
    keeper = int(Path(f"/proc/{keeper_child(folder, 'postgres')}/stat").read_text().rpartition(")")[2].split()[1])
    assert "local.keeper" in psutil.Process(keeper).cmdline()
    os.kill(keeper, signal.SIGKILL)
    # The database goes on without its keeper for a moment: only the word of the portal tells that it was replaced.
    impatient = threading.Timer(30, tiny.process.terminate)
    impatient.start()
    assert tiny.process.stderr is not None
    assert any("PostgreSQL 的看护进程已恢复" in line for line in tiny.process.stderr)
    impatient.cancel()
    assert running.wait_until(lambda: keeper not in left_behind(folder) and answers(url), 15)
    assert tiny.finish(signal.SIGINT)[0] == 0


def test_second_start_says_where_the_first_runs(folder: Path) -> None:
    tiny = Tiny(folder)
    tiny.wait_ready()
    second = Tiny(folder)
    code, out, err = second.finish()
    assert (code, out) == (2, "")
    assert f"门户已在运行：http://127.0.0.1:{tiny.port}" in err
    assert tiny.process.poll() is None
    assert tiny.finish(signal.SIGINT)[0] == 0


def test_taken_port_is_refused_before_anything_starts(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, str(TINY), str(port)],
            env=bare_environment(folder),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert ran.returncode == 2
    assert f"端口 {port} 已被其他程序占用" in ran.stderr
    assert "--port" in ran.stderr
    assert ran.stdout == ""
    assert not (folder / "postgres").exists()


@pytest.mark.slow
def test_child_that_cannot_start_is_explained(folder: Path) -> None:
    tiny = Tiny(folder, "dying")
    code, out, err = tiny.finish()
    assert (code, out) == (1, "")
    assert "“网站”反复退出，放弃启动" in err
    assert "no such module" in err


def test_start_after_a_crash_ignores_a_pid_file_that_names_a_stranger(folder: Path) -> None:
    tiny = Tiny(folder)
    tiny.wait_ready()
    pid_file = folder / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    tiny.finish(signal.SIGKILL)
    assert running.wait_until(lambda: not left_behind(folder), 8)
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
    again = Tiny(folder)
    try:
        assert again.wait_ready().startswith("ready ")
        assert again.finish(signal.SIGINT)[0] == 0
        assert stranger.poll() is None, "a process that is not ours was killed"
    finally:
        stranger.kill()
        stranger.wait()


def service_url(folder: Path) -> str:
    line = next(
        line
        for line in (folder / "postgres/data/postmaster.pid").read_text().splitlines()
        if "/run" in line or "yancheng-" in line
    )
    return f"postgres://portal@/portal?host={line}"


def answers(url: str) -> bool:
    try:
        psycopg2.connect(url, connect_timeout=2).close()
    except psycopg2.OperationalError:
        time.sleep(0.1)
        return False
    return True
