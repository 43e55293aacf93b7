"""allauth's routes are ruled one by one; what the portal does not use is closed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from yancheng_childcare import checks, permissions
from yancheng_childcare.permissions import NOBODY, PREFIXES, PUBLIC, ROUTES, SECOND_FACTOR_EXEMPT, rule_for

LIBRARY = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_")
# By hand, apart from the table: what of allauth somebody who is not signed in may reach at all.
OPEN = {
    "account_login", "account_logout", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "mfa_authenticate",
    "socialaccount_login_cancelled", "socialaccount_login_error", "openid_connect_login", "openid_connect_callback",
}  # fmt: skip
# And what nobody may.
CLOSED = {
    "account_signup", "account_set_password", "account_email_verification_sent", "account_confirm_login_code",
    "socialaccount_signup", "socialaccount_connections",
}  # fmt: skip
CONFIRMED = {
    "account_email", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "usersessions_list",
}  # fmt: skip


def library_routes() -> set[str]:
    return {name for name, _, _ in checks.routes() if name.startswith(LIBRARY)}


def test_each_route_of_the_library_has_a_rule_of_its_own():
    names = library_routes()
    assert len(names) >= 30
    assert names <= ROUTES.keys()
    assert {name for name in ROUTES if name.startswith(LIBRARY)} == names  # no rule for what does not exist
    assert set(PREFIXES) == {"admin:"}


def test_who_may_reach_the_library_as_listed_by_hand():
    names = library_routes()
    assert {name for name in names if rule_for(name) == PUBLIC} == OPEN
    assert {name for name in names if rule_for(name) == NOBODY} == CLOSED
    assert {name for name in names if rule_for(name).confirmed} == CONFIRMED
    assert all(rule_for(name).signed_in for name in names - OPEN - CLOSED)
    assert {"mfa_activate_totp", "account_reauthenticate"} == SECOND_FACTOR_EXEMPT


@pytest.mark.parametrize("name", ["account_new_page", "mfa_login_webauthn", "socialaccount_something"])
def test_a_new_route_of_the_library_fails_the_check_and_is_refused(monkeypatch, name):
    known = list(checks.routes())
    monkeypatch.setattr(checks, "routes", lambda: iter([*known, (name, "new/", None)]))
    assert [error.id for error in checks.every_route_has_a_rule(None)] == ["portal.E001"]
    assert not permissions.may_enter(type("Signed", (), {"is_authenticated": True})(), name, "GET")


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(CLOSED))
def test_closed_routes_answer_nobody(name, as_user):
    address = reverse(name)
    for method in ("get", "post"):
        assert getattr(Client(), method)(address)["Location"].startswith("/accounts/login/")
        assert getattr(as_user("admin"), method)(address).status_code == 403
