"""The three ledgers reconciled: who is registered, who runs, who is filed; and the worklist behind every number.

For one institution: *filed* when its filing in this portal is live, or when only the national system knows it; *running*
when it is filed and not suspended, or when the people ledger has somebody in post there. Children are not counted: the
portal knows them only from filings. Everything is read from the institutions in the reader's scope, grouped in one query.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from yancheng_childcare.deadlines import today_here

from ..choices import LIVE_FILING, RegistrationStatus
from ..ledgers.reconciliation import Figure, Reconciliation, flag
from ..models import Filing, FilingReceipt, Post
from .states import TO_RECTIFY, those

FLAGS = ("active", "live", "national", "suspended", "nonconforming", "staffed", "late30", "late60", "differs")
_ACTIVE = Q(active=True)
_FILED = Q(live=True) | Q(national=True)
_RUNNING = Q(active=True, suspended=False) & (_FILED | Q(staffed=True))

# Registered, running, filed. The last is the one number of 已备案 (`InstitutionQuerySet.filed`); one that stopped is filed, not running.
FUNNEL = (
    Figure("registered", "登记", "登记在存续状态", "green", _ACTIVE),
    Figure("running", "运营", "登记存续，已备案且没有停业，或者人员台账里有在岗人员", "green", _RUNNING),
    Figure(
        "filed", "备案", "登记存续，备案有效：含停业的和只在国家系统备案的，不含备案内容不符合的", "green",
        Q(active=True, nonconforming=False) & _FILED,
    ),
)  # fmt: skip
# What somebody has to look into.
WORKLISTS = (
    Figure("suspected", "疑似运营", "没有备案，但人员台账里有在岗人员", "red", _RUNNING & ~_FILED),
    Figure(
        "late60", f"超过 {settings.UNFILED_GOVERN_DAYS} 天未备案",
        f"成立超过 {settings.UNFILED_GOVERN_DAYS} 天还没有备案，列入治理", "red", Q(late60=True),
    ),
    Figure(
        "late30", f"超过 {settings.UNFILED_REMIND_DAYS} 天未备案",
        f"成立超过 {settings.UNFILED_REMIND_DAYS} 天还没有备案，应当提醒", "yellow", Q(late30=True),
    ),
    Figure(
        "ended", "登记终止仍备案", "登记已注销、吊销或撤销，备案应当一并注销", "red", Q(active=False) & _FILED,
    ),
    Figure(
        "differs", "登记备案不一致", "名称或住所在备案后变更过登记，还没有办理变更备案", "red", Q(differs=True),
    ),
    Figure(
        "national", "仅国家系统备案", "有国家系统备案编号，在本平台没有备案", "yellow", Q(active=True, national=True),
    ),
    Figure("suspended", "停业", "机构已报停业，预计恢复日期见备案", "grey", Q(active=True, suspended=True)),
    Figure(
        "nonconforming", "备案内容不符合", "核实后书面告知不符合标准规范，责令限期改正，单独计数，不算已备案", "red",
        Q(active=True, nonconforming=True) & _FILED,
    ),
    Figure(
        "unknown", "运营情况不明", "没有备案，人员台账里也没有在岗人员，需要上门核实", "grey",
        Q(active=True, staffed=False) & ~_FILED,
    ),
)  # fmt: skip


def with_flags(rows: Any) -> Any:
    """Annotates every flag of `FLAGS`."""
    today = today_here()
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
        active=flag(Q(status=RegistrationStatus.ACTIVE)),
        national=flag(~live & Q(filed_on__isnull=False)),
        suspended=flag(Q(filing_state__in=those(stopped=True))),
        nonconforming=flag(Q(filing_state__in=TO_RECTIFY)),
        staffed=Exists(Post.objects.current().filter(institution=OuterRef("pk"))),
        late30=flag(unfiled & Q(established_on__lte=today - timedelta(days=settings.UNFILED_REMIND_DAYS))),
        late60=flag(unfiled & Q(established_on__lte=today - timedelta(days=settings.UNFILED_GOVERN_DAYS))),
        differs=flag(
            live
            & Q(status=RegistrationStatus.ACTIVE)
            & (~Q(accepted_name=F("name")) | ~Q(accepted_address=F("registered_address")))
        ),
    )


def shown_difference(institution: Any) -> str:
    """What differs between registration and the last accepted filing, in words; "" when nothing does."""
    parts = []
    if institution.accepted_name != institution.name:
        parts.append(f"备案名称“{institution.accepted_name}”，登记名称“{institution.name}”")
    if institution.accepted_address != institution.registered_address:
        parts.append(f"备案住所“{institution.accepted_address}”，登记住所“{institution.registered_address}”")
    return "；".join(parts)


def _details(row: Any) -> tuple[str, ...]:
    staffed = "人员台账有在岗人员" if row.staffed else ""
    return tuple(words for words in (staffed, shown_difference(row)) if words)


LIFE = Reconciliation(
    heading="登记、运营、备案对账",
    lead="同一家机构的登记、人员和备案三本台账是否一致；每个数字都能打开清单。",
    route="filing:board",
    listing="filing:board",
    facts=FLAGS,
    stages=FUNNEL,
    worklists=WORKLISTS,
    annotate=with_flags,
    note=lambda counts: (
        f"登记存续 {counts['registered']:,} 家，其中运营 {counts['running']:,} 家，备案有效 {counts['filed']:,} 家。"
        "运营：登记存续、没有报停业，并且已备案，或者人员台账里有在岗人员；收托人数只在备案里有，不用来判断。"
    ),
    filing=lambda row: (
        f"国家系统 {row.national_filing_no}" if row.national else row.get_filing_state_display() or "没有备案"
    ),
    details=_details,
)
