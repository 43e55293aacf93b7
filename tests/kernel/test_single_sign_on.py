"""Single sign-on matches the subject two administrators linked, and nothing an owner of an identity can choose.

Against a provider of our own over real HTTP on loopback, through allauth's whole flow.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, connection, transaction
from django.test import Client
from oidc_provider import provider

from yancheng_childcare.accounts.single_sign_on import end_identity, link_identity, subject_index
from yancheng_childcare.approvals import approve, fingerprint
from yancheng_childcare.models import Event, LinkedIdentity, Notification, User
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
SUBJECT = "Citizen-0816-abcdef"


@pytest.fixture
def second(cast):
    return cast["admin2"]


@pytest.fixture
def province(settings):
    with provider() as found:
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "APPS": [
                    {
                        "provider_id": "province", "name": "江苏政务服务网", "client_id": "portal", "secret": "s",
                        "settings": {"server_url": found.url},
                    }
                ]
            }
        }  # fmt: skip
        yield found


def approve_identity(*, identity, actor):
    """As the page does: with the fingerprint of what it showed."""
    return approve(identity, seen=fingerprint(identity), actor=actor)


def linked(cast, second, username="chief_tinghu", subject=SUBJECT):
    identity = link_identity(user=cast[username], subject=subject, actor=cast["admin"])
    return approve_identity(identity=identity, actor=second)


def come_back(province, client: Client | None = None, *, start="/accounts/oidc/province/login/", **claims):
    """The whole way: our button, the provider's page, back with a code; returns the browser and the last page."""
    client = client or Client()
    province.claims = {"sub": SUBJECT, **claims}
    to_provider = client.post(start)
    assert to_provider.status_code == 302 and to_provider["Location"].startswith(f"{province.url}/authorize")
    asked = parse_qs(urlsplit(to_provider["Location"]).query)
    back = urlsplit(asked["redirect_uri"][0]).path
    return client, client.get(back, {"code": "c", "state": asked["state"][0]}, follow=True)


def test_the_linked_subject_signs_in_and_the_first_time_is_kept_and_told(cast, second, province):
    linked(cast, second)
    for _ in range(2):
        client, page = come_back(province, preferred_username="somebody", email="some@example.org")
        assert client.session["_auth_user_id"] == str(cast["chief_tinghu"].pk)
        assert page.status_code == 200
    assert Event.objects.filter(action="identity.first_used", actor=cast["chief_tinghu"]).count() == 1
    told = Notification.objects.filter(user=cast["chief_tinghu"]).order_by("id").values_list("body", flat=True)
    assert ["开通" in told[0], "首次" in told[1]] == [True, True] and len(told) == 2
    assert "/userinfo" in province.asked and "/token" in province.asked


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "citizen-1", "preferred_username": "chief_tinghu"},
        {"sub": "citizen-1", "name": "chief_tinghu", "nickname": "chief_tinghu", "upn": "chief_tinghu"},
        {"sub": "citizen-1", "preferred_username": SUBJECT},
        {"sub": "chief_tinghu"},
        {"sub": "citizen-1", "email": "chief@example.org", "email_verified": True},
        {"sub": SUBJECT.lower()},
        {"sub": SUBJECT.replace("-", "")},
        {"sub": f"{SUBJECT} "},
    ],
    ids=lambda claims: next(iter(claims.values())) + "/" + list(claims)[-1],
)
def test_what_the_owner_of_an_identity_chooses_signs_in_nobody(cast, second, province, claims):
    """M6 as it was tried: `preferred_username: chief_tinghu` became the chief."""
    linked(cast, second)
    EmailAddress.objects.create(user=cast["chief_tinghu"], email="chief@example.org", verified=True, primary=True)
    users = User.objects.count()
    client, page = come_back(province, **claims)
    text = page.content.decode()
    assert "_auth_user_id" not in client.session
    assert page.request["PATH_INFO"] == "/accounts/login/"
    assert "请把身份标识" in text and "告诉本单位管理员" in text
    assert User.objects.count() == users and not SocialAccount.objects.exists()
    act = Event.objects.get(action="signin.refused")
    assert (act.succeeded, act.actor) == (False, None)
    assert act.data["subject_index"] == subject_index("province", claims["sub"]) and claims["sub"] not in str(act.data)


def test_a_link_waits_for_the_second_administrator_and_ends_at_once(cast, second, province):
    identity = link_identity(user=cast["chief_tinghu"], subject=SUBJECT, actor=cast["admin"])
    client, _ = come_back(province)
    assert "_auth_user_id" not in client.session
    approve_identity(identity=identity, actor=second)
    client, _ = come_back(province)
    assert "_auth_user_id" in client.session
    end_identity(identity=identity, actor=cast["admin"])
    client, _ = come_back(province)
    assert "_auth_user_id" not in client.session


def test_one_administrator_alone_links_nobody(cast, second):
    def refused(act, **arguments):
        with pytest.raises(Rejected) as caught, transaction.atomic():
            act(**arguments)
        return caught.value.code, caught.value.status

    assert refused(link_identity, user=cast["admin"], subject="x", actor=cast["admin"]) == ("ACC-410", 403)
    assert refused(link_identity, user=cast["chief_tinghu"], subject="x", actor=cast["auditor_city"]) == (
        "ACC-403",
        403,
    )
    assert refused(link_identity, user=cast["chief_tinghu"], subject=" ", actor=cast["admin"]) == ("ACC-422", 422)
    identity = link_identity(user=cast["chief_tinghu"], subject=SUBJECT, actor=cast["admin"])
    assert refused(approve_identity, identity=identity, actor=cast["admin"]) == ("APR-102", 403)
    assert refused(approve_identity, identity=identity, actor=cast["chief_tinghu"]) == ("APR-105", 403)
    own = link_identity(user=second, subject="own", actor=cast["admin"])
    assert refused(approve_identity, identity=own, actor=second) == ("APR-103", 403)
    assert refused(link_identity, user=cast["police_tinghu"], subject=SUBJECT, actor=second) == ("ACC-409", 409)
    approve_identity(identity=identity, actor=second)
    assert refused(approve_identity, identity=identity, actor=second) == ("APR-104", 409)
    assert not LinkedIdentity.objects.in_force().exclude(pk=identity.pk).exists()
    kept = Event.objects.filter(action__startswith="identity.").order_by("id").values_list("action", flat=True)
    assert list(kept) == ["identity.entered", "identity.entered", "identity.approved"]


@pytest.mark.parametrize(
    ("granted", "approved"), [("admin", "admin"), ("chief_tinghu", "admin"), ("admin", "chief_tinghu")]
)
def test_the_database_too_wants_two_persons_and_neither_is_the_user(cast, granted, approved):
    with pytest.raises(IntegrityError), transaction.atomic():
        LinkedIdentity.objects.create(
            user=cast["chief_tinghu"], provider="province", subject_index="x",
            granted_by=cast[granted], approved_by=cast[approved],
        )  # fmt: skip


def test_nobody_links_an_identity_to_the_session_they_sit_at(cast, second, province, as_user):
    """allauth's `process=connect` would link the citizen who comes back to whoever is signed in."""
    client, _ = come_back(province, as_user("chief_tinghu"), start="/accounts/oidc/province/login/?process=connect")
    assert not SocialAccount.objects.exists() and not LinkedIdentity.objects.exists()
    assert Event.objects.filter(action="signin.refused", succeeded=False).count() == 1


def test_two_subjects_in_one_answer_sign_in_nobody(cast, second, province):
    linked(cast, second)
    province.token_claims = {"sub": "somebody-else"}
    client, page = come_back(province)
    assert "_auth_user_id" not in client.session
    assert "不一致" in page.content.decode()


def test_the_second_factor_is_asked_after_single_sign_on_too(cast, second, province):
    linked(cast, second)
    secret = generate_totp_secret()
    TOTP.activate(cast["chief_tinghu"], secret)
    client, page = come_back(province, phone_number="13800001234", id_no="320902198501011234")
    assert page.request["PATH_INFO"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    kept = str(dict(client.session))
    for secret_part in ("13800001234", "320902198501011234", "'citizen'", cast["chief_tinghu"].password):
        assert secret_part not in kept
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.session["_auth_user_id"] == str(cast["chief_tinghu"].pk)


def test_neither_the_subject_nor_what_the_provider_tells_is_kept(cast, second, province):
    linked(cast, second)
    come_back(province, name="金丝雀姓名", phone_number="13800001234")
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ''), '') FROM \"{table}\" t")
            found.append(cursor.fetchone()[0])
    from django.contrib.sessions.models import Session

    everything = "".join(found) + "".join(str(row.get_decoded()) for row in Session.objects.all())
    for canary in (SUBJECT, "金丝雀姓名", "13800001234"):
        assert canary not in everything


def test_a_closed_account_stays_closed(cast, second, province):
    linked(cast, second)
    User.objects.filter(username="chief_tinghu").update(is_active=False)
    client, page = come_back(province)
    assert page.request["PATH_INFO"] == "/accounts/inactive/"
    assert "_auth_user_id" not in client.session


def test_a_provider_that_is_away_is_a_chinese_page(cast, province, settings):
    client = Client()
    to_provider = client.post("/accounts/oidc/province/login/")
    state = parse_qs(urlsplit(to_provider["Location"]).query)["state"][0]
    page = client.get("/accounts/oidc/province/login/callback/", {"error": "server_error", "state": state}, follow=True)
    assert "统一身份认证没有完成" in page.content.decode()
    page = client.get(
        "/accounts/oidc/province/login/callback/", {"error": "access_denied", "state": state}, follow=True
    )
    assert page.status_code == 200 and "取消" in page.content.decode() or "没有完成" in page.content.decode()
    assert Event.objects.filter(action="signin.refused", succeeded=False).exists()
