"""The demo city through the real services, in the order of its dates: outbox, history, acts and clocks are real."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from yancheng_childcare.choices import RegionLevel, Role
from yancheng_childcare.models import Department, Duty, Region, User

from ..choices import EntryChannel
from ..models import Institution
from ..registration.services import change_institution, end_registration, record_filing, register_institution
from .accounts import SINCE
from .naming import Place
from .plan import Plan

Progress = Callable[[str], None]
# Registrations of these two departments are the demo accounts' own work.
OWN_REGISTRARS = {"320902-MARKET": "registrar_tinghu", "320900-CIVIL": "registrar_civil"}


def read_places() -> list[Place]:
    """Every town and street of the reference data; farms and parks are left out of the demo's addresses."""
    counties = {
        region.code: region for region in Region.objects.filter(level__in=[RegionLevel.COUNTY, RegionLevel.ZONE])
    }
    health = dict(Department.objects.filter(kind="HEALTH").values_list("region_id", "name"))
    return [
        Place(
            county=county.code,
            county_name=county.name,
            town=town.code,
            town_name=town.name,
            population=county.population_demo or 1,
            health_name=health.get(county.code, "盐城市卫生健康委员会"),
        )
        for town in Region.objects.filter(level=RegionLevel.TOWN).order_by("code")
        if town.name.endswith(("镇", "街道")) and (county := counties.get(str(town.parent_id))) is not None
    ]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens to one institution on one day. Steps of a day go in the order of `rank`."""

    day: date
    rank: int
    plan: Plan
    take: Callable[[Any], None]


class City:
    """Writes plans. One transaction around it makes the whole city appear at once or not at all."""

    def __init__(self, users: dict[str, User], progress: Progress):
        self._users = users
        self._progress = progress
        self._departments = {department.pk: department for department in Department.objects.select_related("region")}
        self._registrars: dict[str, User] = {}
        self._now = timezone.now()

    def build(self, plans: Iterable[Plan]) -> int:
        """Live every plan from registration to its present state; returns how many institutions there now are more."""
        steps = sorted(
            (step for plan in plans for step in self._steps(plan)), key=lambda s: (s.day, s.rank, s.plan.serial)
        )
        total = sum(step.rank == 0 for step in steps)
        done = 0
        with transaction.atomic():
            for step in steps:
                step.take(step.plan)
                done += step.rank == 0
                if step.rank == 0 and (done % 50 == 0 or done == total):
                    self._progress(f"登记机构 {done}/{total}")
        return total

    def _steps(self, plan: Plan) -> Iterable[Step]:
        yield Step(plan.data["approved_on"], 0, plan, self._register)
        if plan.filed_on:
            yield Step(plan.filed_on, 1, plan, self._file)
        for day, changes in plan.changes:
            yield Step(day, 2, plan, lambda p, d=day, c=changes: self._change(p, d, c))  # type: ignore[misc]
        if plan.ending:
            yield Step(plan.ending[2], 3, plan, self._end)

    def _register(self, plan: Plan) -> None:
        register_institution(
            data=plan.data,
            actor=self.registrar(plan.registry_org),
            registry_org=self._departments[plan.registry_org],
            channel=EntryChannel.DEMO,
            today=plan.data["approved_on"],
            occurred_at=self._moment(plan.data["approved_on"], plan.serial),
        )

    def _file(self, plan: Plan) -> None:
        assert plan.filed_on is not None  # noqa: S101  # _steps asks for it
        actor = self._users["reviewer_tinghu" if plan.data["region_code"] == "320902" else "health_city"]
        record_filing(
            self._saved(plan), filing_no=plan.filing_no, filed_on=plan.filed_on, actor=actor, today=plan.filed_on
        )

    def _change(self, plan: Plan, day: date, changes: dict[str, Any]) -> None:
        change_institution(
            self._saved(plan),
            changes=changes,
            actor=self.registrar(plan.registry_org),
            occurred_at=self._moment(day, plan.serial + 3),
        )

    def _end(self, plan: Plan) -> None:
        assert plan.ending is not None  # noqa: S101  # _steps asks for it
        step, reason, day = plan.ending
        end_registration(
            self._saved(plan),
            step=step,
            reason=reason,
            terminated_on=day,
            actor=self.registrar(plan.registry_org),
            today=day,
            occurred_at=self._moment(day, plan.serial + 5),
        )

    def _saved(self, plan: Plan) -> Institution:
        found: Institution = Institution.objects.get(uscc=plan.uscc)
        return found

    def _moment(self, day: date, serial: int) -> datetime:
        """A minute of that day's office hours, never in the future."""
        at = datetime.combine(day, time(9, 0), timezone.get_current_timezone()) + timedelta(minutes=serial * 37 % 470)
        return min(at, self._now)

    def registrar(self, code: str) -> User:
        """Who registers for a department: a demo account, or a service account that nobody can sign in with."""
        if code not in self._registrars:
            username = OWN_REGISTRARS.get(code)
            self._registrars[code] = self._users[username] if username else self._service_registrar(code)
        return self._registrars[code]

    def _service_registrar(self, code: str) -> User:
        department = self._departments[code]
        user = service_account(f"demo_registrar_{code.lower()}", f"演示登记员·{department.short_name}")
        Duty.objects.get_or_create(
            user=user,
            role=Role.REGISTRAR,
            region_id=department.region_id,
            department=department,
            uscc="",
            defaults={
                "valid_from": SINCE,
                "granted_by": User.objects.get(username="demo_granter"),
                "approved_by": User.objects.get(username="demo_approver"),
            },
        )
        return user


def service_account(username: str, label: str) -> User:
    """A person of the demo city who never signs in: no password, not active."""
    user, _ = User.objects.get_or_create(
        username=username, defaults={"display_name": label, "is_active": False, "password": "!demo"}
    )
    return user
