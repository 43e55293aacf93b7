"""Bring the database up to date and load the demo city. Runs as `python -m local.prepare`.

A process of its own, so that the supervisor never carries Django and Ctrl-C can end it cleanly. It is run twice: before
the portal starts, for what no page can do without, and with `--rest` behind the running portal, for the rest of the city.
"""

from __future__ import annotations

import argparse
import sys

from .failure import LocalFailure
from .progress import say, step


def main(arguments: list[str]) -> int:
    """Migrate and begin the demo city (`--demo`), or end it (`--rest`). `--embedded`: the database is ours to fill."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--rest", action="store_true")
    options = parser.parse_args(arguments)
    import django

    django.setup()
    from django.core.management import CommandError, call_command

    try:
        if options.rest:
            call_command("seed_demo", rest=True, stdout=sys.stderr)  # once; broken off it goes on at the next start
            return 0
        return _begin(options.demo, options.embedded)
    except CommandError as error:
        say(f"准备失败：{error}")
        return 1


def _begin(demo: bool, embedded: bool) -> int:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError

    try:
        with step("[4/6] 检查并更新数据库结构"):
            call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
    except OperationalError as error:
        say(str(LocalFailure(f"数据库连接失败：{error}", "请检查 DATABASE_URL，或取消该变量以使用内置数据库。")))
        return 1
    if "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]:
        call_command("collectstatic", interactive=False, verbosity=0, stdout=sys.stderr)
    if not demo:
        say("[5/6] 演示数据：不载入")
        return 0
    with step("[5/6] 载入演示账号和最先的机构（仅首次）"):
        # The embedded database is ours to fill, somebody else's only while nobody uses it. Where the city stands, the
        # demo receivers may still listen on other ports than last time.
        call_command("seed_demo", begin=True, when_empty=not embedded, stdout=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
