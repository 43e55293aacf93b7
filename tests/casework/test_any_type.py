"""A type of case of 120 lines has page, API, guard, inbox, letter, service, clock, second signature: and no other file knows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import InternalError, transaction
from django.test import Client
from django.utils import timezone

from casework import clocks
from casework.cases import steps_for, take
from casework.events import institution_ended
from casework.inbox import inbox_for
from casework.letters import correct, recall, reissue, release
from casework.models import Case, CaseProposal, Letter
from casework.serving import serve, sign_for
from yancheng_childcare.models import Deadline, Notification, User
from yancheng_childcare.problems import Rejected
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
TOY = HERE / "toy"
UNTIL_RELEASED = timedelta(minutes=11)


def released(case: Case) -> Letter:
    """Its letter, once the hold is over."""
    with time_machine.travel(timezone.now() + UNTIL_RELEASED):
        assert release().done == 1
    return Letter.objects.get(case=case, replaces=None, recalled_at=None)


def test_no_other_file_knows_it_and_it_is_short() -> None:
    """The point of the floor: one more type touches no file of the house."""
    ours = [path for path in ROOT.rglob("*") if path.suffix in {".py", ".html", ".toml"} and path.is_file()]
    inside = (".venv", ".local", "build", ".git")
    known = [
        path.relative_to(ROOT)
        for path in ours
        if not path.relative_to(ROOT).parts[0].startswith(inside) and HERE not in path.parents
        if re.search(r"casework[./]toy|\bToyConfig\b", path.read_text(encoding="utf-8"))
    ]
    assert known == []
    lines = sum(len(path.read_text().splitlines()) for path in TOY.glob("*.py"))
    assert lines <= 120 and len(list((TOY / "migrations").glob("0*.py"))) == 1


def test_it_has_a_page_an_inbox_an_api_and_a_guard(
    talk: Case, cast: dict[str, Any], operator: User, api: Callable[[str], Client]
) -> None:
    client = Client()
    client.force_login(operator, backend="yancheng_childcare.accounts.signin.PortalBackend")
    page = client.get(f"/desk/cases/{talk.no}/").content.decode()
    assert "收费公示不全" in page and "待签收" in page and "约谈通知书" not in page, "held: not theirs to read yet"
    assert [row["item"].state.task for row in inbox_for(operator).todo if row["item"].url.endswith(f"{talk.no}/")] == [
        "签收约谈通知书"
    ]
    found = api("reviewer_tinghu").get(f"/api/v1/cases/{talk.no}/").json()
    assert (found["type_label"], found["status_label"]) == ("约谈", "待签收")
    for change in ({"status": "CAME"}, {"status": "ABSENT"}):
        with pytest.raises(InternalError), transaction.atomic():
            Case.objects.filter(pk=talk.pk).update(**change)


def test_a_letter_is_held_recalled_or_sent_and_then_corrected(talk: Case, cast: dict[str, Any], operator: User) -> None:
    letter, signer = talk.letters.get(), cast["reviewer_tinghu"]
    assert release().done == 0 and not Notification.objects.filter(user=operator).exists()
    with pytest.raises(Rejected) as early:
        sign_for(letter, name="经办人", actor=operator)
    assert early.value.problems[0].code == "CAS-104"
    with pytest.raises(Rejected) as stranger:
        recall(letter, reason="写错了日期", actor=cast["reviewer_tinghu2"])
    assert stranger.value.status == 403
    recall(letter, reason="写错了日期", actor=signer)
    assert release().done == 0
    with pytest.raises(Rejected):
        reissue(letter, actor=operator)
    second = reissue(Letter.objects.get(pk=letter.pk), actor=signer)
    assert second.number != letter.number, "a void number is never given again"
    with pytest.raises(Rejected) as twice:
        reissue(Letter.objects.get(pk=letter.pk), actor=signer)
    assert twice.value.status == 409
    sent = released(talk)
    assert Notification.objects.filter(user=operator, title="请来约谈").count() == 1
    with pytest.raises(Rejected) as late:
        recall(sent, reason="写错了日期", actor=signer)
    assert late.value.status == 409
    corrects = correct(sent, text="原文“收费公示不全”应为“收费没有公示”。", actor=signer)
    assert sent.number in str(corrects.content["paragraphs"]) and corrects.replaces == sent
    with pytest.raises(InternalError), transaction.atomic():
        Letter.objects.filter(pk=sent.pk).update(number="x")


def test_a_letter_is_read_signed_for_and_answered_on_its_page(
    talk: Case, as_user: Callable[[str], Client], cast: dict[str, Any], operator: User
) -> None:
    """What the pages say of recall, service and answers, looked at from both sides."""
    officer, institution = as_user("reviewer_tinghu"), as_user("operator_xiaotaiyang")
    page = f"/desk/cases/{talk.no}/letters/{talk.letters.get().pk}/"
    assert "撤回这份文书" in officer.get(page).content.decode()
    assert institution.get(page).status_code == 404 and institution.get(f"{page}paper/").status_code == 404
    short = officer.post(f"{page}recall/", {"recall_reason": "错"})
    assert short.status_code == 422 and "请写明撤回原因" in short.content.decode()
    released(talk)
    lacking = officer.post(f"{page}serve/", {"way": "POST", "served_on": str(timezone.localdate())})
    assert lacking.status_code == 422 and "邮寄送达要写明邮件编号" in lacking.content.decode()
    shown = institution.get(page).content.decode()
    assert "收费公示不全" in shown and "撤回这份文书" not in shown and "登记送达" not in shown
    assert institution.get(f"{page}paper/").headers["Content-Type"] == "application/pdf"
    assert institution.post(f"{page}sign/").status_code == 302 and institution.post(f"{page}sign/").status_code == 409
    assert institution.post(f"{page}reply/", {"reply": "本周五上午前来"}).status_code == 302
    assert Notification.objects.filter(user=cast["reviewer_tinghu"], title="机构答复了约谈通知书").exists()
    assert "本周五上午前来" in officer.get(page).content.decode()
    assert officer.post(f"{page}correct/", {"correction": "原文“收费公示不全”应为“收费没有公示”。"}).status_code == 302
    with time_machine.travel(timezone.now() + UNTIL_RELEASED):
        assert release().done == 1
    assert Notification.objects.filter(user=operator, title="收到更正通知书").exists()
    assert "更正通知书" in institution.get(f"/desk/cases/{talk.no}/").content.decode()


def test_the_clock_begins_with_the_service_and_its_last_rung_takes_a_step(
    talk: Case, cast: dict[str, Any], operator: User
) -> None:
    letter = released(talk)
    assert not Deadline.objects.of(talk.subject).exists()
    today = timezone.localdate()
    with pytest.raises(Rejected) as lacking:
        serve(letter, way="LEFT", served_on=today, facts={"witness": "居委会王某"}, actor=cast["reviewer_tinghu"])
    assert {problem.code for problem in lacking.value.problems} == {"CAS-105"}
    facts = {"witness": "居委会王某", "left_because": "负责人拒收"}
    serve(letter, way="LEFT", served_on=today, facts=facts, actor=cast["reviewer_tinghu"])
    clock = Deadline.objects.running().get(subject=talk.subject)
    assert (Case.objects.get(pk=talk.pk).status, clock.due_on) == ("COMING", add_workdays(today, 5))
    assert clocks.ring(today=add_workdays(clock.due_on, 3)).done == 2
    assert Case.objects.get(pk=talk.pk).status == "ABSENT"
    assert Notification.objects.filter(user=operator, title="约谈快到期").count() == 1


def test_two_persons_sign_its_end_and_the_guards_look_again(talk: Case, cast: dict[str, Any], operator: User) -> None:
    sign_for(released(talk), name="经办人", actor=operator)
    reviewer, chief = cast["reviewer_tinghu"], cast["chief_tinghu"]
    take(talk, "come", {"words": "已经补充公示"}, actor=operator)
    take(talk, "finish", {"reason": "约谈完毕"}, actor=reviewer)
    case = Case.objects.get(pk=talk.pk)
    assert case.status == "CAME" and CaseProposal.objects.get().answers == {"reason": "约谈完毕"}
    assert inbox_for(chief).todo[0]["item"].url.endswith(f"{case.no}/"), "what waits for a signature comes first"
    assert {step.name for step in steps_for(case, reviewer)} >= {"withdraw_finish"}
    assert "sign_finish" not in {step.name for step in steps_for(case, reviewer)}
    with pytest.raises(Rejected) as twice:
        take(case, "finish", {"reason": "约谈完毕"}, actor=reviewer)
    assert twice.value.problems[0].code == "CAS-102"
    take(case, "refuse_finish", {"reason": "请补充记录"}, actor=chief)
    assert "请补充记录" in Notification.objects.get(user=reviewer, title="未同意：办结").body
    take(Case.objects.get(pk=case.pk), "finish", {"reason": "已补充记录"}, actor=reviewer)
    done = take(Case.objects.get(pk=case.pk), "sign_finish", actor=chief)
    assert (done.status, done.result, done.keep_until.year) == ("DONE", "TALKED", timezone.localdate().year + 10)
    assert "已补充记录" in Notification.objects.get(user=operator, title="约谈已办结").body


def test_it_ends_with_the_institution(talk: Case) -> None:
    assert institution_ended(talk.uscc) == 1
    assert Case.objects.get(pk=talk.pk).result == "GONE"
