#!/usr/bin/env python3
"""Entry point. `portal` runs the portal, `test` runs the tests; both set up everything they need first.

Any command works with any Python 3.11 or newer: it prepares `.venv` beside this file and continues inside it. Keep the
syntax of this file old, so that an old Python reaches the message below instead of a SyntaxError.
"""

import os
import shutil
import sys


def _need_python():
    """Continue with a newer interpreter when this one is too old, or say in Chinese what to install."""
    if sys.version_info >= (3, 11):  # noqa: UP036 - the message below is for older ones
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        newer = shutil.which(name)
        if newer:
            os.execv(newer, [newer] + sys.argv)  # noqa: S606 - a fixed name from PATH, no shell
    sys.stderr.write(
        # Percent formatting is understood by every Python.
        "需要 Python 3.11 或更新版本，当前是 Python %d.%d。\n"  # noqa: UP031
        "请先安装，例如 Debian/Ubuntu：apt install python3.11 python3.11-venv，再运行 python3.11 manage.py %s\n"
        % (sys.version_info[0], sys.version_info[1], " ".join(sys.argv[1:]))
    )
    sys.exit(2)


def main():
    """Prepare the interpreter, then hand over to the command."""
    _need_python()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yancheng_childcare.settings")
    from local import bootstrap

    bootstrap.ensure_interpreter(sys.argv)
    from local import command_line

    sys.exit(command_line.run(sys.argv))


if __name__ == "__main__":
    main()
