"""The rules of a batch, published with the pool: how many, by whom, from which random source, and when it will be known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

HEADING = ("name", "value")
# Who may visit a county: its own officers and the city's, or never its own (交叉检查, domain.md §5.2), or anyone.
OWN, OTHER, ANY = "OWN", "OTHER", "ANY"
# Why a second draw is held: the reserve of a county ran out, or the pool is no longer what was frozen.
RANKS_OUT, POOL_CHANGED = "RANKS_OUT", "POOL_CHANGED"
EVERYWHERE = "*"
# What codes of counties, departments and reasons are made of; such a line of CSV never needs a quotation mark.
CODE = re.compile(r"[A-Z0-9_]+")


class Refused(ValueError):
    """What was given cannot be frozen or drawn; the text says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Follows:
    """The batch a supplementary draw follows: its number, fingerprint and the time of its source; and why."""

    no: str
    fingerprint: str
    source_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What is fixed before the random source can be known.

    `teams`: officers by department, at least two each (行政处罚法 art. 42; a joint visit two of each ordering subject,
    domain-2.md B2.1). `rate` in percent or `total`, not both; `all_below`: strata.quotas. `source` names the random source
    and `source_at` the time at which it becomes known; certificates must be valid on `visits_until` (I12).
    """

    no: str
    source: str
    frozen_at: datetime
    source_at: datetime
    visits_until: date
    teams: tuple[tuple[str, int], ...]
    rate: int | None = None
    total: int | None = None
    all_below: int = 0
    crossing: str = OWN
    follows: Follows | None = None

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.total is None):
            raise Refused("比例与总数须且只能定一项")
        if not 0 <= (self.rate or 0) <= 100 or (self.total or 0) < 0 or self.all_below < 0:
            raise Refused("比例应在 0 至 100 之间，数目不得为负")
        if not self.teams or any(count < 2 for _, count in self.teams) or len(dict(self.teams)) < len(self.teams):
            raise Refused("每个部门派出的执法人员不得少于两人，且每个部门只列一次")
        if not all(CODE.fullmatch(department) for department, _ in self.teams):
            raise Refused("部门应为代码")
        if self.crossing not in (OWN, OTHER, ANY):
            raise Refused(f"没有这种派员方式：{self.crossing}")
        if self.frozen_at >= self.source_at:
            raise Refused("名录应在随机源产生之前固化")
        if any(not text or "\n" in text or "\r" in text for text in (self.no, self.source)):
            raise Refused("批次号与随机源应为一行文字")
        if self.follows and self.follows.reason not in (RANKS_OUT, POOL_CHANGED):
            raise Refused("补充抽取只在候补用尽或者名录变化时进行")
        if self.follows and (self.follows.source_at >= self.source_at or self.follows.no == self.no):
            raise Refused("补充抽取应使用更晚产生的随机源和新的批次号")

    def allows(self, area: str, county: str) -> bool:
        """May an officer of `area` ("*": of the city) visit a place of `county`?"""
        return area == EVERYWHERE or self.crossing == ANY or (area == county) == (self.crossing == OWN)


def to_rows(rules: Rules, id_map: str) -> list[tuple[str, object]]:
    """The lines of rules.csv; `id_map` is the SM3 of the secret map of ids."""
    follows = rules.follows
    return [
        ("no", rules.no),
        ("source", rules.source),
        ("frozen_at", rules.frozen_at.isoformat()),
        ("source_at", rules.source_at.isoformat()),
        ("visits_until", rules.visits_until.isoformat()),
        ("teams", " ".join(f"{department}:{count}" for department, count in sorted(rules.teams))),
        ("rate", "" if rules.rate is None else rules.rate),
        ("total", "" if rules.total is None else rules.total),
        ("all_below", rules.all_below),
        ("crossing", rules.crossing),
        ("follows_no", follows.no if follows else ""),
        ("follows_fingerprint", follows.fingerprint if follows else ""),
        ("follows_source_at", follows.source_at.isoformat() if follows else ""),
        ("follows_reason", follows.reason if follows else ""),
        ("map", id_map),
    ]


def from_rows(rows: Iterable[list[str]]) -> tuple[Rules, str]:
    """The rules of rules.csv and the SM3 of the map. ValueError or KeyError for what are no rules."""
    value = {name: text for name, text in rows}  # noqa: C416  # a list of lists is no input of dict() to mypy
    follows = None
    if value["follows_no"]:
        at = datetime.fromisoformat(value["follows_source_at"])
        follows = Follows(value["follows_no"], value["follows_fingerprint"], at, value["follows_reason"])
    teams = (team.rpartition(":") for team in value["teams"].split())
    rules = Rules(
        no=value["no"],
        source=value["source"],
        frozen_at=datetime.fromisoformat(value["frozen_at"]),
        source_at=datetime.fromisoformat(value["source_at"]),
        visits_until=date.fromisoformat(value["visits_until"]),
        teams=tuple((department, int(count)) for department, _, count in teams),
        rate=int(value["rate"]) if value["rate"] else None,
        total=int(value["total"]) if value["total"] else None,
        all_below=int(value["all_below"]),
        crossing=value["crossing"],
        follows=follows,
    )
    return rules, value["map"]
