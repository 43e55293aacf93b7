"""The one exception of this package."""

from __future__ import annotations


class LocalFailure(Exception):
    """The embedded start cannot go on. Shown to the person at the terminal, in Chinese, without a traceback."""

    def __init__(self, what: str, remedy: str = "", exit_code: int = 1) -> None:
        """`what` went wrong, the `remedy`, and the exit code of the command."""
        super().__init__(f"{what}\n{remedy}" if remedy else what)
        self.what = what
        self.exit_code = exit_code
