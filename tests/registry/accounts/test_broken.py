"""What somebody who wishes no good, or only types in haste, does to the opening of accounts."""

from __future__ import annotations

import re
import threading
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from pages import page_of

from registry.accounts.entered import Person
from registry.accounts.opening import ATTEMPTS_A_DAY, invitation, use
from registry.accounts.parting import part_with
from registry.accounts.people import duties_for
from registry.accounts.sign_on import person_of
from registry.models import AccountOpening, Institution
from registry.registration.services import change_institution, end_registration
from registry.rules.identity import make_id_number
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty, Region, User
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
PASSWORD = "tuoyu-2026-mima"
NEW = {"display_name": "顾同事", "username": "gutongshi", "password": PASSWORD, "password_again": PASSWORD}


def may_act(place: Institution) -> list[str]:
    return [duty.user.username for duty in duties_for(place.uscc)]


def browser_of(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username), backend="yancheng_childcare.accounts.signin.PortalBackend")
    return client


def invite(head: Client, place: Institution) -> str:
    page = head.post("/desk/colleagues/", {"act": "invite", "uscc": place.uscc}, follow=True).content.decode()
    return re.findall(r"/accounts/join/([\w-]+)/", page)[0]


@pytest.fixture
def head(place, facts, code_of, send) -> Client:
    send(facts(code=code_of(place)))
    return browser_of("linjingban")


# --- user names


def test_a_user_name_that_grows_when_folded_is_refused_before_it_is_kept(place, facts, code_of, send):
    page = send(facts(code=code_of(place), username="\ufdfa" * 30))
    assert page.status_code == 422 and "用户名为 4 到 30 个" in page.content.decode()


def test_the_same_name_in_capitals_shuts_nobody_out_of_the_own_account(place, facts, code_of, send, cast):
    send(facts(code=code_of(place), username="Operator_YangGuang"))
    assert may_act(place) == ["Operator_YangGuang2"]
    client = Client()
    cast["operator_yangguang"].set_password(PASSWORD)
    cast["operator_yangguang"].save()
    assert client.post("/accounts/login/", {"login": "operator_yangguang", "password": PASSWORD}).status_code == 302
    assert client.session["_auth_user_id"] == str(cast["operator_yangguang"].pk)


# --- what is typed


def test_a_code_typed_in_full_width_letters_is_the_code(place, facts, code_of, send):
    code = code_of(place)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    assert "账号已开通" in send(facts(code=wide)).content.decode()


def test_nul_in_the_query_is_no_crash():
    assert Client().post("/accounts/open/track/", {"no": "YC\x00-KT", "code": "AAAA-BBBB"}).status_code == 422


def test_a_number_in_full_width_signs_finds_the_request(facts, send):
    page = send(facts())
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in AccountOpening.objects.get().no)
    found = Client().post("/accounts/open/track/", {"no": wide, "code": page.context["code"]})
    assert found.status_code == 200 and "待审核" in found.content.decode()


def test_an_endless_number_of_a_person_is_nobody(head, place):
    page = head.post("/desk/colleagues/", {"act": "part", "uscc": place.uscc, "user": "9" * 5000})
    assert page.status_code == 422 and may_act(place) == ["linjingban"]


@pytest.mark.parametrize("name", ["林\x00园长", "林" * 60, make_id_number("320902", date(1975, 4, 5), 11)])
def test_a_name_told_by_the_province_that_cannot_be_kept_is_left_out(place, name):
    assert person_of(uscc=place.uscc, subject_index="a" * 64, name=name).display_name == "法人用户"


def test_a_form_corrected_and_sent_again_is_another_request(place, facts, send):
    """The browser's “back” brings the form with its former secret."""
    send(facts(legal_rep_name="林园丁", nonce="n" * 43))
    send(facts(nonce="n" * 43))
    assert AccountOpening.objects.filter(institution=place).exists()


# --- the right person is not kept out by others


def test_wrong_codes_of_others_do_not_keep_out_who_holds_the_code(place, facts, code_of, send):
    code = code_of(place)
    for _ in range(ATTEMPTS_A_DAY):
        send(facts(code="AAAA-BBBB-CCCC"))
    assert send(facts(code="AAAA-BBBB-CCCC")).status_code == 429
    assert "账号已开通" in send(facts(code=code)).content.decode()


def test_whoever_found_the_sheet_does_not_try_on_and_a_new_code_helps_the_right_person(place, facts, code_of, send):
    found = code_of(place)
    for _ in range(ATTEMPTS_A_DAY):
        assert send(facts(code=found, legal_rep_name="别的人")).status_code == 422
    assert send(facts(code=found.lower().replace("-", "")), client=Client()).status_code == 429
    assert "账号已开通" in send(facts(code=code_of(place))).content.decode()


# --- who may not


@pytest.mark.parametrize("begins", [1, -30])
def test_who_works_for_an_authority_from_tomorrow_on_redeems_nothing_today(place, facts, code_of, send, cast, begins):
    """Also one whose duty only waits for the second administrator."""
    clerk = User.objects.create_user(username="clerk", display_name="新来的")
    Duty.objects.create(
        user=clerk, role="REVIEWER", region=Region.objects.get(pk=place.region_id),
        valid_from=today_here() + timedelta(days=begins), granted_by=cast["admin"],
        approved_by=cast["admin2"] if begins > 0 else None,
    )  # fmt: skip
    page = send(facts(code=code_of(place)), client=browser_of("clerk"))
    assert page.status_code == 422 and may_act(place) == []


def test_an_account_that_was_shut_meanwhile_is_given_nothing(place, facts, send, as_user):
    User.objects.create_user(username="gone", display_name="离职者")
    send(facts(), client=browser_of("gone"))
    User.objects.filter(username="gone").update(is_active=False)
    page = as_user("reviewer_tinghu").post(f"/desk/accounts/{AccountOpening.objects.get().no}/", {"step": "approve"})
    assert page.status_code == 422 and "停用" in page.content.decode()
    assert not Duty.objects.filter(user__username="gone").exists()


def test_who_was_parted_with_between_look_and_use_invites_nobody(head, place, cast):
    Client().post(f"/accounts/join/{invite(head, place)}/", NEW)
    found = invitation(invite(browser_of("gutongshi"), place))
    part_with(uscc=place.uscc, user_id=found.issued_by_id, actor=cast["reviewer_tinghu"])
    with pytest.raises(Rejected):
        use(found, Person(display_name="朋友", username="pengyou", password="!"))
    assert may_act(place) == ["linjingban"]


def test_who_was_parted_with_while_the_page_was_open_parts_with_nobody(head, place, cast):
    for name in ("yi", "er"):
        Client().post(f"/accounts/join/{invite(head, place)}/", NEW | {"username": f"tongshi{name}"})
    gone = User.objects.get(username="tongshiyi")
    assert gone.active_duties  # as their request found them
    part_with(uscc=place.uscc, user_id=gone.pk, actor=cast["reviewer_tinghu"])
    with pytest.raises(Rejected):
        part_with(uscc=place.uscc, user_id=User.objects.get(username="tongshier").pk, actor=gone)
    assert may_act(place) == ["linjingban", "tongshier"]


def test_who_holds_two_duties_for_one_institution_is_out_by_one_parting(head, place, cast):
    Client().post(f"/accounts/join/{invite(head, place)}/", NEW)
    twice = User.objects.get(username="gutongshi")
    Duty.objects.create(
        user=twice, role="OPERATOR", uscc=place.uscc, region=Region.objects.get(pk=place.region_id),
        valid_from=today_here(), granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    head.post("/desk/colleagues/", {"act": "part", "uscc": place.uscc, "user": twice.pk})
    assert may_act(place) == ["linjingban"]


def test_nothing_to_confirm_tells_nothing_about_the_representatives_number(head, place):
    act = {"act": "confirm", "uscc": place.uscc, "legal_rep_name": "林园长"}
    answers = {
        page_of(head.post("/desk/colleagues/", act | {"legal_rep_id_no": number})).text.replace(number, "")
        for number in (str(place.legal_rep_id_no), "320902197504050119")
    }
    assert len(answers) == 1 and "没有待确认的变更" in answers.pop()


def test_the_sign_on_of_an_institution_opens_no_account_of_an_authority(place, cast):
    person = person_of(uscc=place.uscc, subject_index="a" * 64, name="林园长")
    Duty.objects.create(
        user=person, role="REVIEWER", region=Region.objects.get(pk=place.region_id), valid_from=today_here(),
        granted_by=cast["admin"], approved_by=cast["admin2"],
    )  # fmt: skip
    with pytest.raises(Rejected):
        person_of(uscc=place.uscc, subject_index="a" * 64, name="林园长")


# --- dead ends


def test_an_institution_that_ended_invites_nobody(head, place, cast):
    end_registration(
        place, step="cancel", reason="申请注销", terminated_on=today_here(), actor=cast["registrar_tinghu"]
    )
    page = head.post("/desk/colleagues/", {"act": "invite", "uscc": place.uscc})
    assert page.status_code == 422 and "终止" in page.content.decode()
    assert not AccountOpening.objects.filter(path="INVITED").exists()


def test_who_parts_with_oneself_ends_on_a_page_one_may_see(head, place):
    Client().post(f"/accounts/join/{invite(head, place)}/", NEW)
    me = User.objects.get(username="linjingban")
    page = head.post("/desk/colleagues/", {"act": "part", "uscc": place.uscc, "user": me.pk}, follow=True)
    assert page.status_code == 200 and may_act(place) == ["gutongshi"]


def test_the_reviewer_reads_the_name_of_an_applicant_who_has_an_account(place, facts, send, as_user):
    User.objects.create_user(username="known", display_name="老经办")
    send(facts(), client=browser_of("known"))
    assert (
        "老经办"
        in as_user("reviewer_tinghu").get(f"/desk/accounts/{AccountOpening.objects.get().no}/").content.decode()
    )


def test_whoever_accepted_twice_is_told_that_the_account_is_there(head, place):
    url = f"/accounts/join/{invite(head, place)}/"
    browser = Client()
    browser.post(url, NEW)
    again = browser.post(url, NEW)
    assert again.status_code == 410 and "/accounts/login/" in again.content.decode().split("<main")[1]


def test_too_many_tries_are_answered_as_such_on_every_page(head, place, cast):
    act = {"act": "confirm", "uscc": place.uscc, "legal_rep_name": "林园长", "legal_rep_id_no": "320902197504050119"}
    number = make_id_number("320902", today_here().replace(year=1975), 11)
    change_institution(place, changes={"legal_rep_id_no": number}, actor=cast["registrar_tinghu"])
    pages = [head.post("/desk/colleagues/", act) for _ in range(11)]
    assert pages[0].status_code == 422 and pages[-1].status_code == 429 and pages[-1].headers["Retry-After"]


# --- two at once


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_code", [True, False], ids=["code", "match"])
def test_the_form_sent_twice_at_once_is_one_request_and_both_are_told_so(place, facts, code_of, with_code):
    code = code_of(place) if with_code else ""
    start, answers = threading.Barrier(2), []

    def send() -> None:
        try:
            start.wait()
            answers.append(Client().post("/accounts/open/", facts(code=code, nonce="n" * 43)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302] and AccountOpening.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_choose_one_user_name_at_once_both_get_an_account(institution, code_of, monkeypatch):
    meeting, create = threading.Barrier(2), type(User.objects).create_user

    def slowly(self, **fields: str) -> User:
        with suppress(threading.BrokenBarrierError):
            meeting.wait(1)
        return create(self, **fields)

    monkeypatch.setattr(type(User.objects), "create_user", slowly)
    places = [institution(legal_rep_name="林园长") for _ in range(2)]
    codes = [code_of(place) for place in places]
    start, answers = threading.Barrier(2), []

    def send(place: Institution, code: str) -> None:
        data = {
            "uscc": place.uscc, "legal_rep_name": "林园长", "legal_rep_id_no": str(place.legal_rep_id_no), "code": code,
            "nonce": place.uscc.ljust(43, "n"),
        }  # fmt: skip
        try:
            start.wait()
            answers.append(Client().post("/accounts/open/", NEW | data).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(places, codes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    assert sorted(name for place in places for name in may_act(place)) == ["gutongshi", "gutongshi2"]
