"""Starts one script of this folder under limits: `run.py SCRIPT MEMORY CPU ARGUMENTS`.

The limits are set before the script and its libraries are loaded, so content that exhausts them kills only this
process. Called by `confined.py`; the script answers on stdout in frames (`frames.py`).
"""

from __future__ import annotations

import resource
import runpy
import sys
from pathlib import Path


def confine(memory: int, cpu_seconds: int) -> None:
    """Cap address space (bytes) and processor time of this process; no file written, no child, no core."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Confine, then run the script with its arguments as one JSON text in `sys.argv[1]`."""
    script, memory, cpu_seconds, arguments = sys.argv[1:5]
    confine(int(memory), int(cpu_seconds))
    folder = Path(__file__).parent
    sys.path.insert(0, str(folder))
    sys.argv = [script, arguments]
    runpy.run_path(str(folder / f"{script}.py"), run_name="__main__")


if __name__ == "__main__":
    main()
