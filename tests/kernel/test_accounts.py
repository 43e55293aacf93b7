"""Accounts of other people: one-time links, two administrators, the first two of an installation (security.md H4a)."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from yancheng_childcare.accounts.requests import ask, follow_link, open_link
from yancheng_childcare.approvals import approve, fingerprint
from yancheng_childcare.choices import AccountRequestKind, Role
from yancheng_childcare.models import AccountRequest, Duty, Event, Notification, User
from yancheng_childcare.problems import Rejected
from yancheng_childcare.tasks import mail_notifications

pytestmark = pytest.mark.django_db
USERS = "/admin/yancheng_childcare/user/"
REQUESTS = "/admin/yancheng_childcare/accountrequest/"
NEW = "correct-horse-9"


def token_in(answer):
    """The token of the link a page shows."""
    return re.search(r"/accounts/link/([\w-]{43})/", answer.content.decode())[1]


def request_for(client, user, kind="LINK", **fields):
    data = {"user": user.pk, "kind": kind, "email": "", "reason": "试验", **fields}
    return client.post(f"{REQUESTS}add/", data, follow=True)


def approve_by(client, request):
    chosen = {"action": "approve", "_selected_action": [request.pk]}
    html = client.post(REQUESTS, chosen).content.decode()
    form = {**chosen, "confirmed": "yes", **dict(re.findall(r'name="(seen-\d+)" value="(\w+)"', html))}
    return client.post(REQUESTS, form, follow=True)


def code_in(answer):
    return re.search(r"<code>([A-Z2-9]{10})</code>", answer.content.decode())[1]


def set_password(token, **fields):
    data = {"new_password1": NEW, "new_password2": NEW, **fields}
    return Client().post(f"/accounts/link/{token}/", data)


def signs_in(username, password):
    return Client().post("/accounts/login/", {"login": username, "password": password}).status_code == 302


def test_a_new_person_gets_a_link_and_no_typed_password(as_user, cast):
    data = {"username": "new_person", "display_name": "新同事", "email": "", "password1": NEW, "password2": NEW}
    page = as_user("admin").post(f"{USERS}add/", data, follow=True)
    user = User.objects.get(username="new_person")
    assert not user.has_usable_password()
    assert user.active_duties == []
    token = token_in(page)
    assert "新同事" in Client().get(f"/accounts/link/{token}/").content.decode()
    assert set_password(token).status_code == 200
    assert signs_in("new_person", NEW)
    assert set_password(token).status_code == 410
    acts = Event.objects.filter(subject=f"user:{user.pk}").order_by("id").values_list("action", "actor__username")
    assert list(acts)[:3] == [("user.created", "admin"), ("user.link_issued", "admin"), ("user.link_used", None)]
    assert token not in str(list(Event.objects.values_list("summary", "data")))


@pytest.mark.parametrize("path", ["password/", "change/"])
def test_nobody_types_another_persons_password(as_user, cast, path):
    before = User.objects.get(username="admin2").password
    as_user("admin").post(
        f"{USERS}{cast['admin2'].pk}/{path}",
        {"password1": NEW, "password2": NEW, "password": NEW, "display_name": "平台管理员乙", "is_active": "on"},
    )
    assert User.objects.get(username="admin2").password == before


@pytest.mark.parametrize("who", ["admin2", "chief_tinghu", "operator_xiaotaiyang"])
def test_one_administrator_alone_opens_no_account_that_has_duties(as_user, cast, who):
    admin = as_user("admin")
    token = token_in(request_for(admin, cast[who]))
    found = AccountRequest.objects.get()
    assert (found.needs_second, found.granted_by) == (True, cast["admin"])
    assert set_password(token).status_code == 410
    assert approve_by(admin, found).status_code == 403
    assert set_password(token, code="").status_code == 410
    assert signs_in(who, "yancheng-demo-2026")
    assert Notification.objects.filter(user=cast[who], title__contains="申请").exists()


def test_a_link_for_staff_needs_the_address_from_one_and_the_code_from_the_other(as_user, cast):
    old = as_user("chief_tinghu")
    assert old.get("/desk/").status_code == 200
    token = token_in(request_for(as_user("admin"), cast["chief_tinghu"]))
    page = approve_by(as_user("admin2"), AccountRequest.objects.get())
    assert token not in page.content.decode()
    code = code_in(page)
    assert set_password(token, code="WRONGWRONG").status_code == 422
    assert set_password(token, code=code.lower()).status_code == 200
    assert signs_in("chief_tinghu", NEW)
    assert old.get("/desk/").status_code == 302  # the old session is over
    actions = set(Event.objects.filter(subject=f"user:{cast['chief_tinghu'].pk}").values_list("action", flat=True))
    assert {"user.link_issued", "user.request.approved", "user.link_refused", "user.link_used"} <= actions
    assert Notification.objects.filter(user=cast["chief_tinghu"], title="您的密码已设置").exists()


def test_five_wrong_codes_end_a_link(as_user, cast):
    token = token_in(request_for(as_user("admin"), cast["chief_tinghu"]))
    code = code_in(approve_by(as_user("admin2"), AccountRequest.objects.get()))
    answers = [set_password(token, code=f"WRONG{n}").status_code for n in range(5)]
    assert answers == [422, 422, 422, 422, 410]
    assert set_password(token, code=code).status_code == 410
    assert signs_in("chief_tinghu", "yancheng-demo-2026")


def test_a_link_ends_after_a_day_and_with_the_next_one(as_user, cast):
    user = User.objects.create_user("fresh", display_name="新人")
    _, first = ask(user=user, kind="LINK", actor=cast["admin"])
    _, second = ask(user=user, kind="LINK", actor=cast["admin"])
    tokens = [link.rstrip("/").rpartition("/")[2] for link in (first, second)]
    assert [open_link(token) is not None for token in tokens] == [False, True]
    AccountRequest.objects.filter(closed_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert open_link(tokens[1]) is None
    with pytest.raises(Rejected):
        follow_link(tokens[1], password=NEW)


def test_a_link_one_person_made_dies_when_the_account_gets_a_right(as_user, cast):
    """Else who made the account would hold the key to what the other approved."""
    user = User.objects.create_user("fresh", display_name="新人")
    _, link = ask(user=user, kind="LINK", actor=cast["admin"])
    duty = Duty.objects.create(user=user, role=Role.AUDITOR, valid_from=timezone.localdate(), granted_by=cast["admin"])
    approve(duty, seen=fingerprint(duty), actor=cast["admin2"])
    assert open_link(link.rstrip("/").rpartition("/")[2]) is None


def test_the_password_of_a_link_is_judged(as_user, cast):
    user = User.objects.create_user("fresh", display_name="新人")
    _, link = ask(user=user, kind="LINK", actor=cast["admin"])
    token = link.rstrip("/").rpartition("/")[2]
    answer = set_password(token, new_password1="1234567890", new_password2="1234567890")
    assert answer.status_code == 422
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_a_stopped_account_comes_back_only_by_two(as_user, cast):
    chief = cast["chief_tinghu"]
    admin = as_user("admin")
    assert admin.post(f"{USERS}{chief.pk}/change/", {"display_name": "赵负责"}).status_code == 302
    chief.refresh_from_db()
    assert not chief.is_active
    admin.post(f"{USERS}{chief.pk}/change/", {"display_name": "赵负责", "is_active": "on"})
    chief.refresh_from_db()
    assert not chief.is_active
    token = token_in(request_for(admin, chief))
    code = code_in(approve_by(as_user("admin2"), AccountRequest.objects.get()))
    assert set_password(token, code=code).status_code == 200
    chief.refresh_from_db()
    assert chief.is_active


def test_another_address_for_somebody_with_duties_takes_two(as_user, cast):
    """A reset mail goes to it: who sets it alone can become that person."""
    chief = cast["chief_tinghu"]
    User.objects.filter(pk=chief.pk).update(email="chief@example.cn")
    admin = as_user("admin")
    data = {"display_name": "赵负责", "is_active": "on", "email": "mole@example.com"}
    admin.post(f"{USERS}{chief.pk}/change/", data)
    chief.refresh_from_db()
    assert chief.email == "chief@example.cn"
    request_for(admin, chief, "EMAIL", email="new@example.cn")
    assert approve_by(as_user("admin2"), AccountRequest.objects.get()).status_code == 200
    chief.refresh_from_db()
    assert chief.email == "new@example.cn"


def test_the_old_address_is_told(as_user, cast):
    chief = cast["chief_tinghu"]
    EmailAddress.objects.create(user=chief, email="chief@example.cn", verified=True, primary=True)
    request, _ = ask(user=chief, kind=AccountRequestKind.EMAIL, email="new@example.cn", actor=cast["admin"])
    approve(request, seen=fingerprint(request), actor=cast["admin2"])
    mail_notifications()
    assert {address for message in mail.outbox for address in message.to} == {"chief@example.cn"}
    assert not EmailAddress.objects.filter(user=chief, verified=True).exists()


def test_a_second_factor_is_reset_by_two_and_signs_out(as_user, cast):
    chief = cast["chief_tinghu"]
    browser = Client()
    browser.post("/accounts/login/", {"login": "chief_tinghu", "password": "yancheng-demo-2026"})
    assert browser.get("/desk/").status_code == 200
    Authenticator.objects.create(user=chief, type="totp", data={"secret": "x"})
    request_for(as_user("admin"), chief, "FACTOR")
    found = AccountRequest.objects.get()
    assert approve_by(as_user("admin"), found).status_code == 403
    assert Authenticator.objects.filter(user=chief).exists()
    assert approve_by(as_user("admin2"), found).status_code == 200
    assert not Authenticator.objects.filter(user=chief).exists()
    assert browser.get("/desk/").status_code == 302


def test_the_person_concerned_does_not_approve(as_user, cast):
    request, _ = ask(user=cast["admin2"], kind="LINK", actor=cast["admin"])
    with pytest.raises(Rejected) as refused:
        approve(request, seen=fingerprint(request), actor=cast["admin2"])
    assert refused.value.code == "APR-103"


def test_a_link_is_not_in_the_logs(cast):
    from yancheng_childcare.masking import mask_text

    assert "x" * 43 not in mask_text(f"GET /accounts/link/{'x' * 43}/")


# --- the first administrators
def first(*names, **options):
    out = io.StringIO()
    call_command("first_administrators", *names, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue().split()


@pytest.fixture
def empty(cast):
    """Nobody administers; after the cast, which brings its own."""
    Duty.objects.filter(role=Role.ADMIN).delete()


def test_the_first_two_administrators_can_work_at_once(empty, cast):
    words = first("gao", "lin", names=["高一", "林二"], emails=["gao@example.cn", "lin@example.cn"])
    assert words[0::2] == ["gao", "lin"]
    for name, link in zip(words[0::2], words[1::2], strict=True):
        assert set_password(link.rstrip("/").rpartition("/")[2]).status_code == 200
        browser = Client()
        assert browser.post("/accounts/login/", {"login": name, "password": NEW}).status_code == 302
        assert browser.get("/admin/").status_code == 200
    duties = {
        d.user.username: (d.granted_by.username, d.approved_by.username) for d in Duty.objects.filter(role="ADMIN")
    }
    assert duties == {"gao": ("gao", "lin"), "lin": ("lin", "gao")}
    assert Event.objects.filter(action="duty.first_administrator").count() == 2
    assert Event.objects.filter(action="user.link_issued").count() == 2


def test_an_installation_that_has_an_administrator_gets_no_first_ones(cast):
    with pytest.raises(CommandError, match="已有在用的平台管理员"):
        first("gao", "lin")
    assert not User.objects.filter(username__in=["gao", "lin"]).exists()


@pytest.mark.parametrize(
    ("names", "words"),
    [(("gao", "GAO"), "两个不同的人"), (("gao", "chief_tinghu"), "已被使用"), (("gao", "a b"), "格式不对")],
)
def test_two_different_new_people_are_needed(empty, cast, names, words):
    with pytest.raises(CommandError, match=words):
        first(*names)
    assert not User.objects.filter(username="gao").exists()


@pytest.mark.parametrize(
    ("command", "words"), [("createsuperuser", "first_administrators"), ("changepassword", "account_link")]
)
def test_djangos_own_ways_to_rights_and_passwords_are_refused(db, command, words):
    with pytest.raises(CommandError, match=words):
        call_command(command)


def test_the_servers_command_asks_and_an_administrator_approves(as_user, cast):
    out = io.StringIO()
    call_command("account_link", "admin2", stdout=out, stderr=io.StringIO())
    token = out.getvalue().strip().rstrip("/").rpartition("/")[2]
    assert set_password(token).status_code == 410
    code = code_in(approve_by(as_user("admin"), AccountRequest.objects.get()))
    assert set_password(token, code=code).status_code == 200


def test_a_duty_counts_from_its_first_day_to_its_last(cast):
    mine = Duty.objects.filter(user=cast["police_tinghu"])
    mine.update(valid_from=date(2026, 3, 2), valid_to=date(2026, 3, 4))
    days = [date(2026, 3, day) for day in range(1, 6)]
    assert [mine.in_force(day).exists() for day in days] == [False, True, True, True, False]
