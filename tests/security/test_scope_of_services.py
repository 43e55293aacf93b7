"""Services that unmask or write ask themselves whether a duty with the right role reaches the object, whoever calls them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from registry.filing.services import record_site_check
from registry.models import Filing, Post, SiteCheck
from registry.people.services import reveal_number
from registry.registration.services import reveal_personal
from yancheng_childcare.models import Event, User
from yancheng_childcare.problems import Rejected

from .scene import grant

pytestmark = pytest.mark.django_db
REASON = "核对登记材料"


@pytest.fixture
def double(cast: dict[str, Any]) -> User:
    """Reviewer of 亭湖 who also reads the whole city: the person of finding H5."""
    user = User.objects.create(username="double", display_name="双岗人员")
    grant(user, "REVIEWER", region="320902", department="320902-HEALTH")
    grant(user, "LEADER", region="320900")
    grant(user, "HEALTH_CITY", region="320900", department="320900-HEALTH")
    return user


def test_a_reviewer_who_also_reads_the_city_unmasks_an_institution_at_home_only(double, targets, client):
    client.force_login(double, backend="yancheng_childcare.accounts.signin.PortalBackend")
    for position, status in (("own", 200), ("other", 200), ("county", 404)):
        uscc = targets["institution", position].key
        answer = client.post(reverse("registry:reveal", args=[uscc]), {"field": "legal_rep_id_no", "reason": REASON})
        assert answer.status_code == status, position
        page = client.get(reverse("registry:detail", args=[uscc])).content.decode()
        assert ("查看完整号码" in page) is (status == 200), position  # no button that leads to a closed door


def test_a_reviewer_who_also_reads_the_city_unmasks_people_at_home_only(double, targets, client):
    client.force_login(double, backend="yancheng_childcare.accounts.signin.PortalBackend")
    for position, status in (("own", 200), ("county", 404)):
        key = targets["post", position].key
        assert client.post(reverse("people:reveal", args=[key]), {"reason": REASON}).status_code == status, position
        assert client.get(reverse("people:detail", args=[key])).status_code == 200


def test_the_services_refuse_it_also_without_a_page(double, targets):
    post = Post.objects.get(pk=targets["post", "county"].key)
    for unmask in (
        lambda: reveal_personal(post.institution, field="legal_rep_id_no", reason=REASON, actor=double),
        lambda: reveal_number(post, reason=REASON, actor=double),
    ):
        with pytest.raises(Rejected) as raised:
            unmask()
        assert raised.value.status == 403
    assert not Event.objects.filter(action="personal.read").exists()


def test_an_officer_whose_duty_moved_to_another_county_no_longer_writes_the_site_check(cast, targets, as_user):
    check = SiteCheck.objects.get(pk=targets["site_check", "own"].key)
    officer = cast["inspector_tinghu1"]
    address = reverse("filing:site-check", args=[check.pk])
    assert as_user("inspector_tinghu1").get(address).status_code == 200
    officer.duties.update(valid_to="2025-12-31")
    grant(officer, "INSPECTOR", region="320981", department="320981-HEALTH")
    assert as_user("inspector_tinghu1").get(address).status_code == 404
    assert (
        Filing.objects.get(pk=check.filing_id).no
        not in as_user("inspector_tinghu1").get(reverse("filing:site-checks")).content.decode()
    )
    with pytest.raises(Rejected) as raised:
        record_site_check(
            check, results={}, summary="", conclude=False, actor=User.objects.get(pk=officer.pk), expected_version=1
        )
    assert raised.value.status == 403
