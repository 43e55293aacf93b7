"""The frozen pool: every row with its county, weight, and why it is left out or must be visited; its fingerprint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from . import canonical, secret, strata
from . import rules as rulebook
from .officers import HEADING as OFFICERS_HEADING
from .officers import Officer, OfficerRow, lacking
from .rules import CODE, EVERYWHERE, Refused, Rules
from .tickets import WEIGHTS

HEADING = ("id", "county", "weight", "excluded", "must")
QUOTAS_HEADING = ("county", "rows", "quota")
RECUSALS_HEADING = ("place", "officer")


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the register of objects: natural key (unified code), county, weight 1, 2, 4 or 8 (risk A to D), the salt
    of this batch; `excluded` (CAP, CLOSED, IN_CHECK, NEW …, domain-2.md B3) or `must` (COMPLAINT …) as a reason's code."""

    key: str
    county: str
    weight: int
    salt: str
    excluded: str = ""
    must: str = ""

    def published(self) -> Row:
        """The row without the institution."""
        return Row(secret.row_id(self.salt, self.key), self.county, self.weight, self.excluded, self.must)


class Row(NamedTuple):
    """A place as published: a line of pool.csv."""

    id: str
    county: str
    weight: int
    excluded: str
    must: str


@dataclass(frozen=True, slots=True)
class Pool:
    """What is frozen. `quotas` by county follow from rows and rules, so they are known before the draw. `files` are published at once; `fingerprint` is SM3 of frozen.csv, the list of all their lines.
    `id_map` is secret (its SM3 stands in rules.csv); empty when the pool was read from published files."""

    rules: Rules
    rows: tuple[Row, ...]
    officers: tuple[OfficerRow, ...]
    recusals: frozenset[tuple[str, str]]
    quotas: dict[str, int]
    files: dict[str, bytes] = field(repr=False)
    fingerprint: str
    id_map: bytes = field(default=b"", repr=False)


def freeze(
    places: Iterable[Place],
    officers: Iterable[Officer],
    rules: Rules,
    *,
    recusals: Iterable[tuple[str, str]] = (),
) -> Pool:
    """Freeze the pool; the order of what is given changes nothing. `recusals` are (key of place, certificate).

    Refused for a key or certificate given twice, a place both excluded and a must, an unknown weight, a recusal of someone
    who is not there, or a place that could not be visited by enough officers.
    """
    places, officers = list(places), list(officers)
    ids = _ids("机构", ((place.key, secret.row_id(place.salt, place.key)) for place in places))
    officer_ids = _ids("执法人员", ((one.certificate, secret.row_id(one.salt, one.certificate)) for one in officers))
    try:
        recused = frozenset((ids[key], officer_ids[certificate]) for key, certificate in recusals)
    except KeyError as error:
        raise Refused(f"回避关系中的 {error.args[0]} 不在名录内") from error
    id_map = secret.id_map(
        [(secret.PLACE, place.salt, place.key) for place in places]
        + [(secret.OFFICER, one.salt, one.certificate) for one in officers]
    )
    return assemble(
        (place.published() for place in places),
        (one.published() for one in officers),
        rules,
        recused,
        map_sm3=canonical.fingerprint(id_map),
        id_map=id_map,
    )


def assemble(
    rows: Iterable[Row],
    officers: Iterable[OfficerRow],
    rules: Rules,
    recusals: frozenset[tuple[str, str]],
    *,
    map_sm3: str,
    id_map: bytes = b"",
) -> Pool:
    """A pool from rows that carry ids already, as `freeze` makes and verification reads them. Refused as there."""
    rows, officers = tuple(sorted(rows)), tuple(sorted(officers))
    for row in rows:
        _check(row)
    for officer in officers:
        area = officer.area.replace(EVERYWHERE, "CITY")
        if officer.load < 0 or not CODE.fullmatch(officer.department) or not CODE.fullmatch(area):
            raise Refused(f"执法人员 {officer.id} 的部门、区域或任务数不合规则")
    if len({row.id for row in rows}) < len(rows) or len({one.id for one in officers}) < len(officers):
        raise Refused("名录中有重复的编号")
    ends = [(row.id, row.county) for row in rows if not row.excluded]
    if lack := lacking(rules, ends, officers, recusals):
        raise Refused(f"机构 {lack[0]} 没有足够的 {lack[1]} 执法人员可派，不能固化")
    counts = drawable(rows)
    quotas = strata.quotas(counts, rate=rules.rate, total=rules.total, all_below=rules.all_below)
    files = {
        "rules.csv": canonical.write(rulebook.HEADING, rulebook.to_rows(rules, map_sm3)),
        "pool.csv": canonical.write(HEADING, rows),
        "quotas.csv": canonical.write(QUOTAS_HEADING, [(county, counts[county], quotas[county]) for county in counts]),
        "officers.csv": canonical.write(OFFICERS_HEADING, officers),
        "recusals.csv": canonical.write(RECUSALS_HEADING, sorted(recusals)),
    }
    files["frozen.csv"] = canonical.line_list(files)
    return Pool(rules, rows, officers, recusals, quotas, files, canonical.fingerprint(files["frozen.csv"]), id_map)


def drawable(rows: Iterable[Row]) -> dict[str, int]:
    """By county, how many rows the lot decides: neither excluded nor a must (a must is visited beside the quota)."""
    rows = list(rows)
    counts = Counter(row.county for row in rows if not row.excluded and not row.must)
    return {county: counts[county] for county in sorted({row.county for row in rows})}


def _ids(what: str, pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, row_id in pairs:
        if key in found:
            raise Refused(f"{what} {key} 重复")
        found[key] = row_id
    return found


def _check(row: Row) -> None:
    if row.weight not in WEIGHTS:
        raise Refused(f"机构 {row.id} 的权重 {row.weight} 不在 1、2、4、8 之内")
    if row.excluded and row.must:
        raise Refused(f"机构 {row.id} 不能既排除又必查")
    codes = (code for code in (row.excluded, row.must) if code)
    if not all(CODE.fullmatch(code) for code in (row.county, *codes)):
        raise Refused(f"机构 {row.id} 的区县或事由不是代码")
