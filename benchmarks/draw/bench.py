"""`manage.py benchmark draw`: a draw of 10,000, 100,000 and 1,000,000 places against as many separate SM3 calls.

2 % are drawn by two officers each, one officer for 200 places (2,000 of 100,000 with 500). Freezing and publishing are shown
apart. Then everything is doubled: places, visits and officers. No database.
"""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from benchmarks.harness import Goal, Options, Result, quiet_gate, ratio
from benchmarks.harness import Row as Line
from inspections import draw as engine
from inspections.draw import tickets
from inspections.draw.officers import OfficerRow
from inspections.draw.pool import Row, assemble
from yancheng_childcare.crypto import sm3

NAME = "draw"
SIZES, QUICK_SIZES = (10_000, 100_000, 1_000_000), (10_000, 100_000)
JUDGED = 100_000
FLOOR, DOUBLING = 3.0, 2.5
COUNTIES = tuple(f"3209{number:02d}" for number in range(2, 13))
SOURCE = engine.Source("7 0 3", ("甲", "乙"))
T = TypeVar("T")


def run(options: Options) -> Result:
    """About two minutes, most of it to freeze a million rows; `quick` twenty seconds."""
    result = Result(NAME)
    for size in QUICK_SIZES if options.quick else SIZES:
        rounds = options.rounds if size <= JUDGED else 1
        pool, freezing = _timed(lambda size=size: _pool(size))
        quiet_gate()
        drawing, floor = [], []
        for _ in range(rounds):
            drawn, seconds = _timed(lambda pool=pool: engine.draw(pool, SOURCE))
            drawing.append(seconds)
            floor.append(_timed(lambda pool=pool: _separate_calls(pool))[1])
        files, publishing = _timed(lambda drawn=drawn: engine.publish(drawn))
        times = ratio(drawing, floor)
        result.rows += [
            Line(f"{size:,}: as many separate SM3 calls", statistics.median(floor) * 1000, "ms"),
            Line(f"{size:,}: draw of {len(drawn.chosen):,}", statistics.median(drawing) * 1000, "ms", f"{times:.2f} ×"),
            Line(f"{size:,}: freeze, with the SM3 of every line", freezing * 1000, "ms"),
            Line(f"{size:,}: publish", publishing * 1000, "ms", f"{sum(map(len, files.values())) / 1e6:,.0f} MB"),
        ]
        if size == JUDGED:
            result.goals.append(
                Goal("draw of 100,000 / separate SM3 calls", times, FLOOR / options.slack, at_most=True)
            )
            result.facts |= _facts(pool, drawn)
    result.goals.append(Goal("everything doubled", _doubling(options), DOUBLING / options.slack, at_most=True))
    return result


def _facts(pool: engine.Pool, drawn: engine.Drawn) -> dict[str, bool]:
    loads = dict.fromkeys((one.id for one in pool.officers), 0)
    for pair in drawn.pairs:
        loads[pair.officer] += 1
    shuffled = random.Random(1).sample(pool.rows, len(pool.rows))
    again = assemble(shuffled, pool.officers, pool.rules, pool.recusals, map_sm3="0" * 64)
    return {
        "2,000 of 100,000 are drawn": len(drawn.chosen) == 2_000,
        "each by two officers, none of them recused": len(drawn.pairs) == 4_000
        and not {(pair.place, pair.officer) for pair in drawn.pairs} & pool.recusals,
        "every row has its ticket": len(drawn.tickets) == len(pool.rows),
        "no officer carries two visits more than another": max(loads.values()) - min(loads.values()) <= 1,
        "the order of rows changes nothing": engine.draw(again, SOURCE) == drawn,
    }


def _doubling(options: Options) -> float:
    """The larger of two ratios: 50,000 → 100,000 → 200,000 places with officers and visits in proportion."""
    pools = [_pool(size) for size in (JUDGED // 2, JUDGED, JUDGED * 2)]
    quiet_gate()
    times: list[list[float]] = [[], [], []]
    for _ in range(options.rounds):
        for pool, found in zip(pools, times, strict=True):
            found.append(_timed(lambda pool=pool: engine.draw(pool, SOURCE))[1])
    return max(ratio(times[1], times[0]), ratio(times[2], times[1]))


def _separate_calls(pool: engine.Pool) -> None:
    """The floor: nothing but one SM3 for each row, of what the draw hashes."""
    seed = tickets.seed(pool.fingerprint, SOURCE.text, pool.rules.no)
    for row in pool.rows:
        sm3((seed + row.id).encode())


def _pool(size: int) -> engine.Pool:
    """`size` rows in eleven counties, weights as risk falls, officers of the whole city, one recusal for ten places."""
    chance = random.Random(size)
    rows = [
        Row(f"{chance.getrandbits(256):064x}", chance.choice(COUNTIES), chance.choice((1, 1, 1, 1, 2, 2, 4, 8)), "", "")
        for _ in range(size)
    ]
    officers = [
        OfficerRow(f"{chance.getrandbits(256):064x}", "HEALTH", "*", "2027-12-31", 0)
        for _ in range(max(10, size // 200))
    ]
    recusals = frozenset((row.id, chance.choice(officers).id) for row in rows[::10])
    rules = engine.Rules(
        no="2026-04",
        source="试验",
        frozen_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        source_at=datetime(2026, 11, 24, 13, tzinfo=UTC),
        visits_until=date(2026, 12, 31),
        teams=(("HEALTH", 2),),
        total=size // 50,
    )
    return assemble(rows, officers, rules, recusals, map_sm3="0" * 64)


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    gc.collect()
    began = time.perf_counter()
    found = call()
    return found, time.perf_counter() - began
