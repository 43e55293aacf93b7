"""Bring the database up to date and load the demo city. Runs as `python -m local.prepare`.

A process of its own, so that the supervisor never carries Django and Ctrl-C can end it cleanly. It is run twice: before
the portal starts, for what no page can do without, and with `--rest` behind the running portal, for the rest of the city.
"""

from __future__ import annotations

import argparse
import sys

from .failure import LocalFailure
from .progress import say, step

# Signs in the database itself: which part of the demo city stands. They go with the database, wherever it is.
BEGUN, DONE = "demo.begun", "demo.done"


def main(arguments: list[str]) -> int:
    """Migrate and begin the demo city (`--demo`), or end it (`--rest`). `--embedded`: the database is ours to fill."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--embedded", action="store_true")
    parser.add_argument("--rest", action="store_true")
    options = parser.parse_args(arguments)
    import django

    django.setup()
    from django.core.management import CommandError

    try:
        return _end_the_city() if options.rest else _begin(options.demo, options.embedded)
    except CommandError as error:
        say(f"准备失败：{error}")
        return 1


def _begin(demo: bool, embedded: bool) -> int:
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError

    from yancheng_childcare.tasks import beat

    try:
        with step("[4/6] 检查并更新数据库结构"):
            call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
    except OperationalError as error:
        say(str(LocalFailure(f"数据库连接失败：{error}", "请检查 DATABASE_URL，或取消该变量以使用内置数据库。")))
        return 1
    if "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]:
        call_command("collectstatic", interactive=False, verbosity=0, stdout=sys.stderr)
    if demo and _is_first_run(embedded):
        with step("[5/6] 载入演示账号和最先的机构（仅首次）"):
            call_command("seed_demo", begin=True, stdout=sys.stderr)
        beat(BEGUN)
        return 0
    say("[5/6] 演示数据：无需载入")
    if demo:
        # The demo receivers may listen on other ports than last time.
        call_command("seed_demo", receivers=True, stdout=sys.stderr)
    return 0


def _is_first_run(embedded: bool) -> bool:
    """The embedded database is filled once; somebody else's only while it has no users."""
    from django.contrib.auth import get_user_model

    return not _stands(BEGUN) and (embedded or not get_user_model().objects.exists())


def _end_the_city() -> int:
    """The rest of the city, once; broken off it goes on at the next start."""
    from django.core.management import call_command

    from yancheng_childcare.tasks import beat

    if _stands(BEGUN) and not _stands(DONE):
        say("演示城市的其余部分正在后台载入，门户已可使用。")
        call_command("seed_demo", stdout=sys.stderr)
        beat(DONE)
    return 0


def _stands(sign: str) -> bool:
    from yancheng_childcare.models import Heartbeat

    return Heartbeat.objects.filter(name=sign).exists()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
