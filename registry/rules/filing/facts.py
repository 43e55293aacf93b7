"""What the filing rules look at: plain values, no database. `None` means nobody has said: unknown is never a pass.

The names are the fields of the filing form (domain.md §2.3), so that a finding can lead straight to its field. The same
facts are built from a filing, from the public self-check and in tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """One class as planned: areas in m², ages in whole months; `enrolled` is how many children it has today."""

    class_type: str
    places: int | None = None
    enrolled: int | None = None
    youngest_months: int | None = None
    oldest_months: int | None = None
    sleep_area: Decimal | None = None
    activity_area: Decimal | None = None
    combined_area: Decimal | None = None  # sleeping and playing in one room
    catering_area: Decimal | None = None
    cleaning_area: Decimal | None = None
    toilet_area: Decimal | None = None
    storage_area: Decimal | None = None


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """One post of one person today. Days are the last day on which a paper still counts."""

    role: str
    full_time: bool = True
    name: str = ""
    education: str | None = None  # choices.Education
    experience_years: int | None = None
    qualified: bool | None = None  # holds a qualification fit for the post (domain.md §9.1)
    training_hours: int | None = None
    health_until: date | None = None
    criminal_check_until: date | None = None
    criminal_record: bool | None = None
    banned: bool = False
    mental_illness: bool | None = None
    guard_licence: bool | None = None
    guard_company: bool | None = None
    food_health_until: date | None = None
    papers_known: bool = True  # False in the self-check: only the number of people is known

    def may_work(self, today: date) -> bool | None:
        """Whether this person may be on duty today: health certificate and record check in date, no record, no ban.

        None when the papers are not known. 58 号文 管理规范第28条; 未成年人保护法第62条; 人口与计划生育法第41条.
        """
        if self.banned or self.criminal_record or self.mental_illness:
            return False
        if not self.papers_known:
            return None
        return bool(
            self.health_until
            and self.health_until >= today
            and self.criminal_check_until
            and self.criminal_check_until >= today
        )


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    """One material as handed in: its kind (fire proof, self-evaluation …) and the last day it counts (None = long)."""

    code: str
    kind: str = ""
    valid_to: date | None = None
    issuer: str = ""
    conclusion_ok: bool | None = None


@dataclass(frozen=True, slots=True)
class FilingFacts:
    """Everything the rules of domain.md §3.3 can see of one filing."""

    today: date
    nature: str = ""
    org_form: str = ""
    registration_active: bool | None = None
    certificate_until: date | None = None  # as the register says; None = long or not known
    # premises
    premises_tenure: str = ""
    lease_from: date | None = None
    lease_to: date | None = None
    floor_area: Decimal | None = None
    usable_area: Decimal | None = None
    living_area: Decimal | None = None
    highest_floor: int | None = None
    underground: bool | None = None
    building_age: int | None = None
    # surroundings
    outdoor_kind: str = ""
    outdoor_area: Decimal | None = None
    window_ratio: Decimal | None = None  # percent of the floor area of the room
    faces_west: bool | None = None
    west_shading: bool | None = None
    near_hazard: bool | None = None
    hazard_distance: int | None = None  # metres to the nearest filling station or store of explosives
    evacuation_doors: bool | None = None  # every room over 50 m² has at least two
    # facilities
    health_room_area: Decimal | None = None
    observation_beds: int | None = None
    monitoring_coverage: bool | None = None
    recording_days: int | None = None
    one_key_alarm: bool | None = None
    liability_insurance: bool | None = None
    emergency_plans: int | None = None  # how many of the six kinds
    hygiene_rules: bool | None = None
    parent_committee: bool | None = None
    # classes and places
    capacity_total: int | None = None
    classes: tuple[ClassFacts, ...] | None = None
    # meals
    meal_mode: str = ""
    food_samples: bool | None = None
    # people; None = nothing known
    staff: tuple[StaffFacts, ...] | None = None
    # materials; None = nothing known
    materials: tuple[MaterialFacts, ...] | None = None
    # Of these posts and materials nothing is known although `staff` and `materials` are (self-check: not answered).
    unknown_roles: frozenset[str] = field(default_factory=frozenset)
    unknown_materials: frozenset[str] = field(default_factory=frozenset)
    waived: frozenset[str] = field(default_factory=frozenset)

    def material(self, code: str) -> MaterialFacts | None:
        """The material with this code, if handed in."""
        return next((m for m in self.materials or () if m.code == code), None)

    def knows_people(self, role: str) -> bool:
        """Whether it is known who works in this post, be it nobody."""
        return self.staff is not None and role not in self.unknown_roles

    def knows_material(self, code: str) -> bool:
        """Whether it is known if this material was handed in."""
        return self.materials is not None and code not in self.unknown_materials

    def posts(self, *roles: str) -> tuple[StaffFacts, ...]:
        """The people in one of these posts."""
        return tuple(person for person in self.staff or () if person.role in roles)
