"""The transition table of a filing (domain.md §2.5): from, to, who, what must hold, what goes out."""

from __future__ import annotations

from typing import Any

from casework.steps import CaseType
from casework.types import SYSTEM, Guard, Step
from yancheng_childcare.choices import Role

from ..choices import LIVE_FILING, OPEN_FILING, NoticeKind
from ..models import Filing
from . import closing, visits
from . import effects as do
from . import guards as must
from .info import info_in_order, update_info
from .locks import lock_institution
from .messages import tell
from .publication import publish
from .review import covers
from .states import STATES

OPERATOR, REVIEWER, CHIEF, LEGAL = (
    frozenset({role.value}) for role in (Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.LEGAL)
)
MACHINE = frozenset({SYSTEM})
SERVING = frozenset({"FILED", "CHANGING", "CHANGE_SUBMITTED"})
REVIEW = frozenset({"SUBMITTED", "RECEIPTED", "VERIFYING", "CHANGE_SUBMITTED"})


def own(actor: Any, filing: Filing) -> bool:
    """The institution itself."""
    return any(duty.uscc == filing.institution.uscc for duty in actor.duties_as(Role.OPERATOR))


def in_area(role: str) -> Any:
    """An officer of this role whose area holds the institution, and who is not tied to it."""
    return lambda actor, filing: covers(actor, filing, role)


def second_reviewer(actor: Any, filing: Filing) -> bool:
    """复核岗: not the one who issued the receipt (domain.md §12.2)."""
    return covers(actor, filing, Role.REVIEWER) and actor.pk != filing.receipted_by_id


def anyone(actor: Any, filing: Filing) -> bool:
    """The system acts by the table."""
    return True


def row(
    name: str,
    label: str,
    sources: set[str] | frozenset[str] | tuple[str, ...],
    target: str,
    by: frozenset[str],
    may: Any,
    *effects: do.Effect,
    needs: tuple[Guard, ...] = (),
    emits: str = "",
    danger: bool = False,
) -> Step:
    """One line of the table; every step makes a new version of the record, a reviewer's takes a case nobody has."""
    if by == REVIEWER:
        effects = (do.take_over, *effects)
    return Step(name, label, frozenset(sources), target, by, may, needs, do.step(*effects), emits=emits, danger=danger)


reviewer, chief = in_area(Role.REVIEWER), in_area(Role.CHIEF)
complete = (must.registration_active, must.ready_to_submit)
correction, nonconforming = do.send_notice(NoticeKind.CORRECTION), do.send_notice(NoticeKind.NONCONFORMING)
sign = do.use_proposal

FILING = CaseType(
    Filing,
    "status",
    [
        # --- before the receipt
        row("submit", "提交备案", {"DRAFT"}, "SUBMITTED", OPERATOR, own, do.hand_in, do.into_review,
            needs=complete, emits="filing.submitted"),
        row("resubmit", "提交补正", {"SUPPLEMENT"}, "SUBMITTED", OPERATOR, own, do.hand_in, do.into_review,
            needs=(*complete, must.replies_given), emits="filing.submitted"),
        row("withdraw", "撤回修改", {"SUBMITTED"}, "DRAFT", OPERATOR, own, do.out_of_review),
        row("abandon", "放弃办理", {"DRAFT"}, "CANCELLED", OPERATOR, own, do.abandon, danger=True),
        row("lapse", "补正逾期退回", {"SUPPLEMENT"}, "DRAFT", MACHINE, anyone, do.out_of_review),
        row("return", "一次性告知补正", {"SUBMITTED"}, "SUPPLEMENT", REVIEWER, reviewer, correction, do.withdraw_proposals,
            needs=(must.not_paused, must.first_notice, must.something_to_correct),
            emits="filing.correction_requested"),
        row("propose_return", "提请再次告知", {"SUBMITTED"}, "", REVIEWER, reviewer, do.propose("return_again"),
            needs=(must.not_paused, must.no_other_proposal, must.reason_given, must.something_to_correct)),
        row("return_again", "签批再次告知", {"SUBMITTED"}, "SUPPLEMENT", CHIEF, chief, sign, correction,
            needs=(must.not_paused, must.proposed_by_another("return_again")), emits="filing.correction_requested"),
        row("propose_reject", "提请不予收件", {"SUBMITTED"}, "", REVIEWER, reviewer,
            do.draft_decision(NoticeKind.REJECTION), do.propose("reject"),
            needs=(must.not_paused, must.no_other_proposal, must.reason_given)),
        row("reject", "签批不予收件", {"SUBMITTED"}, "REJECTED", CHIEF, chief, sign, do.send_notice(NoticeKind.REJECTION),
            do.refuse_case, needs=(must.not_paused, must.proposed_by_another("reject")), danger=True),
        row("receipt", "出具备案回执", {"SUBMITTED"}, "RECEIPTED", REVIEWER, reviewer, do.issue_receipt,
            do.answered_in_time, do.mark_institution("RECEIPTED"), do.withdraw_proposals,
            needs=(must.not_paused, must.registration_active, must.all_items_pass, must.still_complete),
            emits="filing.recorded"),
        # --- verification on site
        row("verify", "指派现场核实", {"RECEIPTED"}, "VERIFYING", REVIEWER, second_reviewer, visits.assign,
            do.mark_institution("VERIFYING"), needs=(must.not_paused, must.two_officers)),
        row("reassign", "改派或改期", {"VERIFYING"}, "", REVIEWER, second_reviewer, visits.reassign,
            needs=(must.not_paused, visits.still_open, must.two_officers, visits.something_moved, must.reason_given)),
        row("confirm", "核实符合", {"VERIFYING"}, "FILED", REVIEWER, second_reviewer, do.close_review, do.accept_last,
            do.mark_institution("FILED"), do.void_proposals,
            needs=(must.not_paused, must.site_check_passed), emits="filing.confirmed"),
        row("propose_nonconform", "提请告知不符合", {"VERIFYING"}, "", REVIEWER, second_reviewer,
            do.propose("nonconform"),
            needs=(must.not_paused, must.no_other_proposal, must.reason_given, must.reasons_by_rule)),
        row("nonconform", "签发不符合告知", {"VERIFYING"}, "NONCONFORMING", CHIEF, chief, sign, nonconforming,
            do.mark_institution("NONCONFORMING"),
            needs=(must.not_paused, must.proposed_by_another("nonconform")), emits="filing.nonconforming",
            danger=True),
        row("rectify", "提交整改", {"NONCONFORMING"}, "VERIFYING", OPERATOR, own, do.hand_in, visits.again_on_site,
            do.mark_institution("VERIFYING"), needs=(*complete, must.replies_given)),
        # --- change
        row("start_change", "办理变更备案", {"FILED"}, "CHANGING", OPERATOR, own, do.mark_institution("CHANGING"),
            needs=(must.registration_active,)),
        row("withdraw_change", "撤回变更", {"CHANGING"}, "FILED", OPERATOR, own, do.restore_accepted, do.close_review,
            do.mark_institution("FILED")),
        row("submit_change", "提交变更", {"CHANGING"}, "CHANGE_SUBMITTED", OPERATOR, own, do.hand_in,
            do.into_change_review, do.mark_institution("CHANGE_SUBMITTED"),
            needs=(*complete, must.replies_given, must.something_changed), emits="filing.submitted"),
        row("return_change", "告知补正变更材料", {"CHANGE_SUBMITTED"}, "CHANGING", REVIEWER, reviewer, correction,
            do.mark_institution("CHANGING"), do.void_proposals,
            needs=(must.not_paused, must.first_notice, must.something_to_correct),
            emits="filing.correction_requested"),
        row("approve_change", "予以变更并换发回执", {"CHANGE_SUBMITTED"}, "FILED", REVIEWER, reviewer,
            do.issue_receipt, do.close_review, do.mark_institution("FILED"), do.void_proposals,
            needs=(must.not_paused, must.registration_active, must.all_items_pass, must.still_complete),
            emits="filing.changed"),
        row("propose_refusal", "提请不予变更", {"CHANGE_SUBMITTED"}, "", REVIEWER, reviewer,
            do.draft_decision(NoticeKind.CHANGE_REFUSAL), do.propose("refuse_change"),
            needs=(must.not_paused, must.no_other_proposal, must.reason_given, must.basis_given)),
        row("refuse_change", "签批不予变更", {"CHANGE_SUBMITTED"}, "FILED", CHIEF, chief, sign,
            do.send_notice(NoticeKind.CHANGE_REFUSAL), do.restore_accepted, do.close_review, do.mark_institution("FILED"),
            needs=(must.not_paused, must.proposed_by_another("refuse_change")), danger=True),
        # --- after filing
        row("update_info", "更新收费与联系方式", {"FILED"}, "", OPERATOR, own, update_info,
            needs=(must.registration_active, info_in_order)),
        row("confirm_year", "年度确认", {"FILED"}, "", OPERATOR, own, do.confirm_year, needs=(must.people_can_work,)),
        # Told at once, begun on its day: what is filed is an arrangement, beside a change that may be under way.
        row("suspend", "停业", SERVING | {"SUSPENDED"}, "", OPERATOR, own, closing.plan_closure,
            needs=(closing.public_reason, closing.closure_announced)),
        row("begin_suspension", "开始停业", {"FILED"}, "SUSPENDED", MACHINE, anyone, closing.begin_suspension,
            do.mark_institution("SUSPENDED"), needs=(closing.suspension_due,), emits="institution.suspended"),
        row("withdraw_suspension", "撤回停业安排", SERVING, "", OPERATOR, own, closing.withdraw_plan(final=False),
            needs=(closing.plan_waits(final=False),)),
        row("resume_service", "恢复服务", {"SUSPENDED"}, "FILED", OPERATOR, own, closing.back_in_service,
            do.mark_institution("FILED"), needs=(must.registration_active, must.people_can_work),
            emits="institution.resumed"),
        row("request_closure", "申请终止服务", LIVE_FILING, "", OPERATOR, own, closing.plan_closure,
            needs=(closing.public_reason, closing.closure_announced)),
        row("withdraw_closure", "撤回终止申请", LIVE_FILING, "", OPERATOR, own, closing.withdraw_plan(final=True),
            needs=(closing.plan_waits(final=True),)),
        row("cancel", "注销备案", {"RECEIPTED", "FILED", "NONCONFORMING", "SUSPENDED"}, "CANCELLED", REVIEWER, reviewer,
            do.end, do.mark_institution("CANCELLED"), needs=(must.short_reason, closing.closure_complete),
            emits="filing.cancelled", danger=True),
        row("follow", "随登记终止注销", (*OPEN_FILING, *LIVE_FILING), "CANCELLED", MACHINE, anyone, do.end,
            do.mark_institution("CANCELLED"), emits="filing.cancelled"),
        row("supersede", "由新备案替代", LIVE_FILING, "CANCELLED", MACHINE, anyone, do.end, emits="filing.cancelled"),
        row("propose_rescind", "提请撤销备案", LIVE_FILING, "", REVIEWER, reviewer, do.draft_decision(NoticeKind.RESCISSION),
            do.propose("rescind"), needs=(must.no_other_proposal, must.reason_given, must.basis_given)),
        row("legal_review", "法制审核", LIVE_FILING, "", LEGAL, in_area(Role.LEGAL), do.legal_opinion,
            needs=(must.reason_given, must.rescission_proposed)),
        row("rescind", "签批撤销备案", LIVE_FILING, "RESCINDED", CHIEF, chief, sign,
            do.send_notice(NoticeKind.RESCISSION), do.end, do.mark_institution("RESCINDED"),
            needs=(must.proposed_by_another("rescind"), must.legal_agreed), emits="filing.rescinded", danger=True),
        row("refuse_proposal", "不同意提议", REVIEW | frozenset(LIVE_FILING), "", CHIEF, chief, do.refuse_proposal,
            needs=(must.any_proposal_by_another, must.reason_given)),
        # --- clocks
        row("pause", "暂停计时", REVIEW, "", REVIEWER, reviewer, do.pause, needs=(must.legal_pause,)),
        row("resume", "恢复计时", REVIEW, "", REVIEWER, reviewer, do.resume, needs=(must.is_paused,)),
    ],
    record=publish,
    after=tell,
    lock_first=lock_institution,
    rows=Filing.objects.for_a_step,
    states=STATES,
)  # fmt: skip

# The steps that hand in: their page is check-your-answers.
HANDING_IN = ("submit", "resubmit", "submit_change", "rectify")
# Taken by nobody's hand.
SYSTEM_STEPS = frozenset(name for name, t in FILING.steps.items() if t.by == MACHINE)
# Where the one who issued the receipt may not go on (domain.md §12.2).
SECOND_PERSON = tuple(
    {source for step in FILING.steps.values() if step.may is second_reviewer for source in step.sources}
)
FILING.guard_status()


def hands_in(filing: Filing) -> str:
    """The step by which the institution hands in what it wrote; "" when it is not its turn."""
    return next((name for name in HANDING_IN if filing.status in FILING.steps[name].sources), "")
