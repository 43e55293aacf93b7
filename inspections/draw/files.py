"""What is published of a draw, in three stages, as {file name: bytes}; docs/draws.md says what stands in each file.

frozen    rules.csv pool.csv quotas.csv officers.csv recusals.csv frozen.csv   before the random source can be known (Pool.files)
drawn     source.csv tickets.csv pairs.csv drawn.csv                           right after the draw: ids, no names
followed  replacements.csv visited.csv visitors.csv followed.csv               after the visits: names, no ids and no weights

The last of each stage lists the SM3 of every line; fingerprints.csv holds the SM3 of these lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from . import canonical, officers, places, rules
from . import pool as pools
from .drawing import REPLACEMENTS_HEADING, Drawn, Replacement, Source
from .officers import OfficerRow
from .pool import Pool, Row

STAGES = {
    "frozen": ("rules.csv", "pool.csv", "quotas.csv", "officers.csv", "recusals.csv"),
    "drawn": ("source.csv", "tickets.csv", "pairs.csv"),
    "followed": ("replacements.csv", "visited.csv", "visitors.csv"),
}
FINGERPRINTS = "fingerprints.csv"
FINGERPRINTS_HEADING = ("stage", "sm3")
SOURCE_HEADING = ("name", "value")
PAIRS_HEADING = ("place", "department", "officer")
VISITED_HEADING = ("county", "key", "name")
VISITORS_HEADING = ("department", "certificate", "name")
BEFORE, AFTER = "before", "after"


@dataclass(frozen=True, slots=True)
class Followed:
    """What is added after the visits. Places (county, key, name) and officers (department, certificate, name) are two lists
    and not pairs: who went where, beside the ids of pairs.csv, would give away which id, hence which weight, is whose."""

    visited: tuple[tuple[str, str, str], ...]
    visitors: tuple[tuple[str, str, str], ...]
    replacements: tuple[Replacement, ...] = ()


def publish_pool(pool: Pool) -> dict[str, bytes]:
    """The files of the frozen pool with its fingerprint, to be published before `rules.source_at`."""
    return sealed(pool.files)


def publish(drawn: Drawn, *, when: str = BEFORE, followed: Followed | None = None) -> dict[str, bytes]:
    """All files of a draw, "before" the visits or "after" them (then with `followed`)."""
    files = drawn.pool.files | draw_files(drawn)
    if when == AFTER:
        files |= followed_files(followed or Followed((), ()))
    return sealed(files)


def draw_files(drawn: Drawn) -> dict[str, bytes]:
    """The files of the stage "drawn"."""
    first, second = drawn.source.witnesses
    files = {
        "source.csv": canonical.write(
            SOURCE_HEADING,
            [("text", drawn.source.text), ("witness", first), ("witness", second), ("seed", drawn.seed)],
        ),
        "tickets.csv": canonical.write(places.HEADING, drawn.tickets),
        "pairs.csv": canonical.write(PAIRS_HEADING, drawn.pairs),
    }
    return files | {"drawn.csv": canonical.line_list(files)}


def followed_files(followed: Followed) -> dict[str, bytes]:
    """The files of the stage "followed"; names are sorted, so that their order tells nothing."""
    files = {
        "replacements.csv": canonical.write(REPLACEMENTS_HEADING, followed.replacements),
        "visited.csv": canonical.write(VISITED_HEADING, sorted(followed.visited)),
        "visitors.csv": canonical.write(VISITORS_HEADING, sorted(set(followed.visitors))),
    }
    return files | {"followed.csv": canonical.line_list(files)}


def sealed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files and the fingerprints of their stages."""
    stages = [(stage, files[f"{stage}.csv"]) for stage in STAGES if f"{stage}.csv" in files]
    rows = [(stage, canonical.fingerprint(content)) for stage, content in stages]
    return dict(files) | {FINGERPRINTS: canonical.write(FINGERPRINTS_HEADING, rows)}


def read_pool(files: Mapping[str, bytes]) -> Pool:
    """The pool of published files, put together and checked anew (Refused as in `pool.assemble`); its own files are what
    the content must look like. ValueError or KeyError for what cannot be read."""
    batch, map_sm3 = rules.from_rows(canonical.read(files["rules.csv"], rules.HEADING))
    return pools.assemble(
        (
            Row(row_id, county, int(weight), excluded, must)
            for row_id, county, weight, excluded, must in canonical.read(files["pool.csv"], pools.HEADING)
        ),
        (
            OfficerRow(row_id, department, area, valid_to, int(load))
            for row_id, department, area, valid_to, load in canonical.read(files["officers.csv"], officers.HEADING)
        ),
        batch,
        frozenset(_pair(row) for row in canonical.read(files["recusals.csv"], pools.RECUSALS_HEADING)),
        map_sm3=map_sm3,
    )


def read_source(files: Mapping[str, bytes]) -> Source:
    """The source of published files. ValueError for what cannot be read."""
    rows = canonical.read(files["source.csv"], SOURCE_HEADING)
    if [name for name, _ in rows] != ["text", "witness", "witness", "seed"]:
        raise ValueError(1, "应依次为随机源、两名见证人和种子")
    return Source(rows[0][1], (rows[1][1], rows[2][1]))


def read_replacements(files: Mapping[str, bytes]) -> list[Replacement]:
    """The replacements of published files. ValueError for what cannot be read."""
    return [Replacement(*row) for row in canonical.read(files["replacements.csv"], REPLACEMENTS_HEADING)]


def _pair(row: Iterable[str]) -> tuple[str, str]:
    place, officer = row
    return place, officer
