"""The province's single sign-on for legal persons, over real HTTP: the institution of the told code and no other."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from registry.accounts.parting import part_with
from registry.accounts.people import duties_for
from registry.models import AccountOpening
from registry.registration.services import end_registration
from tests.kernel.oidc_provider import provider
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Event, User

pytestmark = pytest.mark.django_db
START = "/accounts/oidc/province-legal/login/"


@pytest.fixture
def province(settings):
    with provider() as found:
        app = {
            "provider_id": "province-legal", "name": "法人", "client_id": "portal", "secret": "s",
            "settings": {"server_url": found.url},
        }  # fmt: skip
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
        yield found


def come_back(province, **claims):
    """Our button, the provider's page, back with a code; the browser and the last page."""
    client = Client()
    province.claims = claims
    asked = parse_qs(urlsplit(client.post(START)["Location"]).query)
    back = urlsplit(asked["redirect_uri"][0]).path
    return client, client.get(back, {"code": "c", "state": asked["state"][0]}, follow=True)


def may_act(place):
    return [duty.user.display_name for duty in duties_for(place.uscc)]


def test_the_first_sign_on_opens_the_account_and_the_next_finds_it(place, province):
    for _ in range(2):
        client, page = come_back(province, sub="legal-1", uscc=place.uscc, name="林园长")
        assert page.status_code == 200 and place.name in client.get("/desk/colleagues/").content.decode()
    assert may_act(place) == ["林园长"] and AccountOpening.objects.count() == 1
    assert not User.objects.get(display_name="林园长").has_usable_password()
    assert "legal-1" not in str(list(AccountOpening.objects.values())) + str(
        list(Event.objects.values("data", "summary"))
    )


@pytest.mark.parametrize("uscc", ["91320902MA1TYC9999", "", None])
def test_no_institution_of_that_code_opens_nothing(place, province, uscc):
    client, page = come_back(province, sub="legal-1", **({} if uscc is None else {"uscc": uscc}))
    assert page.request["PATH_INFO"] == "/accounts/login/" and "_auth_user_id" not in client.session
    assert not AccountOpening.objects.exists() and may_act(place) == []


def test_two_codes_in_one_answer_are_refused(place, institution, province):
    province.token_claims = {"uscc": institution().uscc}
    client, _ = come_back(province, sub="legal-1", uscc=place.uscc)
    assert "_auth_user_id" not in client.session and may_act(place) == []


def test_another_persons_sign_on_is_another_account(place, province):
    come_back(province, sub="legal-1", uscc=place.uscc, name="林园长")
    come_back(province, sub="legal-2", uscc=place.uscc, name="林会计")
    assert may_act(place) == ["林园长", "林会计"]


def test_one_person_signs_in_for_a_second_institution(place, institution, province):
    other = institution()
    come_back(province, sub="legal-1", uscc=place.uscc, name="林园长")
    client, _ = come_back(province, sub="legal-1", uscc=other.uscc, name="林园长")
    assert may_act(other) == ["林园长"] and User.objects.filter(display_name="林园长").count() == 1
    assert place.name in client.get("/desk/colleagues/").content.decode()


def test_who_was_parted_with_does_not_come_back(place, province, cast):
    come_back(province, sub="legal-1", uscc=place.uscc, name="林园长")
    person = User.objects.get(display_name="林园长")
    part_with(uscc=place.uscc, user_id=person.pk, actor=cast["reviewer_tinghu"])
    client, page = come_back(province, sub="legal-1", uscc=place.uscc, name="林园长")
    assert "_auth_user_id" not in client.session and "不是这家机构的经办人" in page.content.decode()
    assert may_act(place) == []


def test_a_place_that_ended_lets_nobody_in(place, province, cast):
    end_registration(
        place, step="cancel", reason="申请注销", terminated_on=today_here(), actor=cast["registrar_tinghu"]
    )
    client, _ = come_back(province, sub="legal-1", uscc=place.uscc)
    assert "_auth_user_id" not in client.session and may_act(place) == []
