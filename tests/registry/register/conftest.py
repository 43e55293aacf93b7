"""Entries of the public register, made directly: what a page shows follows from the row alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def entry(institution: Callable[..., Any]) -> Callable[..., Any]:
    """A filed institution with its public row. `make(name=…, region="320981", former_names=[…], fee_month=…)`.

    Columns of `PublicEntry` and keys of its card are given by name; the rest is made from them as the portal does.
    """
    from django.utils import timezone

    from registry.choices import LISTED_STATES, PublicStatus
    from registry.models import Institution, PublicEntry
    from registry.register.entry import columns, searched_latin, searched_words
    from registry.register.order import order_key
    from registry.register.places import position_of
    from registry.register.sources import gather

    def make(*, brand: str = "", former_names: list[str] | None = None, **given: Any) -> Any:
        region = given.pop("region", "320902")
        town = given.pop("town", f"{region}100" if region in {"320981", "320921"} else "320902001")
        entered = {name: given.pop(name) for name in ("name", "nature", "registered_address") if name in given}
        found = institution(**entered)
        Institution.objects.filter(pk=found.pk).update(
            region_id=region, town_id=town, filed_on="2026-01-05", former_names=former_names or []
        )
        values = columns(gather(found.pk))
        found.refresh_from_db()
        latitude, longitude = position_of(town, region)
        address = values["card"]["address"]
        values |= {"latitude": latitude, "longitude": longitude}
        values["words"] = searched_words(found.name, *found.former_names, brand, address)
        values["latin"] = searched_latin(found, brand, address)
        names = {field.name for field in PublicEntry._meta.fields}
        values |= {name: value for name, value in given.items() if name in names and name not in {"card", "content"}}
        values["listed"] = given.get("listed", values["status"] in LISTED_STATES)
        values["order_key"] = order_key(values.get("grade", ""), found.uscc, values["status"])
        shown = {name: value for name, value in values.items() if name in values["card"]}
        mask = values["months_mask"]
        values["card"] |= shown | {
            "status_text": str(PublicStatus(values["status"]).label),
            "inclusive_applied": values["inclusive"],
            "age_from": (mask & -mask).bit_length() - 1 if mask else None,
            "age_to": mask.bit_length() or None,
            "fee_month": str(values["fee_month"]) if values["fee_month"] is not None else None,
            "last_checked_on": values["last_checked_on"].isoformat() if values["last_checked_on"] else None,
            "grade_until": values["grade_until"].isoformat() if values.get("grade_until") else None,
        }
        values["card"] |= {name: value for name, value in given.items() if name not in names}
        values["card"] |= given.get("card", {})
        values["content"] |= given.get("content", {})
        return PublicEntry.objects.create(institution=found, changed_at=timezone.now(), **values)

    return make
