"""How many carers are on duty and how many the classes need: 58 号文 设置标准 第20条, 家庭托育点管理办法 (domain.md §3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from ..choices import LIVE_FILING, OPEN_FILING, Nature, OrgForm, PostRole
from ..models import FilingSection, Institution, RuleSwitch
from ..rules.filing.answers import read_answers
from ..rules.filing.catalogue import rule_of
from ..rules.filing.classes import required_carers
from ..rules.filing.facts import ClassFacts
from ..rules.filing.sections import CLASSES
from .facts import Staff

PER_CLASS, HOME = "R-RAT-01", "R-HOME-02"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Carers who may be on duty today against those needed; `needed` is None while the classes do not say.

    `planned` tells that no child is enrolled yet, so that the planned places were counted.
    """

    institution: Institution
    on_duty: int
    carers: int
    needed: int | None
    planned: bool
    clause: str

    @property
    def enough(self) -> bool:
        """Whether there are as many as needed."""
        return self.needed is not None and self.on_duty >= self.needed

    @property
    def short(self) -> int:
        """How many are missing."""
        return max((self.needed or 0) - self.on_duty, 0)


def with_classes(institutions: QuerySet[Institution]) -> QuerySet[Institution]:
    """The institutions with the answers of their current filing and the city's numbers; adds no query.

    The filing on the register comes first, else the one being prepared.
    """
    live_first = Case(
        When(filing__status__in=LIVE_FILING, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    current = FilingSection.objects.filter(
        filing__institution=OuterRef("pk"), filing__status__in=(*LIVE_FILING, *OPEN_FILING)
    ).order_by(live_first, "-filing_id")
    switched = RuleSwitch.objects.filter(enabled=True)
    return institutions.annotate(
        class_answers=Subquery(current.filter(name=CLASSES.name).values("data")[:1]),
        basic_answers=Subquery(current.filter(name="basics").values("data")[:1]),
        ratio_numbers=Subquery(switched.filter(rule_id=PER_CLASS).values("params")[:1]),
        home_numbers=Subquery(switched.filter(rule_id=HOME).values("params")[:1]),
    )


def class_facts(answers: dict[str, Any] | None) -> tuple[ClassFacts, ...]:
    """The classes of these answers that say of what kind they are."""
    typed, _ = read_answers(CLASSES, answers or {})
    return tuple(
        ClassFacts(**{name: row.get(name) for name in ClassFacts.__dataclass_fields__ if row.get(name) is not None})
        for row in typed.get("classes") or []
        if row.get("class_type")
    )


def ratio_of(institution: Any, staff: Iterable[Staff], today: date) -> Ratio:
    """The ratio of one institution of `with_classes`, with everybody in post there."""
    carers = [entry for entry in staff if entry.post.role == PostRole.CARER]
    classes = class_facts(institution.class_answers)
    home = institution.nature == Nature.HOME or (institution.basic_answers or {}).get("org_form") == OrgForm.HOME
    rule = rule_of(HOME if home else PER_CLASS, today)
    numbers = {**rule.params, **((institution.home_numbers if home else institution.ratio_numbers) or {})}
    if home:
        numbers = {group.class_type: numbers["ratio"] for group in classes}
        classes = _as_one(classes)
    needed = required_carers(classes, numbers) if classes else None
    planned = needed == 0
    if planned:
        needed = required_carers([ClassFacts(group.class_type, places=group.places) for group in classes], numbers)
    on_duty = sum(entry.may_work(today) for entry in carers)
    return Ratio(institution, on_duty, len(carers), needed, planned, rule.clause)


def _as_one(classes: tuple[ClassFacts, ...]) -> tuple[ClassFacts, ...]:
    """A home-based place counts its children together, not class by class."""
    if not classes:
        return ()
    enrolled, places = ([getattr(group, name) for group in classes] for name in ("enrolled", "places"))
    return (
        ClassFacts(
            classes[0].class_type,
            places=None if None in places else sum(places),
            enrolled=None if None in enrolled else sum(enrolled),
        ),
    )
