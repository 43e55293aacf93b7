"""备案联系人: who may call, why, that the look is kept first and read by the auditors, and that nobody else sees it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from decision_cases import text_of
from filing_cases import fresh, pass_on_site

from registry.demo.sample_filing import sign
from registry.filing import contact
from registry.filing.drafts import save_section
from registry.models import Filing
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Duty, Event, User

pytestmark = pytest.mark.django_db
PHONE, MAIL = "13812345678", "lianxi@example.com"
REASON = "约定到场核实的时间"
SIGNED_IN = 3


@pytest.fixture
def case(ready: Filing, operator: Any, filing_in: Any) -> Filing:
    """Two inspectors are to come today; the contact left a telephone and a mail address."""
    row = ready.sections.get(name="basics")
    save_section(
        ready, "basics", answers={"contact_email": MAIL}, expected_version=row.version, actor=operator, merge=True
    )
    sign(ready, actor=operator)
    found: Filing = filing_in("VERIFYING")
    return found


def path(case: Filing) -> str:
    return f"/desk/review/{case.no}/contact/"


def looks() -> Any:
    return Event.objects.filter(action="personal.read")


def ask(client: Any, case: Filing, look: str = "filing_phone", reason: str = REASON) -> Any:
    return client.post(path(case), {"look": look, "reason": reason})


@pytest.mark.parametrize("who", ["reviewer_tinghu", "reviewer_tinghu2", "inspector_tinghu1"])
@pytest.mark.parametrize(("look", "value"), [("filing_phone", PHONE), ("filing_email", MAIL)])
def test_the_value_is_shown_once_for_a_reason_that_is_kept(case, as_user, cast, who, look, value):
    client = as_user(who)
    asked = client.get(path(case)).content.decode()
    assert value not in asked and "备案联系人陈联系的电话和邮箱平时遮盖显示" in text_of(asked)
    for bad in ({"look": look, "reason": "查"}, {"look": "legal_rep_id_no", "reason": REASON}, {}):
        short = client.post(path(case), bad)
        assert short.status_code == 422 and value not in short.content.decode()
    assert not looks().exists()
    shown = ask(client, case, look)
    assert shown.status_code == 200 and value in shown.content.decode()
    assert (f'href="tel:{PHONE}"' in shown.content.decode()) is (look == "filing_phone")
    assert "no-store" in shown.headers["Cache-Control"]
    act = looks().get()
    assert (act.actor_id, act.data["field"], act.data["reason"]) == (cast[who].pk, look, REASON)
    assert act.data["filing"] == case.no and value not in json.dumps(act.data) + act.summary
    assert value not in client.get(path(case)).content.decode()


def test_nobody_else_sees_it(case, as_user, cast):
    """An inspector of the area who is not sent, who signs, the city, another county, the institution's own people."""
    case.site_checks.get().officers.remove(cast["inspector_tinghu2"])
    for who, status in (
        ("inspector_tinghu2", 403), ("chief_tinghu", 403), ("legal_city", 403), ("health_city", 403),
        ("auditor_city", 403), ("registrar_tinghu", 403), ("police_tinghu", 403), ("admin", 403),
        ("operator_xiaotaiyang", 403), ("reviewer_dongtai", 404), ("inspector_expired", 403),
    ):  # fmt: skip
        client = as_user(who)
        assert client.get(path(case)).status_code == status, who
        answer = ask(client, case)
        assert answer.status_code == status and PHONE not in answer.content.decode(), who
    assert as_user("").get(path(case)).status_code in {302, 401}
    assert not looks().exists()


def test_an_officer_looks_as_long_as_the_visit_is_open_and_the_duty_lasts(case, as_user, cast):
    officer = as_user("inspector_tinghu1")
    assert ask(officer, case).status_code == 200
    Duty.objects.filter(user=cast["inspector_tinghu1"]).update(valid_to=today_here() - timedelta(days=1))
    assert ask(officer, case).status_code in {403, 404}
    Duty.objects.filter(user=cast["inspector_tinghu1"]).update(valid_to=None)
    pass_on_site(case, User.objects.get(pk=cast["inspector_tinghu1"].pk))
    assert ask(officer, case).status_code == 403
    assert ask(as_user("reviewer_tinghu"), case).status_code == 200
    assert looks().count() == 2


def test_a_reviewer_tied_to_the_institution_does_not_look(case, as_user, cast):
    mine = cast["operator_xiaotaiyang"].duties.get()
    Duty.objects.create(
        user=cast["reviewer_tinghu"], role="OPERATOR", uscc=mine.uscc, valid_from=mine.valid_from,
        granted_by=mine.granted_by, approved_by=mine.approved_by,
    )  # fmt: skip
    assert ask(as_user("reviewer_tinghu"), case).status_code == 403 and not looks().exists()


def test_what_was_not_given_leaves_no_look(filing_in, as_user):
    answer = ask(as_user("reviewer_tinghu"), filing_in("SUBMITTED"), "filing_email")
    assert answer.status_code == 422 and "机构没有填写联系人邮箱" in answer.content.decode()
    assert not looks().exists()


def test_what_is_being_typed_is_not_shown_before_it_is_handed_in(filing_in, as_user):
    case = filing_in("SUPPLEMENT")
    row = case.sections.get(name="basics")
    row.sealed = json.dumps({"contact_phone": "13900007777"})
    row.save()
    shown = ask(as_user("reviewer_tinghu"), case).content.decode()
    assert PHONE in shown and "13900007777" not in shown


def test_the_doors_are_shown_to_those_who_may(case, as_user, django_assert_max_num_queries):
    url, check = path(case), f"/desk/site-checks/{case.site_checks.get().pk}/"
    assert url in as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/").content.decode()
    assert url not in as_user("chief_tinghu").get(f"/desk/review/{case.no}/").content.decode()
    officer = as_user("inspector_tinghu1")
    assert url in officer.get(check).content.decode()
    assert f'href="{check}"' in officer.get(url).content.decode()
    pass_on_site(fresh(case), User.objects.get(username="inspector_tinghu1"))
    assert url not in officer.get(check).content.decode()
    reviewer = as_user("reviewer_tinghu")
    with django_assert_max_num_queries(SIGNED_IN + 4):
        reviewer.get(url)


def test_the_auditors_read_who_looked_and_the_institution_does_not(case, as_user):
    ask(as_user("inspector_tinghu1"), case)
    auditor = as_user("auditor_city")
    for query in ({}, {"item": "filing_phone"}, {"whom": case.institution.name}):
        shown = text_of(auditor.get("/desk/audit/", query).content.decode())
        for words in ("备案联系人电话", "吴执法", case.institution.name, REASON):
            assert words in shown, (query, words)
        assert PHONE not in shown
    assert REASON not in auditor.get("/desk/audit/", {"item": "filing_email"}).content.decode()
    for url in (f"/desk/filings/{case.no}/", f"/desk/registrations/{case.institution.uscc}/"):
        assert REASON not in as_user("operator_xiaotaiyang").get(url).content.decode()


def test_the_form_tells_the_contact_who_may_read_it(draft, as_user):
    shown = text_of(as_user("operator_xiaotaiyang").get(f"/desk/filings/{draft.no}/sections/basics/").content.decode())
    assert shown.count("加密保存，不对外公开；审查和现场核实人员要写明事由才能查看，查看留痕") == 2


def test_every_look_has_words_of_its_own():
    assert {look: contact.label_of(look) for look in contact.LOOKS} == {
        "filing_phone": "联系人电话",
        "filing_email": "联系人邮箱",
    }
