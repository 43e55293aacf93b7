"""The step table of a public report: answered once by its owner, or handed to the other body of its county."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from django.urls import reverse
from django.utils import timezone

from casework.steps import Workflow
from casework.types import Step
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import stop_deadlines, today_here
from yancheng_childcare.models import Deadline, Department
from yancheng_childcare.notifications import holders, settle
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.tasks import hand_over
from yancheng_childcare.unmasking import keep_look
from yancheng_childcare.workdays import by_day

from ..choices import ReportOutcome, ReportStatus
from ..codes import register as codes
from ..models import Institution, PublicReport
from . import tasks
from .reporting import CLOCK, STAFF, TEXT_MAX, TEXT_MIN, is_email, tell_owner

logger = structlog.get_logger("registry")
OPEN = ReportStatus.OPEN.value
REASON_MIN, REASON_MAX = 4, 200


def handles(actor: Any, report: PublicReport) -> bool:
    """Staff of the owning department; for a health department also the reviewers and chiefs of its area."""
    if any(duty.department_id == report.owner_id for duty in actor.duties_as(*STAFF)):
        return True
    regions = {duty.region_id for duty in actor.duties_as(Role.REVIEWER, Role.CHIEF)}
    return bool(regions) and report.owner.kind == "HEALTH" and report.owner.region_id in regions


def receivers(report: PublicReport) -> list[Department]:
    """Where it may be handed: the registration authority of its institution, the health department of its county."""
    found = list(Department.objects.select_related("region").filter(kind="HEALTH", region_id=report.region_id)[:1])
    if report.uscc:
        place = Institution.objects.select_related("registry_org__region").filter(uscc=report.uscc).first()
        found += [place.registry_org] if place is not None else []
    return [department for department in found if department.pk != report.owner_id]


def answer_given(report: PublicReport, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """An outcome, and an answer the reporter can understand."""
    if data.get("outcome") not in ReportOutcome.values:
        yield Problem(codes.ANSWER, "outcome", "请选择办理结果。")
    if not TEXT_MIN <= len(str(data.get("answer") or "").strip()) <= TEXT_MAX:
        yield Problem(codes.ANSWER, "answer", f"请写明怎样核实、怎样处理，{TEXT_MIN} 到 {TEXT_MAX} 个字。")


def receiver_known(report: PublicReport, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """One of the bodies it may be handed to, and why."""
    if data.get("owner") not in {department.pk for department in receivers(report)}:
        yield Problem(codes.OWNER, "owner", "请选择转给哪个单位：机构的登记机关，或所在县（市、区）的卫生健康部门。")
    if not REASON_MIN <= len(str(data.get("reason") or "").strip()) <= REASON_MAX:
        yield Problem(codes.OWNER, "reason", "请写明转办的理由，4 到 200 个字。")


def keep_answer(report: PublicReport, actor: Any, data: dict[str, Any]) -> None:
    """The answer with who gave it and when."""
    report.outcome, report.answer = data["outcome"], data["answer"].strip()
    report.answered_by, report.answered_at = actor, timezone.now()
    report.record_version += 1


def change_owner(report: PublicReport, actor: Any, data: dict[str, Any]) -> None:
    """The clock goes on: the reporter was told a day."""
    report.owner = next(department for department in receivers(report) if department.pk == data["owner"])
    report.transfers += 1
    report.record_version += 1


def record(case: Any, step: Step, actor: Any, data: dict[str, Any]) -> None:
    """Keep the act; stop the clock of an answer, tell the new owner of a transfer. What was told before is settled."""
    report: PublicReport = case
    told = holders(*STAFF, Role.HEALTH_CITY, region_prefix=report.region.prefix)
    settle(told, reverse("public:report", args=[report.no]))
    kept: dict[str, Any] = {"owner": report.owner_id}
    if step.name == "answer":
        stop_deadlines(report.subject, CLOCK, today=today_here())
        kept["outcome"] = report.outcome
        summary = f"答复公众报错 {report.no}：{report.get_outcome_display()}"
    else:
        reason = data["reason"].strip()
        kept["reason"] = reason
        summary = f"公众报错 {report.no} 转{report.owner.name}：{reason}"
        clock = Deadline.objects.running().of(report.subject).filter(code=CLOCK).first()
        until = f"，请于{by_day(clock.due_on)}答复" if clock else ""
        tell_owner(
            report,
            title="转来公众报错",
            body=f"{report.no} 转由{report.owner.name}承办，答复期限不变{until}。理由：{reason}",
        )
    log_event(
        f"public_report.{step.name}",
        subject=report.subject,
        summary=summary,
        actor=actor,
        region_prefix=report.region.prefix,
        data=kept,
    )


def send_answer(report: PublicReport, step: Step, actor: Any) -> None:
    """Mail the answer to those who left an address; the answer stands whether the queue is there or not."""
    if step.name == "answer" and is_email(report.contact) and not hand_over(tasks.send_report_answer, report.no):
        logger.warning("report_answer_not_mailed", no=report.no, fault="queue")


def reveal_contact(*, report: PublicReport, reason: str, actor: Any) -> str:
    """How to reach the reporter, after the look was kept with its reason. Raises Rejected 403, 404 or 422."""
    if not handles(actor, report):
        raise Rejected(Problem("GEN-403", "", "只有承办单位的经办人可以查看报错人的联系方式。"), status=403)
    if not report.contact:
        raise Rejected(Problem("GEN-404", "", "报错人没有留联系方式。"), status=404)
    if not REASON_MIN <= len(reason.strip()) <= REASON_MAX:
        raise Rejected(Problem(codes.LOOK, "look", "请写明查看联系方式的事由，4 到 200 个字，事由会留存备查。"))
    keep_look(
        subject=report.subject,
        summary=f"查看公众报错 {report.no} 的联系方式",
        actor=actor,
        region_prefix=report.region.prefix,
        data={"field": "contact", "reason": reason.strip()},
    )
    return report.contact


REPORT = Workflow(
    PublicReport,
    "status",
    [
        Step(
            "answer",
            "答复",
            frozenset({OPEN}),
            ReportStatus.ANSWERED.value,
            by=frozenset(STAFF),
            may=handles,
            needs=(answer_given,),
            effect=keep_answer,
        ),
        Step(
            "transfer",
            "转办",
            frozenset({OPEN}),
            "",
            by=frozenset(STAFF),
            may=handles,
            needs=(receiver_known,),
            effect=change_owner,
        ),
    ],
    record=record,
    after=send_answer,
)
REPORT.guard_status()


def answer_report(
    *, report: PublicReport, outcome: str, answer: str, actor: Any, expected_version: int
) -> PublicReport:
    """Answer a report, once and for good. Raises Rejected as `Workflow.run` does."""
    return REPORT.run(report, "answer", actor, expected_version=expected_version, outcome=outcome, answer=answer)


def transfer_report(
    *, report: PublicReport, owner: str, reason: str, actor: Any, expected_version: int
) -> PublicReport:
    """Hand a report to the other body of its county. Raises Rejected as `Workflow.run` does."""
    return REPORT.run(report, "transfer", actor, expected_version=expected_version, owner=owner, reason=reason)
