"""Writing the public register: one row per institution, in the transaction of the act that changed it.

Never stale: every step of a registration or filing, every change of people and the nightly run end here. The lock of
the institution's row makes two writers take turns, and each reads its sources after it has the lock.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from yancheng_childcare.places import place_name
from yancheng_childcare.workdays import SHANGHAI

from ..choices import LISTED_STATES, ClassType, PublicChangeKind, PublicStatus
from ..models import Institution, PublicChange, PublicEntry
from ..people.facts import Staff
from ..rules.pinyin import other_readings, romanise
from .blocks import build_content
from .changes import changes_between
from .closing import DAYS
from .order import folded, order_key
from .places import position_of
from .sources import Sources, gather
from .wording import NO_DOOR, contacts_of

MOST_WORDS = 2_300
# States of a published finding that still is to be put right.
OPEN_FINDINGS = frozenset({"PENDING", "ORDERED", "RECTIFYING", "OVERDUE"})
_LATIN = re.compile(r"[0-9a-z]+(?:[-#.][0-9a-z]+)*")
MONTHS: dict[str, tuple[int, int]] = {
    ClassType.INFANT: (6, 12),
    ClassType.TODDLER_S: (12, 24),
    ClassType.TODDLER_L: (24, 36),
    ClassType.MIXED: (18, 36),
}


def refresh_entry(institution_id: int, *, today: date | None = None) -> bool:
    """Lock the institution and write its entry if what is public changed; returns whether it did.

    An institution that never was filed has no entry. The caller's transaction is joined.
    """
    with transaction.atomic():
        Institution.objects.select_for_update(no_key=True).only("pk").get(pk=institution_id)
        return renew_entry(institution_id, today=today)


def renew_entry(institution_id: int, *, today: date | None = None, staff: list[Staff] | None = None) -> bool:
    """As `refresh_entry`, for a caller that holds the institution's row; `staff` as read under that lock, if it was."""
    sources = gather(institution_id, today=today, staff=staff)
    values = unsaid(sources)
    if values is None:
        return False
    old = sources.entry
    now = timezone.now()
    # A step taken for a past day (the demo city) is told under that day.
    past = today is not None and today < timezone.localdate(now)
    at = datetime.combine(today, time(17), SHANGHAI) if today and past else now
    changes = changes_between(old, values)
    if old is not None and NO_DOOR in values["card"]["address"] and NO_DOOR not in old.card.get("address", ""):
        # A home-based place shows no door number (C2), neither in what was told before.
        PublicChange.objects.filter(institution_id=institution_id, kind=PublicChangeKind.ADDRESS).update(detail="")
    if old is None:
        PublicEntry.objects.create(institution_id=institution_id, **values, changed_at=now)
    else:
        PublicEntry.objects.filter(pk=institution_id).update(**values, version=old.version + 1, changed_at=now)
    PublicChange.objects.bulk_create(
        PublicChange(
            institution_id=institution_id,
            uscc=values["uscc"],
            name=values["name"],
            region_id=values["region_id"],
            town_id=values["town_id"],
            occurred_at=at,
            **change,
        )
        for change in changes
    )
    return True


def refresh_soon(institution_id: int) -> None:
    """Refresh once after the present transaction, however often it is asked for: for work on many people at once."""

    def refresh() -> None:
        refresh_entry(institution_id)

    refresh.institution_id = institution_id  # type: ignore[attr-defined]  # a mark on our own function
    waiting = transaction.get_connection().run_on_commit
    if not any(getattr(call[1], "institution_id", None) == institution_id for call in waiting):
        transaction.on_commit(refresh)


def refresh_stale(registry_org: str) -> int:
    """Refresh what a batch import of this authority changed on the register; most rows of an import are new or unfiled."""
    rows = PublicEntry.objects.filter(
        institution__registry_org=registry_org, institution__updated_at__gt=F("changed_at")
    )
    return sum(refresh_entry(pk) for pk in rows.order_by("pk").values_list("pk", flat=True))


def unsaid(sources: Sources) -> dict[str, Any] | None:
    """The columns to write; None when the entry says all of it, or when an institution that never was filed has none."""
    old = sources.entry
    if old is None and sources.status in {PublicStatus.UNFILED, PublicStatus.ENDED} and sources.filing is None:
        return None
    values = columns(sources)
    return None if old is not None and values.items() <= vars(old).items() else values


def columns(sources: Sources) -> dict[str, Any]:
    """Every derived column of the entry, personal data left out."""
    institution, status = sources.institution, str(sources.status)
    basics, fees = sources.answers("basics"), sources.answers("fees")
    brand = str(basics.get("chain_brand") or "")
    filing = sources.filing
    address = sources.address
    capacity = filing.capacity_total if filing else None
    enrolled = sum(_whole(row.get("enrolled")) for row in sources.classes)
    latitude, longitude = position_of(institution.town_id, institution.region_id)
    values: dict[str, Any] = {
        "uscc": institution.uscc,
        "name": institution.name,
        "words": searched_words(institution.name, brand, address, *reversed(institution.former_names)),
        "latin": searched_latin(institution, brand, address),
        "listed": status in LISTED_STATES,
        "order_key": order_key("", institution.uscc, status, sources.accepted is not None),
        "status": status,
        "nature": institution.nature,
        "region_id": institution.region_id,
        "town_id": institution.town_id,
        "months_mask": months_mask(sources),
        "service_modes": list(filing.service_modes) if filing else [],
        "inclusive": basics.get("is_inclusive_applied") == "yes",
        "meal_mode": str(fees.get("meal_mode") or ""),
        "fee_month": _money(fees.get("fee_full_day")),
        "capacity_total": capacity,
        "places_free": free_places(sources, capacity, enrolled),
        "last_checked_on": last_checked(sources),
        "latitude": latitude,
        "longitude": longitude,
    }
    values["card"] = card(sources, values, address)
    values["content"] = build_content(sources)
    return values


def card(sources: Sources, values: dict[str, Any], address: str) -> dict[str, Any]:
    """One line of a list, of the API and of the open data."""
    institution = sources.institution
    fee = values["fee_month"]
    return {
        "uscc": institution.uscc,
        "name": institution.name,
        "former_names": list(institution.former_names),
        "status": values["status"],
        "status_text": str(PublicStatus(values["status"]).label),
        "nature": institution.nature,
        "region_code": institution.region_id,
        "region": place_name(institution.region_id),
        "town_code": institution.town_id,
        "town": place_name(institution.town_id),
        "address": address,
        **contacts_of(sources.answers("basics")),
        "filed_on": institution.filed_on.isoformat() if institution.filed_on else None,
        "plans": [{name: plan[name] for name in DAYS} for plan in sources.plans],
        "grade": "",
        "grade_until": None,
        "age_from": _lowest(values["months_mask"]),
        "age_to": _highest(values["months_mask"]),
        "service_modes": values["service_modes"],
        "inclusive_applied": values["inclusive"],
        "meal_mode": values["meal_mode"],
        "fee_month": str(fee) if fee is not None else None,
        "capacity_total": values["capacity_total"],
        "places_free": values["places_free"],
        "reported_on": sources.confirmed_on.isoformat() if sources.confirmed_on else None,
        "last_checked_on": values["last_checked_on"].isoformat() if values["last_checked_on"] else None,
        **supervised(sources),
        "links": {"self": f"/api/v1/institutions/{institution.uscc}/", "page": f"/institutions/{institution.uscc}/"},
    }


def searched_words(*parts: str) -> str:
    """The Chinese side of the search: one part a line, so that no term matches across two of them.

    At most `MOST_WORDS` bytes, what an index entry can hold; the oldest former names are the first to go.
    """
    text = "\n".join(folded(part) for part in parts if part)
    return text.encode()[:MOST_WORDS].decode(errors="ignore")


def searched_latin(institution: Institution, brand: str, address: str) -> str:
    """The Latin side: initials, pinyin of present and former names and brand, the code, numbers and letters of the address."""
    found = [institution.name_initials, institution.name_pinyin, institution.uscc]
    for other in (*institution.former_names, brand):
        if other:
            pinyin, initials = romanise(other)
            found += [initials, pinyin]
    for name in (institution.name, *institution.former_names):
        found += other_readings(name)
    found += _LATIN.findall(folded(address))
    return "\n".join(folded(part) for part in found if part)


def months_mask(sources: Sources) -> int:
    """Bit n: a class takes children of n whole months. The ages of its kind unless it names narrower ones."""
    mask = 0
    for row in sources.classes:
        first, end = MONTHS.get(str(row.get("class_type")), (0, 0))
        first, last = _whole(row.get("youngest_months")) or first, _whole(row.get("oldest_months")) or end - 1
        for month in range(max(first, 0), min(last, 35) + 1):
            mask |= 1 << month
    if sources.home and sources.accepted and not mask:
        mask = (1 << 36) - 1
    return mask


def free_places(sources: Sources, capacity: int | None, enrolled: int) -> int | None:
    """Places nobody has; none while it takes no children, however many beds stand empty. None: not reported."""
    if capacity is None or not sources.classes:
        return None
    return 0 if sources.status == PublicStatus.SUSPENDED else max(capacity - enrolled, 0)


def last_checked(sources: Sources) -> date | None:
    """The day officers last were there: to verify a filing, or for an inspection whose result is public."""
    days = [check.on for check in sources.checks[:1]]
    return max([*days, *(date.fromisoformat(one["on"]) for one in sources.results)], default=None)


def supervised(sources: Sources) -> dict[str, Any]:
    """What a list and the open data say of the published inspections: how many, the last one, what is not put right."""
    last = next(iter(sources.results), {})
    findings = [one["state"] for result in sources.results for one in result["findings"]]
    return {
        "results_shown": len(sources.results),
        "last_result": last.get("result_text", ""),
        "last_result_on": last.get("published_on"),
        "findings_open": sum(state in OPEN_FINDINGS for state in findings),
    }


def _lowest(mask: int) -> int | None:
    return (mask & -mask).bit_length() - 1 if mask else None


def _highest(mask: int) -> int | None:
    return mask.bit_length() if mask else None


def _whole(value: Any) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _money(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value or ""))
    except InvalidOperation:
        return None
    return found.quantize(Decimal("0.01")) if found.is_finite() and 0 <= found < 10_000_000 else None
