"""How many places are drawn in each county: whole numbers, largest remainder (domain.md §5.2, vector I21)."""

from __future__ import annotations

from collections.abc import Mapping


def total_of(rows: int, *, rate: int) -> int:
    """`rate` percent of `rows`, rounded up (I21)."""
    return -(-rows * rate // 100)


def quotas(
    rows: Mapping[str, int], *, rate: int | None = None, total: int | None = None, all_below: int = 0
) -> dict[str, int]:
    """Quota by county of the rows that can be drawn; either a `rate` in percent or a `total` is given.

    A county with fewer than `all_below` rows is taken whole. The others share `rate` percent of their rows (rounded up), or
    what is left of `total`: each the whole part of its share, what remains one by one to the largest remainders; of equal
    remainders the smaller county code comes first.
    """
    whole = {county: count for county, count in rows.items() if count < all_below}
    others = {county: count for county, count in rows.items() if county not in whole}
    base = sum(others.values())
    if rate is not None:
        wanted = total_of(base, rate=rate)
    else:
        wanted = max(0, (total or 0) - sum(whole.values()))
    wanted = min(wanted, base)
    shares = {county: divmod(wanted * count, base) for county, count in others.items() if count}
    left = wanted - sum(share for share, _ in shares.values())
    lucky = set(sorted(shares, key=lambda county: (-shares[county][1], county))[:left])
    found = whole | {county: share + (county in lucky) for county, (share, _) in shares.items()}
    return {county: found.get(county, 0) for county in sorted(rows)}
