"""How an institution gets its account: with the registrar's code at once, without it after the reviewer approved."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth import hashers
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pages import page_of

from casework.types import System
from registry.accounts.attending import attend
from registry.accounts.opening import ATTEMPTS_A_DAY
from registry.accounts.people import duties_for
from registry.accounts.workflow import OPENING
from registry.models import AccountOpening, Institution
from registry.registration.services import change_institution, end_registration
from registry.rules.identity import make_id_number
from registry.rules.uscc import make_uscc
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Deadline, Duty, Event, Notification, User

pytestmark = pytest.mark.django_db
PASSWORD = "tuoyu-2026-mima"


def may_act(place: Institution) -> list[str]:
    return [duty.user.username for duty in duties_for(place.uscc)]


def sign_in(username: str) -> Client:
    client = Client()
    assert client.login(username=username, password=PASSWORD) or client.post(
        "/accounts/login/", {"login": username, "password": PASSWORD}
    )
    return client


def request_of(place: Institution) -> AccountOpening:
    return AccountOpening.objects.get(uscc=place.uscc, path="MATCH")


def test_with_the_registrars_code_the_account_opens_at_once(place, facts, code_of, send):
    page = send(facts(code=code_of(place).lower().replace("-", " ")))
    text = page_of(page).text
    assert "账号已开通" in text and "linjingban" in text and place.name in text
    assert may_act(place) == ["linjingban"]
    duty = Duty.objects.get(uscc=place.uscc)
    assert duty.opened_by.startswith("YC-KT-") and duty.approved_by is None
    client = Client()
    client.post("/accounts/login/", {"login": "linjingban", "password": PASSWORD})
    assert place.name in client.get("/desk/").content.decode()
    assert client.get("/filing/new/").status_code in {200, 404} or client.get("/desk/filings/").status_code == 200
    acts = Event.objects.filter(subject=place.subject, action="account_opening.redeem")
    assert acts.count() == 1 and str(place.legal_rep_id_no) not in str(acts.get().data) + acts.get().summary
    reviewers = Notification.objects.filter(title="机构新开通了经办人", user__username="reviewer_tinghu")
    assert place.name in reviewers.get().body


def test_a_code_works_once_and_a_new_one_voids_it(place, facts, code_of, send):
    first, second = code_of(place), code_of(place)
    assert "不一致" in send(facts(code=first)).content.decode()
    assert "账号已开通" in send(facts(code=second)).content.decode()
    again = send(facts(code=second, username="other"))
    assert again.status_code == 422 and may_act(place) == ["linjingban"]
    assert sorted(AccountOpening.objects.values_list("status", flat=True)) == ["OPENED", "VOID"]


def test_a_code_runs_out(place, facts, code_of, send):
    code = code_of(place)
    AccountOpening.objects.update(expires_on=today_here() - timedelta(days=1))
    assert "已过有效期" in send(facts(code=code)).content.decode()
    assert may_act(place) == []
    attend()
    assert AccountOpening.objects.get().status == "VOID"


def test_the_same_form_sent_twice_is_one_account(place, facts, code_of, send):
    data = facts(code=code_of(place), nonce="n" * 43)
    assert "账号已开通" in send(data).content.decode()
    assert "账号已开通" in send(data).content.decode()
    assert User.objects.filter(display_name="林经办").count() == 1
    other = facts(nonce="m" * 43)
    send(other), send(other)
    assert AccountOpening.objects.filter(path="MATCH").count() == 1


def test_a_user_name_that_is_taken_gets_a_number_and_is_told(place, facts, code_of, send):
    page = send(facts(code=code_of(place), username="chief_tinghu"))
    assert "chief_tinghu2" in page_of(page).text and may_act(place) == ["chief_tinghu2"]


WRONG = {
    "name": {"legal_rep_name": "别的人"},
    "number": {"legal_rep_id_no": make_id_number("320902", today_here().replace(year=1980), 7)},
    "code": {"code": "AAAA-BBBB-CCCC"},
    "institution": {"uscc": make_uscc("91", "320902", 987_654)},
}


@pytest.mark.parametrize("with_code", [True, False], ids=["code", "match"])
def test_wrong_facts_get_the_same_answer_by_the_same_queries_and_hash_work(
    place, facts, code_of, monkeypatch, with_code
):
    """Whether a name and a number belong together is learnt from no answer (findings A1)."""
    code = code_of(place) if with_code else ""
    hashed: list[str] = []
    real = hashers.make_password
    monkeypatch.setattr("registry.accounts.entered.make_password", lambda word: (hashed.append(word), real(word))[1])
    seen = {}
    wrong = {name: fields for name, fields in WRONG.items() if with_code or name != "code"}
    if not with_code:
        wrong["right"] = {}
    for name, fields in wrong.items():
        hashed.clear()
        client = Client()
        nonce = client.get("/accounts/open/").context["form"]["nonce"].value()
        data = facts(code=code) | {"nonce": nonce} | fields
        with CaptureQueriesContext(
            connection,
        ) as kept:
            page = client.post("/accounts/open/", data)
        answer = page_of(page).text if with_code else page.headers["Location"]
        shapes = [re.sub("'[^']*'|[0-9]+", "?", query["sql"])[:200] for query in kept.captured_queries]
        seen[name] = (page.status_code, answer.replace(data["uscc"], ""), shapes, len(hashed))
    first, *others = seen.values()
    for other in others:
        assert other == first
    assert next(iter(seen.values()))[0] == (422 if with_code else 302)
    assert may_act(place) == []


def test_without_a_code_the_countys_reviewer_decides(place, facts, send, as_user):
    page = send(facts())
    text = page_of(page).text
    assert "申请已收到" in text and place.name not in text, "whose facts fit is not told"
    no, code = request_of(place).no, page.context["code"]
    attend()
    assert may_act(place) == []
    clock = Deadline.objects.get(subject=request_of(place).subject)
    assert clock.days == 3 and clock.closed_on is None
    told = Notification.objects.get(title="请审核机构账号申请", user__username="reviewer_tinghu")
    reviewer = as_user("reviewer_tinghu")
    assert "审核机构账号申请" in reviewer.get("/desk/").content.decode()
    assert reviewer.get(told.url).status_code == 200
    assert as_user("reviewer_dongtai").get(told.url).status_code == 404
    track = Client().post("/accounts/open/track/", {"no": no, "code": code})
    assert "待审核" in track.content.decode()
    done = reviewer.post(told.url, {"step": "approve"}, follow=True)
    assert "已开通，申请人可以登录" in done.content.decode()
    track = Client().post("/accounts/open/track/", {"no": no, "code": code})
    assert "linjingban" in page_of(track).text
    client = Client()
    client.post("/accounts/login/", {"login": "linjingban", "password": PASSWORD})
    assert client.get("/desk/colleagues/").status_code == 200
    clock.refresh_from_db()
    assert clock.closed_on is not None


def test_requests_are_found_by_institution_code_number_and_person(place, facts, send, as_user):
    send(facts())
    attend()
    found, reviewer = request_of(place), as_user("reviewer_tinghu")
    for words in (place.name[2:8], place.uscc, found.no[-4:], found.display_name):
        waiting = reviewer.get("/desk/accounts/", {"q": words}).context["waiting"]
        assert [row["opening"].no for row in waiting] == [found.no], words
    assert "没有符合条件的申请在等待审核" in reviewer.get("/desk/accounts/", {"q": "没有的"}).content.decode()


def test_a_refusal_says_why_and_opens_nothing(place, facts, send, as_user):
    page = send(facts())
    url = f"/desk/accounts/{request_of(place).no}/"
    assert as_user("reviewer_tinghu").post(url, {"step": "refuse", "reason": ""}).status_code == 422
    as_user("reviewer_tinghu").post(url, {"step": "refuse", "reason": "电话核实，法定代表人不知情。"})
    track = Client().post("/accounts/open/track/", {"no": request_of(place).no, "code": page.context["code"]})
    assert "不知情" in track.content.decode() and "未开通" in track.content.decode()
    assert may_act(place) == [] and not User.objects.filter(username="linjingban").exists()
    assert as_user("reviewer_tinghu").post(url, {"step": "approve"}).status_code == 409


def test_what_fits_nothing_is_answered_the_next_day_and_never_shown_to_a_reviewer(place, facts, send, as_user):
    page = send(facts(legal_rep_name="别的人"))
    found = AccountOpening.objects.get()
    assert found.institution is None
    assert "没有待审核的申请" in as_user("reviewer_tinghu").get("/desk/accounts/").content.decode()
    assert as_user("reviewer_tinghu").get(f"/desk/accounts/{found.no}/").status_code == 404
    attend()
    found.refresh_from_db()
    assert found.status == "SUBMITTED", "not at once: the answer would tell"
    AccountOpening.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    attend()
    track = Client().post("/accounts/open/track/", {"no": found.no, "code": page.context["code"]})
    assert "与登记不一致" in track.content.decode()
    found.refresh_from_db()
    assert found.status == "REFUSED" and found.password == ""


def test_another_representative_meanwhile_and_the_request_fits_no_more(place, facts, send, as_user, cast):
    send(facts())
    number = make_id_number("320902", today_here().replace(year=1975), 11)
    changes = {"legal_rep_name": "新园长", "legal_rep_id_no": number}
    change_institution(place, changes=changes, actor=cast["registrar_tinghu"])
    url = f"/desk/accounts/{request_of(place).no}/"
    page = as_user("reviewer_tinghu").post(url, {"step": "approve"})
    assert page.status_code == 422 and "法定代表人有变更" in page.content.decode()
    assert may_act(place) == []


def test_a_place_that_ended_gets_no_account(place, facts, send, as_user, cast, code_of):
    code = code_of(place)
    send(facts(username="erhao"))
    end_registration(
        place, step="cancel", reason="申请注销", terminated_on=today_here(), actor=cast["registrar_tinghu"]
    )
    assert send(facts(code=code)).status_code == 422
    page = as_user("reviewer_tinghu").post(f"/desk/accounts/{request_of(place).no}/", {"step": "approve"})
    assert page.status_code == 422 and "终止" in page.content.decode()
    assert may_act(place) == []


@pytest.mark.parametrize("username", ["registrar_tinghu", "reviewer_tinghu", "admin", "leader_city", "auditor_city"])
def test_the_account_of_an_authority_never_redeems_a_code(place, facts, code_of, as_user, send, username):
    page = send(facts(code=code_of(place)), client=as_user(username))
    assert page.status_code == 422 and "工作人员账号" in page.content.decode()
    assert may_act(place) == []


def test_one_person_may_act_for_several_institutions(institution, place, facts, code_of, as_user, send):
    other = institution(legal_rep_name="林园长")
    fields = {"uscc": other.uscc, "legal_rep_id_no": str(other.legal_rep_id_no)}
    send(facts(code=code_of(other), **fields), client=as_user("operator_xiaotaiyang"))
    page = send(facts(code=code_of(place)), client=as_user("operator_xiaotaiyang"))
    assert "账号已开通" in page.content.decode() and may_act(place) == ["operator_xiaotaiyang"]
    again = send(facts(code=code_of(place)), client=as_user("operator_xiaotaiyang"))
    assert again.status_code == 422 and "已经可以办理" in again.content.decode()
    desk = as_user("operator_xiaotaiyang").get("/desk/colleagues/").content.decode()
    assert desk.count("邀请同事") == 2


def test_after_many_wrong_tries_nobody_tries_on(place, facts, code_of, send):
    code = code_of(place)
    for _ in range(ATTEMPTS_A_DAY):
        assert send(facts(code=code, legal_rep_name="别的人")).status_code == 422
    last = send(facts(code=code))
    assert last.status_code == 429 and "登记机关" in last.content.decode()
    assert may_act(place) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"uscc": "91320902MA1TYC0112"}, "校验"),
        ({"legal_rep_name": " "}, "请填写法定代表人（负责人）姓名"),
        ({"password": "1234567890", "password_again": "1234567890"}, "密码"),
        ({"password_again": "x"}, "两次填写的密码不一致"),
        ({"username": "a b"}, "用户名为 4 到 30 个"),
        ({"display_name": ""}, "请填写您的姓名"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(place, facts, send, fields, words):
    page = send(facts(**fields))
    assert page.status_code == 422 and words in page.content.decode()
    if "legal_rep_name" not in fields:
        assert "林园长" in page.content.decode()
    assert not AccountOpening.objects.exists()


def test_the_registrar_of_another_authority_makes_no_code(place, as_user):
    url = f"/desk/registrations/{place.uscc}/account-code/"
    assert as_user("registrar_civil").post(url).status_code in {403, 404}
    assert not AccountOpening.objects.exists()
    assert "打印账号开通码" in as_user("registrar_tinghu").get(f"/desk/registrations/{place.uscc}/").content.decode()


def test_the_password_is_kept_no_longer_than_it_is_needed(place, facts, code_of, send, as_user):
    send(facts(code=code_of(place)))
    send(facts(username="erhao"))
    as_user("reviewer_tinghu").post(f"/desk/accounts/{request_of(place).no}/", {"step": "approve"})
    assert set(AccountOpening.objects.values_list("password", flat=True)) == {""}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'registry_accountopeningevent'"
        )
        assert not {"password", "secret_hash", "sent_hash"} & {row[0] for row in cursor.fetchall()}


STEPS = {  # written by hand: (from, step) → who takes it
    ("ISSUED", "redeem"): "SYSTEM", ("ISSUED", "void"): "SYSTEM", ("SUBMITTED", "mismatch"): "SYSTEM",
    ("SUBMITTED", "approve"): "reviewer_tinghu", ("SUBMITTED", "refuse"): "reviewer_tinghu",
}  # fmt: skip


@pytest.mark.parametrize("state", ["ISSUED", "SUBMITTED", "OPENED", "REFUSED", "VOID"])
def test_who_may_take_which_step_in_each_state(place, cast, state):
    opening = AccountOpening(status=state, path="MATCH", uscc=place.uscc, institution=place)
    people = {**cast, "SYSTEM": System()}
    for username, person in people.items():
        steps = {step.name for step in OPENING.available(opening, person)}
        allowed = {step for (source, step), who in STEPS.items() if source == state and who == username}
        # Two reviewers share the county.
        if username == "reviewer_tinghu2":
            allowed = {step for (source, step), who in STEPS.items() if source == state and who == "reviewer_tinghu"}
        assert steps == allowed, (username, state)


def test_the_database_refuses_every_other_change_of_the_status(place, facts, send):
    send(facts())
    for wanted in ("ISSUED", "VOID"):
        with pytest.raises(DatabaseError), transaction.atomic():
            AccountOpening.objects.update(status=wanted)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountOpening.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():  # opened for nobody
        AccountOpening.objects.update(status="OPENED")


def test_a_duty_that_a_case_opened_is_an_operators(place, cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        Duty.objects.create(
            user=cast["leader_city"], role="ADMIN", opened_by="YC-KT-2026-000001", valid_from=today_here()
        )


def test_the_table_in_the_docs_is_the_table():
    text = (Path(__file__).parents[3] / "docs" / "workflows.md").read_text(encoding="utf-8")
    for step in OPENING.steps.values():
        for source in step.sources:
            assert f"| {step.name} | {step.label} | {source} | {step.target} |" in text


def test_a_sheet_loaded_again_stays_good(place, facts, as_user, send):
    registrar, url = as_user("registrar_tinghu"), f"/desk/registrations/{place.uscc}/account-code/"
    assert registrar.post(url).url == url
    code = registrar.get(url).context["code"]
    again = registrar.get(url).content.decode()
    assert code not in again and "已打印的告知单照常使用" in again and "重新生成，原来的作废" in again
    assert "账号已开通" in send(facts(code=code)).content.decode()
    assert "已打印的告知单照常使用" not in registrar.get(url).content.decode(), "used: none is waiting"


def test_an_account_is_approved_after_a_question(place, facts, send, as_user):
    send(facts())
    reviewer, url = as_user("reviewer_tinghu"), f"/desk/accounts/{request_of(place).no}/"
    assert "?ask=approve" in reviewer.get(url).content.decode()
    page = reviewer.get(f"{url}?ask=approve")
    assert "请确认已通过登记的联系电话" in page.content.decode() and may_act(place) == []
    assert "同意开通账号" not in as_user("chief_tinghu").get(f"{url}?ask=approve").content.decode()
    reviewer.post(page.context["action"], page.context["hidden"])
    assert may_act(place) == ["linjingban"]
