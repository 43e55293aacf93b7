"""Another legal representative: codes of the former end, and those who act are asked to be confirmed."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from registry.accounts.confirming import CONFIRM
from registry.registration.services import change_institution
from registry.rules.identity import make_id_number
from yancheng_childcare.models import Deadline, Event, Notification, User

pytestmark = pytest.mark.django_db
NEW_NUMBER = make_id_number("320902", date(1975, 4, 5), 11)
NEW = {"legal_rep_name": "新园长", "legal_rep_id_no": NEW_NUMBER}


@pytest.fixture
def head(place, facts, code_of, send) -> Client:
    send(facts(code=code_of(place)))
    client = Client()
    client.force_login(
        User.objects.get(username="linjingban"), backend="yancheng_childcare.accounts.signin.PortalBackend"
    )
    return client


def change(place, cast, **fields):
    return change_institution(place, changes=fields or NEW, actor=cast["registrar_tinghu"])


def clock(place):
    return Deadline.objects.running().of(place.subject).filter(code=CONFIRM)


def test_those_who_act_are_asked_and_confirm_with_the_new_ones_facts(head, place, cast):
    change(place, cast)
    assert clock(place).get().days == 30
    told = Notification.objects.get(user__username="linjingban", title="请确认本机构经办人")
    assert "请于" in told.body and told.url == "/desk/colleagues/"
    assert "确认本机构经办人" in head.get("/desk/").content.decode()
    assert "法定代表人已变更" in head.get("/desk/colleagues/").content.decode()
    act = {"act": "confirm", "uscc": place.uscc}
    wrong = head.post("/desk/colleagues/", act | NEW | {"legal_rep_name": "林园长"})
    assert wrong.status_code == 422 and "与登记不一致" in wrong.content.decode() and clock(place).exists()
    right = head.post("/desk/colleagues/", act | NEW, follow=True)
    assert "已确认" in right.content.decode() and not clock(place).exists()
    kept = Event.objects.get(subject=place.subject, action="account_opening.confirmed")
    assert "林经办" in kept.summary and NEW_NUMBER not in kept.summary
    assert Notification.objects.filter(user__username="reviewer_tinghu", title="机构确认了经办人").exists()
    assert head.post("/desk/colleagues/", act | NEW).status_code == 422, "nothing is to be confirmed any more"


def test_a_change_of_something_else_asks_nothing(head, place, cast):
    change(place, cast, business_scope="托育服务；家政服务")
    assert not clock(place).exists()


def test_a_place_for_which_nobody_acts_is_asked_nothing_but_its_code_ends(place, cast, code_of, facts, send):
    code = code_of(place)
    change(place, cast)
    assert not clock(place).exists()
    page = send(facts(code=code, **NEW))
    assert page.status_code == 422, "the code was given to the former representative"
