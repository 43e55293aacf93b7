"""Delivery: claim the oldest open push of each stream, send it outside any transaction, settle it with a fencing token."""

from .engine import Engine, current_engine

__all__ = ["Engine", "current_engine"]
