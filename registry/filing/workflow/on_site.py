"""The verification on site: who goes, what they found, what follows from it (domain.md §2.5, §5.3)."""

from __future__ import annotations

from yancheng_childcare.forms import area

from ...choices import NoticeKind
from .. import effects as do
from .. import guards as must
from .. import visits
from ..asks import VISIT
from .rows import (
    CHECK,
    CHIEF,
    CORRECTIONS,
    OPERATOR,
    REVIEWER,
    chief,
    complete,
    institution,
    no_proposal,
    officers,
    officers_instead,
    own,
    reviewers,
    row,
    second_reviewer,
    signer,
    waits_for,
)

STEPS = [
    row("verify", "指派现场核实", {"RECEIPTED"}, "VERIFYING", REVIEWER, second_reviewer, visits.assign,
        do.mark_institution("VERIFYING"), needs=(must.not_paused, must.two_officers), rank=1,
        says=("指派后，核实人员会收到任务，机构会收到通知。核实人员至少 2 人，与机构有关联的应当回避。",),
        button="指派现场核实", asks=VISIT,
        tells=(institution("将进行现场核实", "{officers}计划于{planned}到{address}现场核实，会出示证件，请准备好材料原件。"),
               officers)),
    row("reassign", "改派或改期", {"VERIFYING"}, "", REVIEWER, second_reviewer, visits.reassign,
        needs=(must.not_paused, visits.still_open, must.two_officers, visits.something_moved, must.reason_given),
        part="visit", rank=3, fits=lambda filing, pending: bool(getattr(filing, "visiting", False)), unseen=True,
        remark_inside=True,
        says=("办理后，换下的、新派的和继续承担的核实人员以及机构都会收到通知。有人被换下的，已填的结果作为此前记录留存，"
              "由现在的核实人员逐项重新核实；没有人被换下的，已填的结果继续有效。",),
        button="改派或改期",
        asks=(*VISIT, ("reason", area("改派或改期的理由", hint="不少于 4 个字；随案留存，不发给机构，不写健康等个人信息"))),
        tells=(institution("现场核实有调整", "改由{officers}于{planned}到{address}现场核实，会出示证件，请准备好材料原件。"),
               officers_instead)),
    row("confirm", "核实符合", {"VERIFYING"}, "FILED", REVIEWER, second_reviewer, do.close_review, do.accept_last,
        do.mark_institution("FILED"), do.void_proposals(but="rescind"), needs=(must.not_paused, must.site_check_passed),
        emits="filing.confirmed", part="site_check", rank=1,
        says=("确认后备案状态变为“已备案”，公开页面随即更新，托位计入统计。",), button="确认核实符合",
        tells=(institution("现场核实符合，备案完成", "备案信息已在公开页面更新。"),)),
    row("propose_nonconform", "提请告知不符合", {"VERIFYING"}, "", REVIEWER, second_reviewer, do.propose("nonconform"),
        needs=(must.not_paused, must.no_other_proposal, must.reason_given, must.reasons_by_rule),
        proposes="nonconform", part="site_check", rank=3, fits=no_proposal, inside=True, unseen=True,
        says=("提请后由负责人签批。签批前不发给机构，也不公开。每一条都要写明依据的文件和条款。",),
        button="提请负责人签批", asks=(("reason", area("提请的说明", hint="写给负责人，不少于 4 个字；不发给机构")),),
        tells=(signer("有不符合告知待签批"),)),
    row("nonconform", "签发不符合告知", {"VERIFYING"}, "NONCONFORMING", CHIEF, chief, do.use_proposal,
        do.send_notice(NoticeKind.NONCONFORMING), do.mark_institution("NONCONFORMING"),
        needs=(must.not_paused, must.proposed_by_another("nonconform")), emits="filing.nonconforming", danger=True,
        signs="告知不符合", part="nonconforming", rank=0, fits=waits_for("nonconform"), remark_inside=True,
        says=("签发后告知书立即发给机构，责令限期改正；机构名称、理由摘要和期限向社会公开。",), button="作出不符合决定",
        tells=(institution("备案内容不符合标准规范", "请{due}按告知书逐条整改并提交复核。理由摘要已向社会公开。",
                           CORRECTIONS),)),
    row("rectify", "提交整改", {"NONCONFORMING"}, "VERIFYING", OPERATOR, own, do.hand_in, visits.again_on_site,
        do.mark_institution("VERIFYING"), needs=(*complete, must.replies_given), route=CHECK,
        tells=(institution("整改已提交，将再次现场核实",
                           "{officers}计划于{planned}到{address}核实整改情况，会出示证件，请准备好材料原件。"),
               reviewers("整改已提交，请复核"), officers)),
]  # fmt: skip
