"""`manage.py test`: runs pytest; the services come from `pytest_plugin`."""

from __future__ import annotations

import os
from pathlib import Path

from .paths import ROOT
from .progress import say

# Two cores are what a small machine has, and each worker needs a database of its own.
MOST_WORKERS = 2


def main(arguments: list[str]) -> int:
    """Run pytest with these arguments; return its exit code."""
    os.chdir(ROOT)
    import pytest

    say("[3/6] 运行测试……" if not arguments else "运行测试……")
    return int(pytest.main(arguments_with_workers(arguments)))


def arguments_with_workers(arguments: list[str]) -> list[str]:
    """Add parallel workers when the whole suite is run and the caller said nothing about them."""
    names_a_test = any(Path(argument.split("::")[0]).exists() for argument in arguments if not argument.startswith("-"))
    decided = any(argument.startswith(("-n", "--numprocesses", "--pdb", "--collect-only")) for argument in arguments)
    if names_a_test or decided or "no:xdist" in arguments:
        return arguments
    return ["-n", "auto", "--maxprocesses", str(MOST_WORKERS), *arguments]
