"""Bring the database up to date and load the demo city. Runs as `python -m local.prepare`.

A process of its own, so that the supervisor never carries Django and Ctrl-C can end it cleanly.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .failure import LocalFailure
from .progress import say, step


def main(arguments: list[str]) -> int:
    """Migrate; with `--demo` load the demo city if this database has not seen it; `--marker` remembers that."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--marker", type=Path)
    options = parser.parse_args(arguments)
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import CommandError, call_command
    from django.db import OperationalError

    try:
        with step("[4/6] 检查并更新数据库结构"):
            call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
    except OperationalError as error:
        say(str(LocalFailure(f"数据库连接失败：{error}", "请检查 DATABASE_URL，或取消该变量以使用内置数据库。")))
        return 1
    try:
        _fill(options, settings.STORAGES["staticfiles"]["BACKEND"])
    except CommandError as error:
        say(f"准备失败：{error}")
        return 1
    return 0


def _fill(options: argparse.Namespace, static_storage: str) -> None:
    """Collect static files where their storage needs it, and load the demo city on the first run."""
    from django.core.management import call_command

    if "Manifest" in static_storage:
        call_command("collectstatic", interactive=False, verbosity=0, stdout=sys.stderr)
    if options.demo and _is_first_run(options.marker):
        with step("[5/6] 载入演示城市（仅首次）"):
            call_command("seed_demo", stdout=sys.stderr)
        if options.marker:
            options.marker.touch()
    else:
        say("[5/6] 演示数据：无需载入")
        if options.demo:
            # The demo receivers may listen on other ports than last time.
            call_command("seed_demo", receivers=True, stdout=sys.stderr)


def _is_first_run(marker: Path | None) -> bool:
    """The embedded database remembers by a file beside it; somebody else's is only filled while it has no users."""
    if marker is not None:
        return not marker.exists()
    from django.contrib.auth import get_user_model

    return not get_user_model().objects.exists()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
