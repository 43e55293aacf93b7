"""Exec wrapper: run a program that dies with its parent, optionally as a user that is not root. Runs as a script.

    python -I -S launch.py PARENT SIGNAL UID program argument…

SIGNAL is what the kernel sends the program when its parent's main thread ends (PR_SET_PDEATHSIG); PARENT, a process id,
closes the race in which it died before that was set. A UID maps the caller to it inside a fresh user namespace:
PostgreSQL refuses to run as root, and the files stay ours. The mapping comes first because a change of credentials
clears the death signal; a plain exec keeps it.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000


def launcher(death: int, uid: str = "") -> list[str]:
    """Return the words to put before a program: it gets signal `death` when the calling process ends.

    With `uid` it runs under that user id in a user namespace. Call it from the thread that starts the program.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(death)), uid]


def main(parent: str, death: str, uid: str, *program: str) -> None:
    """Prepare this process and exec."""
    libc = ctypes.CDLL(None, use_errno=True)
    if uid:
        _disguise(libc, uid)
    if libc.prctl(PR_SET_PDEATHSIG, int(death), 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != int(parent):
        sys.exit("parent is gone")
    os.execvp(program[0], program)  # noqa: S606 - our own table of programs, no shell


def _disguise(libc: ctypes.CDLL, uid: str) -> None:
    maps = {"setgroups": "deny", "uid_map": f"{uid} {os.geteuid()} 1", "gid_map": f"{uid} {os.getegid()} 1"}
    try:
        if libc.unshare(CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        for name, text in maps.items():
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except OSError as error:
        sys.exit(f"user namespaces are refused: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
