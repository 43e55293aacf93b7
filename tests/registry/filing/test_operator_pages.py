"""The institution's pages: list, start, task list, sections, classes, pre-check, pledge, check, confirmation, progress."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from filing_cases import answer_all, fresh

from registry.demo.sample_filing import ANSWERS
from registry.filing.drafts import save_section
from registry.filing.services import take_step
from registry.models import Filing
from tests.pages import markup_of

pytestmark = pytest.mark.django_db
ME = "operator_xiaotaiyang"
# Session, person with unread count, duties.
SIGNED_IN = 3


def page(client: Any, path: str, status: int = 200, budget: int | None = None) -> str:
    """The HTML of a page of the journey; no style or script inline, every control with a label."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
    assert response.status_code == status, markup_of(response)[:3000]
    asked = [
        q["sql"]
        for q in captured.captured_queries
        if not re.search(r"(^|; )(RELEASE |ROLLBACK TO )?SAVEPOINT", q["sql"])
    ]
    assert budget is None or len(asked) <= budget + SIGNED_IN, "\n".join(asked)
    html = markup_of(response)
    assert not re.search(r"<style|\sstyle=|\sonclick=", html)
    labels = set(re.findall(r'<label[^>]*for="([^"]+)"', html))
    controls = re.findall(r'<(?:input|select|textarea)\b(?![^>]*type="(?:hidden|submit)")[^>]*\bid="([^"]+)"', html)
    assert set(controls) <= labels
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), [i for i in ids if ids.count(i) > 1]
    return html


def address(filing: Filing, rest: str = "") -> str:
    return f"/desk/filings/{filing.no}/{rest}"


def version_of(html: str) -> str:
    return re.findall(r'name="record_version" value="(\d+)"', html)[0]


def test_list_offers_what_has_no_filing_and_says_what_to_do_next(as_user, own, operator):
    client = as_user(ME)
    html = page(client, "/desk/filings/", budget=4)
    assert own.name in html and "开始备案" in html
    filing_page = client.post("/desk/filings/start/", {"matter": "first", "kind": "INITIAL", "institution": own.uscc})
    assert filing_page.status_code == 302
    html = page(client, "/desk/filings/", budget=4)
    assert "继续填写，填好后提交" in html and "开始备案" not in html
    assert "您名下还没有机构" in page(as_user("operator_yangguang"), "/desk/filings/")


def test_own_filings_are_found_by_institution_and_number(as_user, own, filing_in):
    filing = filing_in("SUBMITTED")
    client = as_user(ME)
    found = {
        f"q={own.name[3:7]}": [filing.no],
        f"q={filing.no[-4:]}": [filing.no],
        "show=todo": [],
        "show=x": [filing.no],
    }
    for query, numbers in found.items():
        rows = client.get(f"/desk/filings/?{quote(query, '=&')}").context["rows"]
        assert [row["filing"].no for row in rows] == numbers, query
    html = page(client, f"/desk/filings/?q={quote('没有的')}", budget=4)
    assert "没有符合条件的备案" in html and "机构或编号：没有的" in html


def test_start_answers_every_situation_and_opens_one_filing(as_user, own):
    client = as_user(ME)
    html = page(client, "/desk/filings/start/")
    matters = re.findall(r'name="matter" value="(\w+)"', html)
    assert matters == ["first", "change", "info", "move", "branch", "suspend", "close", "home"]
    assert "<legend" in html
    for matter in matters:
        assert 'id="matter-title"' in page(client, f"/desk/filings/start/?matter={matter}", budget=4)
    assert "请选择一种情况" in page(client, "/desk/filings/start/?matter=x", status=422)
    data = {"matter": "first", "kind": "INITIAL", "institution": own.uscc}
    assert client.post("/desk/filings/start/", {**data, "kind": "HACK"}).status_code == 422
    assert client.post("/desk/filings/start/", {**data, "institution": "x\x00"}).status_code == 422
    first, second = client.post("/desk/filings/start/", data), client.post("/desk/filings/start/", data, follow=True)
    assert first.url == second.redirect_chain[-1][0]
    assert "没有重复新建" in markup_of(second)
    assert Filing.objects.count() == 1
    html = page(client, "/desk/filings/start/?matter=first")
    assert "继续办理" in html and "开始办理" not in html


def test_start_leads_filed_institutions_to_their_steps(as_user, filing_in, own):
    filing = filing_in("FILED")
    client = as_user(ME)
    for matter, step in (("change", "start_change"), ("suspend", "suspend"), ("close", "request_closure")):
        assert address(filing, f"steps/{step}/") in page(client, f"/desk/filings/start/?matter={matter}")
    data = {"matter": "first", "kind": "INITIAL", "institution": own.uscc}
    refused = client.post("/desk/filings/start/", data)
    assert refused.status_code == 409 and "FIL-105" in markup_of(refused)
    moved = client.post("/desk/filings/start/", {**data, "matter": "move", "kind": "REFILE"})
    assert moved.status_code == 302
    assert Filing.objects.get(kind="REFILE").replaces == filing


def test_the_task_list_says_what_is_left_within_its_budget(as_user, draft, ready):
    client = as_user(ME)
    html = page(client, address(ready), budget=14)
    assert "草稿会一直保留" in html and "保存于" in html
    assert html.count("已完成") >= 9 and "曹负责已签署" in html
    assert "2 个班，35 个托位" in html and "核对并提交" in html and 'href="' + address(ready, "precheck/") in html
    row = ready.sections.get(name="premises")
    answers = {**row.data, "lease_to": "2025-06-01", "floor_area": "很大"}
    save_section(ready, "premises", answers=answers, expected_version=row.version, actor=row.saved_by)
    html = page(client, address(ready), budget=14)
    assert "需修改" in html and "须先改正" in html and "暂不能填" in html
    assert page(as_user("operator_yangguang"), address(ready), status=404)
    assert as_user("reviewer_tinghu").get(address(ready)).status_code == 403


def test_every_section_is_a_form_that_keeps_whatever_was_typed(as_user, draft):
    client = as_user(ME)
    for name, answers in ANSWERS.items():
        path = address(draft, f"sections/{name}/")
        html = page(client, path, budget=8)
        typed = {k: v for k, v in answers.items() if k != "classes"}
        response = client.post(path, {**typed, "record_version": version_of(html), "next": "1"})
        assert response.status_code == 302
        assert page(client, path).count("checked") + html.count("value=") > 0
        saved = draft.sections.get(name=name)
        assert {k: v for k, v in saved.data.items() if k in typed} == {
            k: v for k, v in typed.items() if k not in {"contact_phone", "contact_email"}
        }
    html = page(client, address(draft, "sections/premises/"))
    assert "租赁、无偿使用的填写" in html and 'data-asked-of="premises_tenure"' in html
    assert 'inputmode="decimal"' in html and "<legend" in html
    path = address(draft, "sections/facilities/")
    nonsense = {
        "health_room_area": "<script>alert(1)</script>",
        "observation_beds": "多" * 4000,
        "emergency_plans": "0\x00",
    }
    response = client.post(path, {**nonsense, "record_version": version_of(page(client, path))})
    assert response.status_code == 302 and response.url == address(draft)
    html = page(client, path)
    assert "<script>alert" not in html and "&lt;script&gt;alert(1)" in html and "只填数字" in html
    broken = b"health_room_area=%ED%A0%80%00&observation_beds=1%FF&record_version=%EF%BC%91"
    assert client.post(path, broken, content_type="application/x-www-form-urlencoded").status_code == 409
    broken += b"&record_version=" + version_of(page(client, path)).encode()
    assert client.post(path, broken, content_type="application/x-www-form-urlencoded").status_code == 302
    assert client.get(address(draft, "sections/nothing/")).status_code == 404
    assert client.get(address(draft, "sections/people/")).url == "/desk/people/"
    assert client.get(address(draft, "sections/pledge/")).url == address(draft, "pledge/")


def test_findings_stand_beside_the_field_with_number_and_clause(as_user, draft):
    client, path = as_user(ME), address(draft, "sections/premises/")
    typed = {**ANSWERS["premises"], "lease_from": "2026-01-01", "lease_to": "2027-12-31", "record_version": "0"}
    client.post(path, typed)
    notes = page(client, path).split('id="id_lease_to_notes"')[1].split("</div>")[0]
    assert "须先改正" in notes and "个月" in notes and "第11条" in notes


def test_two_persons_in_one_section_see_both_texts(as_user, draft, cast):
    client, path = as_user(ME), address(draft, "sections/fees/")
    html = page(client, path)
    typed = {"meal_mode": "CANTEEN", "fee_meal": "20", "record_version": version_of(html)}
    save_section(
        draft,
        "fees",
        answers={"meal_mode": "NONE", "fee_meal": "18"},
        expected_version=0,
        actor=cast["operator_xiaotaiyang"],
    )
    clash = client.post(path, typed)
    html = markup_of(clash)
    assert clash.status_code == 409
    assert "18 元/天" in html and "20 元/天" in html and "不供餐" in html and "自办食堂" in html
    assert "保留我的" in html and "采用对方的" in html
    assert draft.sections.get(name="fees").data["fee_meal"] == "18"
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert client.post(path, hidden).status_code == 302
    assert draft.sections.get(name="fees").data["fee_meal"] == "20"
    # The same content twice is no conflict.
    assert client.post(path, typed).status_code == 302


def test_classes_are_added_changed_and_taken_out_one_page_each(as_user, draft, own):
    client, first, second = as_user(ME), address(draft, "classes/1/"), address(draft, "classes/2/")
    rows = ANSWERS["classes"]["classes"]
    assert client.get(second).status_code == 404 and client.get(address(draft, "classes/0/")).status_code == 404
    html = page(client, first, budget=8)
    assert 'name="new" value="1"' in html and "<details" in html
    empty = client.post(first, {"record_version": "0", "new": "1"})
    assert empty.status_code == 422 and "请至少填写班级名称" in markup_of(empty)
    added = client.post(first, {**rows[0], "record_version": "0", "new": "1", "another": "1"})
    assert added.url == second
    html = page(client, second)
    client.post(second, {**rows[1], "record_version": version_of(html), "new": "1"})
    html = page(client, address(draft, "sections/classes/"))
    assert "小苗班" in html and "小树班" in html and "各班托位合计 35 个" in html
    # 15 在托小班 10 人按 1:5 要 2 名，托大班 14 人按 1:7 要 2 名.
    assert "至少要 4 名保育人员" in html
    crowded = {
        **rows[1],
        "places": "26",
        "enrolled": "26",
        "record_version": version_of(page(client, second)),
        "new": "",
    }
    client.post(second, crowded)
    assert "标准不超过 20 人" in page(client, second)
    # Somebody else changed the list: nobody's class is replaced, mine can still be added.
    stale = {**rows[0], "class_name": "新增班", "record_version": "1", "new": "1"}
    clash = client.post(second, stale)
    assert clash.status_code == 409 and "新增班" in markup_of(clash)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', markup_of(clash)))
    assert f'action="{address(draft, "classes/3/")}"' in markup_of(clash)
    client.post(address(draft, "classes/3/"), hidden)
    names = [row["class_name"] for row in draft.sections.get(name="classes").data["classes"]]
    assert names == ["小苗班", "小树班", "新增班"]
    # Saving the fields of the section keeps its classes.
    html = page(client, address(draft, "sections/classes/"))
    client.post(
        address(draft, "sections/classes/"),
        {"service_modes": ["FULL_DAY"], "capacity_total": "35", "record_version": version_of(html)},
    )
    assert len(draft.sections.get(name="classes").data["classes"]) == 3
    html = page(client, f"{first}?delete=1")
    assert "不能恢复" in html
    assert markup_of(client.post(first, {"action": "delete", "record_version": "1"}, follow=True)).count("没有删除")
    client.post(first, {"action": "delete", "record_version": version_of(html)})
    assert [r["class_name"] for r in draft.sections.get(name="classes").data["classes"]] == ["小树班", "新增班"]


def test_precheck_groups_every_finding_with_its_clause(as_user, draft, ready):
    client = as_user(ME)
    html = page(client, address(ready, "precheck/"))
    assert 'id="group-passes"' in html and 'id="group-stops"' not in html and "还没有填完" not in html
    row = ready.sections.get(name="premises")
    save_section(
        ready,
        "premises",
        answers={**row.data, "living_floors": ["-1"], "building_age": ""},
        expected_version=row.version,
        actor=row.saved_by,
    )
    html = page(client, address(ready, "precheck/"))
    stops = html.split('id="group-stops"')[1].split("</section>")[0]
    assert address(ready, "sections/premises/#id_living_floors_0") in stops and "GB 55037" in stops
    assert "还没有填完" in html and "请填写房屋建成年数" in html


def test_the_pledge_waits_until_all_is_there_and_is_signed_by_name(as_user, ready, operator):
    client, path = as_user(ME), address(ready, "pledge/")
    assert "曹负责 已签署" in page(client, path)
    row = ready.sections.get(name="facilities")
    save_section(
        ready, "facilities", answers={**row.data, "recording_days": "95"}, expected_version=row.version, actor=operator
    )
    html = page(client, path)
    assert "签署后内容又有改动" in html and "信用记录" in html and "承诺书版本 2026-12" in html
    for wrong in ({"agreed": "on"}, {"signed_name": "王"}, {"agreed": "on", "signed_name": "王\x00五"}):
        refused = client.post(path, wrong)
        assert refused.status_code == 422 and "错误：" in markup_of(refused)
    assert client.post(path, {"agreed": "on", "signed_name": "曹负责"}).url == address(ready, "check/")
    assert "曹负责 已签署" in page(client, path)
    save_section(
        ready,
        "facilities",
        answers={},
        expected_version=ready.sections.get(name="facilities").version,
        actor=operator,
    )
    html = page(client, path)
    assert "现在还不能签署" in html and "签署人姓名" not in html
    assert client.post(path, {"agreed": "on", "signed_name": "曹负责"}).status_code == 200
    assert ready.sections.get(name="pledge").data["signed_name"] == "曹负责"


def test_check_shows_everything_and_submits_once(as_user, ready):
    client, path = as_user(ME), address(ready, "check/")
    html = page(client, path)
    for words in (
        "盐城市小太阳",
        "陈联系",
        "13812345678",
        "小树班",
        "高保育",
        "消防",
        "以上内容属实",
        "提交备案（共 7 份材料）",
    ):
        assert words in html
    assert re.search(r'修改<span class="visually-hidden">机构建筑面积', html)
    assert address(ready, "sections/premises/#id_floor_area") in html and address(ready, "classes/2/") in html
    data = {"record_version": version_of(html)}
    refused = client.post(path, data)
    assert refused.status_code == 422 and 'href="#id_declared"' in markup_of(refused)
    data["declared"] = "1"
    assert client.post(path, data).url == address(ready, "done/")
    again = client.post(path, data, follow=True)
    assert again.redirect_chain[-1][0] == address(ready, "done/") and "没有重复提交" in markup_of(again)
    assert ready.versions.count() == 1
    html = page(client, address(ready, "done/"), budget=4)
    assert ready.no in html and re.search(r"\d+月\d+日（星期[一二三四五六日]）前（含当日）答复", html)
    assert "接下来会发生什么" in html and "data-print" in html
    assert client.get(path).url == address(ready, "done/")


def test_check_names_every_problem_with_a_way_to_it(as_user, draft):
    client, path = as_user(ME), address(draft, "check/")
    html = page(client, path)
    response = client.post(path, {"record_version": version_of(html), "declared": "1"})
    html = markup_of(response)
    assert response.status_code == 422 and "<title>错误：" in html
    for href in ("sections/premises/", "materials/", "pledge/", "sections/fees/"):
        assert f'href="{address(draft, href)}' in html
    assert 'href="/desk/people/"' in html and "FIL-101" in html
    assert fresh(draft).status == "DRAFT"


def test_progress_says_who_has_it_until_when_and_what_next(office_open, as_user, filing_in, cast):
    filing = filing_in("SUBMITTED")
    client = as_user(ME)
    html = page(client, address(filing), budget=8)
    for words in (
        filing.authority.name,
        "还没有分配到人",
        "出具备案回执",
        "剩 5 个工作日",
        "接下来会发生什么",
        "撤回修改",
    ):
        assert words in html
    take_step(filing, "pause", actor=cast["reviewer_tinghu"], cause="EXPERTISE", reason="等待鉴定")
    html = page(client, address(filing), budget=8)
    assert "暂停原因" in html and "鉴定" in html
    assert page(client, address(filing, "sections/premises/")).count("现在只能查看") == 1
    refused = client.post(address(filing, "sections/premises/"), {"record_version": "1", "floor_area": "1"})
    assert refused.status_code == 409 and "FIL-007" in markup_of(refused)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("REJECTED", ("不予收件告知书", "不属于本辖区")),
        ("VERIFYING", ("核实人员", "备案回执")),
        ("NONCONFORMING", ("逐项答复", "备案内容不符合告知书")),
        ("FILED", ("停业", "办理变更备案", "备案回执")),
        ("CHANGING", ("变更备案", "撤回变更", "核对并提交")),
        ("CANCELLED", ("终止日期", "备案回执")),
    ],
)
def test_every_state_has_its_page(as_user, filing_in, status, words):
    filing = filing_in(status)
    html = page(as_user(ME), address(filing), budget=14 if status == "CHANGING" else 8)
    for word in words:
        assert word in html


def test_a_correction_opens_only_what_was_listed_and_goes_back_in(as_user, filing_in, operator):
    filing = filing_in("SUPPLEMENT")
    client = as_user(ME)
    html = page(client, address(filing), budget=8)
    assert "按告知书逐项补正" in html and address(filing, "corrections/") in html and "剩 10 个工作日" in html
    assert "现在只能查看" in page(client, address(filing, "sections/fees/"))
    assert "保存并返回" in page(client, address(filing, "sections/premises/"))
    html = page(client, address(filing, "check/"))
    assert "提交补正" in html and address(filing, "sections/fees/#id_meal_mode_0") not in html
    data = {"record_version": version_of(html), "declared": "1"}
    refused = client.post(address(filing, "check/"), data)
    assert refused.status_code == 422 and f'href="{address(filing, "corrections/")}' in markup_of(refused)
    answer_all(filing, operator)
    assert client.post(address(filing, "check/"), data).url == address(filing, "done/")
    assert "第 2 次提交" in page(client, address(filing, "done/"))
