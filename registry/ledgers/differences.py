"""The three ledgers side by side: registered, known to health, known to public security; and where they differ.

For one institution: health *has received* it when a push was delivered, a receipt came back or a filing number stands;
*has handled* it with a filing number or a handled receipt. Public security likewise, without filing. So in every area
registered = handled + received but open + not received, for each department: the sums reconcile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from dataclasses import fields as dataclass_fields
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When

from exchange.models import Delivery, Receipt

from ..choices import RegistrationStatus
from ..models import Institution
from .difference import Difference, by_area

DELIVERED = ("DELIVERED", "ACKED")


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledgers know of one institution (or of many alike)."""

    active: bool
    filed: bool
    nonconforming: bool
    health_told: bool
    health_answered: bool
    health_done: bool
    police_told: bool
    police_answered: bool
    police_done: bool
    late: bool

    @property
    def health_received(self) -> bool:
        """A push was delivered, a receipt came back, or a filing number stands."""
        return self.health_told or self.health_answered or self.filed

    @property
    def health_handled(self) -> bool:
        """Filed, or a receipt says handled."""
        return self.health_done or self.filed

    @property
    def police_received(self) -> bool:
        """A push was delivered or a receipt came back."""
        return self.police_told or self.police_answered


_HEALTH_RECEIVED = Q(health_told=True) | Q(health_answered=True) | Q(filed=True)
_POLICE_RECEIVED = Q(police_told=True) | Q(police_answered=True)
KINDS = (
    Difference(
        "no_health", "登记未送达卫健", "登记机关已登记，卫健部门还没有收到", "red",
        lambda f: f.active and not f.health_received, Q(active=True) & ~_HEALTH_RECEIVED,
    ),
    Difference(
        "no_police", "登记未送达公安", "登记机关已登记，公安机关还没有收到", "red",
        lambda f: f.active and not f.police_received, Q(active=True) & ~_POLICE_RECEIVED,
    ),
    Difference(
        "late", "变更或终止未送达", "登记有变更、注销、吊销或撤销，还没有送达全部部门", "yellow",
        lambda f: f.late, Q(late=True),
    ),
    Difference(
        "filed_ended", "已备案但登记终止", "登记已注销、吊销或撤销，备案应当一并注销", "red",
        lambda f: f.filed and not f.active, Q(active=False, filed=True),
    ),
    Difference(
        "health_open", "送达卫健未备案", "卫健部门已收到，还没有备案，也没有处置回执", "yellow",
        lambda f: f.active and f.health_received and not f.health_handled,
        Q(active=True, health_done=False, filed=False) & _HEALTH_RECEIVED, hard=False,
    ),
    Difference(
        "police_open", "送达公安未指导", "公安机关已收到，还没有安全防范指导的处置回执", "yellow",
        lambda f: f.active and f.police_received and not f.police_done,
        Q(active=True, police_done=False) & _POLICE_RECEIVED, hard=False,
    ),
)  # fmt: skip
KIND_BY_KEY = {kind.key: kind for kind in KINDS}
FACTS = tuple(f.name for f in dataclass_fields(Facts))


def _told(department_kind: str) -> Exists:
    return Exists(
        Delivery.objects.filter(
            subject=OuterRef("uscc"), status__in=DELIVERED, endpoint__department__kind=department_kind
        )
    )


def _answered(department_kind: str, **more: Any) -> Exists:
    return Exists(Receipt.objects.filter(subject=OuterRef("uscc"), department__kind=department_kind, **more))


def with_facts(rows: Any) -> Any:
    """Annotates every field of `Facts`."""
    later = Delivery.objects.open().filter(subject=OuterRef("uscc"))
    return rows.annotate(
        active=Case(When(status=RegistrationStatus.ACTIVE, then=True), default=False, output_field=BooleanField()),
        filed=Case(When(filed_on__isnull=False, then=True), default=False, output_field=BooleanField()),
        nonconforming=Case(When(filing_state="NONCONFORMING", then=True), default=False, output_field=BooleanField()),
        health_told=_told("HEALTH"),
        health_answered=_answered("HEALTH"),
        health_done=_answered("HEALTH", handled=True),
        police_told=_told("POLICE"),
        police_answered=_answered("POLICE"),
        police_done=_answered("POLICE", handled=True),
        late=Exists(later.exclude(event__type__in=["registration.recorded", "ping.test"])),
    )


def with_difference(rows: Any, kind: str = "") -> Any:
    """The institutions among `rows` whose ledgers differ, in any hard way or as `kind` says, with their facts."""
    condition = Q(pk__in=[])
    for wanted in [KIND_BY_KEY[kind]] if kind else [k for k in KINDS if k.hard]:
        condition |= wanted.where
    return with_facts(rows).filter(condition)


def differing(user: Any, roles: frozenset[str], kind: str = "") -> Any:
    """Those in the scope of the user's `roles`."""
    return with_difference(Institution.objects.visible_to(user, roles), kind)


def kinds_of(institution: Any) -> list[Difference]:
    """The kinds of difference of one institution that came with its facts."""
    facts = Facts(**{name: getattr(institution, name) for name in FACTS})
    return [kind for kind in KINDS if kind.holds(facts)]


@dataclass(slots=True)
class LedgerRow:
    """One area (or the total): numbers of institutions. All but `differences` and `kinds` count those in being."""

    code: str
    name: str
    registered: int = 0
    filed: int = 0
    nonconforming: int = 0
    health_received: int = 0
    health_handled: int = 0
    police_received: int = 0
    police_handled: int = 0
    differences: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: {kind.key: 0 for kind in KINDS})

    def add(self, known: dict[str, bool], number: int) -> None:
        """Count so many institutions with these facts in."""
        facts = Facts(**known)
        if facts.active:
            self.registered += number
            # 已备案, the one number of it; what must mend its filing is counted apart (domain-2.md).
            self.filed += number * (facts.filed and not facts.nonconforming)
            self.nonconforming += number * (facts.filed and facts.nonconforming)
            self.health_received += number * facts.health_received
            self.health_handled += number * facts.health_handled
            self.police_received += number * facts.police_received
            self.police_handled += number * facts.police_done
        held = [kind for kind in KINDS if kind.holds(facts)]
        self.differences += number * any(kind.hard for kind in held)
        for kind in held:
            self.kinds[kind.key] += number


def ledger_rows(
    user: Any, roles: frozenset[str], counties: Iterable[tuple[str, str]]
) -> tuple[list[LedgerRow], LedgerRow]:
    """One row per area, in the given order, and their total; one query that groups institutions of like facts."""
    return by_area(with_facts(Institution.objects.visible_to(user, roles)), FACTS, counties, LedgerRow)
