"""撤销备案 with its three persons, the second signature refused, and the clocks that stand still (domain.md §2.5)."""

from __future__ import annotations

from yancheng_childcare.forms import area, choice

from ...choices import FILING_IN_REVIEW, LIVE_FILING, NoticeKind, PauseReason
from .. import effects as do
from .. import guards as must
from ..asks import CLAUSE
from .rows import (
    CHIEF,
    LEGAL,
    LETTER,
    REVIEWER,
    chief,
    institution,
    lawyer,
    legal,
    no_proposal,
    proposer,
    reviewer,
    row,
    signer,
    waits_for,
)

STEPS = [
    row("propose_rescind", "提请撤销备案", LIVE_FILING, "", REVIEWER, reviewer,
        do.draft_decision(NoticeKind.RESCISSION), do.propose("rescind"),
        needs=(must.no_other_proposal, must.reason_given, must.basis_given),
        proposes="rescind", part="proposal", fits=no_proposal, inside=True, unseen=True,
        says=("撤销用于查实以欺骗等不正当手段取得备案的情形。提请后先由法制审核，再由负责人签批；三个步骤须由不同的人办理。",),
        button="提请撤销备案",
        asks=(("reason", area("撤销的理由", hint="写明查实的事实和证据；会告知机构并留存，不写个人信息")), CLAUSE),
        tells=(lawyer("有撤销备案待法制审核"),)),
    row("legal_review", "法制审核", LIVE_FILING, "", LEGAL, legal, do.legal_opinion,
        needs=(must.reason_given, must.proposed_for_review("rescind")), part="proposal", rank=0, inside=True, unseen=True,
        fits=lambda filing, pending: pending.get("step") == "rescind" and not pending.get("legal"),
        says=("审核意见随案留存。不同意的，负责人不能签批撤销。",), button="提交审核意见",
        asks=(("agrees", choice("审核结论", [("yes", "同意撤销"), ("no", "不同意撤销")])),
              ("reason", area("审核意见", hint="事实、证据、程序和依据是否成立，不少于 4 个字"))),
        tells=(signer("撤销备案已完成法制审核"),)),
    row("rescind", "签批撤销备案", LIVE_FILING, "RESCINDED", CHIEF, chief, do.use_proposal,
        do.send_notice(NoticeKind.RESCISSION), do.end, do.mark_institution("RESCINDED"),
        needs=(must.proposed_by_another("rescind"), must.legal_agreed), emits="filing.rescinded", danger=True,
        signs="撤销备案", letter=NoticeKind.RESCISSION, part="proposal", rank=0, fits=waits_for("rescind"),
        says=("撤销后备案自始不再有效，回执作废，公开页面和扫码核验显示“备案已撤销”，并通知有关部门；"
              "决定书立即发给机构。撤销不能撤回。",),
        button="作出撤销备案决定",
        tells=(institution("备案已撤销", "备案已于{ended}撤销。理由、依据和救济途径见{letter}。", LETTER),)),
    row("refuse_proposal", "不同意提议", {*FILING_IN_REVIEW, *LIVE_FILING}, "", CHIEF, chief, do.refuse_proposal,
        needs=(must.any_proposal_by_another, must.reason_given), part="proposal", rank=3,
        fits=lambda filing, pending: bool(pending), inside=True, unseen=True,
        says=("不同意后提议作废，案件停在原处，由受理人员重新办理。",), button="不同意这个提议",
        asks=(("reason", area("不同意的理由", hint="不少于 4 个字，会告知提出人并留存")),), tells=(proposer,)),
    row("pause", "暂停计时", FILING_IN_REVIEW, "", REVIEWER, reviewer, do.pause, needs=(must.legal_pause,),
        fits=lambda filing, pending: not filing.pause_reason, unseen=True,
        says=("暂停后各项办理时限停止计算，事由显示在机构的办理进度中；恢复后继续计算，暂停的天数顺延。",),
        button="暂停计时", asks=(("cause", choice("暂停的事由", list(PauseReason.choices))),),
        tells=(institution("办理时限已暂停", "暂停的事由：{pause}。恢复后继续计时。"),)),
    row("resume", "恢复计时", FILING_IN_REVIEW, "", REVIEWER, reviewer, do.resume, needs=(must.is_paused,),
        part="clocks", rank=1, fits=lambda filing, pending: bool(filing.pause_reason), unseen=True,
        says=("恢复后各项办理时限继续计算，暂停的天数顺延。",), button="恢复计时",
        tells=(institution("办理时限已恢复计时", "备案机关应{theirs}办结。"),)),
]  # fmt: skip
