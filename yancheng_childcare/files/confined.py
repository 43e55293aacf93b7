"""Hostile content is opened in a child process only: capped memory, processor time, waiting time and answer.

What an unknown trick costs is then one child, never the worker that serves everybody (reliability.md T22, T25).
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import structlog

from .codes import refuse

#: Children of one process at a time, and how long another waits for its turn: memory is bounded by their number.
AT_ONCE = 2
PATIENCE_SECONDS = 20
_RUN = Path(__file__).parent / "children" / "run.py"
_places = threading.BoundedSemaphore(AT_ONCE)
log = structlog.get_logger("security")


class ChildFailed(Exception):
    """The child was killed by a limit, crashed, answered too much or too late."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Address space and one answer in bytes; processor time of the whole run and waiting for one answer in seconds."""

    memory: int
    cpu_seconds: int
    seconds: float
    answer: int


class Child:
    """One script of `children/` at work. Use as a context manager: leaving it ends the process.

    Raises Rejected FILE-025 (503) on entering when all places stay taken.
    """

    def __init__(self, script: str, limits: Limits, *, field: str = "file", **arguments: Any):
        self._limits, self._field = limits, field
        numbers = (str(limits.memory), str(limits.cpu_seconds))
        self._command = [sys.executable, "-I", str(_RUN), script, *numbers, json.dumps(arguments)]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if not _places.acquire(timeout=PATIENCE_SECONDS):
            log.warning("no_place_for_a_child", script=self._command[3])
            raise refuse("FILE-025", self._field)
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own script and interpreter, no argument from outside
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
            )
        except BaseException:
            _places.release()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, whatever it is doing. A second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                _close(pipe)
            process.wait()
        finally:
            _places.release()

    def send(self, content: Iterable[bytes], *, last: bool = False) -> None:
        """Write to the child; `last` closes its input. Raises ChildFailed when it is gone or takes too long."""
        pipe = self._running.stdin
        assert pipe is not None
        with self._in_time():
            try:
                for piece in content:
                    pipe.write(piece)
                pipe.flush()
                if last:
                    pipe.close()
            except (BrokenPipeError, ValueError) as error:
                raise ChildFailed("gone while reading") from error

    def answer(self) -> bytes:
        """The next frame. Raises ChildFailed when the child ended, is too slow or answers more than it may."""
        pipe = self._running.stdout
        assert pipe is not None
        with self._in_time():
            size = int.from_bytes(_exactly(pipe, 4), "big")
            if size > self._limits.answer:
                raise ChildFailed("answer is too large")
            return _exactly(pipe, size)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ChildFailed("not running")
        return self._process

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """A child that keeps us waiting is killed, which ends the wait."""
        timer = threading.Timer(self._limits.seconds, self._running.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def ask(script: str, content: Iterable[bytes], limits: Limits, *, field: str = "file", **arguments: Any) -> bytes:
    """One question, one answer. Raises ChildFailed, and Rejected FILE-025 when all places are taken."""
    with Child(script, limits, field=field, **arguments) as child:
        child.send(content, last=True)
        return child.answer()


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) != size:
        raise ChildFailed("ended before its answer")
    return content


def _close(pipe: IO[bytes] | None) -> None:
    """What is still buffered for a killed child has nobody to read it."""
    if pipe is not None:
        try:
            pipe.close()
        except OSError:
            log.debug("pipe_of_a_killed_child")
