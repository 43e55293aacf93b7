"""Who may reach what: the one table, read by pages, API, templates, the docs and the authorization matrix.

`ROUTES` names every route of the URLconf with the rule that guards it; a route without a rule fails the system
check and is refused at run time. A rule says who may *enter*; which objects they then see is `visible_to`, which
steps they may take on one is the workflow table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import BasePermission

from .choices import SECOND_FACTOR_ROLES, Role

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Rule:
    """`read` and `write` are the roles that may use safe and unsafe methods; `public`/`signed_in` open it wider.

    `replica`: what visitors read there is the same for everybody and nobody has just written it, so a replica may answer.
    """

    public: bool = False
    signed_in: bool = False
    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()
    local_only: bool = False
    replica: bool = False

    def roles_for(self, method: str) -> frozenset[str]:
        """The roles that may use this method."""
        return self.read | self.write if method in SAFE else self.write


def allow(*roles: str, write: tuple[str, ...] | None = None) -> Rule:
    """A rule for roles; `write` narrows who may change, default: the same roles."""
    return Rule(read=frozenset(roles), write=frozenset(roles if write is None else write))


PUBLIC = Rule(public=True)
REGISTER = Rule(public=True, replica=True)
SIGNED_IN = Rule(signed_in=True)
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
    # --- the public register
    "public:search": REGISTER,
    "public:map": REGISTER,
    "public:compare": REGISTER,
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
    "public:reports": REPORTS,
    "public:report": REPORTS,
    # --- signed in
    "desk": SIGNED_IN,
    "messages": SIGNED_IN,
    "message": SIGNED_IN,
    "file": SIGNED_IN,
    # --- registrations
    "registry:list": READERS,
    "registry:detail": READERS,
    "registry:versions": READERS,
    "registry:reveal": allow(Role.REGISTRAR, Role.POLICE, Role.REVIEWER, Role.CHIEF),
    "registry:create": REGISTRAR,
    "registry:change": REGISTRAR,
    "registry:end": REGISTRAR,
    "registry:irregular": REGISTRAR,
    "registry:export": allow(Role.REGISTRAR, Role.HEALTH_CITY, Role.REVIEWER, Role.CHIEF, write=()),
    "registry:imports": REGISTRAR,
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
    # --- filing: everybody
    "registry:self-check": PUBLIC,
    "registry:standards": PUBLIC,
    "filing:guide": PUBLIC,
    "filing:nonconforming": REGISTER,
    "filing:verify-ask": PUBLIC,
    "filing:verify": PUBLIC,
    # --- filing: the institution
    "filing:cases": OPERATOR,
    "filing:start": OPERATOR,
    "filing:case": OPERATOR,
    "filing:precheck": OPERATOR,
    "filing:section": OPERATOR,
    "filing:class": OPERATOR,
    "filing:materials": OPERATOR,
    "filing:material": OPERATOR,
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
    "filing:board": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEADER, Role.AUDITOR, write=()),
    # --- people
    "people:list": PEOPLE,
    "people:new": OPERATOR,
    "people:import": OPERATOR,
    "people:import-template": allow(Role.OPERATOR, write=()),
    "people:detail": PEOPLE,
    "people:paper": OPERATOR,
    "people:training": OPERATOR,
    "people:leave": OPERATOR,
    "people:reveal": allow(Role.OPERATOR, Role.REVIEWER, Role.CHIEF),
    # --- exchange pages
    "exchange:overview": ENDPOINT_READERS,
    "exchange:endpoint-create": ENDPOINT_OWNERS,
    "exchange:endpoint": ENDPOINT_READERS,
    "exchange:endpoint-edit": ENDPOINT_OWNERS,
    "exchange:endpoint-rotate": ENDPOINT_OWNERS,
    "exchange:endpoint-ping": ENDPOINT_OWNERS,
    "exchange:endpoint-switch": ENDPOINT_OWNERS,
    "exchange:deliveries": DELIVERY_READERS,
    "exchange:deliveries-export": allow(Role.INTEGRATOR, Role.HEALTH_CITY, Role.AUDITOR, Role.ADMIN, write=()),
    "exchange:delivery": DELIVERY_READERS,
    "exchange:redeliver": RESENDERS,
    "exchange:redeliver-range": ENDPOINT_OWNERS,
    "exchange:skip": ENDPOINT_OWNERS,
    "exchange:guide": PUBLIC,
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
    "api:registration-import": REGISTRAR,
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

# Whole namespaces of well-kept libraries, ruled as one.
PREFIXES: dict[str, Rule] = {
    "admin:": ADMIN,
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_signup": PUBLIC,  # closed: it only says where accounts come from
    "account_reset_password": PUBLIC,
    "account_": SIGNED_IN,
    "mfa_authenticate": PUBLIC,
    "mfa_": SIGNED_IN,
    "usersessions_": SIGNED_IN,
    "openid_connect_": PUBLIC,
    "socialaccount_connections": SIGNED_IN,
    "socialaccount_": PUBLIC,
}
# Reachable while the second factor is still to be set up.
SECOND_FACTOR_EXEMPT = ("mfa_", "account_", "view_mode", "healthz", "readyz", "home", "file_static")


def rule_for(view_name: str) -> Rule | None:
    """The rule of a route, or None when nobody has said who may reach it."""
    if view_name in ROUTES:
        return ROUTES[view_name]
    best = max((p for p in PREFIXES if view_name.startswith(p)), key=len, default="")
    return PREFIXES.get(best)


def may_enter(user: Any, view_name: str, method: str) -> bool:
    """Whether this user may use this method on this route at all."""
    rule = rule_for(view_name)
    if rule is None:
        return False
    if rule.public:
        return True
    if not user.is_authenticated:
        return False
    return rule.signed_in or user.has_role(*rule.roles_for(method))


def needs_second_factor(user: Any) -> bool:
    """Whether any of the user's roles demands a second factor (contract.md: reviewers and above)."""
    return user.is_authenticated and bool(user.roles & SECOND_FACTOR_ROLES)


class PolicyPermission(BasePermission):
    """The API's only wall: the same table (`LoginRequiredMiddleware` does not protect DRF views)."""

    def has_permission(self, request: Any, view: Any) -> bool:
        match = request.resolver_match
        return match is not None and may_enter(request.user, match.view_name, request.method or "GET")


def is_local(request: HttpRequest) -> bool:
    """Whether the request comes from this machine."""
    return request.META.get("REMOTE_ADDR", "") in {"", "127.0.0.1", "::1"}
