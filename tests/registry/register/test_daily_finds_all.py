"""Whatever an entry is made of changes behind its back: the next nightly run takes up exactly those it changed for."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, transaction
from django.db.models import Field, Model

from registry.choices import PublicStatus
from registry.models import (
    ClosurePlan,
    Credential,
    Filing,
    FilingReceipt,
    FilingVersion,
    Institution,
    Notice,
    Person,
    PersonBan,
    Post,
    PublicEntry,
    SiteCheck,
    Training,
)
from registry.register import daily
from registry.register.entry import columns
from registry.registration.services import record_filing
from tests.registry.register.test_daily import read_alone
from tests.security.filed import file_it
from tests.security.sealed_rows import superuser
from yancheng_childcare.crypto import EncryptedTextField
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Department

pytestmark = pytest.mark.django_db
# Whose rows belong to an institution by which way.
TABLES: dict[type[Model], str] = {
    Institution: "pk", Department: "code", PublicEntry: "pk", Filing: "institution", FilingVersion: "filing__institution",
    FilingReceipt: "filing__institution", SiteCheck: "filing__institution", Notice: "filing__institution",
    ClosurePlan: "filing__institution", Post: "institution", Person: "posts__institution", Credential: "institution",
    Training: "institution",
}  # fmt: skip
# Nothing can be told of a submission without its sections: single answers are falsified instead.
WHOLE = {FilingVersion._meta.get_field("content")}
# Some of what must be told, lest nothing ever is: one of every table and of every kind of value.
TOLD = {
    "Institution.name", "Institution.valid_to", "Institution.registered_capital", "Institution.region_id",
    "Institution.registry_org_id", "Institution.status", "Institution.former_names", "Institution.filed_on",
    "Department.name", "Filing.principal_name", "Filing.service_modes", "Filing.capacity_total", "Filing.confirmed_on",
    "Filing.authority_id", "FilingVersion.content", "FilingVersion.received_on", "FilingReceipt.issued_on",
    "SiteCheck.concluded_on", "SiteCheck.conforms", "Notice.items", "Notice.due_on", "Notice.published", "Notice.issued_at",
    "ClosurePlan.from_day", "ClosurePlan.reason", "ClosurePlan.withdrawn", "Post.role", "Post.ended_on", "Post.started_on",
    "Person.confirmed_education", "Credential.valid_to", "Credential.file_id", "Credential.replaced_at",
    "PublicEntry.card", "PublicEntry.content", "PublicEntry.words", "PublicEntry.listed", "PersonBan",
}  # fmt: skip


class _Undone(Exception):
    """Ends the transaction of one round."""


@pytest.fixture
def city(institution: Callable[..., Institution], cast: dict[str, Any], settings: Any, tmp_path: Any) -> list[int]:
    """Five with an entry each: filed in the national system, filed here, found wanting, about to stop, and one at home."""
    settings.FILE_ROOT = tmp_path
    national, *others = places = [institution() for _ in range(4)]
    places.append(institution(nature="HOME", registered_address="盐城市亭湖区新民社区幸福路8号3幢201室"))
    record_filing(national, filing_no="BA-1", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    for serial, (place, state) in enumerate(zip(others, ("FILED", "NONCONFORMING", "SUSPENDED"), strict=True), 1):
        file_it(place, cast, state, serial=serial)
    file_it(places[-1], cast, serial=4, basics={"org_form": "HOME"})
    assert daily.refresh_all().failed == 0
    return [place.pk for place in places]


def test_every_change_is_found_and_nothing_else(city: list[int]) -> None:
    """Each column of each table gets another value, for all but one of the places; then single answers and papers."""
    rng, told = random.Random(20260110), set()
    rounds: list[tuple[str, Callable[[list[int]], Any]]] = [
        (
            f"{model.__name__}.{field.attname}",
            lambda chosen, model=model, field=field: falsify(model, field, chosen, rng),
        )
        for model in TABLES
        for field in model._meta.local_concrete_fields
        if not (field.primary_key or isinstance(field, EncryptedTextField) or field in WHOLE)
    ]
    rounds += [("PersonBan", ban), ("Institution.status", end)]
    rounds += [("FilingVersion.content", lambda chosen: falsify_answer(chosen, rng))] * 30
    for name, write in rounds:
        spared = rng.choice(city[:2])
        if found_all(name, city, partial(write, [pk for pk in city if pk != spared])):
            told.add(name)
    assert told >= TOLD, TOLD - told


def found_all(name: str, city: list[int], write: Callable[[], Any]) -> bool:
    """Write, let the run look at all, compare with what each one's own tables say, undo; whether anything was told."""
    try:
        with transaction.atomic():
            with superuser():
                write()
            wanted = {pk: columns(read_alone(pk, today_here())) for pk in city}
            before = {entry.pk: entry for entry in PublicEntry.objects.all()}
            stale = {
                pk for pk in city if any(getattr(before[pk], column) != value for column, value in wanted[pk].items())
            }
            tally = daily.refresh_all()
            after = {entry.pk: entry for entry in PublicEntry.objects.all()}
            assert {pk for pk in city if after[pk].version != before[pk].version} == stale, name
            assert (tally.done, tally.failed) == (len(stale), 0), name
            assert all(getattr(after[pk], column) == value for pk in stale for column, value in wanted[pk].items())
            raise _Undone
    except _Undone:
        return bool(stale)
    except ObjectDoesNotExist:
        return False  # there is no such submission or receipt to tell of


def falsify(model: type[Model], field: Field[Any, Any], chosen: list[int], rng: random.Random) -> None:
    """Another value in this column of every row that belongs to these institutions."""
    rows = (
        model._default_manager.all()
        if model is Department
        else model._default_manager.filter(**{f"{TABLES[model]}__in": chosen})
    )
    for row in list(rows):
        value = other(field, getattr(row, field.attname), rng)
        with (
            suppress(IntegrityError, DataError),
            transaction.atomic(),
        ):  # some may not be so by their table's constraints
            model._default_manager.filter(pk=row.pk).update(**{field.attname: value})


def other(field: Any, value: Any, rng: random.Random) -> Any:
    """Not this value, but one that may stand in the column."""
    if choices := field.choices or (PublicStatus.choices if value in PublicStatus else None):
        return rng.choice([key for key, _ in choices if key != value])
    if field.is_relation:
        if value is not None and field.null:
            return None
        return rng.choice(
            list(field.related_model._default_manager.exclude(pk=value).values_list("pk", flat=True)) or [value]
        )
    match value:
        case bool():
            return not value
        case int() | float() | Decimal():
            return value + rng.randrange(1, 3)
        case datetime() | date():
            return value + rng.choice([-1, 1]) * timedelta(days=rng.randrange(1, 400))
        case str():
            return f"{rng.randrange(10)}改{value}"[: field.max_length]
        case []:
            return ["另一个"] if field.get_internal_type() == "ArrayField" else []
        case list() | dict():
            return type(value)()
    day = today_here() + timedelta(days=40)
    kinds: dict[str, Any] = {"DateField": day, "DateTimeField": f"{day}T00:00Z", "BooleanField": True}
    return kinds.get(field.get_internal_type(), 7)


def falsify_answer(chosen: list[int], rng: random.Random) -> None:
    """One answer, or one fact of a paper, as accepted."""
    for version in FilingVersion.objects.filter(filing__institution__in=chosen):
        holder, key = rng.choice(list(leaves(version.content)))
        holder[key] = str(int(holder[key]) + 1) if str(holder[key]).isdigit() else ""
        FilingVersion.objects.filter(pk=version.pk).update(content=version.content)


def leaves(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every plain value of a JSON content, as (what holds it, its key)."""
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        if isinstance(value, dict | list):
            yield from leaves(value)
        elif key != "code":
            yield content, key


def end(chosen: list[int]) -> None:
    """Registered no longer; the state and its day go together."""
    Institution.objects.filter(pk__in=chosen).update(status="REVOKED", terminated_on=today_here())


def ban(chosen: list[int]) -> None:
    """A carer of each may no longer care for children (人口与计划生育法 第41条)."""
    for index in set(
        Post.objects.filter(institution__in=chosen, role="CARER").values_list("person__id_index", flat=True)
    ):
        PersonBan.objects.create(id_index=index, since=date(2026, 1, 1), basis="判决", case_no="1")
