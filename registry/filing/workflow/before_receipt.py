"""From the first word typed to the receipt, or to a letter that asks or refuses (domain.md §2.5)."""

from __future__ import annotations

from yancheng_childcare.forms import area, line

from ...choices import NoticeKind
from .. import effects as do
from .. import guards as must
from ..asks import REASON
from .rows import (
    CHECK,
    CHIEF,
    CORRECTIONS,
    ISSUE,
    LETTER,
    MACHINE,
    NOTICE,
    OPERATOR,
    RECEIPT,
    REVIEWER,
    anyone,
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

correction, refusal = do.send_notice(NoticeKind.CORRECTION), do.send_notice(NoticeKind.REJECTION)

STEPS = [
    row("submit", "提交备案", {"DRAFT"}, "SUBMITTED", OPERATOR, own, do.hand_in, do.into_review,
        needs=complete, emits="filing.submitted", route=CHECK, tells=(reviewers("收到新的备案申请"),)),
    row("resubmit", "提交补正", {"SUPPLEMENT"}, "SUBMITTED", OPERATOR, own, do.hand_in, do.into_review,
        needs=(*complete, must.replies_given), emits="filing.submitted", route=CHECK, tells=(reviewers("补正已提交"),)),
    row("withdraw", "撤回修改", {"SUBMITTED"}, "DRAFT", OPERATOR, own, do.out_of_review,
        says=("撤回后备案回到草稿，填写的内容和材料都保留，可以修改后重新提交。",
              "审查部门的办理时限随之停止；重新提交后重新起算。"),
        button="撤回这次提交", done="已撤回，备案回到草稿。"),
    row("abandon", "放弃办理", {"DRAFT"}, "CANCELLED", OPERATOR, own, do.abandon, danger=True,
        says=("放弃后这件备案不再继续，也不能恢复；已经填写的内容和材料留存。从未提交过的，只有本机构能看到；"
              "提交过的，备案机关也能看到。",
              "以后需要备案的，可以另行新建，上次填写的内容会自动带入。原有的有效备案不受影响。"),
        button="放弃这件备案", done="已放弃这件备案。需要时可以另行新建。"),
    row("lapse", "补正逾期退回", {"SUPPLEMENT"}, "DRAFT", MACHINE, anyone, do.out_of_review,
        tells=(institution("补正期已过，备案退回草稿", "补正期已于{lapsed}届满。填写的内容都还在，修改后可以重新提交。"),)),
    row("return", "一次性告知补正", {"SUBMITTED"}, "SUPPLEMENT", REVIEWER, reviewer, correction, do.withdraw_proposals,
        needs=(must.not_paused, must.first_notice, must.something_to_correct), emits="filing.correction_requested",
        route=NOTICE, rank=1,
        tells=(institution("需要补正备案材料", "请{due}按一次性告知书逐项补正并重新提交，其他内容不用重填。", CORRECTIONS),)),
    row("propose_return", "提请再次告知", {"SUBMITTED"}, "", REVIEWER, reviewer, do.propose("return_again"),
        needs=(must.not_paused, must.no_other_proposal, must.reason_given, must.something_to_correct),
        proposes="return_again", route=NOTICE, rank=1, fits=no_proposal, inside=True, unseen=True,
        button="提请负责人签批",
        asks=(("reason", area("首次没有告知的原因", 300,
               "不少于 4 个字；原因会写入告知书，并计入统计，例如：首次提交缺少该页，无从发现")),),
        tells=(signer("有再次告知待签批"),)),
    row("return_again", "签批再次告知", {"SUBMITTED"}, "SUPPLEMENT", CHIEF, chief, do.use_proposal, correction,
        needs=(must.not_paused, must.proposed_by_another("return_again")), emits="filing.correction_requested",
        signs="再次告知补正", route=NOTICE, rank=1, fits=waits_for("return_again"),
        tells=(institution("需要再次补正备案材料", "请{due}逐项补正并重新提交。告知书写明了首次没有告知的原因。",
                           CORRECTIONS),)),
    row("propose_reject", "提请不予收件", {"SUBMITTED"}, "", REVIEWER, reviewer,
        do.draft_decision(NoticeKind.REJECTION), do.propose("reject"),
        needs=(must.not_paused, must.no_other_proposal, must.reason_given),
        proposes="reject", part="proposal", rank=3, fits=no_proposal, inside=True, unseen=True,
        says=("不予收件只用于不属于备案范围或不属于本辖区的情形；材料不齐的应当一次性告知补正，不能不予收件。"
              "提请后由负责人签批，签批前不发给机构。",),
        button="提请负责人签批",
        asks=(("reason", area("不予收件的理由", hint=REASON)),
              ("clause", line("依据", 200, "文件名称和条款")),
              ("competent", line("应当去的机关", 100, "例如：盐都区卫生健康委员会"))),
        tells=(signer("有不予收件待签批"),)),
    row("reject", "签批不予收件", {"SUBMITTED"}, "REJECTED", CHIEF, chief, do.use_proposal, refusal, do.refuse_case,
        needs=(must.not_paused, must.proposed_by_another("reject")), danger=True,
        signs="不予收件", letter=NoticeKind.REJECTION, part="proposal", rank=0, fits=waits_for("reject"),
        says=("签批后本件办结，告知书立即发给机构。",), button="作出不予收件决定",
        tells=(institution("备案不予收件", "理由、应当办理的机关和救济途径见{letter}。", LETTER),)),
    row("receipt", "出具备案回执", {"SUBMITTED"}, "RECEIPTED", REVIEWER, reviewer, do.issue_receipt,
        do.answered_in_time, do.mark_institution("RECEIPTED", issued=True), do.withdraw_proposals,
        needs=(must.not_paused, must.registration_active, must.all_items_pass, must.still_complete),
        emits="filing.recorded", route=ISSUE,
        tells=(institution("备案回执已出具",
                           "回执编号 {receipt}。请下载回执和基本条件告知书并按告知书自查，随后会安排现场核实。", RECEIPT),)),
]  # fmt: skip
