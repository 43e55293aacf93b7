"""Who is told what when a filing moves: the institution, the reviewers of the area, the chief."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from yancheng_childcare.choices import Role
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.workflow import Transition

from ..models import Filing
from .remedies import remedies

# What the institution reads, by step; steps not named are its own doing.
TO_INSTITUTION = {
    "return": ("需要补正备案材料", "请按一次性告知书逐项补正，补正期内提交即可，其他内容不用重填。"),
    "return_again": ("需要再次补正备案材料", "告知书写明了首次没有告知的原因，请逐项补正。"),
    "return_change": ("需要补正变更材料", "请按告知书逐项补正后重新提交。"),
    "lapse": ("补正期已过，备案退回草稿", "填写的内容都还在，修改后可以重新提交。"),
    "reject": ("备案不予收件", "请查看告知书中的理由和应当办理的机关。"),
    "receipt": ("备案回执已出具", "请下载备案回执和基本条件告知书，并按告知书自查。随后会安排现场核实。"),
    "verify": ("将进行现场核实", "核实人员会出示证件，请准备好材料原件。"),
    "confirm": ("现场核实符合，备案完成", "备案信息已在公开页面更新。"),
    "nonconform": ("备案内容不符合标准规范", "请按告知书逐条整改，整改后提交复核。理由摘要已向社会公开。"),
    "approve_change": ("变更备案已办结", "已换发回执，旧回执不再有效。"),
    "refuse_change": ("变更申请未获同意", "原备案继续有效，理由见办理记录。"),
    "begin_suspension": (
        "今天起停业",
        "停业期间不得收托婴幼儿，公开页面已显示停业。恢复服务前，请先在这里办理恢复。",
    ),
    "cancel": ("备案已注销", "公开页面已更新。"),
    "follow": ("备案已随登记终止注销", "登记已经终止，备案一并注销。如有疑问请联系登记机关。"),
    "rescind": ("备案已撤销", "撤销理由见办理记录。"),
    "pause": ("办理时限已暂停", "暂停的事由显示在办理进度中，恢复后继续计时。"),
    "resume": ("办理时限已恢复计时", "新的届满日显示在办理进度中。"),
}
# Decisions against the institution that have no letter of their own: the message says how to object.
AGAINST = frozenset({"refuse_change", "rescind"})
TO_REVIEWERS = {
    "submit": "收到新的备案申请",
    "resubmit": "补正已提交",
    "rectify": "整改已提交，请复核",
    "submit_change": "收到变更备案申请",
    "request_closure": "机构申请终止服务",
    "withdraw_closure": "机构撤回终止服务申请",
    "suspend": "机构提交停业安排",
    "withdraw_suspension": "机构撤回停业安排",
    "update_info": "机构更新了收费或联系方式",
}
TO_CHIEF = {
    "propose_return": "有再次告知待签批",
    "propose_reject": "有不予收件待签批",
    "propose_nonconform": "有不符合告知待签批",
    "propose_refusal": "有不予变更待签批",
    "legal_review": "撤销备案已完成法制审核",
}


def tell(filing: Filing, transition: Transition, actor: Any) -> None:
    """Leave the messages of one step; called once the step is committed."""
    institution, name = filing.institution, transition.name
    prefix = institution.region.prefix
    if words := TO_INSTITUTION.get(name):
        title, body = words
        if name in AGAINST:
            body += remedies(filing)
        notify(
            holders(Role.OPERATOR, uscc=institution.uscc),
            title=title,
            body=f"{institution.name}（{filing.no}）：{body}",
            url=reverse("filing:case", args=[filing.no]),
        )
    if title := TO_REVIEWERS.get(name, ""):
        users = [filing.assigned_to] if filing.assigned_to_id else holders(Role.REVIEWER, region_prefix=prefix)
        _staff(users, filing, title)
    if title := TO_CHIEF.get(name, ""):
        _staff(holders(Role.CHIEF, region_prefix=prefix), filing, title)
    if name == "propose_rescind":
        _staff(holders(Role.LEGAL, region_prefix=prefix), filing, "有撤销备案待法制审核")
    if name == "verify":
        check = filing.site_checks.order_by("-id").first()
        _staff(check.officers.all() if check else [], filing, "有现场核实任务")


def _staff(users: Any, filing: Filing, title: str) -> None:
    notify(
        users,
        title=title,
        body=f"{filing.institution.name}（{filing.no}），请及时办理。",
        url=reverse("filing:review", args=[filing.no]),
    )
