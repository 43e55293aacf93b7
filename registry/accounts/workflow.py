"""The step table of the opening of an account: by code, by match and approval, by sign-on, by invitation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from casework.steps import Workflow
from casework.types import SYSTEM, State, Step, System
from yancheng_childcare.choices import Role
from yancheng_childcare.deadlines import stop_deadlines, today_here
from yancheng_childcare.places import reaches
from yancheng_childcare.problems import Problem
from yancheng_childcare.records import log_event

from ..choices import OpeningPath, OpeningStatus
from ..codes import accounts as codes
from ..models import AccountOpening, Institution
from .people import duties_for, give_duty, new_person, serves_an_authority, tell_institution

CLOCK = "DL-ACCOUNT"
REASON_MIN, REASON_MAX = 4, 200
ISSUED, SUBMITTED = OpeningStatus.ISSUED.value, OpeningStatus.SUBMITTED.value
OPENED, REFUSED, VOID = OpeningStatus.OPENED.value, OpeningStatus.REFUSED.value, OpeningStatus.VOID.value

STATES = {
    ISSUED: State("yellow", "PERSON", following="开通码或邀请已经发出，等待本人使用。"),
    SUBMITTED: State(
        "yellow",
        Role.REVIEWER.value,
        task="审核机构账号申请",
        following="由所在县（市、区）卫生健康部门审核。",
        then="开通后，申请人可以登录办理备案。",
        waits="申请的机构",
    ),
    OPENED: State("green", following="可以用申请时填写的密码登录。"),
    REFUSED: State("red", following="可以核对信息后重新申请，或者到登记机关领取开通码。"),
    VOID: State("grey", following="已经作废，不能再使用。"),
}


def in_area(actor: Any, opening: AccountOpening) -> bool:
    """A duty that covers the institution's county; never on an account of one's own."""
    place = opening.institution
    return place is not None and reaches(actor, place.region.prefix, Role.REVIEWER) and opening.user_id != actor.pk


def in_being(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The registration stands (a place that ended needs nobody to act for it here)."""
    if opening.institution is None or opening.institution.status != "ACTIVE":
        yield Problem(codes.ENDED, "", "这家机构的登记已经终止，不能开通账号。请向登记机关核实。")


def still_fits(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """The representative whose facts were matched is still the one of the register."""
    place = opening.institution
    if place is not None and opening.legal_index and opening.legal_index != place.legal_rep_id_index:
        yield Problem(codes.CHANGED, "", "申请后法定代表人有变更，这件申请不能再用。请不予开通，由机构重新申请。")


def in_time(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Codes and invitations run out."""
    if opening.expires_on is not None and opening.expires_on < today_here():
        yield Problem(codes.USED_UP, "", "开通码或邀请已过有效期。请向发给您的单位重新索取。")


def by_the_institutions_own(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Whoever works for an authority acts for no institution, least of all with a code of their own making."""
    person = data.get("person") or opening.user
    if person is None:
        return
    if not person.is_active:
        yield Problem("GEN-409", "", "这个账号已经停用，不能用于机构。请用其他账号重新办理。")
    if person.pk == opening.issued_by_id or serves_an_authority(person):
        words = "您登录的是工作人员账号，或者开通码、邀请由您自己发出，不能用于机构。请要办理的人用自己的账号。"
        yield Problem(codes.STAFF, "", words)


def by_one_who_acts(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Whoever was parted with since the page of their invitation was opened invites nobody any more."""
    invited = opening.path == OpeningPath.INVITED
    if invited and not duties_for(opening.uscc).filter(user=opening.issued_by_id).exists():
        yield Problem(codes.USED_UP, "", "发出邀请的人已不是经办人，邀请不能使用。请向本机构经办人重新索取。")


# What an invitation or a code must fulfil before anybody is known who uses it.
USABLE = (in_being, in_time, by_one_who_acts)


def reason_given(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> Iterable[Problem]:
    """Why not, in words the applicant reads."""
    if not REASON_MIN <= len(str(data.get("reason") or "").strip()) <= REASON_MAX:
        yield Problem(
            codes.REASON, "reason", f"请写明不予开通的理由，{REASON_MIN} 到 {REASON_MAX} 个字，申请人会看到。"
        )


def open_account(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> None:
    """The person (known, or new with the password chosen) acts for the institution from now on."""
    opening.user = data.get("person") or opening.user or new_person(opening)
    opening.username, opening.display_name = opening.user.username, opening.user.display_name
    give_duty(opening)
    close(opening, actor, data)


def close(opening: AccountOpening, actor: Any, data: dict[str, Any]) -> None:
    """Who ended it, when, why; the password it held for the account is needed no more."""
    opening.password, opening.reason = "", str(data.get("reason") or "").strip()
    opening.decided_by = actor if getattr(actor, "pk", None) else None
    opening.decided_at = timezone.now()
    opening.record_version += 1


def record(case: Any, step: Step, actor: Any, data: dict[str, Any]) -> None:
    """Keep the act, stop the clock, tell everybody who acts for the institution of a new one."""
    opening: AccountOpening = case
    place = opening.institution
    stop_deadlines(opening.subject, CLOCK, today=today_here())
    words = f"{step.label}：{opening.no}（{opening.get_path_display()}）"
    log_event(
        f"account_opening.{step.name}",
        subject=place.subject if place else opening.subject,
        summary=f"{words}{opening.display_name}" if opening.user_id else words,
        actor=actor,
        region_prefix=place.region.prefix if place else "",
        data={"no": opening.no, "path": opening.path, "user": opening.user_id},
    )
    if step.target == OPENED:
        tell_institution(opening)
        void_codes(opening.place, "已用其他方式开通")


def step(name: str, label: str, source: str, target: str, by: str, **more: Any) -> Step:
    """One row; the system's steps carry out what the person concerned does, who has no duty yet."""
    more.setdefault("may", in_area if by == Role.REVIEWER else lambda actor, opening: True)
    return Step(name, label, frozenset({source}), target, by=frozenset({by}), **more)


OPENING = Workflow(
    AccountOpening,
    "status",
    [
        step("redeem", "开通账号", ISSUED, OPENED, SYSTEM, needs=(*USABLE, by_the_institutions_own),
             effect=open_account),
        step("approve", "同意开通", SUBMITTED, OPENED, Role.REVIEWER,
             needs=(in_being, still_fits, by_the_institutions_own), effect=open_account),
        step("refuse", "不予开通", SUBMITTED, REFUSED, Role.REVIEWER, needs=(reason_given,), effect=close, danger=True),
        step("mismatch", "信息与登记不一致", SUBMITTED, REFUSED, SYSTEM, effect=close),
        step("void", "作废", ISSUED, VOID, SYSTEM, effect=close),
    ],
    record=record,
    rows=lambda: AccountOpening.objects.select_related("institution__region", "user"),
)  # fmt: skip
OPENING.guard_status()


def void_codes(place: Institution, reason: str) -> None:
    """Unused codes of the registration authority open nothing any more; an institution has one at most."""
    for opening in AccountOpening.objects.filter(institution=place, path=OpeningPath.CODE, status=ISSUED):
        OPENING.run(opening, "void", System(), reason=reason)
