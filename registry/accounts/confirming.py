"""Another legal representative: are those who act for the institution still its people? Asked once, kept as an act."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from yancheng_childcare.choices import ClockKind, Role
from yancheng_childcare.deadlines import new_deadline, start_deadlines, stop_deadlines, today_here
from yancheng_childcare.limits import DAY, Limit, check_limit
from yancheng_childcare.models import Deadline, Duty, Event
from yancheng_childcare.notifications import holders, notify
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.records import log_event
from yancheng_childcare.workdays import by_day

from ..codes import accounts as codes
from ..models import Institution
from .entered import Facts
from .opening import representative_fits
from .people import duties_for
from .workflow import void_codes

CONFIRM = "DL-OPERATORS"
CONFIRM_DAYS = 30  # ours [A]
TRIES_A_DAY = 10


def ask_to_confirm(institution: Institution) -> None:
    """The former representative's unused codes are void; those who act now are asked to be confirmed by the new one."""
    void_codes(institution, "法定代表人变更")
    people = [duty.user for duty in duties_for(institution.uscc)]
    if not people:
        return
    stop_deadlines(institution.subject, CONFIRM, today=today_here())
    clock = new_deadline(
        subject=institution.subject, code=CONFIRM, label="确认经办人", source="法定代表人变更；天数为平台约定",
        region=institution.region, days=CONFIRM_DAYS, today=today_here(), kind=ClockKind.DAYS.value,
    )  # fmt: skip
    start_deadlines(clock)
    words = f"{institution.name}的法定代表人已变更，请于{by_day(clock.due_on)}由新的法定代表人确认经办人名单。"
    notify(people, title="请确认本机构经办人", body=words, url=reverse("accounts:colleagues"))


def changed_by(job: str, department: str) -> list[Institution]:
    """The institutions of this authority for which somebody acts and whose representative this import changed."""
    codes_held = Duty.objects.in_force().filter(role=Role.OPERATOR).values("uscc")
    places = Institution.objects.filter(registry_org=department, uscc__in=codes_held).select_related("region")
    subjects = {place.subject: place for place in places}
    acts = Event.objects.filter(
        subject__in=subjects, action="registration.changed", data__import=job, data__changed__contains="legal_rep_id_no"
    )
    return [subjects[subject] for subject in acts.values_list("subject", flat=True)]


def waiting_clock(institution: Institution) -> Deadline | None:
    """The clock of an open confirmation."""
    return Deadline.objects.running().of(institution.subject).filter(code=CONFIRM).first()


def nothing_to_confirm() -> Rejected:
    """The refusal when no change waits, or a colleague confirmed first."""
    return Rejected(Problem("GEN-409", "", "没有待确认的变更，或者已经确认。"), status=409)


def confirm(*, institution: Institution, facts: Facts, actor: Any) -> None:
    """The new representative's name and number, entered by somebody who acts for the institution: the list stands.

    Raises Rejected: 422 (OPN-101) when they do not fit, 429 after too many tries, 409 when nothing is to be confirmed.
    """
    if waiting_clock(institution) is None:  # before the facts: their answer is for those who were asked
        raise nothing_to_confirm()
    limit = Limit(f"confirming:{institution.uscc}", TRIES_A_DAY, DAY)
    check_limit(limit, words="今天尝试的次数过多，请明天再试，或者联系登记机关核对登记信息。", code=codes.TOO_OFTEN)
    if not representative_fits(institution, facts):
        raise Rejected(Problem(codes.FACTS, "legal_rep_id_no", "法定代表人姓名或证件号码与登记不一致，请核对后再填。"))
    with transaction.atomic():
        Institution.objects.select_for_update(of=("self",)).get(pk=institution.pk)
        if waiting_clock(institution) is None:
            raise nothing_to_confirm()
        stop_deadlines(institution.subject, CONFIRM, today=today_here())
        names = "、".join(duty.user.display_name for duty in duties_for(institution.uscc))
        log_event(
            "account_opening.confirmed",
            subject=institution.subject,
            summary=f"新的法定代表人确认经办人：{names}",
            actor=actor,
            region_prefix=institution.region.prefix,
        )
        reviewers = holders(Role.REVIEWER, region_prefix=institution.region.prefix)
        words = f"{institution.name}变更法定代表人后确认了经办人：{names}。"
        there = reverse("accounts:people", args=[institution.uscc])
        notify(reviewers, title="机构确认了经办人", body=words, url=there)
