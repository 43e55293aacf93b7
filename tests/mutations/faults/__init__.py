"""The faults: what a tired programmer might write, a table for each area."""

from __future__ import annotations

from . import (
    accounts,
    cases,
    exchange,
    field,
    filing,
    inspections,
    kernel,
    keys,
    nights,
    openings,
    parents,
    public,
    registry,
    visits,
)
from .fault import Fault

__all__ = ["FAULTS", "Fault"]

FAULTS: tuple[Fault, ...] = (
    *kernel.FAULTS,
    *accounts.FAULTS,
    *exchange.FAULTS,
    *keys.FAULTS,
    *registry.FAULTS,
    *public.FAULTS,
    *filing.FAULTS,
    *parents.FAULTS,
    *field.FAULTS,
    *nights.FAULTS,
    *visits.FAULTS,
    *openings.FAULTS,
    *cases.FAULTS,
    *inspections.FAULTS,
)
