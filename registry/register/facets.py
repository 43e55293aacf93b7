"""How many institutions each option of a filter would leave: counted with all the other filters on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings

from yancheng_childcare.deadlines import today_here
from yancheng_childcare.replica import public_cursor

from ..choices import PublicStatus
from . import conditions
from .query import SearchQuery

MOST = 20_000
TABLE = "registry_publicentry"
# dimension → what is counted; arrays count once for each of their values.
COUNTED = {
    "region": "region_id",
    "town": "town_id",
    "nature": "nature",
    "status": "status",
    "service": "unnest(service_modes)",
    "meals": "meal_mode",
    "inclusive": "inclusive::int::text",
    "checked": "checked",
    "free": "(coalesce(places_free, 0) > 0)::int::text",
}


@dataclass(frozen=True, slots=True)
class Facets:
    """`counts[dimension][value]`; `total` is the number of hits. `known` is False when there are too many to count."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    total: int = 0
    known: bool = True

    def of(self, name: str, value: str) -> int | None:
        """The number behind an option; None when it was not counted."""
        return self.counts.get(name, {}).get(value, 0) if self.known else None

    @property
    def filed(self) -> int:
        """How many of the hits are filed: all but those told to mend their filing (domain-2.md)."""
        return self.total - (self.of("status", PublicStatus.NONCONFORMING) or 0)


def facets(query: SearchQuery) -> Facets:
    """Counts for every dimension of `COUNTED` and every month of age. One statement; above 20,000 institutions it does not count."""
    chosen = conditions.of(query).chosen
    where, params = conditions.of(query).said
    fails = [(name, f"(NOT coalesce({condition.sql}, false))::int") for name, condition in chosen.items()]
    failed_params = [value for condition in chosen.values() for value in condition.params]
    listed = ", ".join(f"{sql} AS f_{name}" for name, sql in fails)
    total = " + ".join(f"f_{name}" for name, _ in fails) or "0"
    parts = [f"SELECT 'total', '', count(*) FROM b WHERE {total} = 0"]
    for name, column in COUNTED.items():
        own = f" - f_{name}" if name in chosen else ""
        # A town is chosen within a county: counting counties looks past both.
        if name == "region" and "town" in chosen:
            own += " - f_town"
        parts.append(f"SELECT '{name}', {column}, count(*) FROM b WHERE {total}{own} = 0 GROUP BY 2")
    own = " - f_months" if "months" in chosen else ""
    # Few sets of ages are in use: counting the sets first costs far less than 36 times every institution.
    parts.append(
        f"SELECT 'months', m::text, sum(n)::bigint FROM (SELECT months_mask, count(*) AS n FROM b WHERE {total}{own} = 0"
        " GROUP BY 1) AS ages, generate_series(0, 35) AS m WHERE (months_mask >> m) & 1 = 1 GROUP BY 2"
    )
    sql = (
        f"WITH b AS MATERIALIZED (SELECT region_id, town_id, months_mask, nature, status, service_modes, meal_mode, inclusive,"
        f" places_free, coalesce(last_checked_on >= %s, false)::int::text AS checked{', ' + listed if listed else ''} FROM {TABLE} WHERE {where} LIMIT {MOST + 1})"
        f" SELECT 'rows', '', count(*) FROM b UNION ALL {' UNION ALL '.join(parts)}"
    )
    since = today_here() - timedelta(days=settings.PUBLIC_CHECKED_DAYS)
    counts: dict[str, dict[str, int]] = {}
    with public_cursor() as cursor:
        cursor.execute(sql, [since, *failed_params, *params])
        for name, value, number in cursor.fetchall():
            counts.setdefault(name, {})[value] = number
    if counts.pop("rows")[""] > MOST:
        return Facets(known=False)
    return Facets(counts, counts.pop("total")[""])
