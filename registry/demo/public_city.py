"""Institutions of all areas with accepted filings, so that the public register has something to compare. Fictional.

The filings go through their real steps on past days. People and the scans of papers are written in one go: thirty
institutions with real uploads would take minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from math import ceil
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q

from yancheng_childcare.choices import Role
from yancheng_childcare.crypto import blind_index
from yancheng_childcare.files import keep_document
from yancheng_childcare.models import Duty, StoredFile, User
from yancheng_childcare.workdays import is_workday

from ..file_purposes import PERSON_PAPER
from ..filing import review
from ..filing.drafts import copy_material, save_section, start_filing
from ..filing.services import record_site_check, take_step
from ..models import Credential, Filing, Institution, Material, MaterialPage, Person, Post, Training
from ..register.entry import refresh_entry
from ..rules.identity import make_id_number
from .accounts import OWN_INSTITUTIONS, SINCE
from .plan import person, phone
from .sample_filing import ANSWERS, add_materials, licence_of, picture, sign

OPERATOR = "demo_public_operator"
CHAIN = "彩虹桥"
NATURES = ("FORPROFIT", "FORPROFIT_IND", "NONPROFIT", "PUBLIC")
PLACES = {"MIXED": 18, "TODDLER_S": 15, "TODDLER_L": 20}
MONTHS = {"MIXED": ("18", "35"), "TODDLER_S": ("12", "23"), "TODDLER_L": ("24", "35")}
CHILDREN_A_CARER = {"MIXED": 5, "TODDLER_S": 5, "TODDLER_L": 7}
NAMES = ("小芽班", "小苗班", "小树班")
SHAPES = (
    ("TODDLER_S", "TODDLER_L"), ("TODDLER_L",), ("MIXED",), ("TODDLER_S",), ("TODDLER_L", "TODDLER_L"), ("MIXED", "TODDLER_L"),
)  # fmt: skip
MODES = (["FULL_DAY"], ["FULL_DAY", "HALF_DAY"], ["FULL_DAY", "TEMP"], ["FULL_DAY", "HALF_DAY", "HOURLY"])
MEALS = ("CANTEEN", "OUTSOURCED", "CANTEEN", "NONE")
HOURS = ("周一至周五 7:30–17:30", "周一至周五 7:00–18:00，周六 8:00–12:00", "每天 7:30–18:00", "节假日照常，具体请来电")
# Days since the filing was accepted: some are older than the 90 days after which a page says so.
AGES = (12, 35, 61, 100, 150, 210)
OTHERS: tuple[tuple[str, str, int, tuple[str, ...], int], ...] = (
    ("PRINCIPAL", "BACHELOR", 6, ("PRINCIPAL_TRAINING",), 64),
    ("HEALTH", "COLLEGE", 3, ("HEALTH_TRAINING",), 40),
    ("COOK", "JUNIOR", 0, ("FOOD_HEALTH",), 8),
    ("GUARD", "SENIOR", 0, ("GUARD_LICENCE", "GUARD_CONTRACT"), 8),
)
CARER = ("CARER", "COLLEGE", 3, ("CHILDCARE",), 120)


@dataclass(frozen=True, slots=True)
class Look:
    """What institution number `serial` of this file files: answers that differ from the sample, and who works there."""

    serial: int
    accepted_on: date

    @property
    def meals(self) -> str:
        """How it feeds the children; the first one cooks, so that its papers serve as the sample."""
        return MEALS[self.serial % len(MEALS)]

    @property
    def classes(self) -> tuple[str, ...]:
        """The kinds of its classes."""
        return SHAPES[self.serial % len(SHAPES)]

    def sections(self) -> dict[str, dict[str, Any]]:
        """The answers, section by section."""
        n = self.serial
        rows = [self._class(number, kind) for number, kind in enumerate(self.classes)]
        meals, fee = self.meals, 900 + n * 11 % 28 * 100
        modes = MODES[n % len(MODES)]
        fees = {
            "meal_mode": meals,
            "food_samples": "" if meals == "NONE" else "yes",
            "fee_full_day": str(fee),
            "fee_half_day": str(fee * 6 // 10) if "HALF_DAY" in modes else "",
            "fee_hourly": "25" if "HOURLY" in modes else "",
            "fee_temp": "120" if "TEMP" in modes else "",
            "fee_meal": "" if meals == "NONE" else str(14 + n % 8),
            "prepaid_months": str(1 + n % 3),
        }
        # The chain has three houses, the first three.
        basics = {
            "is_inclusive_applied": "yes" if fee < 2200 else "no",
            "chain_brand": CHAIN if n < 3 else "",
            "contact_name": person(n + 700_000),
            "contact_phone": phone(n + 700_000),
            # Some give both, some the telephone only, some nothing.
            "public_phone": f"0515-8000{n + 1000}" if n % 3 < 2 else "",
            "opening_hours": HOURS[n % len(HOURS)] if n % 3 == 0 else "",
        }
        capacity = str(sum(int(row["places"]) for row in rows))
        return {
            **ANSWERS,
            "basics": {**ANSWERS["basics"], **basics},
            "classes": {"service_modes": modes, "capacity_total": capacity, "classes": rows},
            "fees": fees,
        }

    def _class(self, number: int, kind: str) -> dict[str, str]:
        sample = ANSWERS["classes"]["classes"][0 if kind == "TODDLER_S" else 1]
        places = PLACES[kind]
        return {
            **sample,
            "class_name": f"{NAMES[number]}{'' if number < 2 else number}",
            "class_type": kind,
            "places": str(places),
            "enrolled": str(places - (self.serial * 3 + number) % 6),
            "youngest_months": MONTHS[kind][0],
            "oldest_months": MONTHS[kind][1],
        }

    def staff(self) -> list[tuple[str, str, int, tuple[str, ...], int]]:
        """Who works there: carers as the standard asks for its places (58 号文 设置标准第19条), the others once."""
        carers = sum(ceil(PLACES[kind] / CHILDREN_A_CARER[kind]) for kind in self.classes)
        cooks = self.meals == "CANTEEN"
        return [row for row in OTHERS if row[0] != "COOK" or cooks] + [CARER] * carers


def wanted(institutions: int) -> int:
    """How many of so many institutions get a filing of this file: none of a small city, thirty of the usual one."""
    return 0 if institutions < 40 else min(30, 12 + max(0, institutions - 150) // 8)


def is_waiting(serial: int) -> bool:
    """Whether this one is accepted, but not yet visited."""
    return serial % 7 == 6


def workday_before(day: date) -> date:
    """The day itself, or the last working day before it."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


class PublicCity:
    """Files for institutions that so far stand in the national system only."""

    def __init__(self, today: date):
        self.today = today
        self.operator = self._account(OPERATOR, "演示经办人（公开名录）")
        self.first, self.second = (User.objects.get(username=name) for name in ("demo_reviewer", "demo_reviewer2"))

    def fill(self, institutions: int, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Bring the city to its number of filings; returns how many are new. Safe to run again."""
        done = Filing.objects.filter(created_by=self.operator).count()
        chosen = self._candidates()[: max(wanted(institutions) - done, 0)]
        self._may_file_for(chosen)
        for serial, institution in enumerate(chosen, done):
            progress(serial - done, len(chosen))
            with transaction.atomic():
                # Those still waiting for their visit were accepted just now.
                ago = AGES[0] if is_waiting(serial) else AGES[serial * 5 % len(AGES)]
                self._file(institution, Look(serial, workday_before(self.today - timedelta(days=ago))))
                # The steps were taken on past days; what the public reads is of today, as after a night.
                refresh_entry(institution.pk, today=self.today)
        return len(chosen)

    def _candidates(self) -> list[Institution]:
        """Filed in the national system long enough ago, one of each area in turn."""
        rows = (
            Institution.objects.active()
            .filter(
                Q(valid_to=None) | Q(valid_to__gte=self.today),
                nature__in=NATURES,
                filings=None,
                filed_on__lt=self.today - timedelta(days=max(AGES) + 40),
            )
            .exclude(uscc__in=OWN_INSTITUTIONS.values())
            .select_related("region", "town")
            .order_by("region", "id")
        )
        areas: dict[str, list[Institution]] = {}
        for row in rows:
            areas.setdefault(row.region_id, []).append(row)
        return [row for turn in zip_longest(*areas.values()) for row in turn if row is not None]

    def _account(self, name: str, label: str) -> User:
        defaults = {"display_name": label, "is_active": False, "password": make_password(None)}
        return User.objects.get_or_create(username=name, defaults=defaults)[0]

    def _may_file_for(self, chosen: list[Institution]) -> None:
        granter, approver = (User.objects.get(username=name) for name in ("demo_granter", "demo_approver"))
        Duty.objects.bulk_create(
            Duty(
                user=self.operator, role=Role.OPERATOR, uscc=institution.uscc, valid_from=SINCE, granted_by=granter,
                approved_by=approver,
            )
            for institution in chosen
        )  # fmt: skip
        # Duties are kept on the user once read.
        self.operator = User.objects.get(pk=self.operator.pk)

    # --- one filing

    def _file(self, institution: Institution, look: Look) -> None:
        day = look.accepted_on
        case = start_filing(institution, actor=self.operator, today=day)
        for name, answers in look.sections().items():
            row = case.sections.filter(name=name).first()
            given = {**(row.data if row else {}), **answers}
            save_section(case, name, answers=given, expected_version=row.version if row else 0, actor=self.operator)
        principal = self._people(institution, look)
        self._materials(case, look)
        sign(case, actor=self.operator, name=principal, today=day)
        case = take_step(case, "submit", actor=self.operator, received_on=day, today=day)
        for item in review.items_of(review.last_version(case)):
            review.give_verdict(case, item, verdict="CONFORMS", reason="", clause="", how_to_fix="", actor=self.first)
        case = take_step(case, "receipt", actor=self.first, today=day)
        if is_waiting(look.serial):
            return
        officers = [self.first, self.second]
        case = take_step(case, "verify", actor=self.second, officers=officers, planned_on=day, today=day)
        check = case.site_checks.get(concluded_on=None)
        record_site_check(
            check,
            results={item["id"]: {"result": "PASS", "remark": ""} for item in check.items},
            summary="已逐项核实。",
            conclude=True,
            actor=self.first,
            expected_version=check.record_version,
            today=workday_before(day + timedelta(days=look.serial % 5)),
        )
        case = take_step(case, "confirm", actor=self.second, today=day + timedelta(days=6))
        if look.serial == 5:
            self._suspend(case)

    def _suspend(self, case: Filing) -> None:
        plan = {
            "final": False,
            "reason": "屋面防水维修",
            "from_day": self.today + timedelta(days=3),
            "until_day": self.today + timedelta(days=45),
            "parents_told_on": self.today - timedelta(days=20),
            "children": 30,
            "children_placed": 30,
            "placement": "由同一街道的两家机构临时接收",
            "staff_settled": True,
            "refunds_settled": True,
            "refund_contact": "0515-80000000",
        }
        take_step(case, "suspend", actor=self.operator, reason="屋面防水维修", plan=plan, today=self.today)

    def _people(self, institution: Institution, look: Look) -> str:
        """Everybody at once; returns the name of the principal. Papers count from two months before the filing."""
        issued, until = look.accepted_on - timedelta(days=20), look.accepted_on + timedelta(days=344)
        staff = look.staff()
        people, stated, papers, trainings = [], [], [], []
        for number, (_, education, years, _, _) in enumerate(staff):
            serial = 800_000 + look.serial * 40 + number
            # Division 320900 is never given to a person: the number can be nobody's.
            id_no = make_id_number("320900", date(1980, 1, 1) + timedelta(days=look.serial * 40 + number), serial % 999)
            people.append(Person(name=person(serial), id_no=id_no, id_index=blind_index(id_no, "person")))
            stated.append((phone(serial), education, years))
        people, scan = Person.objects.bulk_create(people), self._scan(institution)
        for who, (_, _, _, kinds, hours) in zip(people, staff, strict=True):
            for kind in ("HEALTH", "CRIMINAL_CHECK", *kinds):
                yearly = kind in {"HEALTH", "CRIMINAL_CHECK", "FOOD_HEALTH"}
                papers.append(
                    Credential(
                        person=who, institution=institution, kind=kind, number=f"演示{who.pk}", issuer="演示出具单位", issued_on=issued,
                        valid_to=until if yearly else None, created_by=self.operator,
                        file=None if kind == "CRIMINAL_CHECK" else scan,
                    )
                )  # fmt: skip
            trainings.append(
                Training(
                    person=who, institution=institution, topic="岗前培训", provider="盐城市托育综合服务中心", hours=hours,
                    finished_on=issued, created_by=self.operator,
                )
            )  # fmt: skip
        Post.objects.bulk_create(
            Post(
                person=who, institution=institution, role=role, full_time=True, created_by=self.operator,
                started_on=look.accepted_on - timedelta(days=30), written_name=who.name, phone=number,
                stated_education=education, experience_years=years, no_mental_illness=True,
            )
            for who, (number, education, years), (role, *_) in zip(people, stated, staff, strict=True)
        )  # fmt: skip
        Credential.objects.bulk_create(papers)
        Training.objects.bulk_create(trainings)
        return people[0].name

    def _scan(self, institution: Institution) -> StoredFile:
        """One picture that stands for every paper; the first filing uploads it."""
        sample = StoredFile.objects.filter(purpose=PERSON_PAPER, uploaded_by=self.operator).order_by("pk").first()
        if sample is not None:
            return _own_copy(sample, institution)
        return keep_document(
            picture(90), purpose=PERSON_PAPER, actor=self.operator, uscc=institution.uscc, region=institution.region
        )

    def _materials(self, case: Filing, look: Look) -> None:
        """The first filing uploads; the others have the same pictures, each with its own rows and its own scope."""
        day = look.accepted_on
        sample = Filing.objects.filter(created_by=self.operator).exclude(pk=case.pk).order_by("id").first()
        if sample is None:
            add_materials(case, actor=self.operator, today=day)
            return
        place = case.institution
        for material in Material.objects.current().filter(filing=sample).prefetch_related("pages__file"):
            # The licence of a canteen; where meals are bought in, the contract stands in its place (食品安全法 第57条).
            food = material.code == "M07_FOOD"
            if food and look.meals == "NONE":
                continue
            copy = copy_material(material, filing=case, actor=self.operator)
            if food and look.meals == "OUTSOURCED":
                copy.code, copy.issuer = "M09_CATERING", "供餐单位"
            copy.issuer = copy.issuer.replace("亭湖区", str(place.region.name))
            if material.code == "M01_LICENSE":
                copy.kind, copy.issuer = licence_of(place)
            copy.issued_on = day - timedelta(days=30)
            if material.valid_to and material.issued_on:
                copy.valid_to = day + (material.valid_to - material.issued_on)
            copy.save()
            for page in MaterialPage.objects.filter(material=copy).select_related("file"):
                page.file = _own_copy(page.file, place)
                page.save(update_fields=["file"])


def _own_copy(file: StoredFile, place: Institution) -> StoredFile:
    """The same content under the institution's own scope."""
    fields = {
        field.attname: getattr(file, field.attname)
        for field in StoredFile._meta.concrete_fields
        if not field.primary_key and field.attname not in {"uscc", "region_id", "uploaded_at", "created_at"}
    }
    return StoredFile.objects.create(**fields, uscc=place.uscc, region_id=place.region_id)
