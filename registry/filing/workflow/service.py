"""While it is filed: fees and contacts, the year, suspension and closure (domain.md §2.6; 58 号文 管理规范第7条)."""

from __future__ import annotations

from django.conf import settings

from yancheng_childcare.forms import area

from ...choices import LIVE_FILING, OPEN_FILING
from .. import closing
from .. import effects as do
from .. import guards as must
from ..info import info_in_order, update_info
from .rows import (
    CLOSURE,
    MACHINE,
    OPERATOR,
    REVIEWER,
    SUSPENSION,
    anyone,
    institution,
    own,
    reviewer,
    reviewers,
    row,
)

SERVING = frozenset({"FILED", "CHANGING", "CHANGE_SUBMITTED"})
arranged = (closing.public_reason, closing.closure_announced)

STEPS = [
    row("update_info", "更新收费与联系方式", {"FILED"}, "", OPERATOR, own, update_info,
        needs=(must.registration_active, info_in_order), beside="info", matter="info",
        says=("这里只改收费标准和备案联系人。它们不在备案回执上，提交后立即生效，不换回执，不用重新签署承诺书。",
              "新的收费标准随即在公开页面显示；联系人的电话和邮箱不公开。备案机关会收到消息。",
              "名称、地址、负责人、服务形式、托位、班级、供餐方式等写在回执上或者有标准要求，请办理变更备案。"),
        button="更新，立即生效", done="已更新，公开页面已按新的内容显示。备案回执继续有效。",
        tells=(reviewers("机构更新了收费或联系方式", "请知悉"),)),
    row("confirm_year", "年度确认", {"FILED"}, "", OPERATOR, own, do.confirm_year, needs=(must.people_can_work,),
        beside="filed",
        says=("每年核对一次已备案的内容。没有变化的直接确认；有变化的先办理变更备案，不在这里改。",),
        button="确认以上内容没有变化", done="已完成年度确认。"),
    # Told at once, begun on its day: what is filed is an arrangement, beside a change that may be under way.
    row("suspend", "停业", SERVING | {"SUSPENDED"}, "", OPERATOR, own, closing.plan_closure, needs=arranged,
        plan=SUSPENSION, matter="suspend", danger=True,
        says=(f"停业前应当提前 {settings.SUSPENSION_NOTICE_DAYS} 天告知家长（平台约定），并安排好在托婴幼儿。",
              "提交后，停业日期、预计恢复日期、原因、安置去向和退费联系方式立即向社会公开；到停业当天，公开页面显示“停业”。",
              "停业日期之前照常服务，可以更新或撤回；停业期间不得收托，恢复服务前先办理恢复。"),
        button="提交停业安排", done="停业安排已提交，已在公开页面显示。",
        tells=(reviewers("机构提交停业安排", "请知悉"),)),
    row("begin_suspension", "开始停业", {"FILED"}, "SUSPENDED", MACHINE, anyone, closing.begin_suspension,
        do.mark_institution("SUSPENDED"), needs=(closing.suspension_due,), emits="institution.suspended",
        tells=(institution("今天起停业",
                           "停业期间不得收托婴幼儿，公开页面已显示停业。恢复服务前，请先在这里办理恢复。"),)),
    row("withdraw_suspension", "撤回停业安排", SERVING, "", OPERATOR, own, closing.withdraw_plan(final=False),
        needs=(closing.plan_waits(final=False),), takes_back=SUSPENSION,
        says=("撤回后照常服务，公开页面不再显示停业安排；变更记录保留这次安排，并写明已撤回。已经告知家长的，请再告知一次。",),
        button="撤回停业安排", done="已撤回停业安排，公开页面已更新。",
        tells=(reviewers("机构撤回停业安排", "请知悉"),)),
    row("resume_service", "恢复服务", {"SUSPENDED"}, "FILED", OPERATOR, own, closing.back_in_service,
        do.mark_institution("FILED"), needs=(must.registration_active, must.people_can_work), emits="institution.resumed",
        beside="until", matter="suspend",
        says=("确认场所、人员和材料仍符合备案内容后再恢复。提交后公开页面恢复为“已备案”，可以继续收托。",),
        button="恢复服务", done="已恢复服务，公开页面已更新。"),
    row("request_closure", "申请终止服务", LIVE_FILING, "", OPERATOR, own, closing.plan_closure, needs=arranged,
        plan=CLOSURE, matter="close", danger=True,
        says=("终止服务应当妥善安置收托的婴幼儿和工作人员，并办理备案注销"
              "（国卫人口发〔2019〕58号《托育机构管理规范（试行）》第7条）。",
              f"应当提前 {settings.CLOSURE_NOTICE_DAYS} 天告知家长，结清费用，登记安置去向（平台约定）。",
              "提交后，停止服务的日期、原因、安置去向和退费联系方式立即向社会公开。",
              "可以先提交安排，安置和退费有进展时再来更新；全部完成、日期届满后由备案机关注销。"
              "注销前可以撤回申请，注销后不能恢复。"),
        button="提交终止服务申请",
        done="终止服务申请已提交，已在公开页面显示。安置和退费全部完成后，由备案机关注销备案。",
        tells=(reviewers("机构申请终止服务", "{closed}"),)),
    row("withdraw_closure", "撤回终止申请", LIVE_FILING, "", OPERATOR, own, closing.withdraw_plan(final=True),
        needs=(closing.plan_waits(final=True),), takes_back=CLOSURE,
        says=("撤回后备案继续有效，公开页面不再显示终止服务的安排；变更记录保留这次安排，并写明已撤回。"
              "已经告知家长的，请再告知一次。",),
        button="撤回终止服务申请", done="已撤回终止服务申请，公开页面已更新。",
        tells=(reviewers("机构撤回终止服务申请", "请知悉"),)),
    row("cancel", "注销备案", {"RECEIPTED", "FILED", "NONCONFORMING", "SUSPENDED"}, "CANCELLED", REVIEWER, reviewer,
        do.end, do.mark_institution("CANCELLED"), needs=(must.short_reason, closing.closure_complete), emits="filing.cancelled",
        danger=True, part="closure", rank=3, fits=lambda filing, pending: bool(getattr(filing, "closing", False)),
        says=("注销后备案终止，回执失效，公开页面显示“备案已注销”，并通知有关部门。注销不能撤回。",),
        button="注销这份备案",
        asks=(("reason", area("注销的理由", 300, "不少于 4 个字，最多 300 字；会告知机构并留存")),),
        tells=(institution("备案已注销", "备案已于{ended}注销，公开页面已更新。"),)),
    row("follow", "随登记终止注销", (*OPEN_FILING, *LIVE_FILING), "CANCELLED", MACHINE, anyone, do.end,
        do.mark_institution("CANCELLED"), emits="filing.cancelled",
        tells=(institution("备案已随登记终止注销", "登记已经终止，备案于{ended}一并注销。如有疑问请联系登记机关。"),)),
    row("supersede", "由新备案替代", LIVE_FILING, "CANCELLED", MACHINE, anyone, do.end, emits="filing.cancelled"),
]  # fmt: skip
