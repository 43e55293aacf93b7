"""The city's own figures, to read one institution's beside: counted over the register, kept for ten minutes."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.utils import timezone

from yancheng_childcare.replica import public_cursor

SECONDS = 600
KEY = "public:city_figures:2"  # rises when the figures change, so that no release reads another's
SQL = """SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY fee_month), avg(capacity_total),
 avg((content #>> '{classes,facts,children_per_carer}')::numeric),
 avg((content #>> '{staff,facts,certified_carers}')::numeric / nullif((content #>> '{staff,facts,carers}')::numeric, 0)),
 avg((content #>> '{classes,facts,children_per_class}')::numeric)
 FROM registry_publicentry WHERE listed"""


def city_figures() -> dict[str, Any]:
    """`{as_of, listed, fee_median (yuan a month), capacity, children_per_carer, children_per_class, certified_share (0–1)}`.

    None: unknown.

    One query every ten minutes; without Redis one query each time.
    """
    found: dict[str, Any] | None = cache.get(KEY)
    if found is None:
        with public_cursor() as cursor:
            cursor.execute(SQL)
            listed, fee, capacity, carer, certified, group = cursor.fetchone()
        found = {
            "as_of": timezone.localtime().strftime("%Y-%m-%d %H:%M"),
            "listed": listed,
            "fee_median": round(float(fee)) if fee is not None else None,
            "capacity": round(float(capacity)) if capacity is not None else None,
            "children_per_carer": round(float(carer), 1) if carer is not None else None,
            "children_per_class": round(float(group), 1) if group is not None else None,
            "certified_share": round(float(certified), 2) if certified is not None else None,
        }
        cache.set(KEY, found, SECONDS)
    return found
