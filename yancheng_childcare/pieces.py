"""Work on many things, one at a time: each in a transaction of its own, so that one that fails keeps back no other.

What a piece marks as done and what it says to people are kept or lost together. A piece must look again, under a lock,
whether it is still to be done: then two runs at once, a run after a crash and a run after a missed night say each thing
exactly once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import structlog
from django.db import Error, connection, transaction

from .outages import database_is_away

logger = structlog.get_logger("portal.pieces")
Piece = TypeVar("Piece")


def take_turns(name: str) -> None:
    """Wait until no other transaction works under this name; held to the end of this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 5))", [name])


@dataclass(slots=True)
class Tally:
    """What the pieces returned, added up, and how many failed."""

    done: int = 0
    failed: int = 0


def each(work: str, pieces: Iterable[Piece], do: Callable[[Piece], int]) -> Tally:
    """Do every piece; one that fails is undone, logged under the name of the `work` and left to the next run.

    Raises what the database raises when it is away: the rest would only fail the same way.
    """
    tally = Tally()
    for piece in list(pieces):
        try:
            with transaction.atomic():
                done = do(piece)
        except Exception as error:
            if isinstance(error, Error) and database_is_away(error):
                raise
            logger.exception("piece_failed", work=work, piece=str(piece))
            tally.failed += 1
        else:
            tally.done += done
    return tally
