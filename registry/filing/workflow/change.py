"""A change of what is filed: what was accepted goes on until the new receipt (domain.md §2.6)."""

from __future__ import annotations

from yancheng_childcare.forms import area

from ...choices import NoticeKind
from .. import effects as do
from .. import guards as must
from ..asks import CLAUSE, REASON
from .rows import (
    CHECK,
    CHIEF,
    CORRECTIONS,
    ISSUE,
    LETTER,
    NOTICE,
    OPERATOR,
    RECEIPT,
    REVIEWER,
    chief,
    complete,
    institution,
    no_proposal,
    own,
    reviewer,
    reviewers,
    row,
    signer,
    waits_for,
)

correction, refusal = do.send_notice(NoticeKind.CORRECTION), do.send_notice(NoticeKind.CHANGE_REFUSAL)

STEPS = [
    row("start_change", "办理变更备案", {"FILED"}, "CHANGING", OPERATOR, own, do.mark_institution("CHANGING"),
        needs=(must.registration_active,), unseen=True, matter="change",
        says=("已备案的内容全部带入，只改有变化的地方，没有变的不用重填、材料不用重传。",
              "改好后重新签署承诺书并提交；审查通过后换发回执。变更期间原备案继续有效。",
              "只改收费标准或备案联系人的，不用办变更：请选“更新收费与联系方式”，改了就生效，不换回执。",
              "实际经营地址变了的，不在这里办：请另选“迁址重新备案”。"),
        button="开始办理变更", done="可以修改了。只改有变化的栏目和材料，再提交变更。"),
    row("withdraw_change", "撤回变更", {"CHANGING"}, "FILED", OPERATOR, own, do.restore_accepted, do.close_review,
        do.mark_institution("FILED"), beside="lost", unseen=True, danger=True,
        says=("撤回后恢复为原来备案的内容，这次填写的改动不再保留；原备案继续有效。",),
        button="撤回变更，恢复原备案内容", done="已撤回变更，恢复为原来备案的内容。"),
    row("submit_change", "提交变更", {"CHANGING"}, "CHANGE_SUBMITTED", OPERATOR, own, do.hand_in,
        do.into_change_review, do.mark_institution("CHANGE_SUBMITTED"),
        needs=(*complete, must.replies_given, must.something_changed), emits="filing.submitted", route=CHECK,
        unseen=True, tells=(reviewers("收到变更备案申请"),)),
    row("return_change", "告知补正变更材料", {"CHANGE_SUBMITTED"}, "CHANGING", REVIEWER, reviewer, correction,
        do.mark_institution("CHANGING"), do.void_proposals(but="rescind"),
        needs=(must.not_paused, must.first_notice, must.something_to_correct), emits="filing.correction_requested",
        route=NOTICE, rank=1, unseen=True,
        tells=(institution("需要补正变更材料", "请{due}按告知书逐项补正后重新提交。", CORRECTIONS),)),
    row("approve_change", "予以变更并换发回执", {"CHANGE_SUBMITTED"}, "FILED", REVIEWER, reviewer, do.issue_receipt,
        do.close_review, do.mark_institution("FILED"), do.void_proposals(but="rescind"),
        needs=(must.not_paused, must.registration_active, must.all_items_pass, must.still_complete),
        emits="filing.changed", route=ISSUE,
        tells=(institution("变更备案已办结", "已换发回执 {receipt}，旧回执不再有效。", RECEIPT),)),
    row("propose_refusal", "提请不予变更", {"CHANGE_SUBMITTED"}, "", REVIEWER, reviewer,
        do.draft_decision(NoticeKind.CHANGE_REFUSAL), do.propose("refuse_change"),
        needs=(must.not_paused, must.no_other_proposal, must.reason_given, must.basis_given),
        proposes="refuse_change", part="proposal", fits=no_proposal, inside=True, unseen=True,
        says=("提请后由负责人签批。签批后原备案继续有效，本次变更的内容全部退回。",), button="提请负责人签批",
        asks=(("reason", area("不予变更的理由", hint=REASON)), CLAUSE), tells=(signer("有不予变更待签批"),)),
    row("refuse_change", "签批不予变更", {"CHANGE_SUBMITTED"}, "FILED", CHIEF, chief, do.use_proposal, refusal,
        do.restore_accepted, do.close_review, do.mark_institution("FILED"),
        needs=(must.not_paused, must.proposed_by_another("refuse_change")), danger=True,
        signs="不予变更", letter=NoticeKind.CHANGE_REFUSAL, part="proposal", rank=0, fits=waits_for("refuse_change"),
        unseen=True,
        says=("签批后原备案继续有效，机构本次填报的变更全部退回到变更前的内容；决定书立即发给机构。",),
        button="作出不予变更决定",
        tells=(institution("变更申请未获同意", "原备案继续有效。理由、依据和救济途径见{letter}。", LETTER),)),
]  # fmt: skip
