"""Reads of visitors may go to a replica (`READ_REPLICA_URL`); whoever is signed in always reads what was just written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_public: ContextVar[bool] = ContextVar("public_read", default=False)


@contextmanager
def public_read(active: bool) -> Iterator[None]:
    """Within it, plain reads may use the replica."""
    token = _public.set(active)
    try:
        yield
    finally:
        _public.reset(token)


class PublicReadRouter:
    """Sends reads made within `public_read` to the replica, everything else to the primary."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "replica" if _public.get() else None

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"
