"""Signing in: Chinese pages, lock-out, second factor, closed sign-up."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD
from yancheng_childcare.models import Event, User

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client: Client, username: str, password: str = PASSWORD):
    return client.post(LOGIN, {"login": username, "password": password})


def test_the_page_is_chinese_and_says_where_accounts_come_from(client, cast):
    text = client.get(LOGIN).content.decode()
    assert "登录" in text
    assert "用户名" in text
    assert "密码" in text


def test_a_known_person_reaches_the_desk_and_it_is_kept_as_an_act(client, cast):
    response = sign_in(client, "reviewer_tinghu")
    assert response.status_code == 302
    assert response["Location"] == reverse("desk")
    assert Event.objects.filter(action="signin.succeeded", actor=cast["reviewer_tinghu"]).exists()


def test_the_session_key_changes_at_sign_in(client, cast):
    client.get(LOGIN)
    session = client.session
    session["planted"] = 1
    session.save()
    before = session.session_key
    sign_in(client, "reviewer_tinghu")
    assert client.session.session_key != before


def test_unknown_and_known_names_get_the_same_words(client, cast):
    wrong = sign_in(client, "reviewer_tinghu", "not-the-password")
    unknown = sign_in(Client(), "nobody_here", "not-the-password")
    assert wrong.status_code == unknown.status_code == 200
    import re

    words = [
        re.findall(r"用户名[^<]{0,40}密码[^<]{0,20}|密码[^<]*(?:错误|不正确)[^<]*", r.content.decode())
        for r in (wrong, unknown)
    ]
    assert words[0] == words[1] != []
    assert Event.objects.filter(action="signin.failed", succeeded=False).count() == 2


def test_lock_out_after_five_wrong_passwords_and_not_for_others(client, cast):
    for _ in range(5):
        sign_in(client, "reviewer_tinghu", "wrong-password-here")
    locked = sign_in(client, "reviewer_tinghu")
    assert "_auth_user_id" not in client.session
    assert locked.status_code in {200, 429}
    other = Client()
    assert sign_in(other, "police_tinghu").status_code == 302


def test_sign_up_is_closed(client, cast):
    assert client.get("/accounts/signup/")["Location"].startswith(LOGIN)
    assert "账号由本单位管理员开通" in client.get(LOGIN).content.decode()
    before = User.objects.count()
    client.post("/accounts/signup/", {"username": "newbie", "password1": "a-Long-pass-1", "password2": "a-Long-pass-1"})
    assert User.objects.count() == before


def test_a_person_whose_account_is_closed_is_out_at_the_next_request(as_user, cast):
    client = as_user("reviewer_tinghu")
    assert client.get(reverse("desk")).status_code == 200
    User.objects.filter(username="reviewer_tinghu").update(is_active=False)
    assert client.get(reverse("desk")).status_code == 302


def test_a_duty_that_ends_ends_the_rights_at_the_next_request(as_user, cast):
    client = as_user("registrar_tinghu")
    assert client.get(reverse("registry:list")).status_code == 200
    cast["registrar_tinghu"].duties.update(approved_by=None)
    assert client.get(reverse("registry:list")).status_code == 403


def test_staff_must_set_up_a_second_factor_where_it_is_required(as_user, cast, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    staff, operator = as_user("reviewer_tinghu"), as_user("operator_xiaotaiyang")
    response = staff.get(reverse("desk"))
    assert response.status_code == 302
    assert response["Location"] == reverse("mfa_activate_totp")
    assert operator.get(reverse("desk")).status_code == 200
    Authenticator.objects.create(user=cast["reviewer_tinghu"], type="totp", data={"secret": "x"})
    assert staff.get(reverse("desk")).status_code == 200


def test_with_a_second_factor_the_password_alone_does_not_sign_in(client, cast):
    from allauth.mfa.totp.internal.auth import (
        TOTP,
        format_hotp_value,
        generate_totp_secret,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    secret = generate_totp_secret()
    TOTP.activate(cast["reviewer_tinghu"], secret)
    response = sign_in(client, "reviewer_tinghu")
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.session["_auth_user_id"] == str(cast["reviewer_tinghu"].pk)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
        "%09//evil.example",
        "http:evil.example",
    ],
)
def test_signing_in_never_leads_elsewhere(client, cast, target):
    response = client.post(f"{LOGIN}?next={target}", {"login": "reviewer_tinghu", "password": PASSWORD, "next": target})
    assert response.status_code == 302
    # What a browser makes of the answer: a backslash counts as a slash, blanks and tabs at the front are dropped.
    location = response["Location"].replace("\\", "/").strip()
    assert urlsplit(urljoin("http://testserver/accounts/login/", location))[:2] == ("http", "testserver")


def test_signing_out_needs_a_post_and_ends_the_session(as_user):
    client = as_user("reviewer_tinghu")
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get(reverse("desk")).status_code == 200
    client.post("/accounts/logout/")
    assert client.get(reverse("desk")).status_code == 302
