"""The raw administration gives nothing by flags, holds nothing of other packages, and works by duty (security.md H4c)."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from exchange.models import AllowedTarget, ApiClient
from yancheng_childcare.administration import PortalAdmin, PortalSite
from yancheng_childcare.checks import administration_is_ruled_by_duty
from yancheng_childcare.choices import Role
from yancheng_childcare.models import Duty, User

FOREIGN = (
    "mfa/authenticator", "socialaccount/socialaccount", "socialaccount/socialapp", "account/emailaddress",
    "usersessions/usersession", "django_celery_beat/periodictask", "auth/group", "sessions/session",
)  # fmt: skip


@pytest.mark.parametrize("flag", ["is_superuser", "is_staff", "groups", "user_permissions"])
def test_there_is_no_flag_to_set(flag):
    assert not hasattr(User, flag)


@pytest.mark.django_db
def test_djangos_permissions_give_nothing(cast):
    assert not cast["admin"].has_perm("exchange.add_apiclient")
    assert not cast["admin"].has_module_perms("exchange")


def test_every_administered_model_is_ours():
    assert administration_is_ruled_by_duty(None) == []
    assert all(isinstance(found, PortalAdmin) for found in admin.site._registry.values())
    assert len(admin.site._registry) >= 12


def test_a_foreign_administration_fails_the_check():
    admin.site.register(Group)
    try:
        assert [found.id for found in administration_is_ruled_by_duty(None)] == ["portal.E003"]
    finally:
        admin.site.unregister(Group)


def test_what_packages_register_is_taken_off_again():
    site = PortalSite("another")
    site.register(Group)
    site.forget_foreign()
    assert not site.is_registered(Group)


@pytest.mark.django_db
@pytest.mark.parametrize("path", FOREIGN)
def test_tables_of_other_packages_are_not_administered(as_user, path):
    assert as_user("admin").get(f"/admin/{path}/").status_code == 404
    assert as_user("admin").get(f"/admin/{path}/add/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["exchange/apiclient", "exchange/allowedtarget", "exchange/endpoint", "exchange/outboxevent",
             "exchange/endpointchange", "registry/institution", "registry/ruleswitch", "yancheng_childcare/user"],
)  # fmt: skip
def test_an_administrator_by_duty_alone_can_do_the_work(as_user, cast, path):
    assert as_user("admin2").get(f"/admin/{path}/").status_code == 200


@pytest.mark.django_db
def test_the_administration_has_no_sign_in_of_its_own(as_user, client):
    answer = client.post("/admin/login/", {"username": "admin", "password": "yancheng-demo-2026"})
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session
    assert as_user("admin").get("/admin/password_change/")["Location"] == "/accounts/password/change/"


@pytest.mark.django_db
@pytest.mark.parametrize("own", ["granter", "holder"])
def test_the_database_knows_two_persons(cast, own):
    """For every kind of row, also when a script writes past the service."""
    admin, chief = cast["admin"], cast["chief_tinghu"]
    approver = {"granter": admin, "holder": chief}[own]
    rows = [
        lambda: Duty.objects.create(
            user=chief, role=Role.AUDITOR, valid_from=date(2026, 1, 1), granted_by=admin, approved_by=approver
        ),
        lambda: ApiClient.objects.create(user=chief, name="x", key_hash="x", granted_by=admin, approved_by=approver),
    ]
    if own == "granter":
        rows.append(
            lambda: AllowedTarget.objects.create(
                department_id="320902-HEALTH", host="a.example", port=443, cidr="10.0.0.0/24", reason="x",
                granted_by=admin, approved_by=admin,
            )
        )  # fmt: skip
    for make in rows:
        with pytest.raises(IntegrityError, match="two_persons|not_own"), transaction.atomic():
            make()


@pytest.mark.django_db
def test_a_duty_without_anybody_who_granted_it_is_no_duty(cast):
    with pytest.raises(IntegrityError, match="duty_granted_by_somebody"), transaction.atomic():
        Duty.objects.create(
            user=cast["chief_tinghu"], role=Role.AUDITOR, valid_from=date(2026, 1, 1), approved_by=cast["admin"]
        )
