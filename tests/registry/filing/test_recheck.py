"""From a finding on site to the letter and the re-check: the right place, the right words, nothing taken over unseen."""

from __future__ import annotations

from typing import Any

import pytest
from decision_cases import page, send, text_of
from filing_cases import answer_all, fresh, judge_all, pass_on_site

from registry.demo.sample_filing import sign
from registry.filing import clocks, judging, review
from registry.filing.pages.corrections import edit_url
from registry.filing.previews import lettered, nonconforming_items
from registry.filing.services import record_site_check, take_step
from registry.filing.site_items import PLACES, SITE_ITEMS
from registry.models import Material, Notice
from tests.pages import markup_of, page_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import Notification
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
NO_REPORT = "未见室内空气检测报告原件"


def fail_air(case: Any, officer: Any) -> Any:
    """The officers miss one document; everything else is in order."""
    check = case.site_checks.get(concluded_on=None)
    results = {item["id"]: {"result": "PASS", "remark": ""} for item in check.items}
    results["S09"] = {"result": "FAIL", "remark": NO_REPORT}
    return record_site_check(
        check, results=results, summary="", conclude=True, actor=officer, expected_version=check.record_version
    )


@pytest.fixture
def no_air(filing_in, cast):
    """A check that failed for a document the institution never handed in."""
    case = filing_in("VERIFYING")
    Material.objects.filter(filing=case, code="M06_AIR").update(replaced_at=case.submitted_at)
    fail_air(case, cast["inspector_tinghu1"])
    return fresh(case)


def test_every_point_of_the_checklist_leads_to_a_place_the_institution_can_edit(draft):
    assert len(PLACES) == len(SITE_ITEMS)
    for place in PLACES.values():
        assert review.title_of(place) and edit_url(draft, place)


def test_a_finding_on_site_hangs_on_its_own_document_without_the_positive_title(no_air):
    rows = nonconforming_items(no_air.site_checks.first(), review.last_version(no_air))
    line = next(row for row in rows if row["rule_id"] == "R-HLT-03")
    assert line["item"] == "M06_AIR"
    assert line["finding"] == "未见室内空气检测报告原件。"
    letter = lettered([line])[0]
    assert letter["title"] == "室内空气检测报告" and letter["where"] == "材料上传：室内空气检测报告"


def test_the_letter_is_previewed_as_published_and_leads_to_the_document_never_handed_in(
    no_air, as_user, cast, operator
):
    client = as_user("reviewer_tinghu2")
    shown = markup_of(client.get(f"/desk/review/{no_air.no}/steps/propose_nonconform/"))
    assert '<option value="M06_AIR" selected>' in shown
    assert "室内空气检测合格：" not in text_of(shown)
    typed = {
        "rows": "1",
        "item-1": "M06_AIR",
        "finding-1": f"{NO_REPORT}。",
        "clause-1": "GB/T 18883",
        "how_to_fix-1": "补交报告",
        "rule_id-1": "R-HLT-03",
        "reason": "现场没有报告原件",
    }
    url = "steps/propose_nonconform"
    preview = send(client, no_air, url, preview="1", **typed)
    public = f"室内空气检测报告：{NO_REPORT}。（GB/T18883）"
    assert "将向社会公开的内容" in text_of(markup_of(preview)) and public in text_of(markup_of(preview))
    assert not no_air.proposals.exists()
    assert send(client, no_air, url, **typed).status_code == 302
    chief = markup_of(as_user("chief_tinghu").get(f"/desk/review/{no_air.no}/steps/nonconform/"))
    assert public in text_of(chief)
    take_step(fresh(no_air), "nonconform", actor=cast["chief_tinghu"])
    told = text_of(markup_of(client.get("/nonconforming/")))
    assert "室内空气检测报告" in told and f"{NO_REPORT}。" in told and "室内空气检测合格" not in told
    own = as_user("operator_xiaotaiyang")
    asked = markup_of(own.get(f"/desk/filings/{no_air.no}/corrections/"))
    target = f"/desk/filings/{no_air.no}/materials/M06_AIR/"
    assert target in asked
    assert "选择文件" in markup_of(own.get(target))


def test_a_recheck_starts_empty_with_the_former_record_beside_it(no_air, as_user, cast, operator):
    line = lettered(nonconforming_items(no_air.site_checks.first(), review.last_version(no_air))[:1])
    take_step(no_air, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场没有报告", items=line)
    take_step(fresh(no_air), "nonconform", actor=cast["chief_tinghu"])
    answer_all(fresh(no_air), operator)
    take_step(fresh(no_air), "rectify", actor=operator)
    check = no_air.site_checks.get(concluded_on=None)
    assert {(item["result"], item["remark"]) for item in check.items} == {("", "")}
    former = next(item for item in check.items if item["id"] == "S09")["former"]
    assert former == {"result": "FAIL", "remark": NO_REPORT}
    shown = markup_of(as_user("inspector_tinghu1").get(f"/desk/site-checks/{check.pk}/"))
    assert f"上次核实：不符合：{NO_REPORT}" in shown
    assert "checked" not in shown.split("<main")[1]
    with pytest.raises(Rejected) as refused:
        record_site_check(
            check, results={}, summary="", conclude=True, actor=cast["inspector_tinghu1"], expected_version=1
        )
    assert len(refused.value.problems) == len(SITE_ITEMS)
    with pytest.raises(Rejected, match="FIL-113"):
        take_step(fresh(no_air), "confirm", actor=cast["reviewer_tinghu2"])
    pass_on_site(no_air, cast["inspector_tinghu1"])
    passed = no_air.site_checks.get(pk=check.pk)
    assert NO_REPORT not in [item["remark"] for item in passed.items]
    filed = take_step(fresh(no_air), "confirm", actor=cast["reviewer_tinghu2"])
    assert filed.accepted_number == filed.versions.first().number == 2


def test_a_check_is_never_confirmed_while_a_point_has_no_result(filing_in, cast):
    case = filing_in("VERIFYING")
    check = case.site_checks.get()
    check.concluded_on, check.conforms = today_here(), True
    check.save()
    with pytest.raises(Rejected, match="FIL-113"):
        take_step(case, "confirm", actor=cast["reviewer_tinghu2"])


def test_the_claimed_value_stands_beside_the_point(filing_in, as_user):
    check = filing_in("VERIFYING").site_checks.get()
    shown = markup_of(as_user("inspector_tinghu1").get(f"/desk/site-checks/{check.pk}/"))
    claimed = check.filing.versions.first().content["sections"]["surroundings"]["window_ratio"]
    assert f"窗洞面积占房间面积 {claimed} %" in page_of(shown).text


def test_a_rule_on_a_document_never_handed_in_is_an_item_of_its_own(ready, operator, as_user):
    Material.objects.filter(filing=ready, code="M06_AIR").update(replaced_at=ready.created_at)
    sign(fresh(ready), actor=operator)  # the missing report is explained and excepted from the pledge
    case = take_step(fresh(ready), "submit", actor=operator)
    version = review.last_version(case)
    found = judging.findings_by_item(version)
    assert "M06_AIR" in review.items_of(version)
    assert [row["id"] for row in found["M06_AIR"]] == ["R-HLT-03"]
    assert "R-HLT-03" not in [row["id"] for row in found.get("M01_LICENSE", [])]
    assert "M01_LICENSE" in judging.open_without_findings(version, {})
    shown = markup_of(as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/"))
    assert "机构没有提交这份材料" in shown


def test_a_reviewer_asks_for_a_document_that_was_not_handed_in(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    url = f"/desk/review/{case.no}/"
    shown = markup_of(client.get(url))
    assert "要求补交没有提交的材料" in shown and "?ask=M99_OTHER#item-M99_OTHER" in shown
    assert 'id="item-M99_OTHER"' in markup_of(client.get(f"{url}?ask=M99_OTHER"))
    typed = {"seen": "-", "submission": "1", "verdict": "SUPPLEMENT", "reason": "请补交合作协议", "clause": "25号文"}
    assert client.post(f"{url}items/M99_OTHER/", typed).status_code == 302
    judge_all(case, cast["reviewer_tinghu"])
    with pytest.raises(Rejected, match="M99_OTHER"):
        take_step(fresh(case), "receipt", actor=cast["reviewer_tinghu"])
    take_step(fresh(case), "return", actor=cast["reviewer_tinghu"])
    assert [item["item"] for item in Notice.objects.get().items] == ["M99_OTHER"]
    assert as_user("operator_xiaotaiyang").get(f"/desk/filings/{case.no}/materials/M99_OTHER/").status_code == 200


def test_a_visit_is_planned_within_the_clock(filing_in, cast, as_user):
    case = filing_in("RECEIPTED")
    asked = markup_of(as_user("reviewer_tinghu2").get(f"/desk/review/{case.no}/steps/verify/"))
    assert "不晚于告知不符合的最后一天" in asked and "60 天" not in asked
    officers = [cast["inspector_tinghu1"], cast["inspector_tinghu2"]]
    due = clocks.running(case).get(code=clocks.NONCONFORM).due_on
    with pytest.raises(Rejected, match="planned_on"):
        take_step(
            case,
            "verify",
            actor=cast["reviewer_tinghu2"],
            officers=officers,
            planned_on=due.replace(year=due.year + 1),
        )
    assert take_step(case, "verify", actor=cast["reviewer_tinghu2"], officers=officers, planned_on=due)


def test_the_one_who_issued_the_receipt_reads_that_another_goes_on(filing_in, as_user):
    case = filing_in("RECEIPTED")
    words = "回执由您出具，现场核实由另一名审查人员指派。"
    assert words in markup_of(as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/"))
    assert words not in markup_of(as_user("reviewer_tinghu2").get(f"/desk/review/{case.no}/"))


def test_everything_issued_is_linked_from_the_case(no_air, as_user, cast):
    line = lettered(nonconforming_items(no_air.site_checks.first(), review.last_version(no_air))[:1])
    take_step(no_air, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场没有报告", items=line)
    case = take_step(fresh(no_air), "nonconform", actor=cast["chief_tinghu"])
    shown = markup_of(as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/?pane=history"))
    letter = f"/desk/filings/{case.no}/letters/{case.notices.get().pk}/"
    assert shown.count(letter) == 2  # in the list of what was issued, and in the history
    assert shown.count(f"/desk/filings/{case.no}/receipt/") == 2
    assert f"：{case.institution.name}（{case.no}）" not in shown
    assert f"计划 {today_here()}" in shown and "理由：现场没有报告" in shown
    own = markup_of(as_user("operator_xiaotaiyang").get(f"/desk/filings/{case.no}/"))
    assert "提请告知不符合" not in own and page(None, case, "") and letter in own


def test_the_second_notice_is_listed_by_its_own_name(
    filing_in, as_user, cast, operator, django_capture_on_commit_callbacks
):
    case = filing_in("SUPPLEMENT")
    answer_all(case, operator)
    case = take_step(fresh(case), "resubmit", actor=operator)
    judge_all(case, cast["reviewer_tinghu"], fees=("SUPPLEMENT", "收费不全"))
    take_step(fresh(case), "propose_return", actor=cast["reviewer_tinghu"], reason="首次没有看到")
    with django_capture_on_commit_callbacks(execute=True):
        take_step(fresh(case), "return_again", actor=cast["chief_tinghu"])
    client, notice = as_user("operator_xiaotaiyang"), case.notices.first()
    shown = markup_of(client.get(f"/desk/filings/{case.no}/"))
    assert "补充告知书" in shown and "《补充告知书》" in shown
    assert "按一次性告知书" not in shown
    letter = markup_of(client.get(f"/desk/filings/{case.no}/letters/{notice.pk}/"))
    assert "补充告知书</h1>" in letter and "补充告知书</h2>" in letter and "一次性告知书" not in letter
    assert notice.document.original_name == f"补充告知书_{notice.number}.pdf"
    told = Notification.objects.filter(user=operator).latest("id")
    assert "再次补正" in told.title + told.body and "一次性告知书" not in told.title + told.body
    history = markup_of(as_user("reviewer_tinghu").get(f"/desk/review/{case.no}/?pane=history"))
    assert "补充告知书" in history
