"""The standing cast and one factory for institutions: every test speaks of the same people."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.database import copy_instead_of_migrating
from tests.kept_rows import keep, return_after_transactional_tests
from tests.sample_pictures import encode_once
from tests.scenes import Scenes

# Playwright's loop makes Django think it runs in async code; the tests themselves are synchronous.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# What a test draws is judged by its results, never by how fast this machine happens to be.
hypothesis_settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("portal")

PASSWORD = "yancheng-demo-2026"
# Cheap password hashes and no mail leaving; everything else as it runs.
QUICK = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """A machine that stands still for a while ends no statement of a test; locks are waited for as in production."""
    for alias in connections:
        options = connections[alias].settings_dict["OPTIONS"]
        options["options"] = re.sub(r"(statement|session)_timeout=15000", r"\1_timeout=180000", options["options"])
    copy_instead_of_migrating()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Reference data and the cast once per session; they are there again after each transactional test."""
    from django.test import override_settings

    from registry.demo.accounts import create_accounts

    with django_db_blocker.unblock(), override_settings(**QUICK):
        call_command("load_reference", verbosity=0, stdout=open(os.devnull, "w"))
        create_accounts(password=PASSWORD)
        return_after_transactional_tests(keep())


@pytest.fixture(scope="session", autouse=True)
def _quick_pictures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        encode_once(monkeypatch)
        yield


@pytest.fixture(autouse=True)
def _quick_tests(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`QUICK`, and caches as empty as the database."""
    for name, value in QUICK.items():
        setattr(settings, name, value)
    settings.WHITENOISE_AUTOREFRESH = True  # else every new client walks all static files
    from django.core.cache import cache

    from yancheng_childcare import limits, workdays
    from yancheng_childcare.places import forget_places

    cache.clear()
    forget_places()
    limits.forget()
    # Read again after some seconds: how long a test takes must not change how many queries it counts.
    settings.CALENDAR_REFRESH_SECONDS = 3600
    workdays.forget()
    workdays._live.settled_at = 0.0  # as in a process that has not written yet


@pytest.fixture
def reference(db: None) -> None:
    """Regions and departments."""


@pytest.fixture
def cast(reference: None) -> dict[str, Any]:
    """Every demo account of the contract, by username."""
    from registry.demo.accounts import ACCOUNTS
    from yancheng_childcare.models import User

    return User.objects.in_bulk([account.username for account in ACCOUNTS], field_name="username")


@pytest.fixture
def scenes(cast: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Scenes:
    """Lives through what fixtures make, or brings it back."""
    return Scenes(cast, monkeypatch)


@pytest.fixture
def as_user(cast: dict[str, Any], scenes: Scenes) -> Callable[[str], Client]:
    """A browser signed in as one of the cast ("" = nobody)."""

    def sign_in(username: str) -> Client:
        client = Client()
        if username:
            client.force_login(cast[username], backend="yancheng_childcare.accounts.signin.PortalBackend")
        return client

    return sign_in


@pytest.fixture
def api(cast: dict[str, Any]) -> Callable[[str], Client]:
    """An API client with a key of one of the cast."""
    from exchange.clients import issue_key

    def with_key(username: str) -> Client:
        _, key = issue_key(user=cast[username], name="test", actor=None)
        return Client(headers={"Authorization": f"Bearer {key}"})

    return with_key


_serial = itertools.count(1)


@pytest.fixture
def registration() -> Callable[..., dict[str, Any]]:
    """A complete, valid registration of 亭湖区 as entered; keyword arguments replace fields."""
    from registry.rules.identity import make_id_number
    from registry.rules.uscc import make_uscc

    def build(**fields: Any) -> dict[str, Any]:
        number = next(_serial)
        nature = fields.get("nature", "FORPROFIT")
        prefix = {"NONPROFIT": "52", "PUBLIC": "12", "FORPROFIT_IND": "92", "HOME": "92"}.get(nature, "91")
        region = fields.get("region_code", "320902")
        data: dict[str, Any] = {
            "uscc": make_uscc(prefix, region if region.isdigit() else "320900", number),
            "name": f"盐城市试验{number}号托育服务有限公司",
            "nature": nature,
            "registered_address": f"盐城市亭湖区试验路{number}号",
            "region_code": region,
            "town_code": "320902001",
            "legal_rep_name": "张试验",
            "legal_rep_id_no": make_id_number("320902", date(1985, 6, 1), number % 999),
            "contact_phone": "13812341234",
            "registered_capital": "50",
            "capital_kind": "STARTUP" if nature in {"NONPROFIT", "PUBLIC"} else "REGISTERED",
            "business_scope": "托育服务；家庭托育服务" if nature == "HOME" else "托育服务",
            "purpose": "提供托育服务" if nature in {"NONPROFIT", "PUBLIC"} else "",
            "supervising_unit": "盐城市卫生健康委员会" if nature == "NONPROFIT" else "",
            "established_on": "2025-03-03",
            "approved_on": "2025-03-05",
            "valid_from": "2025-03-03",
            "valid_to": None,
        }
        return {**data, **fields}

    return build


@pytest.fixture
def institution(cast: dict[str, Any], registration: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    """A registered institution; `by` is the registrar, keyword arguments replace entered fields."""
    from registry.registration.services import register_institution, registry_department

    def register(by: str = "registrar_tinghu", **fields: Any) -> Any:
        actor = cast[by]
        return register_institution(data=registration(**fields), actor=actor, registry_org=registry_department(actor))

    return register


@pytest.fixture
def elsewhere(cast: dict[str, Any], registration: Callable[..., dict[str, Any]]) -> Callable[..., Any]:
    """An institution of another county (东台市), registered by the city's civil affairs bureau."""
    from registry.registration.services import register_institution, registry_department

    def register(**fields: Any) -> Any:
        actor = cast["registrar_civil"]
        data = registration(**{"nature": "NONPROFIT", "region_code": "320981", "town_code": "320981100", **fields})
        return register_institution(data=data, actor=actor, registry_org=registry_department(actor))

    return register
