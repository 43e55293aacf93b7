"""The judge of a crash run: pure functions over three independent accounts of what happened.

What was *committed* is read from the database at the end, what was *acknowledged* from the log of those who wrote, what
*arrived* from the logs of the receivers. Invariants: reliability.md D2.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEAL_LIMIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """A committed event of the outbox."""

    uid: str
    type: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Effect:
    """The first effect of one webhook-id at a receiver, as it stands in the receiver's own log."""

    webhook_id: str
    event: str
    type: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a writer was told has been done."""

    subject: str
    version: int


@dataclass(slots=True)
class Evidence:
    """Everything the judge looks at. `effects` is in the order of arrival, per receiver; `versions` is the ledger itself
    (institution → its current version); `bad_signatures` and `failed_writes` are counted by receivers and writers."""

    events: Sequence[Event]
    acknowledged: Sequence[Acknowledged]
    effects: dict[str, Sequence[Effect]]
    versions: dict[str, int]
    heal_seconds: float | None
    bad_signatures: int = 0
    failed_writes: int = 0


@dataclass(slots=True)
class Findings:
    """Violations by kind, each as readable examples; all empty when the run held."""

    lost: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    phantoms: list[str] = field(default_factory=list)
    unkept: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    unhealed: list[str] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return {name: len(getattr(self, name)) for name in self.__dataclass_fields__}

    @property
    def clean(self) -> bool:
        """No violation at all."""
        return not any(self.counts().values())


def judge(evidence: Evidence) -> Findings:
    """Hold the accounts against each other."""
    found = Findings()
    for receiver, effects in sorted(evidence.effects.items()):
        found.lost += _lost(receiver, evidence.events, effects)
        found.duplicates += _duplicates(receiver, effects)
        found.order += _order(receiver, effects)
        found.phantoms += _phantoms(receiver, evidence.events, effects)
    found.unkept = _unkept(evidence.events, evidence.acknowledged)
    found.silent = _silent(evidence.events, evidence.versions)
    if evidence.heal_seconds is None or evidence.heal_seconds > HEAL_LIMIT_SECONDS:
        found.unhealed.append(f"not whole again within {HEAL_LIMIT_SECONDS:.0f} s: {evidence.heal_seconds}")
    found.signatures = ["a request with a bad signature"] * evidence.bad_signatures
    found.writes = ["a write failed in a way no writer can act on"] * evidence.failed_writes
    return found


def _lost(receiver: str, events: Iterable[Event], effects: Iterable[Effect]) -> list[str]:
    """Committed, but without effect at the receiver."""
    arrived = {effect.event for effect in effects}
    return [f"{receiver}: {e.subject} v{e.version} ({e.uid})" for e in events if e.uid not in arrived]


def _duplicates(receiver: str, effects: Iterable[Effect]) -> list[str]:
    """One webhook-id with two effects, or one event under two webhook-ids (which no receiver could recognise)."""
    ids = Counter(effect.webhook_id for effect in effects)
    found = [f"{receiver}: {webhook_id} took effect {times} times" for webhook_id, times in ids.items() if times > 1]
    names: dict[str, set[str]] = defaultdict(set)
    for effect in effects:
        names[effect.event].add(effect.webhook_id)
    return found + [f"{receiver}: event {event} came as {sorted(ids)}" for event, ids in names.items() if len(ids) > 1]


def _order(receiver: str, effects: Iterable[Effect]) -> list[str]:
    """First effects of one institution must be 1, 2, 3 …; repeats of a webhook-id are counted as duplicates, not here."""
    found: list[str] = []
    latest: dict[str, int] = defaultdict(int)
    seen: set[str] = set()
    for effect in effects:
        if effect.webhook_id in seen:
            continue
        seen.add(effect.webhook_id)
        if effect.version != latest[effect.subject] + 1:
            found.append(f"{receiver}: {effect.subject} v{effect.version} after v{latest[effect.subject]}")
        latest[effect.subject] = max(latest[effect.subject], effect.version)
    return found


def _phantoms(receiver: str, events: Iterable[Event], effects: Iterable[Effect]) -> list[str]:
    """An effect of something that was never committed, or that says something else than what was committed."""
    known = {event.uid: (event.type, event.subject, event.version) for event in events}
    return [
        f"{receiver}: {e.webhook_id} tells {e.type} {e.subject} v{e.version}"
        for e in effects
        if known.get(e.event) != (e.type, e.subject, e.version)
    ]


def _unkept(events: Iterable[Event], acknowledged: Iterable[Acknowledged]) -> list[str]:
    """Acknowledged to a writer, but not in the database."""
    committed = {(event.subject, event.version) for event in events}
    return [f"{a.subject} v{a.version}" for a in acknowledged if (a.subject, a.version) not in committed]


def _silent(events: Iterable[Event], versions: dict[str, int]) -> list[str]:
    """A version of the ledger without exactly one event, or an event without its version: they commit together or not."""
    told: dict[str, list[int]] = defaultdict(list)
    for event in events:
        told[event.subject].append(event.version)
    return [
        f"{subject}: ledger at v{versions.get(subject, 0)}, events {sorted(told[subject])}"
        for subject in sorted(set(versions) | set(told))
        if sorted(told[subject]) != list(range(1, versions.get(subject, 0) + 1))
    ]
