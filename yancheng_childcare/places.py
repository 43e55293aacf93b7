"""Regions and towns from the reference data, kept in memory: names, paths, and which of them a duty reaches."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .models import Region


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[str, str, str]]:
    return {
        code: (level, parent or "", name)
        for code, level, parent, name in Region.objects.values_list("code", "level", "parent_id", "name")
    }


def places() -> dict[str, tuple[str, str, str]]:
    """code → (level, parent code, name) of every region; reference data, read once per process."""
    known = _places()
    if not known:
        _places.cache_clear()
    return known


def place_name(code: str) -> str:
    """The name of a region or town from the reference data kept in memory; "" when there is none."""
    return places().get(code, ("", "", ""))[2]


def region_prefix(code: str) -> str:
    """The path of a region (as `Region.prefix`), from the reference data kept in memory; "/" for none."""
    return f"{region_prefix(places()[code][1])}{code}/" if code in places() else "/"


def forget_places() -> None:
    """After the reference data was loaded anew."""
    _places.cache_clear()


def reaches(user: Any, prefix: str, *roles: str) -> bool:
    """Whether one of the user's duties with one of `roles` covers this region path."""
    return any(duty.covers(prefix) for duty in user.duties_as(*roles))


def counties_seen_by(user: Any, roles: frozenset[str]) -> list[tuple[str, str]]:
    """The counties and zones the user's duties with one of `roles` reach (all, for a city-wide duty), by their codes."""
    prefixes = ["/" if duty.region is None else duty.region.prefix for duty in user.duties_as(*roles)]
    return [
        (code, name)
        for code, (level, parent, name) in sorted(places().items())
        if level in {"COUNTY", "ZONE"}
        and any(
            f"/{parent}/{code}/".startswith(prefix) or prefix.startswith(f"/{parent}/{code}/") for prefix in prefixes
        )
    ]
