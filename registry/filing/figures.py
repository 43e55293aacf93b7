"""The three ledgers reconciled: who is registered, who runs, who is filed; and the worklist behind every number.

For one institution: *filed* when its filing in this portal is live, or when only the national system knows it; *running*
when it is filed and not suspended, or when the people ledger has somebody in post there. Children are not counted: the
portal knows them only from filings. Everything is read from the institutions in the reader's scope, grouped in one query.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Subquery, TextField, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from ..choices import LIVE_FILING, RegistrationStatus
from ..ledgers.difference import Difference, by_area
from ..models import Filing, FilingReceipt, Institution, Post
from .states import TO_RECTIFY, those

FLAGS = ("active", "live", "national", "suspended", "nonconforming", "staffed", "late30", "late60", "differs")


_FILED = Q(live=True) | Q(national=True)
_RUNNING = Q(active=True) & ((_FILED & Q(suspended=False)) | Q(staffed=True, suspended=False))


def _filed(f: dict[str, bool]) -> bool:
    return f["live"] or f["national"]


def _running(f: dict[str, bool]) -> bool:
    return f["active"] and not f["suspended"] and (_filed(f) or f["staffed"])


# Registered, running, filed. The last is the one number of 已备案 (`InstitutionQuerySet.filed`); one that stopped is filed, not running.
FUNNEL = (
    Difference("registered", "登记", "登记在存续状态", "green", lambda f: f["active"], Q(active=True)),
    Difference(
        "running", "运营", "登记存续，已备案且没有停业，或者人员台账里有在岗人员", "green", _running, _RUNNING,
    ),
    Difference(
        "filed", "备案", "登记存续，备案有效：含停业的和只在国家系统备案的，不含备案内容不符合的", "green",
        lambda f: f["active"] and _filed(f) and not f["nonconforming"], Q(active=True, nonconforming=False) & _FILED,
    ),
)  # fmt: skip
# What somebody has to look into.
WORKLISTS = (
    Difference(
        "suspected", "疑似运营", "没有备案，但人员台账里有在岗人员", "red",
        lambda f: _running(f) and not _filed(f), _RUNNING & ~_FILED,
    ),
    Difference(
        "late60", f"超过 {settings.UNFILED_GOVERN_DAYS} 天未备案",
        f"成立超过 {settings.UNFILED_GOVERN_DAYS} 天还没有备案，列入治理", "red",
        lambda f: f["late60"], Q(late60=True),
    ),
    Difference(
        "late30", f"超过 {settings.UNFILED_REMIND_DAYS} 天未备案",
        f"成立超过 {settings.UNFILED_REMIND_DAYS} 天还没有备案，应当提醒", "yellow",
        lambda f: f["late30"], Q(late30=True),
    ),
    Difference(
        "ended", "登记终止仍备案", "登记已注销、吊销或撤销，备案应当一并注销", "red",
        lambda f: not f["active"] and _filed(f), Q(active=False) & _FILED,
    ),
    Difference(
        "differs", "登记备案不一致", "名称或住所在备案后变更过登记，还没有办理变更备案", "red",
        lambda f: f["differs"], Q(differs=True),
    ),
    Difference(
        "national", "仅国家系统备案", "有国家系统备案编号，在本平台没有备案", "yellow",
        lambda f: f["active"] and f["national"], Q(active=True, national=True),
    ),
    Difference(
        "suspended", "停业", "机构已报停业，预计恢复日期见备案", "grey",
        lambda f: f["active"] and f["suspended"], Q(active=True, suspended=True),
    ),
    Difference(
        "nonconforming", "备案内容不符合", "核实后书面告知不符合标准规范，责令限期改正，单独计数，不算已备案", "red",
        lambda f: f["active"] and _filed(f) and f["nonconforming"], Q(active=True, nonconforming=True) & _FILED,
    ),
    Difference(
        "unknown", "运营情况不明", "没有备案，人员台账里也没有在岗人员，需要上门核实", "grey",
        lambda f: f["active"] and not _filed(f) and not f["staffed"],
        Q(active=True, staffed=False) & ~_FILED,
    ),
)  # fmt: skip
FIGURES = (*FUNNEL, *WORKLISTS)
BY_KEY = {figure.key: figure for figure in FIGURES}


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def with_flags(rows: Any, today: date) -> Any:
    """Annotates every flag of `FLAGS`."""
    accepted = FilingReceipt.objects.filter(
        filing__institution=OuterRef("pk"), filing__status__in=LIVE_FILING
    ).order_by("-id")
    address = KeyTextTransform("registered_address", KeyTextTransform("registration", "version__content"))
    live, unfiled = Q(live=True), Q(status=RegistrationStatus.ACTIVE, filed_on__isnull=True, live=False)
    # The filing itself is asked: an institution noted from the national system has a state but no filing here.
    rows = rows.annotate(live=Exists(Filing.objects.live().filter(institution=OuterRef("pk"))))
    return rows.annotate(
        accepted_name=Coalesce(
            Subquery(accepted.values(word=KeyTextTransform("name", "content"))[:1]), F("name"), output_field=TextField()
        ),
        accepted_address=Coalesce(
            Subquery(accepted.values(word=address)[:1]), F("registered_address"), output_field=TextField()
        ),
        active=_flag(Q(status=RegistrationStatus.ACTIVE)),
        national=_flag(~live & Q(filed_on__isnull=False)),
        suspended=_flag(Q(filing_state__in=those(stopped=True))),
        nonconforming=_flag(Q(filing_state__in=TO_RECTIFY)),
        staffed=Exists(Post.objects.current().filter(institution=OuterRef("pk"))),
        late30=_flag(unfiled & Q(established_on__lte=today - timedelta(days=settings.UNFILED_REMIND_DAYS))),
        late60=_flag(unfiled & Q(established_on__lte=today - timedelta(days=settings.UNFILED_GOVERN_DAYS))),
        differs=_flag(
            live
            & Q(status=RegistrationStatus.ACTIVE)
            & (~Q(accepted_name=F("name")) | ~Q(accepted_address=F("registered_address")))
        ),
    )


def behind(rows: Any, key: str, today: date) -> Any:
    """The institutions among `rows` that one number counts, with their flags. Raises KeyError for an unknown number."""
    return with_flags(rows, today).filter(BY_KEY[key].where)


@dataclass(slots=True)
class AreaFigures:
    """One area (or the total): how many institutions each number counts."""

    code: str
    name: str
    counts: dict[str, int] = field(default_factory=lambda: {figure.key: 0 for figure in FIGURES})

    def add(self, flags: dict[str, bool], number: int) -> None:
        """Count so many institutions with these flags in."""
        for figure in FIGURES:
            if figure.holds(flags):
                self.counts[figure.key] += number


def area_figures(
    user: Any, roles: frozenset[str], counties: Iterable[tuple[str, str]], *, today: date
) -> tuple[list[AreaFigures], AreaFigures]:
    """One row per area, in the given order, and their total; one query that groups institutions of like flags."""
    return by_area(with_flags(Institution.objects.visible_to(user, roles), today), FLAGS, counties, AreaFigures)


def shown_difference(institution: Any) -> str:
    """What differs between registration and the last accepted filing, in words; "" when nothing does."""
    parts = []
    if institution.accepted_name != institution.name:
        parts.append(f"备案名称“{institution.accepted_name}”，登记名称“{institution.name}”")
    if institution.accepted_address != institution.registered_address:
        parts.append(f"备案住所“{institution.accepted_address}”，登记住所“{institution.registered_address}”")
    return "；".join(parts)
