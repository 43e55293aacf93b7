"""What is done to the registers: entered by one and approved by another, ended with a reason, ends of certificates told."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.problems import Problem, Rejected, refuse_id_number
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import in_words

from . import codes
from .models import EnforcementSubject, Matter, Officer, Tie

LEAST_REASON = 4


def enter(row: Any, *, actor: Any) -> Any:
    """Keep a body, a matter or an officer; it counts when another person approved it as it stands now.

    An ended row is opened anew under its own number, so that what was done under it stays with it.
    """
    row.granted_by, row.approved_by, row.ended_on = actor, None, None
    with transaction.atomic():
        row.save()
        _keep("entered", row, actor, f"登记{row._meta.verbose_name}：{row}")
    return row


def declare(tie: Tie, *, actor: Any) -> Tie:
    """Keep a tie from today on; it holds at once. Raises Rejected 422 for one that stands already."""
    tie.declared_by, tie.declared_on = actor, today_here()
    with transaction.atomic():
        if Tie.objects.select_for_update().standing().filter(user=tie.user, uscc=tie.uscc).exists():
            raise Rejected(Problem(codes.TIE, "uscc", "这名人员与这家机构的回避关系已经登记。"))
        tie.save()
        _keep("declared", tie, actor, f"申报回避关系：{tie.user.display_name}")
    return tie


def end(row: EnforcementSubject | Matter | Officer | Tie, *, reason: str, actor: Any) -> None:
    """It counts no more from today on. Raises Rejected 422 without a reason, 409 for what has ended already."""
    reason = reason.strip()
    if len(reason) < LEAST_REASON:
        raise Rejected(Problem("GEN-422", "reason", f"请写明理由，至少 {LEAST_REASON} 个字。"))
    if problems := refuse_id_number("reason", reason):
        raise Rejected(problems)
    manager: Any = type(row)._default_manager
    with transaction.atomic():
        locked = manager.select_for_update().get(pk=row.pk)
        if locked.ended_on is not None:
            raise Rejected(Problem(codes.ENDED, "", "已经不再有效，无需再次办理。"), status=409)
        locked.ended_on = today_here()
        locked.save(update_fields=["ended_on"])
        _keep("ended", locked, actor, f"{row._meta.verbose_name}不再有效（{reason}）", reason=reason)


def tell_ends(today: date) -> int:
    """Tell the head of each officer whose certificate ends soon, once for each last day; returns how many officers."""
    told = 0
    rows = Officer.objects.ending(today).exclude(told_for=F("valid_to")).select_related("user", "subject")
    for officer in rows.filter(subject__ended_on__isnull=True):
        heads = holders(Role.HEAD, department=officer.subject.department_id)
        if not heads:  # nobody to tell: asked again tomorrow
            continue
        with transaction.atomic():
            body = f"{officer.user.display_name}的执法证（{officer.certificate_no}）{in_words(officer.valid_to, today)}到期。"
            body += "到期后不能执法；换证后请在“执法人员”登记新的有效期。"
            notify(heads, title="执法证即将到期", body=body, url=f"{reverse('inspections:officers')}?state=ending")
            officer.told_for = officer.valid_to
            officer.save(update_fields=["told_for"])
        told += 1
    return told


def _keep(act: str, row: Any, actor: Any, summary: str, **data: str) -> None:
    name = getattr(row, "ACT", "recusal")
    log_event(f"{name}.{act}", subject=f"{row._meta.label_lower}:{row.pk}", summary=summary, actor=actor, data=data)
