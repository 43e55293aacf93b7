"""People with two duties in different areas: every pair of roles, on every route with an object and on every list.

What opens a door and what lies behind it must come from the same duty. CI asks a covering part: for every route, method and
opening role some second duty that sees what the first does not, and every pair of roles at least once; MATRIX=full asks all.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.presence import prove_presence
from yancheng_childcare.models import User

from .entry_oracle import door_of
from .matrix import MISSING, POSTED, Cell, address_of, all_routes, fingerprint, judge, kind_of
from .positions import COUNTY, OWN, POSITIONS
from .scene import NAMES, Target, Targets, grant
from .two_duties import AREAS, BODIES, DONGTAI, REGIONS, ROLES, SIGHT, TINGHU, Held, reached

# Also outside CI the whole product (some 90,000 requests) is asked only when somebody wants it.
EVERYTHING = os.environ.get("MATRIX") == "full"
Duties = tuple[Held, Held]
PAIRS: tuple[Duties, ...] = tuple((Held(a, TINGHU), Held(b, DONGTAI)) for a in ROLES for b in ROLES)
LISTS = {
    "registry:list": "", "registry:export": "?format=csv", "registry:unfiled": "?format=csv", "registry:irregular": "",
    "registry:police": "", "registry:ledger-differences": "", "filing:cases": "", "filing:queue": "?status=SUBMITTED",
    "filing:board": "?kind=registered&format=csv", "filing:site-checks": "", "people:list": "", "public:reports": "",
    "exchange:overview": "", "exchange:deliveries": "", "exchange:deliveries-export": "", "exchange:keys": "", "api:registrations": "",
    "api:filings": "", "api:endpoints": "", "api:deliveries": "", "api:events": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One request of one person."""

    duties: Duties
    name: str
    parameters: frozenset[str]
    method: str
    kind: str
    position: str

    @property
    def opening(self) -> frozenset[str]:
        """The person's roles that open the door."""
        held = frozenset(duty.role for duty in self.duties)
        return held & door_of(self.name).roles(self.method)

    @property
    def in_scope(self) -> bool:
        return self.position in reached(self.duties, self.opening, self.kind)

    @property
    def is_borrowed(self) -> bool:
        """The door opens by one duty, and only the other reaches the object: what must look as if it did not exist."""
        everything = frozenset(duty.role for duty in self.duties)
        return bool(self.opening) and not self.in_scope and self.position in reached(self.duties, everything, self.kind)


def questions() -> Iterator[Question]:
    """Every pair × route with an object in one of the kinds × position × safe and unsafe."""
    for name, parameters in all_routes():
        kind = kind_of(name, parameters)
        if kind not in SIGHT or door_of(name).open_to:
            continue
        for duties in PAIRS:
            for position in POSITIONS:
                for method in ("get", "post"):
                    yield Question(duties, name, frozenset(parameters), method, kind, position)


@lru_cache(maxsize=1)
def covering() -> list[Question]:
    """For every route, method and opening role one borrowed object by turns, and for every pair of roles one of each sort."""
    by_door: dict[Any, list[Question]] = defaultdict(list)
    by_pair: dict[Any, list[Question]] = defaultdict(list)
    for question in questions():
        if question.is_borrowed:
            by_door[question.name, question.method, question.opening].append(question)
        sort = "denied" if not question.opening else "borrowed" if question.is_borrowed else str(question.in_scope)
        by_pair[question.duties, sort].append(question)
    by_turns = [*by_door.values(), *by_pair.values()]
    chosen = {found[number * 7 % len(found)] for number, found in enumerate(by_turns)}
    return sorted(chosen, key=lambda q: (PAIRS.index(q.duties), q.name, q.method, q.position))


def person_of(duties: Duties, institutions: dict[str, str]) -> User:
    """Somebody who holds exactly these two duties; `institutions` are those an operator runs, by area."""
    name = "_".join(f"{duty.role.lower()}{AREAS.index(duty.area)}" for duty in duties)
    user = User.objects.create(username=f"two_{name}", display_name="双岗人员")
    for duty in duties:
        if duty.role == "OPERATOR":
            grant(user, duty.role, uscc=institutions[duty.area])
            continue
        region, body = REGIONS[duty.area], BODIES.get(duty.role)
        grant(user, duty.role, region=region, department=f"{region}-{body}" if body else None)
    return user


@pytest.fixture
def people(targets: Targets) -> dict[Duties, Client]:
    """A signed-in browser for every pair, made when first asked for."""
    institutions = {TINGHU: targets["institution", OWN].key, DONGTAI: targets["institution", COUNTY].key}

    class People(dict[Duties, Client]):
        def __missing__(self, duties: Duties) -> Client:
            client = Client(raise_request_exception=False)
            person = person_of(duties, institutions)
            client.force_login(person, backend="yancheng_childcare.accounts.signin.PortalBackend")
            self[duties] = prove_presence(client, person)
            return client

    return People()


def ask(client: Client, method: str, address: str, name: str) -> Any:
    if method == "post":
        return client.post(address, POSTED.get(name))
    return client.get(address)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("part", range(2))
def test_no_role_works_with_the_area_of_another_duty(part: int, people: Any, targets: Targets) -> None:
    chosen = list(questions()) if EVERYTHING else covering()
    pairs = [pair for number, pair in enumerate(PAIRS) if number % 2 == part]
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    asking: Duties | None = None
    for question in (q for q in chosen if q.duties in pairs):
        target: Target | None = targets.get((question.kind, question.position))
        if target is None:
            continue
        if question.duties != asking:
            client, asking = people[question.duties], question.duties
            before = fingerprint()  # every cell is rolled back: one look per person is enough
        missing = MISSING.get(question.kind, "00000000-0000-0000-0000-000000000007")
        cell = Cell(
            question.name, question.method, question.position, target, target.key, missing,
            may_enter=bool(question.opening), in_scope=question.in_scope, signed_in=True,
        )  # fmt: skip
        address = address_of(question.name, set(question.parameters), target.key, target)
        absent = address_of(question.name, set(question.parameters), missing)
        with transaction.atomic():
            response = ask(client, question.method, address, question.name)
            verdict, found = judge(
                cell, response, before, lambda q=question, c=client, a=absent: ask(c, q.method, a, q.name)
            )
            transaction.set_rollback(True)
        counted["borrowed" if question.is_borrowed else verdict] += 1
        wrong += [f"{question.duties}: {text}" for text in found]
    assert not wrong, "\n".join(wrong[:60])
    assert counted["borrowed"] > 80 and counted["served"] > 40 and counted["denied"] > 40, counted


def borrowing(name: str) -> list[tuple[Duties, list[str]]]:
    """Who may open this list by one duty while only the other reaches some institutions: with the names not to be shown."""
    found = []
    for duties in PAIRS:
        everything = frozenset(duty.role for duty in duties)
        opening = door_of(name).roles("get") & everything
        # A list asks for one kind of object but shows names of institutions whatever its kind.
        shown, known = (
            frozenset().union(*(reached(duties, roles, kind) for kind in SIGHT)) for roles in (opening, everything)
        )
        if opening and known - shown:
            found.append((duties, [NAMES[position] for position in POSITIONS if position in known - shown]))
    return found


@pytest.mark.slow
@pytest.mark.django_db
def test_no_list_shows_what_only_the_other_duty_reaches(people: Any, targets: Targets) -> None:
    wrong, asked = [], 0
    for name in sorted(LISTS):
        found = borrowing(name)
        for duties, hidden in found if EVERYTHING else found[:: max(1, len(found) // 6)]:
            response = people[duties].get(address_of(name, set(), None) + LISTS[name])
            body = b"".join(response.streaming_content) if response.streaming else response.content
            asked += 1
            if response.status_code != 200:
                wrong.append(f"{name} {duties}: status {response.status_code}")
            wrong += [f"{name} {duties}: shows {text}" for text in hidden if text.encode() in body]
    assert not wrong, "\n".join(wrong[:40])
    assert asked > 80
