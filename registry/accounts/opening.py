"""Open an account for an institution: with the registrar's code at once, without it after the county's reviewer approved.

Wrong facts get one answer, by the same queries and the same work, whatever of them is wrong: nobody learns here whether
a name and a number belong together (findings A1). A request that fits no registration is kept and answered like one that
does, and closed on the next day.
"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from secrets import token_urlsafe

from django.db import transaction
from django.utils.crypto import constant_time_compare

from casework.types import System
from yancheng_childcare.crypto import normalise
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.limits import DAY, HOUR, Limit, count, give_back, too_often
from yancheng_childcare.numbers import next_number
from yancheng_childcare.pieces import take_turns
from yancheng_childcare.problems import Problem, Rejected, blocking
from yancheng_childcare.secret_codes import code_from, hashed, matches, new_code
from yancheng_childcare.tasks import hand_over

from ..choices import OpeningPath
from ..codes import accounts as codes
from ..models import AccountOpening, Institution
from . import tasks
from .entered import Facts, Person
from .workflow import ISSUED, OPENING, SUBMITTED, USABLE, void_codes

SALT = "registry.accounts.opening"
CODE_LENGTH = 12
# Ours [A]: a code is used when the nursery gets settled, an invitation within the week.
CODE_DAYS, INVITATION_DAYS = 60, 7
ATTEMPTS_AN_HOUR, ATTEMPTS_A_DAY = 20, 10


def issue_code(institution: Institution, *, actor: object) -> str:
    """A new code for the institution's first account; an earlier unused one is void. Shown once, kept as a hash."""
    code = new_code(CODE_LENGTH)
    with transaction.atomic():
        Institution.objects.select_for_update(of=("self",)).get(pk=institution.pk)
        void_codes(institution, "重新生成了开通码")
        begin(OpeningPath.CODE, ISSUED, institution, secret=code, issued_by=actor, days=CODE_DAYS)
    return code


def begin(
    path: OpeningPath,
    status: str,
    institution: Institution | None,
    *,
    secret: str,
    uscc: str = "",
    person: Person | None = None,
    days: int = 0,
    **more: object,
) -> AccountOpening:
    """A new case with its number; `days` from today it runs out (0: never)."""
    today, person = today_here(), person or Person()
    return AccountOpening.objects.create(
        no=f"YC-KT-{today.year}-{next_number(f'account:{today.year}'):06d}",
        path=path,
        status=status,
        uscc=uscc or (institution.uscc if institution else ""),
        institution=institution,
        secret_hash=hashed(secret, salt=SALT),
        expires_on=today + timedelta(days=days) if days else None,
        user=person.user,
        display_name=person.user.display_name if person.user else person.display_name,
        username=person.username,
        password=person.password,
        **more,
    )


def check_attempts(caller: str, target: str) -> list[Limit]:
    """Count a try by this network and on this target; what `give_back` takes when it was right. Raises Rejected 429."""
    limits = [Limit(f"opening:{caller}", ATTEMPTS_AN_HOUR, HOUR), Limit(f"opening:{target}", ATTEMPTS_A_DAY, DAY)]
    for use in count(*limits):
        if use.over:
            words = "尝试的次数过多，这次没有办理。请明天再试，或者带登记证书到登记机关领取开通码。"
            raise too_often(words, use.wait, code=codes.TOO_OFTEN)
    return limits


def representative_fits(place: Institution | None, facts: Facts) -> bool:
    """Whether name and number are those of the registration; no registration fits nothing, by the same work."""
    name, index = (normalise(place.legal_rep_name), place.legal_rep_id_index) if place else ("", "")
    return all([constant_time_compare(name, facts.legal_rep_name), constant_time_compare(index, facts.legal_index)])


def open_account(*, facts: Facts, person: Person, nonce: str, caller: str) -> tuple[AccountOpening, str]:
    """The case and its query code: opened with the right registrar's code, else waiting. The same form again: the same case.

    Raises Rejected: 422 (OPN-101) for a code that does not fit together with the facts, 429 after too many tries, and
    what the step's guards say.
    """
    # By institution and code: whoever does not hold the code uses up nothing of those who do.
    limits = check_attempts(caller, f"{facts.uscc}:{normalise(facts.code)}")
    # With what was entered: a form that the browser brought back and somebody corrected is another request.
    entered = (
        nonce,
        facts.uscc,
        facts.legal_rep_name,
        facts.legal_index,
        facts.code,
        person.username,
        person.display_name,
    )
    sent, query_code = hashed("|".join(entered), salt=SALT), code_from(nonce, salt=SALT)
    with transaction.atomic():
        take_turns(sent)  # the same form twice at once
        opening = _open(facts, person, sent, query_code)
    if opening.path == OpeningPath.CODE:
        give_back(limits)
    return opening, query_code


def _open(facts: Facts, person: Person, sent: str, query_code: str) -> AccountOpening:
    place = Institution.objects.select_related("region").filter(uscc=facts.uscc, status="ACTIVE").first()
    same = AccountOpening.objects.filter(sent_hash=sent).order_by("-id").first()
    if same is not None:
        return same
    wanted = AccountOpening.objects.filter(uscc=facts.uscc, path=OpeningPath.CODE, status=ISSUED)
    code = wanted.order_by("-id").first()
    fits = representative_fits(place, facts)
    known = matches(facts.code, code.secret_hash if code else "", salt=SALT)
    if not facts.code:
        made = begin(
            OpeningPath.MATCH, SUBMITTED, place if fits else None, secret=query_code, uscc=facts.uscc, person=person,
            sent_hash=sent, legal_index=facts.legal_index,
        )  # fmt: skip
        transaction.on_commit(lambda: hand_over(tasks.attend_openings))
        return made
    if not (fits and known and code is not None):
        words = "开通码、法定代表人姓名和证件号码中有不一致的，没有开通。请与登记证书和开通码逐项核对后再试。"
        raise Rejected(Problem(codes.FACTS, "code", words))
    return use(code, person, sent=sent)


def use(opening: AccountOpening, person: Person, *, sent: str = "") -> AccountOpening:
    """A code or an invitation is used by this person. Raises Rejected as the step does."""
    with transaction.atomic():
        found = AccountOpening.objects.select_for_update(of=("self",)).get(pk=opening.pk)
        if found.status == ISSUED:
            found.display_name, found.username = person.display_name, person.username
            found.password, found.sent_hash = person.password, sent
            found.save(update_fields=["display_name", "username", "password", "sent_hash"])
        return OPENING.run(found, "redeem", System(), person=person.user)


def invite(institution: Institution, *, actor: object) -> tuple[AccountOpening, str]:
    """A colleague's invitation: the case and the secret of its address, shown once. Raises Rejected 422 for a place that ended."""
    if institution.status != "ACTIVE":
        raise Rejected(Problem(codes.ENDED, "", "这家机构的登记已经终止，不能再邀请同事。"))
    secret = token_urlsafe(32)
    with transaction.atomic():
        made = begin(OpeningPath.INVITED, ISSUED, institution, secret=secret, issued_by=actor, days=INVITATION_DAYS)
    return made, secret


def invitation(secret: str) -> AccountOpening | None:
    """The invitation behind an address while it can be used."""
    rows = AccountOpening.objects.select_related("institution__region", "issued_by")
    found = rows.filter(secret_hash=hashed(secret, salt=SALT), path=OpeningPath.INVITED, status=ISSUED).first()
    if found is None or blocking(problem for guard in USABLE for problem in guard(found, System(), {})):
        return None
    return found


def find(*, no: str, code: str) -> AccountOpening | None:
    """The request with this number and query code; None for either being wrong."""
    found = AccountOpening.objects.filter(
        no=unicodedata.normalize("NFKC", no).strip().upper()[:20], path=OpeningPath.MATCH
    ).first()
    return found if matches(code, found.secret_hash if found else "", salt=SALT) else None
