"""Every route of the URLconf × 7 methods × every person of the cast × own / other institution / other county / other body
of the county (the five rarer methods only at the own object).

Who may enter is judged by `entry_oracle.py`, what a person then sees by `positions.py`; both are written by hand, neither
asks the code under test. A route without a line fails. Denied requests change nothing and show nothing.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from registry.demo.accounts import ACCOUNTS
from tests.presence import prove_presence

from .entry_oracle import EVERYBODY, door_of
from .matrix import CONFIRMED, METHODS, MISSING, POSTED, Cell, address_of, all_routes, fingerprint, judge, kind_of
from .positions import ORACLE, POSITIONS
from .scene import Target

# CI is short: the persons who write or see most, and the five rarer methods of two of them. MATRIX=full asks everybody.
FULL = "CI" not in os.environ or os.environ.get("MATRIX") == "full"
THOROUGH = {"", "operator_xiaotaiyang"}
SHORT = {*THOROUGH, "operator_yangguang", "reviewer_tinghu", "reviewer_dongtai", "chief_tinghu", "registrar_tinghu",
         "inspector_tinghu1", "police_tinghu", "admin"}  # fmt: skip
# A colleague with the very same duty answers nothing new.
TWINS = {"reviewer_tinghu2", "inspector_tinghu2", "assessor_a2", "admin2"}
PERSONS = ("", *(account.username for account in ACCOUNTS if account.username not in TWINS))
BUILD = Path(__file__).parents[2] / "build" / "matrix"
# What each person is, once more by hand; a duty past its last day is none.
HELD = {a.username: frozenset() if a.username == "inspector_expired" else frozenset({a.role}) for a in ACCOUNTS}


def cells_of(person: str, targets: dict[tuple[str, str], Target]) -> Iterator[tuple[Cell, str, str]]:
    """Every cell of one person with its address and the address of something that does not exist."""
    for name, parameters in all_routes():
        door = door_of(name)
        assert door is not None, f"route {name} has no line in the oracle"
        kind = kind_of(name, parameters)
        for position in POSITIONS if kind else ("",):
            target = targets.get((kind, position))
            if kind and target is None:
                continue
            key, missing = (target.key, MISSING.get(kind, str(uuid.UUID(int=7)))) if target else (None, None)
            everybody = kind == "subscription" or (door.open_to == EVERYBODY and kind == "institution")
            seen = not kind or everybody or position in ORACLE[kind].get(person, ())
            # The other methods meet the same wall: once, at the person's own object, is enough.
            whole = position in ("", POSITIONS[0]) and (FULL or person in THOROUGH)
            for method in METHODS if whole else ("get", "post"):
                may = door.admits(HELD[person] if person else None, method)
                cell = Cell(name, method, position, target, key, missing, may, seen, bool(person))
                yield cell, address_of(name, parameters, key, target), address_of(name, parameters, missing)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("person", [p for p in PERSONS if FULL or p in SHORT], ids=lambda p: p or "visitor")
def test_matrix(person, cast, targets, as_user, monkeypatch):
    # Nobody reads what a thousand answers log, nor the contexts of their templates: a sixth of the time.
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    cookies = {name: morsel.value for name, morsel in as_user(person).cookies.items()}
    present = prove_presence(as_user(person), cast[person]).cookies.items() if person else ()
    confirmed = {name: morsel.value for name, morsel in present}

    client = Client(raise_request_exception=False)

    def ask(method: str, address: str, name: str) -> Any:
        client.cookies.clear()
        for cookie, value in (confirmed if name in CONFIRMED else cookies).items():
            client.cookies[cookie] = value
        if method == "post" and name in POSTED:
            return client.post(address, POSTED[name])
        return getattr(client, method)(address)

    before = fingerprint()  # every cell is rolled back, so one look is enough
    for cell, address, missing in cells_of(person, targets):
        with transaction.atomic():
            response = ask(cell.method, address, cell.name)
            verdict, found = judge(cell, response, before, lambda c=cell, a=missing: ask(c.method, a, c.name))
            counted[verdict] += 1
            wrong += found
            transaction.set_rollback(True)
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / f"{person or 'visitor'}.txt").write_text(f"{dict(counted)}\n" + "\n".join(wrong))
    assert not wrong, "\n".join(wrong[:60])
    assert counted.total() > 300


def test_there_are_enough_persons():
    assert len(PERSONS) >= 14


@pytest.mark.django_db
def test_a_route_without_a_rule_is_found(monkeypatch):
    from yancheng_childcare import permissions
    from yancheng_childcare.checks import every_route_has_a_rule

    assert every_route_has_a_rule(None) == []
    monkeypatch.delitem(permissions.ROUTES, "desk")
    assert [e.id for e in every_route_has_a_rule(None)] == ["portal.E001"]
