"""The faults: what a tired programmer might write, a table for each area."""

from __future__ import annotations

from . import accounts, exchange, kernel, public, registry
from .fault import Fault

__all__ = ["FAULTS", "Fault"]

FAULTS: tuple[Fault, ...] = (
    *kernel.FAULTS,
    *accounts.FAULTS,
    *exchange.FAULTS,
    *registry.FAULTS,
    *public.FAULTS,
)
