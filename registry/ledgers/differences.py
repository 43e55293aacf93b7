"""The three ledgers side by side: registered, known to health, known to public security; and where they differ.

For one institution: health *has received* it when a push was delivered, a receipt came back or a filing number stands;
*has handled* it with a filing number or a handled receipt. Public security likewise, without filing. So in every area
registered = handled + received but open + not received, for each department: the sums reconcile.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from exchange.models import Delivery, Receipt

from ..choices import RegistrationStatus
from .reconciliation import Figure, Reconciliation, flag

DELIVERED = ("DELIVERED", "ACKED")
FACTS = (
    "active", "filed", "nonconforming", "health_told", "health_answered", "health_done", "police_told",
    "police_answered", "police_done", "late",
)  # fmt: skip
_ACTIVE = Q(active=True)
_HEALTH_RECEIVED = Q(health_told=True) | Q(health_answered=True) | Q(filed=True)
_HEALTH_HANDLED = Q(health_done=True) | Q(filed=True)
_POLICE_RECEIVED = Q(police_told=True) | Q(police_answered=True)
# All but the last four count institutions in being. 已备案 is the one number of it: what must mend its filing is counted
# apart (domain-2.md).
STAGES = (
    Figure("registered", "登记", "登记在存续状态", "green", _ACTIVE),
    Figure("health_received", "卫健已收到", "推送已送达、有回执或者已经备案", "green", _ACTIVE & _HEALTH_RECEIVED),
    Figure("health_handled", "已备案或处置", "已经备案，或者卫健有处置回执", "green", _ACTIVE & _HEALTH_HANDLED),
    Figure("police_received", "公安已收到", "推送已送达或者有回执", "green", _ACTIVE & _POLICE_RECEIVED),
    Figure("police_handled", "已指导", "公安有处置回执", "green", Q(active=True, police_done=True)),
)
HARD = (
    Figure(
        "no_health", "登记未送达卫健", "登记机关已登记，卫健部门还没有收到", "red", _ACTIVE & ~_HEALTH_RECEIVED,
    ),
    Figure(
        "no_police", "登记未送达公安", "登记机关已登记，公安机关还没有收到", "red", _ACTIVE & ~_POLICE_RECEIVED,
    ),
    Figure(
        "late", "变更或终止未送达", "登记有变更、注销、吊销或撤销，还没有送达全部部门", "yellow", Q(late=True),
    ),
    Figure(
        "filed_ended", "已备案但登记终止", "登记已注销、吊销或撤销，备案应当一并注销", "red",
        Q(active=False, filed=True),
    ),
)  # fmt: skip
OPEN = (
    Figure(
        "health_open", "送达卫健未备案", "卫健部门已收到，还没有备案，也没有处置回执", "yellow",
        _ACTIVE & _HEALTH_RECEIVED & ~_HEALTH_HANDLED,
    ),
    Figure(
        "police_open", "送达公安未指导", "公安机关已收到，还没有安全防范指导的处置回执", "yellow",
        Q(active=True, police_done=False) & _POLICE_RECEIVED,
    ),
)  # fmt: skip
DIFFERENT = Figure(
    "different", "台账差异", "三本台账对不上", "red", Q(*(figure.where for figure in HARD), _connector=Q.OR)
)
SUMS = (
    Figure("filed", "其中已备案", "备案有效，含停业的", "green", Q(active=True, filed=True, nonconforming=False)),
    Figure(
        "nonconforming",
        "备案内容不符合",
        "责令限期改正，不算已备案",
        "red",
        Q(active=True, nonconforming=True, filed=True),
    ),
    DIFFERENT,
)


def _told(department_kind: str) -> Exists:
    return Exists(
        Delivery.objects.filter(
            subject=OuterRef("uscc"), status__in=DELIVERED, endpoint__department__kind=department_kind
        )
    )


def _answered(department_kind: str, **more: Any) -> Exists:
    return Exists(Receipt.objects.filter(subject=OuterRef("uscc"), department__kind=department_kind, **more))


def with_facts(rows: Any) -> Any:
    """Annotates every one of `FACTS`."""
    later = Delivery.objects.open().filter(subject=OuterRef("uscc"))
    return rows.annotate(
        active=flag(Q(status=RegistrationStatus.ACTIVE)),
        filed=flag(Q(filed_on__isnull=False)),
        nonconforming=flag(Q(filing_state="NONCONFORMING")),
        health_told=_told("HEALTH"),
        health_answered=_answered("HEALTH"),
        health_done=_answered("HEALTH", handled=True),
        police_told=_told("POLICE"),
        police_answered=_answered("POLICE"),
        police_done=_answered("POLICE", handled=True),
        late=Exists(later.exclude(event__type__in=["registration.recorded", "ping.test"])),
    )


def _note(counts: dict[str, int]) -> str:
    wrong = (
        f"，备案内容不符合 {counts['nonconforming']:,} 家，也算在“已备案或处置”里" if counts["nonconforming"] else ""
    )
    return (
        "登记数 = 已备案或处置 + 已收到待处置 + 未收到，各部门分别成立。"
        f"登记存续 {counts['registered']:,} 家，其中已备案 {counts['filed']:,} 家（含停业）{wrong}。"
    )


def _filing(row: Any) -> str:
    return row.get_filing_state_display() or (f"国家系统 {row.national_filing_no}" if row.filed_on else "没有备案")


AUTHORITIES = Reconciliation(
    heading="三本台账对照",
    lead="登记机关登记的、卫健部门收到和备案的、公安机关收到和指导的，逐区对照；每个数字都能打开清单。",
    route="registry:ledgers",
    listing="registry:ledger-differences",
    facts=FACTS,
    stages=STAGES,
    sums=SUMS,
    worklists=(*HARD, *OPEN),
    annotate=with_facts,
    note=_note,
    filing=_filing,
)
