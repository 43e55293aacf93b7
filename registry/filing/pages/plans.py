"""The arrangement of a closure or suspension: its form, how it is read, and how far its duties are."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from casework.documents.wording import chinese_date
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Problem

from ...codes import filing as codes
from ...models import ClosurePlan, Filing
from ...register.closing import tag
from ...registration.forms import RawForm
from ...rules.filing.answers import read_value
from ...rules.filing.sections import FieldSpec
from ..closing import closure_announced, public_reason
from ..services import available_steps
from ..workflow.rows import CLOSURE, SUSPENSION
from .lookup import storable

MOST_CHILDREN = 5000


class PlanForm(RawForm):
    """The arrangement of a closure or suspension (58号文 管理规范第7条); what is not done yet may be said later."""

    from_day = forms.CharField(label="停止服务的日期", max_length=10, help_text="格式：2026-11-23")
    until_day = forms.CharField(label="预计恢复服务的日期", max_length=10, help_text="格式：2026-11-23")
    parents_told_on = forms.CharField(label="告知家长的日期", max_length=10, help_text="格式：2026-11-23；不能晚于今天")
    children = forms.CharField(label="在托婴幼儿人数", max_length=6, help_text="以今天的人数为准，没有的填 0")
    children_placed = forms.CharField(label="已安置人数", max_length=6, help_text="已经转托或由家长接回的")
    placement = forms.CharField(
        label="安置去向",
        max_length=500,
        required=False,
        help_text="写转到哪些机构、各多少人，家长可以看到；不写婴幼儿姓名",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    staff_settled = forms.BooleanField(label="职工已妥善安置", required=False)
    refunds_settled = forms.BooleanField(label="预收费用已全部结清", required=False)
    refund_contact = forms.CharField(
        label="家长办理退费的联系方式", max_length=100, help_text="联系人和电话，家长可以看到"
    )
    reason = forms.CharField(
        label="原因", max_length=300, help_text="4 至 300 字，会向社会公开", widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, final: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if final:
            del self.fields["until_day"]
        for name in ("from_day", "until_day", "parents_told_on", "children", "children_placed"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off", "maxlength": 20}


def read_plan(filing: Filing, form: PlanForm, final: bool, actor: Any, problems: list[Problem]) -> dict[str, Any]:
    """The typed plan with its reason; everything wrong with it goes to `problems`, one per field."""
    typed: dict[str, Any] = form.cleaned_data
    found: list[Problem] = []
    plan: dict[str, Any] = {"final": final, "until_day": None}
    for key in ("from_day", "until_day", "parents_told_on"):
        if key in form.fields:
            label = str(form.fields[key].label)
            plan[key] = read_value(FieldSpec(key, label, "day"), typed[key], found)
    for key in ("children", "children_placed"):
        label = str(form.fields[key].label)
        plan[key] = read_value(FieldSpec(key, label, "whole", unit="人"), typed[key], found)
    for key, limit in (("placement", 500), ("refund_contact", 100), ("reason", 300)):
        plan[key] = storable(key, typed[key], str(form.fields[key].label), limit, found)
    for key in ("staff_settled", "refunds_settled"):
        plan[key] = bool(typed[key])
    if (plan["children"] or 0) > MOST_CHILDREN:
        words = f"在托婴幼儿人数不会超过 {MOST_CHILDREN} 人，请核对。"
        found.append(Problem(codes.FILING_NUMBER_RANGE, "children", words))
    data = {"plan": plan, "reason": plan["reason"]}
    checked = {**data, "today": today_here()}
    for guard in (public_reason, closure_announced):
        said = {problem.field for problem in found}
        found += [problem for problem in guard(filing, actor, checked) if problem.field not in said]
    problems += found
    return data


def plans_waiting(filing: Filing, user: Any = None) -> list[dict[str, Any]]:
    """The arrangements that hold, each with its duties and, for `user` of the institution, what can be done. One query."""
    steps = available_steps(filing, user) if user is not None else []
    found = []
    for plan in filing.closures.filter(withdrawn=False).order_by("from_day", "id"):
        kind = CLOSURE if plan.final else SUSPENSION
        words = [
            *(("更新安置进展", step.name) for step in steps if step.plan == kind),
            *((f"撤回{'申请' if plan.final else '停业安排'}", step.name) for step in steps if step.takes_back == kind),
        ]
        found.append(
            {
                "plan": plan,
                "title": "终止服务" if plan.final else "停业",
                "tag": tag(_days(plan)),
                "rows": duties(plan),
                "actions": [
                    {"text": text, "url": reverse("filing:step", args=[filing.no, name])} for text, name in words
                ],
            }
        )
    return found


def _days(plan: ClosurePlan) -> dict[str, Any]:
    until = plan.until_day.isoformat() if plan.until_day else None
    return {"final": plan.final, "from_day": plan.from_day.isoformat(), "until_day": until}


def without_plan_steps(steps: dict[str, Any], plans: list[dict[str, Any]]) -> dict[str, Any]:
    """The other steps of a case: what stands beside an arrangement is not offered twice, nor is one taken back that is not there."""
    beside = {action["url"].rstrip("/").rpartition("/")[2] for row in plans for action in row["actions"]}
    return {name: step for name, step in steps.items() if not step.takes_back and name not in beside}


def duties(plan: ClosurePlan | None) -> list[dict[str, str]]:
    """The duties of an institution that closes or pauses, and how far each is (58号文 管理规范第7条; domain.md §2.6)."""
    if plan is None:
        return []
    left = plan.children - plan.children_placed
    told, stops = chinese_date(plan.parents_told_on), chinese_date(plan.from_day)
    placed = f"在托 {plan.children} 人，已安置 {plan.children_placed} 人"
    rows = [
        ("告知家长", True, f"{told}已告知"),
        (
            "安置婴幼儿",
            left <= 0,
            f"{plan.children} 人已全部安置" if left <= 0 else f"{placed}，还有 {left} 人没有安置",
        ),
        ("安置职工", plan.staff_settled, "已妥善安置" if plan.staff_settled else "还没有安置好"),
        ("结清费用", plan.refunds_settled, "已全部结清" if plan.refunds_settled else "还没有结清"),
        ("停止服务", plan.from_day <= today_here(), f"{stops}起停止服务"),
    ]
    open_words = {"停止服务": "日期未到"}
    return [
        {
            "label": label,
            "light": "green" if met else "yellow",
            "value": "已完成" if met else open_words.get(label, "未完成"),
            "note": words,
        }
        for label, met, words in rows
    ]
