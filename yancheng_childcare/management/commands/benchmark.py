"""`benchmark [NAME …]`: run benchmarks side by side with their baselines, print a table, write JSON."""

from __future__ import annotations

import importlib
import logging
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


def available() -> dict[str, str]:
    """Module by benchmark name: every `benchmarks/<folder>/bench.py` with NAME and run(options)."""
    folder = Path(settings.BASE_DIR) / "benchmarks"
    modules = [f"benchmarks.{path.parent.name}.bench" for path in sorted(folder.glob("*/bench.py"))]
    return {importlib.import_module(module).NAME: module for module in modules}


class Command(BaseCommand):
    help = "Run one or all benchmarks with their baselines; exit status 1 when a goal is missed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
        parser.add_argument("--quick", action="store_true", help="short form: fewer rounds, looser limits")
        parser.add_argument("--rounds", type=int, default=3)

    def handle(self, *args: Any, **options: Any) -> None:
        from benchmarks.harness import Options, load, print_result, write_json

        modules = available()
        names = options["names"] or list(modules)
        if unknown := [name for name in names if name not in modules]:
            raise CommandError(f"没有这个基准测试：{'、'.join(unknown)}。可选：{'、'.join(modules)}")
        # Every event of a measurement would print a line.
        logging.disable(logging.WARNING)
        missed = []
        for name in names:
            before, started = load(), time.monotonic()
            result = importlib.import_module(modules[name]).run(
                Options(quick=options["quick"], rounds=options["rounds"])
            )
            result.load_before, result.load_after = before, load()
            result.seconds = time.monotonic() - started
            print_result(result)
            self.stdout.write(f"  {write_json(result)}")
            if not result.passed:
                missed.append(name)
        if missed:
            raise CommandError(f"未达到目标：{'、'.join(missed)}", returncode=1)
