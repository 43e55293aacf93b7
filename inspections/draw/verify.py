"""Everything computed anew from the published files alone; the first file and line that is not what it must be.

First the seals: is every file, line by line, what its stage listed, and the list what the fingerprint says? Then the draw:
do the frozen files, the source and the method give these very quotas, tickets, officers and replacements?
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from . import canonical, secret
from .drawing import Drawn, draw, replace
from .files import (
    FINGERPRINTS,
    STAGES,
    VISITED_HEADING,
    VISITORS_HEADING,
    draw_files,
    read_pool,
    read_replacements,
    read_source,
    sealed,
)
from .pool import Pool
from .rules import Refused, to_rows


@dataclass(frozen=True, slots=True)
class Deviation:
    """What is not as it must be: file, line from 1 (0: the file as a whole), why (Chinese)."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome: the first deviation or None; how many places and visits were computed anew; the fingerprint found."""

    deviation: Deviation | None
    rows: int = 0
    visits: int = 0
    fingerprint: str = ""


def verify(
    files: Mapping[str, bytes],
    *,
    fingerprint: str = "",
    id_map: bytes | None = None,
    earlier: Mapping[str, bytes] | None = None,
) -> Verified:
    """Verify published files of any stage. `fingerprint`: what was announced before the draw, from another place than
    these files; `id_map`: the secret map, for those who hold it; `earlier`: the files of the batch a supplement follows.
    """
    pool: Pool | None = None
    drawn: Drawn | None = None
    found = _complete(files) or _seals(files, fingerprint)
    if not found:
        found, pool = _pool(files)
    if pool and not found:
        found = _follows(pool, earlier)
    if pool and not found and "drawn.csv" in files:
        found, drawn = _draw(files, pool)
    if drawn and not found and "followed.csv" in files:
        found = _followed(files, drawn)
    if pool and not found and id_map is not None:
        found = _map(files, pool, drawn, id_map)
    return Verified(
        found,
        rows=len(pool.rows) if pool else 0,
        visits=len(drawn.chosen) if drawn else 0,
        fingerprint=canonical.fingerprint(files.get("frozen.csv", b"")),
    )


def _complete(files: Mapping[str, bytes]) -> Deviation | None:
    wanted = [FINGERPRINTS]
    for stage, names in STAGES.items():
        listed = f"{stage}.csv"
        if stage == "frozen" or any(name in files for name in (listed, *names)):
            wanted += [*names, listed]
    if "followed.csv" in wanted and "drawn.csv" not in wanted:
        wanted.append("drawn.csv")
    missing = next((name for name in wanted if name not in files), None)
    return Deviation(missing, 0, "缺少文件") if missing else None


def _seals(files: Mapping[str, bytes], announced: str) -> Deviation | None:
    """A line that is not as listed: the file was changed if the list still has its fingerprint, else the list was."""
    right = sealed(files)[FINGERPRINTS]
    for stage, names in STAGES.items():
        listed = f"{stage}.csv"
        if listed not in files:
            continue
        actual = canonical.line_list({name: files[name] for name in names})
        line = canonical.first_difference(files[listed], actual)
        if line is None:
            continue
        if canonical.fingerprint(files[listed]).encode() not in files[FINGERPRINTS]:
            return Deviation(listed, line, "逐行清单被改动，与其指纹不符")
        return _unlisted(files[listed], actual, line)
    if line := canonical.first_difference(files[FINGERPRINTS], right):
        return Deviation(FINGERPRINTS, line, "指纹与逐行清单不符")
    if announced and announced.strip().lower() != canonical.fingerprint(files["frozen.csv"]):
        return Deviation(FINGERPRINTS, 2, "与抽取前公布的指纹不符")
    return None


def _unlisted(listed: bytes, actual: bytes, line: int) -> Deviation:
    """The line of the data file behind the first difference of its lists: changed, added, or no longer there."""
    both = (canonical.read(content, canonical.LIST_HEADING)[line - 2 :] for content in (listed, actual))
    name, number = min((rows[0][0], int(rows[0][1])) for rows in both if rows)
    return Deviation(name, number, "与公布时的逐行指纹不符")


def _pool(files: Mapping[str, bytes]) -> tuple[Deviation | None, Pool | None]:
    try:
        pool = read_pool(files)
    except Refused as error:
        return Deviation("pool.csv", 0, str(error)), None
    except (ValueError, KeyError) as error:
        return _unreadable("frozen", files, error), None
    for name in STAGES["frozen"]:
        if line := canonical.first_difference(files[name], pool.files[name]):
            return Deviation(name, line, "不是规定的写法或次序"), None
    return None, pool


def _unreadable(stage: str, files: Mapping[str, bytes], error: Exception) -> Deviation:
    """Which file of a stage cannot be read: the first whose lines are not what its heading asks."""
    for name in STAGES[stage]:
        heading = files[name].split(b"\n", 1)[0].decode(errors="replace").split(",")
        try:
            canonical.read(files[name], heading)
        except ValueError as fault:
            return Deviation(name, int(fault.args[0]), str(fault.args[-1]))
    return Deviation(f"{stage}.csv", 0, f"文件内容读不出：{error}")


def _follows(pool: Pool, earlier: Mapping[str, bytes] | None) -> Deviation | None:
    follows = pool.rules.follows
    if not follows or earlier is None:
        return None
    before = read_pool(earlier)
    told = (follows.no, follows.fingerprint, follows.source_at)
    is_so = (before.rules.no, before.fingerprint, before.rules.source_at)
    first = [name for name, _ in to_rows(pool.rules, "")].index("follows_no") + 2
    for line, (one, wanted) in enumerate(zip(told, is_so, strict=True), first):
        if one != wanted:
            return Deviation("rules.csv", line, "所补充的批次与原批次的文件不符")
    return None


def _draw(files: Mapping[str, bytes], pool: Pool) -> tuple[Deviation | None, Drawn | None]:
    try:
        drawn = draw(pool, read_source(files))
    except ValueError as error:
        return Deviation("source.csv", 0, str(error.args[-1])), None
    right = draw_files(drawn)
    for name in STAGES["drawn"]:
        if line := canonical.first_difference(files[name], right[name]):
            return Deviation(name, line, "与重新计算的结果不符"), drawn
    return None, drawn


def _followed(files: Mapping[str, bytes], drawn: Drawn) -> Deviation | None:
    """Replacements are computed anew; names cannot be (only the holder of the map can), but their number can."""
    try:
        given = read_replacements(files)
        right = replace(drawn, [(one.place, one.reason) for one in given])
        visited = canonical.read(files["visited.csv"], VISITED_HEADING)
        canonical.read(files["visitors.csv"], VISITORS_HEADING)
    except Refused as error:
        return Deviation("replacements.csv", 0, str(error))
    except ValueError as error:
        return _unreadable("followed", files, error)
    for number, (one, wanted) in enumerate(zip(given, right, strict=True), 2):
        if one != wanted:
            return Deviation("replacements.csv", number, "不是候补次序中的下一家，或者派员不符")
    county = {one.id: one.county for one in drawn.tickets}
    # A replacement stands for the one that is gone, so it adds none.
    most, named = Counter(county[row_id] for row_id in drawn.chosen), Counter(row[0] for row in visited)
    for number, row in enumerate(visited, 2):
        if named[row[0]] > most[row[0]]:
            return Deviation("visited.csv", number, f"{row[0]} 公布的机构多于抽中的机构")
    return None


def _map(files: Mapping[str, bytes], pool: Pool, drawn: Drawn | None, id_map: bytes) -> Deviation | None:
    """For the holders of the map: it is the one that was announced, names every row, and visited places were drawn."""
    if f"map,{canonical.fingerprint(id_map)}\n".encode() not in files["rules.csv"]:
        return Deviation("map.csv", 0, "与固化时公布的对照表指纹不符")
    rows = canonical.read(id_map, secret.MAP_HEADING)
    seen: set[tuple[str, str]] = set()
    for number, (kind, row_id, salt, key) in enumerate(rows, 2):
        if secret.row_id(salt, key) != row_id:
            return Deviation("map.csv", number, "编号不是由盐值与代码算出的")
        if (kind, key) in seen:
            return Deviation("map.csv", number, f"{key} 在名录中不止一行")
        seen.add((kind, key))
    ids_of_rows = {row.id for row in pool.rows} | {officer.id for officer in pool.officers}
    if ids_of_rows != {row[1] for row in rows}:
        return Deviation("map.csv", 0, "对照表与名录的编号不一致")
    if drawn is None or "followed.csv" not in files:
        return None
    ids = {key: row_id for kind, row_id, _, key in rows if kind == secret.PLACE}
    drawn_ids = {*drawn.chosen, *(one.replacement for one in read_replacements(files))}
    for number, (_, key, _) in enumerate(canonical.read(files["visited.csv"], VISITED_HEADING), 2):
        if ids.get(key) not in drawn_ids:
            return Deviation("visited.csv", number, f"{key} 不在抽中或者候补的机构之内")
    return None
