"""Faults in how an institution gets its account (findings A1)."""

from __future__ import annotations

from .fault import Fault

_A, _T = "registry/accounts/", "tests/registry/accounts/"
_OPENING = (f"{_T}test_opening.py",)
_COLLEAGUES = (f"{_T}test_colleagues.py",)

FAULTS = (
    Fault(
        560, "A1 the code is enough without the representative's facts", f"{_A}opening.py",
        "if not (fits and known and code is not None):", "if not (known and code is not None):", _OPENING,
    ),
    Fault(
        561, "A1 a wrong institution is told by what is looked up", f"{_A}opening.py",
        'code = wanted.order_by("-id").first()', 'code = wanted.order_by("-id").first() if place else None', _OPENING,
    ),
    Fault(
        562, "A1 a registrar redeems a code of their own", f"{_A}workflow.py",
        "if person.pk == opening.issued_by_id or serves_an_authority(person):", "if False:",
        (*_OPENING, f"{_T}test_any_opening.py"),
    ),
    Fault(
        563, "A1 a code works beside the one that replaced it", f"{_A}opening.py",
        'OPENING.run(earlier, "void", System())', "earlier.refresh_from_db()", _OPENING,
    ),
    Fault(
        564, "A1 a code never runs out", f"{_A}workflow.py",
        "needs=(in_being, in_time, by_the_institutions_own,", "needs=(in_being, by_the_institutions_own,", _OPENING,
    ),
    Fault(
        565, "A1 a reviewer of any county decides", f"{_A}workflow.py",
        "any(d.covers(place.region.prefix) for d in actor.duties_as(Role.REVIEWER))",
        "bool(actor.duties_as(Role.REVIEWER))", _OPENING,
    ),
    Fault(
        566, "A1 who was parted with acts until midnight", f"{_A}people.py",
        "yesterday = today_here() - timedelta(days=1)", "yesterday = today_here()", _COLLEAGUES,
    ),
    Fault(
        567, "A1 the last one leaves the institution alone", f"{_A}people.py",
        "if own and len(duties) == len(ending):", "if own and not duties:", _COLLEAGUES,
    ),
    Fault(
        568, "A1 one administrator turns an opened duty into another", "yancheng_childcare/admin.py",
        'request.user, None, ""  #', "request.user, None, obj.opened_by  #", _COLLEAGUES,
    ),
    Fault(
        569, "A1 the former representative's code opens the account", f"{_A}confirming.py",
        "path=OpeningPath.CODE, status=ISSUED):", 'path=OpeningPath.CODE, status="VOID"):', (f"{_T}test_confirming.py",),
    ),
    Fault(
        570, "A1 what fits nothing is answered at once", f"{_A}attending.py",
        "institution=None, created_at__lt=yesterday)", "institution=None)", _OPENING,
    ),
    Fault(
        571, "A1 a reviewer decides what fits nothing", f"{_A}opening.py",
        "place if fits else None", "place", _OPENING,
    ),
    Fault(
        572, "A1 who was parted with comes back by the sign-on", f"{_A}sign_on.py",
        "if not duties_for(uscc).filter(user=earlier.person).exists():", "if place.pk is None:",
        (f"{_T}test_sign_on.py",),
    ),
    Fault(
        573, "A1 the password stays with the case", f"{_A}workflow.py",
        'opening.password, opening.reason = ""', "opening.password, opening.reason = opening.password", _OPENING,
    ),
    Fault(
        574, "A1 who was parted with still invites", f"{_A}opening.py",
        "return found if duties_for(found.uscc).filter(user=found.issued_by).exists() else None", "return found",
        _COLLEAGUES,
    ),
)  # fmt: skip
