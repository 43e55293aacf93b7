"""Faults in how an institution gets its account (findings A1)."""

from __future__ import annotations

from .fault import Fault

_A, _T = "registry/accounts/", "tests/registry/accounts/"
_OPENING = (f"{_T}test_opening.py",)
_COLLEAGUES = (f"{_T}test_colleagues.py",)

FAULTS = (
    Fault(
        620, "A1 the code is enough without the representative's facts", f"{_A}opening.py",
        "if not (fits and known and code is not None):", "if not (known and code is not None):", _OPENING,
    ),
    Fault(
        621, "A1 a wrong institution is told by what is looked up", f"{_A}opening.py",
        'code = wanted.order_by("-id").first()', 'code = wanted.order_by("-id").first() if place else None', _OPENING,
    ),
    Fault(
        622, "A1 a registrar redeems a code of their own", f"{_A}workflow.py",
        "if person.pk == opening.issued_by_id or serves_an_authority(person):", "if False:",
        (*_OPENING, f"{_T}test_any_opening.py"),
    ),
    Fault(
        623, "A1 a code works beside the one that replaced it", f"{_A}opening.py",
        'void_codes(institution, "重新生成了开通码")', "", _OPENING,
    ),
    Fault(
        624, "A1 a code never runs out", f"{_A}workflow.py",
        "USABLE = (in_being, in_time, by_one_who_acts)", "USABLE = (in_being, by_one_who_acts)", _OPENING,
    ),
    Fault(
        625, "A1 a reviewer of any county decides", f"{_A}workflow.py",
        "reaches(actor, place.region.prefix, Role.REVIEWER) and",
        "actor.has_role(Role.REVIEWER) and", _OPENING,
    ),
    Fault(
        626, "A1 who was parted with acts until midnight", f"{_A}parting.py",
        "duty.end_at_once()", "duty.end_by(duty.valid_from)", _COLLEAGUES,
    ),
    Fault(
        627, "A1 the last one leaves the institution alone", f"{_A}parting.py",
        "if own and len(duties) == len(ending):", "if own and not duties:", _COLLEAGUES,
    ),
    Fault(
        628, "A1 one administrator turns an opened duty into another", "yancheng_childcare/accounts/duties.py",
        'duty.opened_by = actor, None, ""', "duty.opened_by = actor, None, duty.opened_by", _COLLEAGUES,
    ),
    Fault(
        629, "A1 the former representative's code opens the account", f"{_A}confirming.py",
        'void_codes(institution, "法定代表人变更")', "institution.refresh_from_db()", (f"{_T}test_confirming.py",),
    ),
    Fault(
        630, "A1 what fits nothing is answered at once", f"{_A}attending.py",
        "institution=None, created_at__lt=yesterday)", "institution=None)", _OPENING,
    ),
    Fault(
        631, "A1 a reviewer decides what fits nothing", f"{_A}opening.py",
        "place if fits else None", "place", _OPENING,
    ),
    Fault(
        632, "A1 who was parted with comes back by the sign-on", f"{_A}sign_on.py",
        "if not duties_for(uscc).filter(user=earlier.person).exists():", "if place.pk is None:",
        (f"{_T}test_sign_on.py",),
    ),
    Fault(
        633, "A1 the password stays with the case", f"{_A}workflow.py",
        'opening.password, opening.reason = ""', "opening.password, opening.reason = opening.password", _OPENING,
    ),
    Fault(
        634, "A1 who was parted with still invites", f"{_A}workflow.py",
        "USABLE = (in_being, in_time, by_one_who_acts)", "USABLE = (in_being, in_time)", _COLLEAGUES,
    ),
)  # fmt: skip
