"""What of an inspection becomes public, and what became of each finding (domain.md §5.8; domain-2.md B2.7, A1 rows 4, 5).

Own field alone; of a finding the words of the checklist, never what an officer wrote of it. Penalties and warnings are not
here: they have one place, which is not ours (国办发〔2025〕22号).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from casework.documents.wording import chinese_date
from casework.models import Case
from casework.types import CaseStep
from registry.register.results import lock_institution, show_result, withdraw_result
from yancheng_childcare.models import Deadline

from .choices import ResultClass, Verdict
from .models import OrderLine
from .powers import may_order

RESCINDED = "RESCINDED"
PUT_RIGHT_CLOCK = "DL-RECTIFY"
# What an order's end means for its findings; one that was rescinded is no finding any more.
ENDED = {"CORRECTED": "CORRECTED", "GONE": "GONE"}
NEWS = {
    "inspection.rectified": "问题已改正",
    "inspection.overdue": "整改逾期",
    "inspection.rescinded": "责令改正已撤销",
}
WORDS = {
    "FIXED": "已当场改正",
    "ADVICE": "建议改进",
    "PENDING": "待后续处理",
    "ORDERED": "已责令改正",
    "OVERDUE": "整改逾期",
    "GONE": "机构已终止",
}


def lock_place(case: Case) -> None:
    """The institution above the case, before the case itself: every writer of the register locks in this order."""
    lock_institution(case.uscc)


def show_visit(case: Case, step: CaseStep) -> None:
    """A step of an inspection: published, or taken back."""
    if step.result == "PUBLISHED":
        shown = facts_of(case)
        show_result(case.uscc, shown, news=shown["result_text"])
    elif step.result == RESCINDED:
        withdraw_result(case.uscc, case.no)


def show_order(case: Case, step: CaseStep) -> None:
    """A step of an order: the published result of its inspection says how it stands now."""
    visit = case.parent
    if visit is not None and visit.result == "PUBLISHED":
        show_result(case.uscc, facts_of(visit), news=NEWS.get(step.emits, ""), anew=step.result == RESCINDED)


def facts_of(case: Case) -> dict[str, Any]:
    """The public facts of an inspection, JSON; see `registry.register.results.FACTS`. Three queries."""
    visit, orders = case.body, _orders(case)
    field = visit.subject.field
    mine = [line for line in visit.lines.select_related("item") if field in line.item.fields]
    wrong = [line for line in mine if line.verdict == Verdict.NOT_MET and _result_of(orders, line) != RESCINDED]
    taken_back = visit.result_class == ResultClass.ORDERED and not wrong
    return {
        "no": case.no,
        "on": timezone.localdate(visit.arrived_at).isoformat(),
        "published_on": visit.published_on.isoformat(),
        "kind": visit.get_kind_display(),
        "body": visit.subject.acts_as,
        "matter": visit.matter.name,
        "looked": sum(line.verdict in {Verdict.MET, Verdict.NOT_MET} for line in mine),
        "not_met": len(wrong),
        "result": RESCINDED if taken_back else visit.result_class,
        "result_text": "责令改正已撤销" if taken_back else ResultClass(visit.result_class).label,
        "findings": [_finding(line, field, orders.get(line.pk)) for line in wrong],
    }


def _orders(case: Case) -> dict[int, tuple[Case, bool, date | None]]:
    """Finding → its order, whether its overdue is shown, and its last day."""
    rows = OrderLine.objects.filter(line__visit=case.body).select_related("order__case")
    found = {row.line_id: row.order for row in rows}
    days = dict(
        Deadline.objects.running()
        .filter(subject__in={order.case.subject for order in found.values()}, code=PUT_RIGHT_CLOCK)
        .values_list("subject", "due_on")
    )
    return {pk: (order.case, order.overdue_shown, days.get(order.case.subject)) for pk, order in found.items()}


def _result_of(orders: dict[int, tuple[Case, bool, date | None]], line: Any) -> str:
    return orders[line.pk][0].result if line.pk in orders else ""


def _finding(line: Any, field: str, order: tuple[Case, bool, date | None] | None) -> dict[str, Any]:
    state, day = _state(line, field, order)
    words = WORDS.get(state, "")
    if state == "RECTIFYING":
        words = f"整改中（限期{chinese_date(day)}）" if day else "整改中"
    elif state == "CORRECTED" and day:
        words = f"已改正（{chinese_date(day)}）"
    return {"text": line.item.text, "state": state, "state_text": words, "day": day.isoformat() if day else None}


def _state(line: Any, field: str, order: tuple[Case, bool, date | None] | None) -> tuple[str, date | None]:
    """What became of a finding, and the day that belongs to it."""
    if line.fixed_on_spot:
        return "FIXED", None
    if order is None:
        return ("PENDING" if may_order(field, line.item.fields, binding=line.item.binding) else "ADVICE"), None
    case, overdue, due = order
    if case.result:
        return ENDED[case.result], case.closed_on if case.result == "CORRECTED" else None
    if overdue:
        return "OVERDUE", due
    return ("ORDERED", None) if case.status == "ISSUED" else ("RECTIFYING", due)


def visit_payload(case: Case) -> dict[str, Any]:
    """What departments are pushed of an inspection: the class of the result, how many items, no finding."""
    visit = case.body
    return {
        "inspected_on": timezone.localdate(visit.arrived_at).isoformat(),
        "published_on": visit.published_on.isoformat() if visit.published_on else None,
        "kind": visit.kind,
        "result_class": visit.result_class,
        "not_met": facts_of(case)["not_met"],
    }


def order_payload(case: Case) -> dict[str, Any]:
    """Of an order: which inspection, how severe, until when."""
    body = case.body
    clock = Deadline.objects.of(case.subject).filter(code=PUT_RIGHT_CLOCK).order_by("-id").first()
    return {
        "inspection_no": case.parent.no if case.parent else "",
        "severity": body.severity,
        "due_on": clock.due_on.isoformat() if clock else None,
        "closed_on": case.closed_on.isoformat() if case.closed_on else None,
    }


def referral_payload(case: Case) -> dict[str, Any]:
    """Of a referral: from whom, in which field; what was seen stands in the case alone."""
    body = case.body
    return {
        "from_no": case.parent.no if case.parent else "",
        "sender": {"code": body.sender_id, "name": body.sender.name},
        "field": body.field,
        "urgent": body.urgent,
    }
