"""Who may reach what: the one table, read by pages, API, templates, the docs and the authorization matrix.

`ROUTES` names every route of the URLconf with the rule that guards it; a route without a rule fails the system
check and is refused at run time. A rule says who may *enter*; which objects they then see is `visible_to`, which
steps they may take on one is the workflow table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, cast

from django.conf import settings
from rest_framework.permissions import BasePermission

from .choices import SECOND_FACTOR_ROLES, Role
from .problems import Problem, Rejected

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Rule:
    """`read` and `write` are the roles that may use safe and unsafe methods; `public`/`signed_in` open it wider.

    `takes_files`: a body may be as large as an upload; anywhere else it is refused beyond 1 MB, unread (`bodies.py`).
    `paced`: reads are counted per address (`throttles.check_visitor`).
    `confirmed`: the person must have proved within ten minutes to be there (`sessions.recently_confirmed`).
    `replica`: what visitors read there is the same for everybody and nobody has just written it, so a replica may answer.
    """

    public: bool = False
    signed_in: bool = False
    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()
    local_only: bool = False
    takes_files: bool = False
    paced: bool = False
    confirmed: bool = False
    replica: bool = False

    def roles_for(self, method: str) -> frozenset[str]:
        """The roles that may use this method."""
        return self.read | self.write if method in SAFE else self.write


def allow(*roles: str, write: tuple[str, ...] | None = None) -> Rule:
    """A rule for roles; `write` narrows who may change, default: the same roles."""
    return Rule(read=frozenset(roles), write=frozenset(roles if write is None else write))


def with_files(rule: Rule) -> Rule:
    """The same rule for a route that takes uploads."""
    return replace(rule, takes_files=True)


PUBLIC = Rule(public=True)
# Pages anybody may read that ask the database for each visitor: counted, and a replica may answer them.
REGISTER = Rule(public=True, paced=True, replica=True)
# The same where somebody may have just written what is read.
PACED = Rule(public=True, paced=True)
SIGNED_IN = Rule(signed_in=True)
CONFIRMED = Rule(signed_in=True, confirmed=True)
LOCAL = Rule(public=True, local_only=True)
NOBODY = Rule()

REGISTRAR = allow(Role.REGISTRAR)
# Staff who read registrations of their region.
READERS = allow(
    Role.REGISTRAR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.INSPECTOR, Role.CREDIT, Role.LEGAL,
    Role.POLICE, Role.LEADER, Role.AUDITOR, Role.OPERATOR,
    write=(),
)  # fmt: skip
HEALTH = allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEADER, write=(Role.REVIEWER, Role.CHIEF))
POLICE = allow(Role.POLICE)
LEDGERS = allow(Role.HEALTH_CITY, Role.LEADER, Role.CHIEF, Role.AUDITOR, write=())
DELIVERY_READERS = allow(
    Role.INTEGRATOR, Role.REGISTRAR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.POLICE, Role.LEADER,
    Role.AUDITOR, Role.ADMIN,
    write=(),
)  # fmt: skip
ENDPOINT_READERS = allow(
    Role.INTEGRATOR, Role.HEALTH_CITY, Role.REVIEWER, Role.CHIEF, Role.POLICE, Role.LEADER, Role.AUDITOR, Role.ADMIN,
    write=(Role.INTEGRATOR, Role.ADMIN),
)  # fmt: skip
ENDPOINT_OWNERS = allow(Role.INTEGRATOR, Role.ADMIN)
# A key acts with its user's duties and needs no second factor: whoever gets one has just proved to be there.
OWN_KEYS = replace(allow(Role.INTEGRATOR), confirmed=True)
# 重发 is also the sending side's right; a decision not to push any more is the administrator's or the owner's.
RESENDERS = allow(Role.INTEGRATOR, Role.REGISTRAR, Role.ADMIN)
FEED_READERS = allow(Role.INTEGRATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.POLICE, Role.ADMIN, write=())
RECEIVERS = allow(Role.INTEGRATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.POLICE)
ADMIN = allow(Role.ADMIN)
OPERATOR = allow(Role.OPERATOR)
# Everybody who may look at a filing in its area; who may take which step on it says the workflow table.
REVIEW = allow(
    Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEGAL, Role.AUDITOR, Role.LEADER,
    write=(Role.REVIEWER, Role.CHIEF, Role.LEGAL),
)  # fmt: skip
DECIDE = allow(Role.REVIEWER, Role.CHIEF, Role.LEGAL)
FILING_LETTERS = allow(
    Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEGAL, Role.AUDITOR, write=(Role.OPERATOR,)
)
OFFICERS = allow(Role.INSPECTOR, Role.REVIEWER)
PEOPLE = allow(Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.OPERATOR,))
# Full numbers, with a recorded reason; the services ask again whether a duty with one of these roles reaches the object.
UNMASK_INSTITUTION = allow(Role.REGISTRAR, Role.POLICE, Role.REVIEWER, Role.CHIEF)
UNMASK_PERSON = allow(Role.OPERATOR, Role.REVIEWER, Role.CHIEF)
# Reports of the public: answered by the body that owns the data, read by those who watch over it.
REPORTS = allow(
    Role.REGISTRAR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.AUDITOR, Role.LEADER,
    write=(Role.REGISTRAR, Role.REVIEWER, Role.CHIEF),
)  # fmt: skip

ROUTES: dict[str, Rule] = {
    # --- public
    "home": REGISTER,
    "styleguide": PUBLIC,
    "view_mode": PUBLIC,
    "about": PUBLIC,
    "accessibility": PUBLIC,
    "error_codes": PUBLIC,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": LOCAL,
    "access_link": PUBLIC,  # the address itself is the right; see `accounts.follow_link`
    # --- the public register
    "public:search": REGISTER,
    "public:map": REGISTER,
    "public:compare": REGISTER,
    "public:choose": PUBLIC,
    "public:institution": REGISTER,
    "public:how-to-read": REGISTER,
    "public:open-data": REGISTER,
    "public:download": REGISTER,
    "public:dictionary": REGISTER,
    "public:snapshot": REGISTER,
    "public:institution-feed": REGISTER,
    "public:area-feed": REGISTER,
    "public:subscribe": PUBLIC,
    "public:subscription-confirm": PUBLIC,
    "public:subscription-leave": PUBLIC,
    "public:report-error": PUBLIC,
    "public:report-unfiled": PUBLIC,
    "public:report-done": PUBLIC,
    "public:report-track": PUBLIC,
    # --- accounts of institutions: before there is one, and the institution's own people
    "accounts:open": PUBLIC,
    "accounts:done": PUBLIC,
    "accounts:track": PUBLIC,
    "accounts:join": PUBLIC,  # the address itself is the right; see `registry.accounts.opening.invitation`
    "accounts:colleagues": OPERATOR,
    "accounts:requests": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=()),
    "accounts:review": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.REVIEWER,)),
    "accounts:people": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.REVIEWER,)),
    "accounts:code": REGISTRAR,
    "public:reports": REPORTS,
    "public:report": REPORTS,
    # --- signed in
    "desk": SIGNED_IN,
    "messages": SIGNED_IN,
    "message": SIGNED_IN,
    "messages-read": SIGNED_IN,
    "file": SIGNED_IN,
    # --- staff: what one administrator grants, another approves
    "staff:people": allow(Role.ADMIN, write=()),
    "staff:new": ADMIN,
    "staff:person": allow(Role.ADMIN, write=()),
    "staff:grant": ADMIN,
    "staff:act": ADMIN,
    "staff:duty-end": ADMIN,
    "staff:identity-end": ADMIN,
    "staff:approvals": allow(Role.ADMIN, write=()),
    "staff:approval": ADMIN,
    "staff:approve-many": ADMIN,
    "staff:calendar": allow(Role.ADMIN, write=()),
    "staff:day-new": ADMIN,
    "staff:day": ADMIN,
    "staff:day-delete": ADMIN,
    # --- registrations
    "registry:list": READERS,
    "registry:detail": READERS,
    "registry:versions": READERS,
    "registry:reveal": UNMASK_INSTITUTION,
    "registry:create": with_files(REGISTRAR),
    "registry:change": with_files(REGISTRAR),
    "registry:end": REGISTRAR,
    "registry:irregular": REGISTRAR,
    "registry:export": allow(Role.REGISTRAR, Role.HEALTH_CITY, Role.REVIEWER, Role.CHIEF, write=()),
    "registry:imports": with_files(REGISTRAR),
    "registry:import-template": allow(Role.REGISTRAR, write=()),
    "registry:import": REGISTRAR,
    "registry:import-take": REGISTRAR,
    "registry:import-errors": allow(Role.REGISTRAR, write=()),
    # --- desks
    "registry:unfiled": HEALTH,
    "registry:record-filing": allow(Role.REVIEWER, Role.CHIEF),
    "registry:police": POLICE,
    "registry:police-receipt": POLICE,
    "registry:ledgers": LEDGERS,
    "registry:ledger-differences": LEDGERS,
    # Who looked at whose personal data is nobody else's to read.
    "registry:audit": allow(Role.AUDITOR, write=()),
    # --- filing: everybody
    "registry:self-check": PACED,
    "registry:standards": PUBLIC,
    "filing:guide": PUBLIC,
    "filing:nonconforming": REGISTER,
    "filing:verify-ask": PACED,
    "filing:verify": PACED,
    # --- filing: the institution
    "filing:cases": OPERATOR,
    "filing:start": OPERATOR,
    "filing:case": OPERATOR,
    "filing:precheck": OPERATOR,
    "filing:section": OPERATOR,
    "filing:class": OPERATOR,
    "filing:materials": OPERATOR,
    "filing:material": with_files(OPERATOR),
    "filing:material-remove": OPERATOR,
    "filing:pledge": OPERATOR,
    "filing:check": OPERATOR,
    "filing:done": OPERATOR,
    "filing:corrections": OPERATOR,
    "filing:letter": FILING_LETTERS,
    "filing:receipt": FILING_LETTERS,
    "filing:step": OPERATOR,
    # --- filing: the reviewing authority
    "filing:queue": REVIEW,
    "filing:take-next": allow(Role.REVIEWER),
    "filing:assign": allow(Role.CHIEF),
    "filing:areas": allow(Role.CHIEF),
    "filing:review": REVIEW,
    "filing:verdict": allow(Role.REVIEWER, Role.CHIEF),
    "filing:notice": allow(Role.REVIEWER, Role.CHIEF),
    "filing:issue": allow(Role.REVIEWER),
    "filing:waive": allow(Role.CHIEF),
    "filing:decide": DECIDE,
    "filing:site-checks": OFFICERS,
    "filing:site-check": OFFICERS,
    "filing:contact": OFFICERS,
    "filing:board": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEADER, Role.AUDITOR, write=()),
    # --- people
    "people:list": PEOPLE,
    "people:new": OPERATOR,
    "people:import": with_files(OPERATOR),
    "people:import-template": allow(Role.OPERATOR, write=()),
    "people:detail": PEOPLE,
    "people:paper": with_files(OPERATOR),
    "people:training": OPERATOR,
    "people:leave": OPERATOR,
    "people:reveal": UNMASK_PERSON,
    "people:discrepancies": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=()),
    "people:discrepancy": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.REVIEWER, Role.CHIEF)),
    # --- exchange pages
    "exchange:overview": ENDPOINT_READERS,
    "exchange:endpoint-create": ENDPOINT_OWNERS,
    "exchange:endpoint": ENDPOINT_READERS,
    "exchange:endpoint-edit": ENDPOINT_OWNERS,
    "exchange:endpoint-approve": ENDPOINT_OWNERS,
    "exchange:endpoint-rotate": ENDPOINT_OWNERS,
    "exchange:endpoint-ping": ENDPOINT_OWNERS,
    "exchange:endpoint-switch": ENDPOINT_OWNERS,
    "exchange:endpoint-close": ENDPOINT_OWNERS,
    "exchange:keys": allow(Role.INTEGRATOR, Role.ADMIN, write=()),
    "exchange:key-create": OWN_KEYS,
    "exchange:key-rotate": OWN_KEYS,
    "exchange:key-approve": ENDPOINT_OWNERS,
    "exchange:key-end": ENDPOINT_OWNERS,
    "exchange:deliveries": DELIVERY_READERS,
    "exchange:deliveries-export": allow(Role.INTEGRATOR, Role.HEALTH_CITY, Role.AUDITOR, Role.ADMIN, write=()),
    "exchange:delivery": DELIVERY_READERS,
    "exchange:redeliver": RESENDERS,
    "exchange:redeliver-range": ENDPOINT_OWNERS,
    "exchange:skip": ENDPOINT_OWNERS,
    "exchange:guide": PUBLIC,
    # --- sign-in and account: allauth's routes one by one, so that a new one is refused until it is ruled on
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_signup": NOBODY,
    "account_reauthenticate": SIGNED_IN,
    "account_email": CONFIRMED,
    "account_confirm_email": SIGNED_IN,  # and only the address's own person: pages.account.ConfirmEmail
    "account_email_verification_sent": NOBODY,
    "account_change_password": SIGNED_IN,  # its form asks for the present password
    "account_set_password": NOBODY,  # a person without a password gets one by the reset or from the administrators
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_confirm_login_code": NOBODY,
    "mfa_index": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": CONFIRMED,
    "mfa_deactivate_totp": CONFIRMED,
    "mfa_view_recovery_codes": CONFIRMED,
    "mfa_generate_recovery_codes": CONFIRMED,
    "mfa_download_recovery_codes": CONFIRMED,
    "usersessions_list": CONFIRMED,
    "socialaccount_login_cancelled": PUBLIC,
    "socialaccount_login_error": PUBLIC,
    "socialaccount_signup": NOBODY,
    "socialaccount_connections": NOBODY,  # identities are linked by two administrators (single_sign_on.py)
    "openid_connect_login": PUBLIC,
    "openid_connect_callback": PUBLIC,
    # --- API
    "api:root": PUBLIC,
    "api:schema": PUBLIC,
    "api:docs": PUBLIC,
    "api:codes": REGISTER,
    "api:regions": REGISTER,
    "api:institutions": REGISTER,
    "api:institution": REGISTER,
    "api:registrations": allow(*READERS.read, write=(Role.REGISTRAR,)),
    "api:registration": allow(*READERS.read, write=(Role.REGISTRAR,)),
    "api:registration-cancel": REGISTRAR,
    "api:registration-revoke": REGISTRAR,
    "api:registration-rescind": REGISTRAR,
    "api:registration-import": with_files(REGISTRAR),
    "api:filings": allow(*REVIEW.read, Role.OPERATOR, write=(Role.OPERATOR,)),
    "api:filing": allow(*REVIEW.read, Role.OPERATOR, write=()),
    "api:filing-section": OPERATOR,
    "api:filing-step": allow(Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.LEGAL),
    "api:events": FEED_READERS,
    "api:endpoints": ENDPOINT_READERS,
    "api:endpoint": ENDPOINT_READERS,
    "api:endpoint-rotate": ENDPOINT_OWNERS,
    "api:endpoint-ping": ENDPOINT_OWNERS,
    "api:deliveries": DELIVERY_READERS,
    "api:delivery": DELIVERY_READERS,
    "api:delivery-redeliver": RESENDERS,
    "api:receipts": RECEIVERS,
}

# Django's administration is ruled as one; its models each ask `admin.PortalAdmin`.
PREFIXES: dict[str, Rule] = {"admin:": ADMIN}
# Reachable while the second factor is still to be set up, besides what is public.
SECOND_FACTOR_EXEMPT = frozenset({"mfa_activate_totp", "account_reauthenticate"})


class Entry(Enum):
    """What the policy says to a caller at a door."""

    OPEN = "open"
    SIGN_IN = "sign in first"
    DENIED = "no duty for this"
    SECOND_FACTOR = "set up the second factor first"


def rule_for(view_name: str) -> Rule | None:
    """The rule of a route, or None when nobody has said who may reach it."""
    if view_name in ROUTES:
        return ROUTES[view_name]
    best = max((p for p in PREFIXES if view_name.startswith(p)), key=len, default="")
    return PREFIXES.get(best)


def may_enter(user: Any, view_name: str, method: str) -> bool:
    """Whether this user's duties let them use this method on this route at all: what buttons and menus ask."""
    rule = rule_for(view_name)
    if rule is None:
        return False
    if rule.public:
        return True
    if not user.is_authenticated:
        return False
    return rule.signed_in or user.has_role(*rule.roles_for(method))


def decide_entry(user: Any, view_name: str, method: str, *, by_session: bool) -> Entry:
    """The one decision at every door, asked by the pages' middleware and by the API's permission alike.

    `by_session`: the caller came by a browser's session. Who came by an API key needs no second factor: the key is
    a credential of its own, granted by two persons.
    """
    rule = rule_for(view_name)
    if rule is not None and rule.public:
        return Entry.OPEN
    if not user.is_authenticated:
        return Entry.SIGN_IN
    if not may_enter(user, view_name, method):
        return Entry.DENIED
    exempt = view_name in SECOND_FACTOR_EXEMPT
    return Entry.SECOND_FACTOR if by_session and not exempt and lacks_second_factor(user) else Entry.OPEN


def roles_for(user: Any, view_name: str, method: str) -> frozenset[str]:
    """The user's roles that open this route with this method: the only ones whose duties give scope there.

    Empty on a public route and for visitors; every role of the user where being signed in is enough.
    """
    rule = rule_for(view_name)
    if rule is None or rule.public or not user.is_authenticated:
        return frozenset()
    held: frozenset[str] = user.roles
    return held if rule.signed_in else held & rule.roles_for(method)


def opening_roles(request: Any) -> frozenset[str]:
    """What the policy put on the request when it let it in: `roles_for` this caller, route and method.

    Every `visible_to` of a page or call is asked with these, so that the area of one duty never serves the role of
    another (a reviewer of one county who also reads the whole city unmasks in the county alone).
    """
    return cast("frozenset[str]", request.roles)


def lacks_second_factor(user: Any) -> bool:
    """Whether one of the user's roles demands a second factor (contract.md: reviewers and above) that is not set up."""
    return settings.REQUIRE_SECOND_FACTOR and bool(user.roles & SECOND_FACTOR_ROLES) and not user.has_second_factor


NO_SECOND_FACTOR = Problem(
    "GEN-2FA", "", "您的职责要求两步验证，本账号还没有设置。请在浏览器登录后到“账号 → 两步验证”设置，或使用接口密钥。"
)


class PolicyPermission(BasePermission):
    """The API's only wall: the same table (`LoginRequiredMiddleware` does not protect DRF views)."""

    def has_permission(self, request: Any, view: Any) -> bool:
        match, method = request.resolver_match, request.method or "GET"
        entry = decide_entry(request.user, match.view_name if match else "", method, by_session=request.auth is None)
        if entry is Entry.SECOND_FACTOR:
            raise Rejected(NO_SECOND_FACTOR, status=403, title="请先设置两步验证")
        if entry is Entry.OPEN:
            request.roles = roles_for(request.user, match.view_name, method)
        return entry is Entry.OPEN
