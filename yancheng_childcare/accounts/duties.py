"""Duties of people: what each role needs, granted by one administrator, ended by one; approved by `approvals`.

An ended duty is not deleted: granting the same one again begins it anew, and its history keeps both.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from ..choices import Role
from ..deadlines import today_here
from ..desks import institution_names
from ..models import Department, Duty, Region, User
from ..notifications import notify
from ..problems import Problem, Rejected
from ..records import log_event
from .requests import refuse_too_few_administrators

# Which trades of department do the work of a role; a role without a line may belong to any.
KINDS: dict[str, tuple[str, ...]] = {
    Role.REGISTRAR: ("MARKET", "CIVIL", "STAFFING", "APPROVAL"),
    Role.REVIEWER: ("HEALTH",),
    Role.CHIEF: ("HEALTH",),
    Role.HEALTH_CITY: ("HEALTH",),
    Role.POLICE: ("POLICE",),
    Role.ASSESSOR: ("EVALUATOR",),
    Role.JUSTICE: ("LEGAL",),
    Role.ADMIN: ("PLATFORM",),
}
# What is asked for a role besides the days; without a line: its department, and its area within the department's.
_FIELDS: dict[str, tuple[str, ...]] = {
    Role.OPERATOR: ("uscc",),
    Role.GRID: ("region",),
    Role.ADMIN: ("department",),
    Role.INSPECTOR: ("department", "region", "certificate_no"),
}


def fields_of(role: str) -> tuple[str, ...]:
    """The columns of a duty that this role fills in."""
    return _FIELDS.get(role, ("department", "region"))


def area_of(role: str, region: Region | None, department: Department | None) -> Region | None:
    """The area of a duty: the department's unless it was narrowed."""
    whole = "region" in fields_of(role) and region is None and department is not None
    return department.region if whole and department is not None else region


def grant(
    *,
    user: User,
    role: str,
    actor: Any,
    valid_from: date,
    valid_to: date | None = None,
    region: Region | None = None,
    department: Department | None = None,
    uscc: str = "",
    certificate_no: str = "",
) -> Duty:
    """One administrator grants; the duty counts when another approved it. The area is the department's unless narrowed.

    Raises Rejected: 422 for what the role needs and lacks, an area beyond the department's, an unknown institution or
    days that are over; 409 for a duty of the same kind that is in force or waits.
    """
    region = area_of(role, region, department)
    if problems := grant_problems(role, region, department, uscc, certificate_no, valid_from, valid_to):
        raise Rejected(problems)
    with transaction.atomic():
        # One account at a time: a link asked for meanwhile sees the duty.
        user = User.objects.select_for_update().get(pk=user.pk)
        key: dict[str, Any] = {"role": role, "region": region, "department": department, "uscc": uscc}
        duty = Duty.objects.select_for_update(of=("self",)).filter(user=user, **key).first()
        if duty is not None and not duty.is_over():
            state = "有效" if duty.approved_by_id or duty.opened_by else "等待批准"
            words = f"{user.display_name}已有同样的职责，正在{state}。需要改的，请先结束或撤回原来的。"
            raise Rejected(Problem("GEN-409", "", words), status=409)
        duty = duty or Duty(user=user, **key)
        duty.certificate_no, duty.valid_from, duty.valid_to = certificate_no, valid_from, valid_to
        save_grant(duty, actor=actor)
    return duty


def save_grant(duty: Duty, *, actor: Any) -> None:
    """Keep a new or edited duty: either way a new grant, which waits. Raises Rejected (422) by the table's constraints."""
    verb = "授予" if duty.pk is None else "修改"
    duty.granted_by, duty.approved_by, duty.opened_by = actor, None, ""
    try:
        duty.full_clean()
    except ValidationError as error:
        named = error.message_dict.items()
        raise Rejected(
            [Problem("GEN-422", "" if name == "__all__" else name, words) for name, found in named for words in found]
        ) from None
    with transaction.atomic():
        duty.save()
        log_event(
            "duty.granted",
            subject=f"user:{duty.user_id}",
            summary=f"{verb}职责：{duty.user}，{duty}（待批准）",
            actor=actor,
            region_prefix=duty.act_region(),
            data={"duty": duty.pk, "role": duty.role, "department": duty.department_id or "", "uscc": duty.uscc},
        )


def end(duty: Duty, *, at_once: bool, actor: Any) -> Duty:
    """Today is the last day, or with `at_once` yesterday was; takes one person, as it only takes away.

    Raises Rejected (409): one that is over, one that waits (it is withdrawn instead), the last administrator but one.
    """
    last = today_here() - timedelta(days=1) if at_once else today_here()
    with transaction.atomic():
        found = Duty.objects.select_for_update(of=("self",)).select_related("user").get(pk=duty.pk)
        if found.approved_by_id is None and not found.opened_by:
            words = "这项职责还没有批准。请在“待批准”中撤回或不予批准。"
            raise Rejected(Problem("GEN-409", "", words), status=409)
        if found.valid_to is not None and found.valid_to <= last:
            raise Rejected(Problem("GEN-409", "", "这项职责已经结束，或者今天就是最后一天。"), status=409)
        if found.role == Role.ADMIN:
            refuse_too_few_administrators(without_duty=found)
        found.end_by(last)
        when = "即刻" if at_once else "今天"
        log_event(
            "duty.ended",
            subject=f"user:{found.user_id}",
            summary=f"结束职责（{when}）：{found.user}，{found}",
            actor=actor,
            region_prefix=found.act_region(),
            data={"duty": found.pk, "last_day": str(last)},
        )
        until = "即刻失效" if at_once else f"有效至 {last}（含当日）"
        body = f"您的职责“{found}”{until}，由管理员{actor.display_name}办理。如有疑问，请联系本单位负责人。"
        notify([found.user], title="您的职责已结束", body=body)
    return found


def grant_problems(
    role: str,
    region: Region | None,
    department: Department | None,
    uscc: str,
    certificate_no: str,
    valid_from: date,
    valid_to: date | None,
) -> list[Problem]:
    """What a duty of this role lacks or has too much of, whoever gets it; `region` as `area_of` says."""
    uses, found = fields_of(role), []
    kinds = KINDS.get(role)
    if "department" in uses and department is None:
        found.append(Problem("GEN-422", "department", "请选择所在的部门。"))
    elif "department" in uses and department is not None and kinds and department.kind not in kinds:
        found.append(Problem("GEN-422", "department", "这个部门不办理该角色的事项。请选择列出的部门。"))
    if "region" in uses and region is None and "department" not in uses:
        found.append(Problem("GEN-422", "region", "请选择职责的辖区。"))
    if region is not None and department is not None and not region.prefix.startswith(department.region.prefix):
        found.append(Problem("GEN-422", "region", f"辖区应在{department.name}的辖区（{department.region}）之内。"))
    if "certificate_no" in uses and not certificate_no:
        found.append(Problem("GEN-422", "certificate_no", "请填写执法证号，没有执法证的不能担任持证执法人员。"))
    if "uscc" in uses and not institution_names([uscc]):
        words = "登记簿里没有这个统一社会信用代码。请核对；还没有登记的机构不能有经办人。"
        found.append(Problem("GEN-422", "uscc", words))
    if valid_to is not None and valid_to < max(today_here(), valid_from):
        found.append(Problem("GEN-422", "valid_to", "结束日期不能早于今天和开始日期。长期有效的请不填。"))
    return found
