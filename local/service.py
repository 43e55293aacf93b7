"""What the two embedded servers have in common: a folder, locks, a log, variables that point to them."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from .locks import Lock, is_held
from .paths import local_folder, log_folder, private_folder


@dataclass(frozen=True)
class Service(ABC):
    """The server of one variant ("portal", "test" …): no TCP, one socket in a 0700 folder."""

    variant: str = "portal"
    name: ClassVar[str]
    title: ClassVar[str]
    variable: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    @property
    def folder(self) -> Path:
        """Locks and data of this server."""
        return private_folder(local_folder(self.variant) / self.name)

    @property
    def log(self) -> Path:
        """What the server and its keeper say."""
        return log_folder(self.variant) / f"{self.name}.log"

    def users(self) -> Lock:
        """Held shared by everybody who uses the server, exclusively by the keeper that stops it."""
        return Lock(self.folder / "users.lock")

    def keeper(self) -> Lock:
        """Held by its keeper for as long as that lives."""
        return Lock(self.folder / "keeper.lock")

    def is_kept(self) -> bool:
        """True while it has a keeper."""
        return is_held(self.folder / "keeper.lock")

    @property
    @abstractmethod
    def variables(self) -> dict[str, str]:
        """What the environment needs to use this server."""

    def prepare(self) -> None:
        """Make what the server needs on its disk. Raises LocalFailure."""
        self.clear_leftovers()

    @abstractmethod
    def clear_leftovers(self) -> None:
        """Remove what a crash left behind; called only under the keeper's lock."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return the command line that runs the server in the foreground as a child of this process."""

    @abstractmethod
    def is_ready(self) -> bool:
        """True when the server answers."""
