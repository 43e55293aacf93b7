"""Published results: what parents, feeds, mails, API and open data say, what none of them says, and what is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from casework.cases import take
from casework.events import institution_ended
from casework.models import Attachment, Case
from casework.types import System
from exchange.models import OutboxEvent
from inspections.models import VisitItem, VisitPhoto
from inspections.publication import facts_of
from inspections.rectification import RECTIFICATION
from registry.models import PublicChange, PublicResult
from registry.register.entry import refresh_entry
from registry.register.news import SETTLED, send_news
from registry.register.open_data import cards, table_row
from registry.register.results import show_result
from registry.register.sources import RESULT_YEARS
from tests.inspections.going import hand_out, judge, sign_off
from tests.inspections.test_clues import picture
from yancheng_childcare.models import Deadline, Duty
from yancheng_childcare.workdays import add_workdays

pytestmark = pytest.mark.django_db
OnSite = Callable[..., Case]
# Planted where the public must never look.
NOTE, FACTS, WORDS, OBJECTION, ANSWER, REASON = (
    "金丝雀情况", "金丝雀现场情况记录，写明看到的事实", "金丝雀机构意见", "金丝雀异议内容", "金丝雀异议答复", "金丝雀检查理由"
)  # fmt: skip
REPORT = {
    "cause": "金丝雀整改原因", "measures": "金丝雀整改措施", "outcome": "金丝雀整改结果", "prevention": "金丝雀防止办法",
    "stopped": "金丝雀停用",
}  # fmt: skip
CANARIES = (NOTE, FACTS, WORDS, OBJECTION, ANSWER, REASON, *REPORT.values(), "金丝雀", "曹园长")


@pytest.fixture
def followed(place: Any) -> Any:
    """The institution is on the register and somebody follows it by mail."""
    from registry.models import Institution, PublicSubscription

    Institution.objects.filter(pk=place.pk).update(filed_on="2026-01-05")
    refresh_entry(place.pk)
    PublicSubscription.objects.create(
        email="parent@example.test", email_index="i", token_hash="t", target="INSTITUTION", uscc=place.uscc,
        confirmed_at=timezone.now(),
    )  # fmt: skip
    return place


@pytest.fixture
def owner(cast: dict[str, Any], place: Any) -> Any:
    """Who acts for the institution."""
    Duty.objects.filter(user=cast["operator_xiaotaiyang"]).update(uscc=place.uscc)
    return cast["operator_xiaotaiyang"]


def told(on_site: OnSite, cast: dict[str, Any], *, order: bool = True, **wrong: str) -> tuple[Case, Case | None]:
    """An inspection whose result was told and served, and its order, served."""
    officer = cast["inspector_tinghu1"]
    case = on_site(reason=REASON)
    judge(case, **wrong)
    case = sign_off(case, cast, facts=FACTS, operator_words=WORDS)
    case = take(case, "conclude", {"result_class": "ORDERED" if wrong else "CLEAN"}, actor=officer)
    ordered = None
    if order and wrong:
        lines = VisitItem.objects.filter(visit=case.body, verdict="NOT_MET", item__binding=True, fixed_on_spot=False)
        case = take(case, "order", {"lines": [str(pk) for pk in lines.values_list("pk", flat=True)]}, actor=officer)
        ordered = Case.objects.get(type="RECTIFICATION")
    hand_out(case, "INSPECTION_NOTICE", officer)
    hand_out(case, "INSPECTION_RESULT", officer)
    if ordered is not None:
        hand_out(ordered, "RECTIFICATION_ORDER", officer)
        ordered = Case.objects.get(pk=ordered.pk)
    return case, ordered


def publish(case: Case, cast: dict[str, Any]) -> Case:
    """Public, after the days to object."""
    with time_machine.travel(add_workdays(timezone.localdate(), 6)):
        return take(case, "publish", actor=cast["head_tinghu"])


def everywhere(uscc: str) -> dict[str, str]:
    """What anybody can read of the institution, place by place; mails are sent."""
    client = Client()
    with time_machine.travel(timezone.now() + timedelta(days=20) + 2 * SETTLED):
        send_news()
    return {
        "page": client.get(f"/institutions/{uscc}/").content.decode(),
        "api": client.get(f"/api/v1/institutions/{uscc}/").content.decode(),
        "feed": client.get(f"/feeds/institutions/{uscc}.atom").content.decode(),
        "city": client.get("/feeds/areas/320900.atom").content.decode(),
        "csv": client.get("/open-data/institutions.csv").getvalue().decode(),
        "json": client.get("/open-data/institutions.json").getvalue().decode(),
        "mail": "\n".join(str(one.body) for one in mail.outbox),
    }


def test_a_published_result_stands_everywhere_and_nothing_else_of_the_inspection(
    on_site: OnSite, cast: dict[str, Any], followed: Any, owner: Any
) -> None:
    case, order = told(on_site, cast, D2_02=f"{NOTE}一", D2_08=f"{NOTE}二", D2_04=f"{NOTE}三")
    photo = SimpleUploadedFile(f"{NOTE}.png", picture(1))
    case = take(case, "object", {"reason": OBJECTION}, actor=owner, files=[photo])
    kept = Attachment.objects.select_related("file").get(case=case)
    VisitPhoto.objects.create(line=case.body.lines.get(item__code="D2-02"), attachment=kept)
    case = take(case, "answer", {"reason": ANSWER}, actor=cast["inspector_tinghu1"])
    before = everywhere(followed.uscc)
    assert "还没有公开的检查结果" in before["page"] and "监控全覆盖生活活动区域" not in "".join(before.values())
    case = publish(case, cast)
    take(order, "submit", REPORT, actor=owner)  # type: ignore[arg-type]
    found = everywhere(followed.uscc)
    for name in ("page", "api"):
        for words in ("发现问题已责令改正", "监控全覆盖生活活动区域、24h、录像≥90天", "整改中（限期", case.no):
            assert words in found[name], (name, words)
    for name in ("feed", "city", "mail"):
        assert "监督检查结果公开" in found[name] and "发现问题已责令改正" in found[name], name
    for name in ("csv", "json"):
        assert "发现问题已责令改正" in found[name], name
    officers = [one.user.display_name for one in case.body.crew] + [one.certificate_no for one in case.body.crew]
    for name, text in found.items():
        seen = [words for words in (*CANARIES, *officers, str(kept.file_id), kept.file.fingerprint) if words in text]
        assert not seen, (name, seen)


def test_each_finding_says_what_became_of_it(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, _ = told(on_site, cast, order=False, D2_02="甲", D2_08="乙", D2_04="丙")
    VisitItem.objects.filter(visit=case.body, item__code="D2-02").update(fixed_on_spot=True)
    facts = facts_of(publish(case, cast))
    assert [(one["state"], one["state_text"]) for one in facts["findings"]] == [
        ("FIXED", "已当场改正"),
        ("ADVICE", "建议改进"),
        ("PENDING", "待后续处理"),
    ]
    assert facts["not_met"] == 3 and facts["looked"] == VisitItem.objects.exclude(verdict="").count()


def test_another_field_is_neither_counted_nor_named(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, _ = told(on_site, cast, order=False, D2_02="甲", D2_03="家具有锐角，属市场监管")
    other = VisitItem.objects.get(visit=case.body, item__code="D2-03")
    assert "HEALTH" not in other.item.fields
    VisitItem.objects.filter(pk=other.pk).update(verdict="NOT_MET")
    case = publish(case, cast)
    assert facts_of(case)["not_met"] == 1
    assert other.item.text not in Client().get(f"/institutions/{followed.uscc}/").content.decode()


def test_the_page_follows_the_order_at_once(on_site: OnSite, cast: dict[str, Any], followed: Any, owner: Any) -> None:
    """Past the page cache too: a reader who has the page gets a new one as soon as anything about it changed."""
    case, order = told(on_site, cast, D2_02="甲")
    assert order is not None and order.status == "RUNNING"
    publish(case, cast)
    client, address = Client(), f"/institutions/{followed.uscc}/"

    def page() -> tuple[str, str]:
        answer = client.get(address)
        again = client.get(address, headers={"if-none-match": answer["ETag"]})
        assert again.status_code == 304
        return answer["ETag"], answer.content.decode()

    first, words = page()
    assert "整改中（限期" in words
    RECTIFICATION.workflow.run(order, "show_overdue", System(), asked=None, answers={})
    second, words = page()
    assert second != first and "整改逾期" in words and "整改中（限期" not in words
    take(order, "submit", REPORT, actor=owner)
    assert "整改逾期" in page()[1], "until it was looked at again"
    take(order, "pass", {"reason": "复查通过，都改好了"}, actor=cast["inspector_tinghu1"])
    assert "整改逾期" in page()[1], "two officers look again"
    take(order, "sign_pass", actor=cast["inspector_tinghu2"])
    third, words = page()
    block = words.split('id="supervision"')[1].split("</section>")[0]
    assert third != second and "已改正（" in block and "整改逾期" not in block
    news = PublicChange.objects.filter(kind="INSPECTION").order_by("pk")
    assert [(one.title.split("：")[-1], one.detail.split("：")[-1].split("（")[0]) for one in news] == [
        ("监督检查结果公开", "发现问题已责令改正"),
        ("监督检查结果更新", "整改逾期"),
        ("监督检查结果更新", "问题已改正"),
    ]


def test_an_order_before_the_publication_is_no_news(
    on_site: OnSite, cast: dict[str, Any], followed: Any, owner: Any
) -> None:
    _, order = told(on_site, cast, D2_02="甲")
    take(order, "submit", REPORT, actor=owner)  # type: ignore[arg-type]
    assert not PublicChange.objects.filter(kind="INSPECTION").exists()
    assert not PublicResult.objects.exists()


def test_what_is_rescinded_disappears_everywhere(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, _ = told(on_site, cast, D2_02="甲")
    case = publish(case, cast)
    take(case, "rescind", {"reason": "金丝雀撤销理由，事实认定有误"}, actor=cast["inspector_tinghu1"])
    assert "发现问题已责令改正" in everywhere(followed.uscc)["page"], "the head signs"
    mail.outbox.clear()
    take(Case.objects.get(pk=case.pk), "sign_rescind", actor=cast["head_tinghu"])
    for name, text in everywhere(followed.uscc).items():
        assert "发现问题已责令改正" not in text and "监控全覆盖生活活动区域、24h" not in text, name
        assert "金丝雀" not in text, name
    assert "监督检查结果撤销" in Client().get(f"/feeds/institutions/{followed.uscc}.atom").content.decode()


def test_a_rescinded_order_takes_its_findings_off(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, order = told(on_site, cast, D2_02="甲")
    publish(case, cast)
    take(order, "rescind", {"reason": "责令改正有误，撤销"}, actor=cast["inspector_tinghu1"])  # type: ignore[arg-type]
    take(order, "sign_rescind", actor=cast["head_tinghu"])  # type: ignore[arg-type]
    (facts,) = PublicResult.objects.values_list("facts", flat=True)
    assert (facts["findings"], facts["not_met"], facts["result_text"]) == ([], 0, "责令改正已撤销")
    for name, text in everywhere(followed.uscc).items():
        assert "发现问题已责令改正" not in text and "监控全覆盖生活活动区域、24h" not in text, name
        assert "责令改正已撤销" in text, name


def test_an_institution_that_ended_says_so(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, _ = told(on_site, cast, D2_02="甲")
    publish(case, cast)
    institution_ended(followed.uscc)
    (facts,) = PublicResult.objects.values_list("facts", flat=True)
    assert [one["state_text"] for one in facts["findings"]] == ["机构已终止"]


def test_after_three_years_it_is_off_the_page(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, _ = told(on_site, cast)
    case = publish(case, cast)
    day = case.body.published_on
    for at, shown in ((date(day.year + RESULT_YEARS, day.month, day.day) - timedelta(days=1), True),
                      (date(day.year + RESULT_YEARS, day.month, day.day), False)):  # fmt: skip
        refresh_entry(followed.pk, today=at)
        content = Client().get(f"/api/v1/institutions/{followed.uscc}/").json()
        assert bool(content["blocks"]["supervision"]["facts"]["results"]) is shown, at
    assert content["last_result"] == "" and content["results_shown"] == 0


def test_one_that_never_filed_has_its_results_too(on_site: OnSite, cast: dict[str, Any], place: Any) -> None:
    client, address = Client(), f"/institutions/{place.uscc}/"
    first = client.get(address)
    assert "还没有公开的检查结果" in first.content.decode()
    case, _ = told(on_site, cast)
    publish(case, cast)
    again = client.get(address, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200 and "未发现问题" in again.content.decode()


def test_the_register_takes_no_other_facts(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, _ = told(on_site, cast)
    facts = facts_of(publish(case, cast))
    with pytest.raises(ValueError):
        show_result(followed.uscc, facts | {"note": NOTE})
    finding = {"text": "甲", "state": "ADVICE", "state_text": "建议改进", "day": None}
    with pytest.raises(ValueError):
        show_result(followed.uscc, facts | {"findings": [finding | {"note": NOTE}]})


def test_departments_are_pushed_thin_events_in_order(
    on_site: OnSite, cast: dict[str, Any], followed: Any, owner: Any
) -> None:
    case, order = told(on_site, cast, D2_02=NOTE)
    publish(case, cast)
    take(order, "submit", REPORT, actor=owner)  # type: ignore[arg-type]
    take(order, "pass", {"reason": "复查通过，都改好了"}, actor=cast["inspector_tinghu1"])  # type: ignore[arg-type]
    take(order, "sign_pass", actor=cast["inspector_tinghu2"])  # type: ignore[arg-type]
    events = list(OutboxEvent.objects.filter(type__startswith="inspection.").order_by("pk"))
    assert [(one.type, one.version) for one in events] == [
        ("inspection.rectification_ordered", 1),
        ("inspection.result_effective", 2),
        ("inspection.rectified", 3),
    ]
    ordered, effective, rectified = (one.data for one in events)
    assert ordered["inspection_no"] == case.no and ordered["due_on"] and ordered["severity"] == "CRITICAL"
    assert (effective["result_class"], effective["not_met"]) == ("ORDERED", 1)
    assert rectified["result"] == "CORRECTED"
    for event in events:
        assert event.subject == followed.uscc and event.sealed is None
        text = orjson.dumps(event.data).decode()
        assert not [words for words in CANARIES if words in text], event.type


def test_a_referral_is_pushed_without_what_was_seen(on_site: OnSite, cast: dict[str, Any]) -> None:
    case = on_site()
    judge(case, D2_03=f"{NOTE}，家具有锐角")
    line = VisitItem.objects.get(visit=case.body, item__code="D2-03")
    take(case, "refer", {"lines": [str(line.pk)]}, actor=cast["inspector_tinghu1"])
    event = OutboxEvent.objects.get(type="inspection.referred")
    assert (event.data["field"], event.data["from_no"]) == ("MARKET", case.no)
    assert NOTE not in orjson.dumps(event.data).decode()


def test_open_data_says_what_is_not_put_right(on_site: OnSite, cast: dict[str, Any], followed: Any) -> None:
    case, _ = told(on_site, cast, D2_02="甲", D2_04="乙")
    case = publish(case, cast)
    (card,) = [card for card in cards() if card["uscc"] == followed.uscc]
    assert (card["results_shown"], card["findings_open"]) == (1, 1), "advice is nothing to be put right"
    assert card["last_result_on"] == case.body.published_on.isoformat() and "发现问题已责令改正" in table_row(card)


@pytest.mark.parametrize(
    ("on", "due", "provisional"),
    [
        ("2026-09-18", "2026-10-22", False),  # I1
        ("2026-11-27", "2026-12-25", False),  # I2
        ("2026-12-04", "2027-01-04", True),  # I3: the holidays of the next year are not published yet
    ],
)
def test_days_to_publish(on_site: OnSite, cast: dict[str, Any], on: str, due: str, provisional: bool) -> None:
    with time_machine.travel(f"{on}T02:00:00Z"):
        case = on_site()
        judge(case)
        case = take(sign_off(case, cast), "conclude", {"result_class": "CLEAN"}, actor=cast["inspector_tinghu1"])
    clock = Deadline.objects.get(subject=case.subject, code="DL-INSPECTION-PUBLISH")
    assert (clock.due_on.isoformat(), clock.provisional) == (due, provisional)


@pytest.mark.parametrize(
    ("code", "on", "due"), [("D2_08", "2026-09-24", "2026-10-22"), ("D2_02", "2026-09-28", "2026-10-10")]
)
def test_days_to_put_right(on_site: OnSite, cast: dict[str, Any], code: str, on: str, due: str) -> None:
    """I4: fifteen working days; I5: five, the last of them a Saturday that is worked."""
    with time_machine.travel(f"{on}T02:00:00Z"):
        _, order = told(on_site, cast, **{code: "甲"})
    clock = Deadline.objects.get(subject=order.subject, code="DL-RECTIFY")  # type: ignore[union-attr]
    assert clock.due_on.isoformat() == due
