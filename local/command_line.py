"""What manage.py does once the interpreter is right."""

from __future__ import annotations

import os
import sys

from . import demo, portal, services
from .failure import LocalFailure
from .mode import is_local
from .paths import ROOT
from .postgres import Postgres
from .progress import say
from .redis import Redis

# These need the settings but no server; everything else gets PostgreSQL and Redis for as long as it runs.
WITHOUT_SERVICES = {
    *("help", "--help", "-h", "version", "--version", "check", "collectstatic", "compilemessages", "diffsettings"),
    *("findstatic", "makemessages", "startapp", "startproject"),
}


def run(argv: list[str]) -> int:
    """Run the command of `argv`; return its exit code.

    `portal` and `test` are ours. A Django command finds the PostgreSQL and Redis of a running portal, or starts them
    for its own duration: they stop by themselves when their last user has ended.
    """
    command = argv[1] if len(argv) > 1 else "help"
    if not is_local() and command != "test":
        return _run_in_production(argv, command)
    if command == "portal":
        return portal.main(argv[2:])
    if command == "test":
        return _test(argv[2:])
    demo.fill_environment()
    if url := demo.read_state().get("url"):
        os.environ.setdefault("PORTAL_URL", str(url))
    leases = []
    try:
        if command not in WITHOUT_SERVICES or "--database" in argv:
            leases = services.ensure(quiet=not sys.stderr.isatty())
    except LocalFailure as failure:
        say(str(failure))
        return failure.exit_code
    for service in (Postgres(), Redis()):
        if service.variable not in os.environ:
            os.environ.update(service.variables)
    from django.core.management import execute_from_command_line

    execute_from_command_line(argv)
    for lease in reversed(leases):
        lease.release()
    return 0


def _test(arguments: list[str]) -> int:
    """Run pytest; the services come from `pytest_plugin`."""
    os.chdir(ROOT)
    import pytest

    from .pytest_plugin import arguments_with_workers

    say("[3/6] 运行测试……" if not arguments else "运行测试……")
    return int(pytest.main(arguments_with_workers(arguments)))


def _run_in_production(argv: list[str], command: str) -> int:
    """A command on the servers of DATABASE_URL and REDIS_URL: nothing is started, made or written beside the code."""
    if command == "portal":
        say(
            "portal 命令只用于本机演示（DEBUG=1）。正式环境请按 README 的 Production 一节分别启动各进程。"
            " / `portal` is for the local mode; with DEBUG=0 start the processes as README, Production, says."
        )
        return 2
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        _ = settings.INSTALLED_APPS  # Django itself would let some commands, such as shell, run without settings
        execute_from_command_line(argv)
    except ImproperlyConfigured as error:
        say(str(error))
        return 2
    return 0
