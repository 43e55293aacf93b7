"""An institution invites its own people and parts with them; the county sees who acts for it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from registry.accounts.people import duties_for
from registry.models import AccountOpening, Institution
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty, Event, Notification, User

pytestmark = pytest.mark.django_db
PASSWORD = "tuoyu-2026-mima"
NEW = {"display_name": "顾同事", "username": "gutongshi", "password": PASSWORD, "password_again": PASSWORD}


def may_act(place: Institution) -> set[str]:
    return {duty.user.username for duty in duties_for(place.uscc)}


def browser_of(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username), backend="yancheng_childcare.accounts.signin.PortalBackend")
    return client


@pytest.fixture
def head(place, facts, code_of, send) -> Client:
    """The one who opened the first account."""
    send(facts(code=code_of(place)))
    return browser_of("linjingban")


def invite(head: Client, place: Institution) -> str:
    page = head.post("/desk/colleagues/", {"act": "invite", "uscc": place.uscc}, follow=True).content.decode()
    return re.findall(r"/accounts/join/[\w-]+/", page)[0]


def test_an_invited_colleague_joins_and_everybody_is_told(head, place):
    url = invite(head, place)
    stranger = Client()
    assert "林经办邀请您" in stranger.get(url).content.decode()
    page = stranger.post(url, NEW)
    assert "gutongshi" in page.content.decode()
    assert may_act(place) == {"linjingban", "gutongshi"}
    assert Notification.objects.filter(user__username="linjingban", title="新开通了机构经办人").count() == 2
    assert "顾同事" in head.get("/desk/colleagues/").content.decode()
    assert stranger.get(url).status_code == 410, "once"
    assert Event.objects.filter(subject=place.subject, action="account_opening.redeem").count() == 2


def test_who_has_an_account_joins_with_it(head, place, as_user):
    url = invite(head, place)
    assert as_user("operator_yangguang").post(url).status_code == 200
    assert may_act(place) == {"linjingban", "operator_yangguang"}


@pytest.mark.parametrize("username", ["reviewer_tinghu", "registrar_tinghu", "admin"])
def test_the_account_of_an_authority_joins_nothing(head, place, as_user, username):
    page = as_user(username).post(invite(head, place))
    assert page.status_code == 422 and "工作人员账号" in page.content.decode()
    assert may_act(place) == {"linjingban"}


def test_who_was_parted_with_is_out_at_once_and_their_invitations_too(head, place):
    browser_of("linjingban").post(invite(head, place), NEW)  # with the own account: refused
    Client().post(invite(head, place), NEW)
    colleague = browser_of("gutongshi")
    theirs = invite(colleague, place)
    gone = User.objects.get(username="gutongshi")
    page = head.post("/desk/colleagues/", {"act": "part", "uscc": place.uscc, "user": gone.pk}, follow=True)
    assert "已解除顾同事" in page.content.decode()
    assert may_act(place) == {"linjingban"}
    assert colleague.get("/desk/colleagues/").status_code == 403
    assert Client().get(theirs).status_code == 410
    assert Notification.objects.filter(user=gone, title="解除了机构经办人").exists()
    # Invited anew, the same account serves again.
    colleague.post(invite(head, place))
    assert may_act(place) == {"linjingban", "gutongshi"}


def test_what_an_administrator_granted_ends_the_same_way(head, place, cast):
    granted = Duty.objects.create(
        user=cast["operator_yangguang"], role="OPERATOR", uscc=place.uscc, valid_from=today_here(),
        granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    assert may_act(place) == {"linjingban", "operator_yangguang"}
    head.post("/desk/colleagues/", {"act": "part", "uscc": place.uscc, "user": granted.user_id})
    assert may_act(place) == {"linjingban"}


def test_the_last_one_does_not_leave_the_institution_alone(head, place):
    me = User.objects.get(username="linjingban")
    page = head.post("/desk/colleagues/", {"act": "part", "uscc": place.uscc, "user": me.pk})
    assert page.status_code == 422 and "唯一的经办人" in page.content.decode()
    assert may_act(place) == {"linjingban"}


def test_nobody_reaches_another_institutions_people(head, place, institution, as_user):
    other = institution()
    assert head.post("/desk/colleagues/", {"act": "invite", "uscc": other.uscc}).status_code == 422
    assert as_user("operator_yangguang").get("/desk/colleagues/").status_code == 200
    for act in ("invite", "part", "confirm"):
        page = as_user("operator_yangguang").post("/desk/colleagues/", {"act": act, "uscc": place.uscc, "user": "1"})
        assert page.status_code == 422
    assert may_act(place) == {"linjingban"} and not AccountOpening.objects.filter(path="INVITED").exists()
    assert as_user("reviewer_dongtai").get(f"/desk/institutions/{place.uscc}/people/").status_code == 404


def test_the_countys_reviewer_sees_them_and_may_part_with_one(head, place, as_user):
    url = f"/desk/institutions/{place.uscc}/people/"
    assert "林经办" in as_user("reviewer_tinghu").get(url).content.decode()
    assert "解除" not in as_user("chief_tinghu").get(url).content.decode().split("<main")[1].split("</main")[0]
    me = User.objects.get(username="linjingban")
    assert as_user("chief_tinghu").post(url, {"user": me.pk}).status_code == 403
    page = as_user("reviewer_tinghu").post(url, {"user": me.pk}, follow=True)
    assert "还没有人能登录" in page.content.decode() and may_act(place) == set()
    assert as_user("reviewer_tinghu").post(url, {"user": "nonsense"}).status_code == 422


def test_an_invitation_runs_out(head, place):
    url = invite(head, place)
    AccountOpening.objects.filter(path="INVITED").update(expires_on=today_here() - timedelta(days=1))
    assert Client().get(url).status_code == 410 and Client().post(url, NEW).status_code == 410
    assert may_act(place) == {"linjingban"}


def test_an_administrators_edit_of_an_opened_duty_waits_for_the_second_person(head, place, as_user):
    """Else one administrator could turn it into a duty for another institution."""
    duty = Duty.objects.get(uscc=place.uscc)
    url = f"/admin/yancheng_childcare/duty/{duty.pk}/change/"
    data = {"role": "OPERATOR", "uscc": "91320902MA1TYC011T", "valid_from": duty.valid_from.isoformat()}
    assert as_user("admin").post(url, data).status_code == 302
    duty.refresh_from_db()
    assert duty.uscc == "91320902MA1TYC011T" and duty.opened_by == ""
    assert not Duty.objects.in_force().filter(pk=duty.pk).exists()


def test_an_unused_code_opens_nothing_once_somebody_acts_or_leaves(head, place, facts, code_of, send):
    """Whoever leaves may have kept the sheet."""
    code = code_of(place)
    Client().post(invite(head, place), NEW)
    assert send(facts(code=code, username="zaici")).status_code == 422
    code = code_of(place)
    gone = User.objects.get(username="gutongshi")
    head.post("/desk/colleagues/", {"act": "part", "uscc": place.uscc, "user": gone.pk})
    assert send(facts(code=code, username="zaici")).status_code == 422
    assert may_act(place) == {"linjingban"}


def test_an_invitation_is_shown_once_and_a_page_loaded_again_invites_nobody(head, place):
    sent = head.post("/desk/colleagues/", {"act": "invite", "uscc": place.uscc})
    assert sent.status_code == 302
    head.get("/desk/")  # any other page leaves it
    first, again = (head.get(sent.url).content.decode() for _ in range(2))
    assert "/accounts/join/" in first and "/accounts/join/" not in again
    assert "已发出、还没有用的邀请" in again and "网址只显示一次" in again
    assert AccountOpening.objects.filter(path="INVITED").count() == 1


def test_parting_asks_once_before_it_acts(head, place, as_user):
    Client().post(invite(head, place), NEW)
    gone = User.objects.get(username="gutongshi")
    ask = f"?part={gone.pk}&amp;uscc={place.uscc}"
    for client, url in (
        (head, "/desk/colleagues/"),
        (as_user("reviewer_tinghu"), f"/desk/institutions/{place.uscc}/people/"),
    ):
        assert ask in client.get(url).content.decode()
        page = client.get(url + ask.replace("&amp;", "&"))
        assert "顾同事" in page.content.decode() and "即刻生效" in page.content.decode()
        assert page.context["hidden"] == {"act": "part", "uscc": place.uscc, "user": gone.pk}
        assert client.get(f"{url}?part=1&uscc={place.uscc}").url == url
    assert may_act(place) == {"linjingban", "gutongshi"}, "looking parts with nobody"
    page = head.get(f"/desk/colleagues/{ask.replace('&amp;', '&')}")
    head.post(page.context["action"], page.context["hidden"])
    assert may_act(place) == {"linjingban"}
