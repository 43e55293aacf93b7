"""Exceptions in the log: type, file and line of every frame, and no personal data (operations.md 7).

Values of variables are never shown. Of an exception's own text, what may hold a person is taken out: the database's
DETAIL and CONTEXT (they quote whole rows), Chinese words (names and addresses are), numbers and addresses as everywhere
(`masking`). Each exception is written out once; Django and Celery both log what django-structlog has logged already.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from structlog.tracebacks import ExceptionDictTransformer

from .masking import HIDDEN, mask_text

_WRITTEN = "_portal_written_to_log"
_MOST_FRAMES = 40
_LONGEST_TEXT = 300
_transform = ExceptionDictTransformer(show_locals=False, max_frames=_MOST_FRAMES)
_DATABASE_DETAIL = re.compile(r"\s*\b(?:DETAIL|CONTEXT|QUERY|LINE \d+|PARAMETERS):.*", re.DOTALL)
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·]+")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")


def scrub(text: str) -> str:
    """The text of an exception without what may name a person."""
    text = _DATABASE_DETAIL.sub("", text[: 4 * _LONGEST_TEXT])
    text = _EMAIL.sub(HIDDEN, _CHINESE.sub(HIDDEN, mask_text(text)))
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"


def render_exception(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: `exc_info` (also Celery's) or an exception in `exception` becomes plain data."""
    if isinstance(reason := event.get("reason"), BaseException):  # why a task is tried again
        event["reason"] = f"{type(reason).__name__}: {scrub(str(reason))}"
    exception, traceback = _exception(event.pop("exc_info", None) or event.get("exception"))
    if exception is None:
        return event
    # django-structlog gives the text of a failed task beside the exception.
    event.pop("error", None)
    if _was_written(exception):
        event["exception"] = f"{type(exception).__name__}, written above"
        return event
    event["exception"] = [_short(trace) for trace in _transform((type(exception), exception, traceback))]
    with suppress(AttributeError, TypeError):  # an exception without a dict is written out twice at worst
        setattr(exception, _WRITTEN, True)
    return event


def _exception(given: Any) -> tuple[BaseException | None, Any]:
    """(exception, traceback) of what a logger was given: True, an exception or a triple, Celery's too."""
    if given is True:
        given = sys.exc_info()
    if isinstance(given, BaseException):
        return given, given.__traceback__
    if isinstance(given, tuple) and len(given) == 3 and isinstance(given[1], BaseException):
        # Celery gives a copy of the traceback that can be pickled; it is walked like a real one.
        return given[1], given[1].__traceback__ or given[2]
    return None, None


def _was_written(exception: BaseException) -> bool:
    return bool(getattr(exception, _WRITTEN, False))


def _short(trace: dict[str, Any]) -> dict[str, Any]:
    """One exception of the chain: type, text, and `file:line function` from the outermost call to the innermost."""
    found = {
        "type": trace["exc_type"],
        "text": scrub(trace["exc_value"]),
        "frames": [f"{frame['filename']}:{frame['lineno']} {frame['name']}" for frame in trace["frames"]],
    }
    if trace.get("exceptions"):
        found["exceptions"] = [[_short(inner) for inner in chain] for chain in trace["exceptions"]]
    if trace["is_cause"]:
        found["is_cause"] = True
    return found


class OnceFilter(logging.Filter):
    """Drops a record of the standard library whose exception is in the log already; put it on the handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for what was written."""
        exception, _ = _exception(record.exc_info)
        return exception is None or not _was_written(exception)


class ScrubFilter(logging.Filter):
    """Celery puts the text of a task's exception, and of why it tries again, into its own message: it is scrubbed too."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; always lets it pass."""
        if record.name.startswith("celery") and not isinstance(record.msg, dict):
            record.msg, record.args = scrub(record.getMessage()), ()
        return True
