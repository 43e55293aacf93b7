"""Writes of the registry: register, change, end, record a filing number, read a personal field."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import new_deadline, start_deadlines, stop_deadlines, today_here
from yancheng_childcare.models import Department, StoredFile
from yancheng_childcare.problems import Problem, Rejected, blocking, warnings
from yancheng_childcare.records import log_event
from yancheng_childcare.unmasking import keep_look

from ..choices import EntryChannel
from ..models import Institution
from ..permissions import UNMASK_INSTITUTION
from ..rules import uscc as uscc_rules
from ..rules.registration import preset_capital_kind
from ..signals import institution_changed, registration_ended
from .checks import full_check
from .clocks import FILE, opening_clocks
from .effects import set_fields
from .fields import ENTERED, LABELS, PERSONAL
from .publication import announce
from .workflow import REGISTRATION


def registry_department(actor: Any, code: str = "") -> Department:
    """The registration authority the actor acts for; raises Rejected when there is none or the choice is open."""
    departments = {d.department_id: d.department for d in actor.duties_as(Role.REGISTRAR) if d.department}
    if code:
        if code not in departments:
            raise Rejected(Problem("REG-511", "registry_org_id", "您不是该登记机关的经办人。"), status=403)
        return departments[code]
    if len(departments) != 1:
        raise Rejected(Problem("REG-511", "registry_org_id", "请指明以哪个登记机关的名义办理。"), status=422)
    return next(iter(departments.values()))


def already_registered(uscc: str) -> Rejected:
    """The code is taken: the way on is a change, not a second record."""
    return Rejected(
        Problem("REG-501", "uscc", "该统一社会信用代码已有登记。请打开该机构办理“变更登记”，不要重复录入。"),
        status=409,
        title="该机构已登记",
    )


def register_institution(
    *,
    data: dict[str, Any],
    actor: Any,
    registry_org: Department,
    certificate: StoredFile | None = None,
    channel: str = EntryChannel.FORM,
    today: date | None = None,
    occurred_at: datetime | None = None,
) -> Institution:
    """设立登记: check, save, tell the health and public-security departments; all or nothing.

    `today` is the day the checks and clocks go by, `occurred_at` the event's time; both are now unless given.

    `data` uses the names of domain.md §1.2. Raises Rejected with every problem (422) or when the code is already
    registered (409).
    """
    today = today or today_here()
    data = {name: data.get(name) for name in ENTERED}
    data["uscc"] = uscc_rules.normalise(str(data["uscc"] or ""))
    data["capital_kind"] = data["capital_kind"] or preset_capital_kind(str(data["nature"] or ""), data["uscc"])
    if not any(d.department_id == registry_org.pk for d in actor.duties_as(Role.REGISTRAR)):
        raise Rejected(Problem("GEN-403", "", "您不是该登记机关的经办人。"), status=403)
    found = full_check(data, registry_org=registry_org, today=today)
    if stop := blocking(found):
        raise Rejected(stop)
    if Institution.objects.filter(uscc=data["uscc"]).exists():
        raise already_registered(data["uscc"])
    institution = Institution(
        registry_org=registry_org, channel=channel, created_by=actor, certificate_file=certificate
    )
    set_fields(institution, data)
    institution.warnings = [p.as_dict() for p in warnings(found)]
    try:
        with transaction.atomic():
            institution.save(force_insert=True)
            audit = {"step": "register", "channel": channel}
            announce(institution, "registration.recorded", actor, audit, occurred_at=occurred_at)
            start_clocks(institution, today)
    except IntegrityError as error:
        if "uscc" in str(error):
            raise already_registered(data["uscc"]) from None
        raise
    return institution


def start_clocks(institution: Institution, today: date) -> None:
    """Start the clocks that begin with a registration."""
    start_deadlines(
        *(
            new_deadline(
                subject=institution.subject,
                code=code,
                label=label,
                source=source,
                region=institution.region,
                days=days,
                kind=kind,
                today=first_day,
            )
            for code, label, source, days, kind, first_day in opening_clocks(institution.established_on, today)
        )
    )


def change_institution(
    institution: Institution,
    *,
    changes: dict[str, Any],
    actor: Any,
    expected_version: int | None = None,
    certificate: StoredFile | None = None,
    occurred_at: datetime | None = None,
) -> Institution:
    """变更登记. `expected_version` guards against overwriting a colleague (Rejected 412)."""
    return REGISTRATION.run(
        institution,
        "change",
        actor,
        expected_version=expected_version,
        changes=changes,
        certificate=certificate,
        occurred_at=occurred_at,
    )


def end_registration(
    institution: Institution,
    *,
    step: str,
    reason: str,
    terminated_on: date | None,
    actor: Any,
    expected_version: int | None = None,
    today: date | None = None,
    occurred_at: datetime | None = None,
) -> Institution:
    """注销 (`cancel`), 吊销 (`revoke`) or 撤销 (`rescind`): final; open clocks stop, its filing ends with it."""
    today = today or today_here()
    with transaction.atomic():
        ended = REGISTRATION.run(
            institution,
            step,
            actor,
            expected_version=expected_version,
            reason=reason,
            terminated_on=terminated_on,
            occurred_at=occurred_at,
        )
        stop_deadlines(ended.subject, today=today)
        reason = f"登记已{ended.get_status_display()}"
        registration_ended.send(Institution, institution=ended, reason=reason, today=today)
    return ended


def record_filing(
    institution: Institution, *, filing_no: str, filed_on: date, actor: Any, today: date | None = None
) -> Institution:
    """Note the number the national filing system gave: the institution leaves the list 已登记未备案."""
    today = today or today_here()
    filing_no = filing_no.strip()
    found = []
    if not 4 <= len(filing_no) <= 40 or not filing_no.isprintable():
        found.append(Problem("REG-531", "filing_no", "请填写国家托育机构备案信息系统中的备案编号（4 至 40 个字符）。"))
    if not institution.established_on <= filed_on <= today:
        found.append(Problem("REG-532", "filed_on", "备案日期应在成立日期与今天之间。"))
    if found:
        raise Rejected(found)
    with transaction.atomic():
        locked = Institution.objects.select_for_update().get(pk=institution.pk)
        if locked.status != "ACTIVE" or locked.filed_on:
            raise Rejected(Problem("GEN-409", "", "该机构已有备案记录或已终止登记，请刷新页面。"), status=409)
        locked.filed_on, locked.national_filing_no, locked.filing_state = filed_on, filing_no, "FILED"
        locked.save(update_fields=["filed_on", "national_filing_no", "filing_state", "updated_at"])
        stop_deadlines(locked.subject, FILE, today=today)
        log_event(
            "filing.noted",
            subject=locked.subject,
            summary=f"登记国家系统备案编号：{locked.name}",
            actor=actor,
            region_prefix=locked.region.prefix,
            data={"filing_no": filing_no, "filed_on": str(filed_on)},
        )
        institution_changed.send(Institution, institution_id=locked.pk, today=today)
    return locked


def reveal_personal(institution: Institution, *, field: str, reason: str, actor: Any) -> str:
    """The clear value of a personal field; the look is kept with its reason before the value is returned.

    Raises Rejected: 404 for another field, 403 when no duty that may unmask reaches this institution, 422 without reason.
    """
    if field not in PERSONAL:
        raise Rejected(Problem("GEN-404", "field", "没有这一项。"), status=404)
    if not Institution.objects.visible_to(actor, UNMASK_INSTITUTION.write).filter(pk=institution.pk).exists():
        words = "您的职责不能查看这家机构的完整号码，请联系登记机关或机构所在县（市、区）卫生健康部门。"
        raise Rejected(Problem("GEN-403", "", words), status=403)
    if len(reason.strip()) < 4:
        raise Rejected(Problem("REG-541", "reason", "请写明查看完整号码的事由（不少于 4 个字），事由会留存备查。"))
    keep_look(
        subject=institution.subject,
        summary=f"查看完整信息：{LABELS[field]}",
        actor=actor,
        region_prefix=institution.region.prefix,
        data={"field": field, "reason": reason.strip()[:200]},
    )
    return getattr(institution, field)
