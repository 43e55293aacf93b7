"""Who may reach what: the one table, read by pages, API, templates, the docs and the authorization matrix.

`ROUTES` names every route of the URLconf with the rule that guards it: the kernel's own here, those of an app in its
`permissions.py`. A route without a rule fails the system check and is refused at run time. A rule says who may *enter*; which objects they then see is `visible_to`, which
steps they may take on one is the workflow table.
"""

from __future__ import annotations

from collections.abc import Mapping
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

ADMIN = allow(Role.ADMIN)

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
    # --- signed in
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


def add_routes(rules: Mapping[str, Rule]) -> None:
    """An app's own routes, told when it is ready. Raises ValueError for a route that is ruled otherwise already."""
    if twice := [name for name, rule in rules.items() if ROUTES.get(name, rule) != rule]:
        raise ValueError(f"ruled twice: {', '.join(twice)}")
    ROUTES.update(rules)


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
