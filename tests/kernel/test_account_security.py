"""Whoever finds an open desk cannot make it a lasting takeover: address, password, second factor and sessions change
only after the person proved to be there; each change is kept, told to the former address and ends other sessions.
"""

from __future__ import annotations

import re
import time
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD
from yancheng_childcare.accounts.requests import ask
from yancheng_childcare.approvals import approve, fingerprint
from yancheng_childcare.choices import AccountRequestKind
from yancheng_childcare.models import Event, Notification, User
from yancheng_childcare.notifications import notify
from yancheng_childcare.tasks import mail_notifications

pytestmark = pytest.mark.django_db
REAUTHENTICATE = "/accounts/reauthenticate/"
EMAIL = "/accounts/email/"
NEW_PASSWORD = "a-new-Long-pass-2026"


def sign_in(username: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": username, "password": password})
    return client


def prove(client: Client) -> None:
    assert client.post(REAUTHENTICATE, {"password": PASSWORD}).status_code == 302


def signed_in(client: Client) -> bool:
    return client.get(reverse("desk")).status_code == 200


def confirm(username: str, address: str) -> None:
    user = User.objects.get(username=username)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    User.objects.filter(pk=user.pk).update(email=address)


def link_in(message) -> str:
    return urlsplit(re.search(r"https?://\S+", message.body)[0]).path


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def enrol(client: Client) -> str:
    """The second factor as a person sets it up; returns the secret shown on the page."""
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)[1]
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    return secret


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("post", EMAIL, {"email": "attacker@example.com", "action_add": ""}),
        ("post", EMAIL, {"email": "attacker@example.com", "action_primary": ""}),
        ("get", EMAIL, {}),
        ("get", "/accounts/2fa/totp/activate/", {}),
        ("post", "/accounts/2fa/totp/activate/", {"code": "123456"}),
        ("post", "/accounts/2fa/totp/deactivate/", {}),
        ("get", "/accounts/2fa/recovery-codes/", {}),
        ("get", "/accounts/2fa/recovery-codes/download/", {}),
        ("post", "/accounts/2fa/recovery-codes/generate/", {}),
        ("post", "/accounts/sessions/", {}),
    ],
)
def test_a_session_alone_changes_nothing_of_the_account(cast, method, path, data):
    client = sign_in("auditor_city")
    if "deactivate" in path or "recovery" in path:
        prove(client)
        enrol(client)
        session = client.session
        session["account_authentication_methods"] = []  # as after the ten minutes
        session.save()
    before = list(Authenticator.objects.values_list("type", "pk"))
    answer = getattr(client, method)(path, data)
    assert answer.status_code == 302
    assert answer["Location"].startswith((REAUTHENTICATE, "/accounts/2fa/reauthenticate/"))
    assert not EmailAddress.objects.exists()
    assert list(Authenticator.objects.values_list("type", "pk")) == before


def test_a_proof_of_presence_is_good_for_ten_minutes(cast, time_machine_travel):
    client = sign_in("auditor_city")
    prove(client)
    assert client.get(EMAIL).status_code == 200
    with time_machine_travel(9 * 60 + 30):
        assert client.get(EMAIL).status_code == 200
    with time_machine_travel(10 * 60 + 5):
        assert client.get(EMAIL)["Location"].startswith(REAUTHENTICATE)


@pytest.fixture
def time_machine_travel():
    import time_machine

    return lambda seconds: time_machine.travel(time.time() + seconds)


def test_proving_presence_has_the_limit_of_failed_sign_ins(cast):
    client = sign_in("auditor_city")
    for _ in range(5):
        client.post(REAUTHENTICATE, {"password": "wrong-password"})
    client.post(REAUTHENTICATE, {"password": PASSWORD})
    assert client.get(EMAIL)["Location"].startswith(REAUTHENTICATE)


def test_guesses_of_the_present_password_on_the_change_page_are_limited_too(cast):
    client = sign_in("auditor_city")
    for _ in range(5):
        client.post(
            "/accounts/password/change/",
            {"oldpassword": "wrong-password", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        )
    assert Event.objects.filter(action="signin.failed").count() == 5
    client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert User.objects.get(username="auditor_city").check_password(PASSWORD)


def test_an_unconfirmed_address_gets_no_reset_link_and_the_answer_is_the_same(cast, mailoutbox):
    """H7 as it was tried: the address of a stranger, added or entered but never confirmed."""
    user = cast["auditor_city"]
    EmailAddress.objects.create(user=user, email="attacker@example.com", verified=False, primary=True)
    User.objects.filter(pk=user.pk).update(email="entered@example.com")
    confirm("police_tinghu", "police@example.org")
    answers = set()
    for address in ("attacker@example.com", "entered@example.com", "nobody@example.net", "police@example.org"):
        answer = Client().post("/accounts/password/reset/", {"email": address})
        page = Client().get(answer["Location"]).content.decode()
        answers.add((answer.status_code, answer["Location"], re.sub(r"打印时间.*?</p>", "", page, flags=re.DOTALL)))
    assert len(answers) == 1
    assert [m.to for m in mailoutbox if "/password/reset/key/" in m.body] == [["police@example.org"]]


def test_the_reset_by_a_confirmed_address_ends_every_session_and_tells(cast, mailoutbox):
    confirm("police_tinghu", "police@example.org")
    at_the_desk = sign_in("police_tinghu")
    client = Client()
    client.post("/accounts/password/reset/", {"email": "police@example.org"})
    form = client.get(link_in(mailoutbox[0]), follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert signed_in(sign_in("police_tinghu", NEW_PASSWORD))
    assert not signed_in(at_the_desk)
    assert Event.objects.filter(action="account.password_reset", actor=cast["police_tinghu"]).count() == 1
    mail_notifications()
    assert mailoutbox[-1].to == ["police@example.org"] and "密码已通过邮件链接重置" in mailoutbox[-1].body


def test_a_new_address_counts_when_the_link_was_opened_and_the_old_one_is_told_twice(cast, mailoutbox):
    confirm("auditor_city", "old@example.org")
    client, elsewhere = sign_in("auditor_city"), sign_in("auditor_city")
    prove(client)
    assert client.post(EMAIL, {"email": "New@Example.org", "action_add": ""}).status_code == 302
    mail_notifications()
    assert [m.to for m in mailoutbox] == [["new@example.org"], ["old@example.org"]]
    assert "n***@example.org" in mailoutbox[1].body and "new@" not in mailoutbox[1].body
    Client().post("/accounts/password/reset/", {"email": "new@example.org"})
    assert not [m for m in mailoutbox if "/password/reset/key/" in m.body]
    assert client.post(link_in(mailoutbox[0])).status_code == 302
    assert list(EmailAddress.objects.filter(user=cast["auditor_city"]).values_list("email", "verified", "primary")) == [
        ("new@example.org", True, True)
    ]
    # Reading the message in the portal does not keep the mail back: the reader may be the intruder.
    Notification.objects.filter(user=cast["auditor_city"]).update(read_at="2026-01-01T00:00:00Z")
    mail_notifications()
    assert mailoutbox[-1].to == ["old@example.org"] and "已改为" in mailoutbox[-1].body
    assert signed_in(client) and not signed_in(elsewhere)
    acts = Event.objects.filter(subject=f"user:{cast['auditor_city'].pk}", action__startswith="account.")
    assert list(acts.order_by("id").values_list("action", flat=True)) == [
        "account.email_requested",
        "account.email_changed",
    ]


def test_only_the_person_confirms_their_address(cast, mailoutbox):
    """An administrator who enters a mailbox of his own holds the link, but not the person's session."""
    client = sign_in("auditor_city")
    prove(client)
    client.post(EMAIL, {"email": "new@example.org", "action_add": ""})
    link = link_in(mailoutbox[0])
    assert Client().post(link)["Location"].startswith("/accounts/login/")
    other = sign_in("admin")
    assert "链接已失效" in other.get(link).content.decode()
    assert other.post(link).status_code == 404
    assert signed_in(other)
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_what_administrators_enter_gets_no_mail_until_confirmed(cast, as_user, mailoutbox):
    confirm("police_tinghu", "police@example.org")
    user = cast["police_tinghu"]
    asked, _ = ask(user=user, kind=AccountRequestKind.EMAIL, email="changed@example.org", actor=cast["admin"])
    approve(asked, seen=fingerprint(asked), actor=cast["admin2"])
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("changed@example.org", False)]
    mail_notifications()
    told = {address for mail in mailoutbox for address in mail.to}
    assert told == {"police@example.org"}  # the former address is told, and nobody else
    before = len(mailoutbox)
    notify([user], title="提醒", body="正文")
    mail_notifications()
    assert len(mailoutbox) == before
    assert "changed@example.org" in _email_page("police_tinghu")
    assert Event.objects.filter(action="account.email_entered", actor=cast["admin2"]).count() == 1


def _email_page(username: str) -> str:
    client = sign_in(username)
    prove(client)
    return client.get(EMAIL).content.decode()


def test_changing_the_password_ends_other_sessions_and_tells(cast, mailoutbox):
    confirm("auditor_city", "a@example.org")
    client, elsewhere = sign_in("auditor_city"), sign_in("auditor_city")
    data = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/accounts/password/change/", data).status_code == 302
    assert signed_in(client) and not signed_in(elsewhere)
    assert Event.objects.filter(action="account.password_changed").count() == 1
    assert Notification.objects.filter(user=cast["auditor_city"], title="账号安全提醒").count() == 1
    mail_notifications()
    assert [m.to for m in mailoutbox] == [["a@example.org"]]


@pytest.mark.django_db(transaction=True)
def test_each_change_of_the_second_factor_is_kept_told_and_ends_other_sessions(cast):
    def acts() -> list[str]:
        found = Event.objects.filter(action__startswith="account.").order_by("id").values_list("action", flat=True)
        return list(found)

    client, elsewhere = sign_in("auditor_city"), sign_in("auditor_city")
    prove(client)
    enrol(client)
    assert acts() == ["account.factor_added"] * 2  # the device, and the recovery codes that come with it
    assert signed_in(client) and not signed_in(elsewhere)
    client.post("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/totp/deactivate/")
    assert acts()[2:] == ["account.codes_replaced", "account.factor_removed", "account.factor_removed"]
    assert Notification.objects.filter(user=cast["auditor_city"]).count() == 5
    assert signed_in(client)


def test_ending_other_sessions_ends_also_those_the_list_does_not_know(cast):
    from allauth.usersessions.models import UserSession

    client, elsewhere = sign_in("auditor_city"), sign_in("auditor_city")
    UserSession.objects.filter(session_key=elsewhere.session.session_key).delete()
    prove(client)
    assert client.post("/accounts/sessions/").status_code == 302
    assert signed_in(client) and not signed_in(elsewhere)
    assert UserSession.objects.get(user=cast["auditor_city"]).session_key == client.session.session_key


def test_a_wrong_code_after_the_right_password_is_kept_as_an_act(cast):
    client = sign_in("auditor_city")
    prove(client)
    enrol(client)
    half = sign_in("auditor_city")
    half.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert Event.objects.filter(action="signin.factor_failed", actor=cast["auditor_city"], succeeded=False).exists()


def test_somebody_with_neither_password_nor_factor_signs_in_again(cast):
    """allauth would let such a person through without any proof."""
    user = cast["auditor_city"]
    client = Client()
    client.force_login(user, backend="yancheng_childcare.accounts.signin.PortalBackend")
    user.set_unusable_password()
    user.save()
    client.force_login(user, backend="yancheng_childcare.accounts.signin.PortalBackend")
    answer = client.post(EMAIL, {"email": "attacker@example.com", "action_add": ""})
    assert answer.status_code == 403
    assert "退出后重新登录" in answer.content.decode()
    assert not EmailAddress.objects.exists()
