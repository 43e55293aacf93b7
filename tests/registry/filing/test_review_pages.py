"""The review page: what stands beside what, verdicts with and without JavaScript, two reviewers at once, evidence."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from filing_cases import ITEMS, answer_all, change_fees, closure_plan, fresh, judge_all, png_upload

from registry.demo.sample_filing import sign
from registry.filing.drafts import save_section
from registry.filing.judging import token_of
from registry.filing.materials import add_page
from registry.filing.review import items_of, last_version
from registry.filing.services import take_step, waive_rule
from registry.models import Credential, Filing, PersonBan, Post, Verdict
from registry.registration.services import change_institution
from tests.pages import markup_of
from tests.security.hostile_files.makers import raw_pdf
from yancheng_childcare.deadlines import today_here

pytestmark = pytest.mark.django_db
SIGNED_IN = 3
HTMX = {"HX-Request": "true"}


def url_of(case: Filing, tail: str = "") -> str:
    return f"/desk/review/{case.no}/{tail}"


def page(client: Client, url: str, status: int = 200, **headers: Any) -> str:
    response = client.get(url, **headers)
    assert response.status_code == status, response.status_code
    assert len(response.content) < 200_000
    text = markup_of(response)
    assert "<style" not in text and " style=" not in text and " onclick=" not in text
    assert (text.count('method="post"') - text.count('action="/view-mode/"')) == text.count("csrfmiddlewaretoken")
    return html.unescape(text)


def form_of(case: Filing, item: str, **fields: str) -> dict[str, str]:
    """What the form of one item sends when nothing came in between."""
    version = last_version(case)
    row = case.verdicts.filter(submission=version.number, item=item).first()
    return {"seen": token_of(row), "submission": str(version.number), "verdict": "CONFORMS", **fields}


def give(client: Client, case: Filing, item: str, **fields: str) -> Any:
    return client.post(url_of(case, f"items/{item}/"), form_of(case, item, **fields))


def test_pictures_and_pdfs_lie_beside_the_answers_and_only_this_page_has_frames(ready, operator, as_user):
    pdf = SimpleUploadedFile("租赁合同.pdf", raw_pdf(), content_type="application/pdf")
    add_page(ready, "M02_PREMISES", uploaded=pdf, actor=operator)
    sign(ready, actor=operator)
    case = fresh(take_step(ready, "submit", actor=operator))
    stored = case.materials.get(code="M02_PREMISES").pages.last().file
    client = as_user("reviewer_tinghu")
    response = client.get(url_of(case))
    shown = markup_of(response)
    assert f'<iframe src="/files/{stored.pk}/#view=FitH" title="场地证明，第 2 个文件" loading="lazy">' in shown
    assert f'<a href="/files/{stored.pk}/" target="_blank" rel="noopener">租赁合同.pdf</a>' in shown
    assert shown.count("<iframe") == 1 and shown.count('<img src="/files/') > 5
    refused = client.post(url_of(case, "items/fees/"), {"verdict": "SUPPLEMENT", "submission": "1", "seen": ""})
    assert refused.status_code == 422
    for answer in (response, refused):
        assert "frame-src 'self'" in answer["Content-Security-Policy"].split("; ")
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"].split("; ")
    for path in ("/desk/", url_of(case, "notice/"), "/desk/review/"):
        assert "frame-src" not in client.get(path)["Content-Security-Policy"], path


def test_page_and_panes_keep_their_budgets(office_open, filing_in, as_user, django_assert_max_num_queries):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    shown = page(client, url_of(case))
    for item in items_of(last_version(case)):
        assert f'id="item-{item}"' in shown
    assert shown.count("<h1") == 1
    for pane in ("claims", "documents", "outside"):
        assert f'id="{pane}"' in shown
    assert case.institution.legal_rep_id_no not in shown
    assert "13812345678" not in shown  # the contact's phone is sealed
    assert "王审阅 2026" in shown and "查看留痕" in shown
    assert "剩 5 个工作日" in shown
    with django_assert_max_num_queries(SIGNED_IN + 6):
        page(client, url_of(case))
    page(client, url_of(case, "?pane=evidence"))
    with django_assert_max_num_queries(SIGNED_IN + 6):
        page(client, url_of(case, "?pane=evidence"))
    with django_assert_max_num_queries(SIGNED_IN + 4):
        assert "提交备案" in page(client, url_of(case, "?pane=history"))


def test_claims_documents_rules_and_pictures_stand_together(filing_in, as_user):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    shown = page(client, url_of(case))
    assert "建筑面积" in shown and "620 平方米" in shown
    assert 'href="#m-M02_PREMISES"' in shown and 'id="m-M02_PREMISES"' in shown
    assert "条规则符合" in shown and "R-" in shown
    pictures = re.findall(r'<img src="(/files/[^"]+)" alt="([^"]+)"', shown)
    assert pictures and all(alt for _, alt in pictures)
    assert client.get(pictures[0][0]).status_code == 200
    fragment = markup_of(client.get(url_of(case, "?pane=evidence"), headers=HTMX))
    assert "<html" not in fragment and "登记库" in fragment


def test_a_verdict_without_javascript_goes_back_to_its_item(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    answer = give(client, case, "premises")
    assert answer.status_code == 302 and answer["Location"] == url_of(case, "#item-premises")
    row = Verdict.objects.get(item="premises")
    assert (row.verdict, row.decided_by) == ("CONFORMS", cast["reviewer_tinghu"])
    missing = give(client, case, "fees", verdict="NONCONFORMS", how_to_fix="改<b>一改</b>")
    shown = markup_of(missing)
    assert missing.status_code == 422
    assert "<title>错误：" in shown and "请写明依据的文件和条款" in shown
    assert "改&lt;b&gt;一改&lt;/b&gt;" in shown
    assert "#id_fees-reason" in shown and 'id="id_fees-reason"' in shown
    assert give(client, case, "nothing").status_code == 404
    assert give(client, case, "fees", verdict="MAYBE").status_code == 422
    assert give(client, case, "fees", verdict="SUPPLEMENT", reason="长" * 900).status_code == 422
    assert give(client, case, "fees", verdict="SUPPLEMENT", reason="有\u0001控制符").status_code in {302, 422}


def test_a_changed_mind_leaves_no_old_reason(filing_in, as_user):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    assert give(client, case, "fees", verdict="SUPPLEMENT", reason="缺收费表").status_code == 302
    assert "待改 1" in page(client, url_of(case)) and "一次性告知（1 项）" in page(client, url_of(case))
    assert give(client, case, "fees", verdict="CONFORMS", reason="缺收费表").status_code == 302
    assert Verdict.objects.get(item="fees").reason == ""


def test_with_htmx_the_item_the_bar_and_the_rest_come_back(filing_in, as_user):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    before = page(client, url_of(case))
    assert "已审 0 /" in before
    url = url_of(case, "items/basics/")
    part = client.post(url, form_of(case, "basics"), headers=HTMX)
    shown = markup_of(part)
    assert part.status_code == 200 and "<html" not in shown
    assert 'id="item-basics"' in shown and 'id="bar"' in shown and 'id="rest"' in shown
    assert "已审 1 /" in shown and shown.count('hx-swap-oob="true"') == 2
    wrong = client.post(url, form_of(case, "basics", verdict="SUPPLEMENT"), headers=HTMX)
    assert wrong.status_code == 422 and "请写明哪里不符合" in markup_of(wrong)


def test_a_phrase_fills_the_form_on_the_server_and_saves_nothing(filing_in, as_user):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_tinghu")
    shown = page(client, url_of(case))
    key = re.search(r'id="id_premises-phrase".*?<option value="(P[0-9]+)"', shown, re.DOTALL)[1]
    answer = client.post(
        url_of(case, "items/premises/"), {**form_of(case, "premises"), "phrase": key, "use_phrase": "1"}
    )
    text = html.unescape(markup_of(answer))
    part = text.split('id="item-premises"')[1].split("</form>")[0]
    assert answer.status_code == 200
    assert re.search(r'name="reason"[^>]*>[^<]{6,}</textarea>', part)
    assert re.search(r'name="clause"[^>]*value="[^"]{4,}"', part)
    assert "checked" in part
    assert not Verdict.objects.exists()


def test_two_reviewers_never_overwrite_each_other_unseen(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    first, second = as_user("reviewer_tinghu"), as_user("reviewer_tinghu2")
    mine = form_of(case, "fees", verdict="SUPPLEMENT", reason="我认为缺收费表")
    assert give(second, case, "fees").status_code == 302
    answer = first.post(url_of(case, "items/fees/"), mine)
    shown = markup_of(answer)
    assert answer.status_code == 409
    assert "李复核刚刚把“供餐与收费”判为“符合”" in shown and "我认为缺收费表" in shown
    assert Verdict.objects.get(item="fees").verdict == "CONFORMS"
    seen = re.search(r'name="seen" value="([^"]+)"', shown.split('id="item-fees"')[1])[1]
    assert first.post(url_of(case, "items/fees/"), {**mine, "seen": seen}).status_code == 302
    assert Verdict.objects.get(item="fees").decided_by == cast["reviewer_tinghu"]
    # one's own second click is no conflict
    assert first.post(url_of(case, "items/fees/"), {**mine, "seen": seen}).status_code == 302


def test_a_case_that_moved_on_says_who_moved_it(filing_in, as_user, cast):
    case = filing_in("SUBMITTED")
    mine = form_of(case, "fees", verdict="SUPPLEMENT", reason="还缺收费表")
    judge_all(case, cast["reviewer_tinghu2"], premises=("SUPPLEMENT", "租赁合同缺页"))
    take_step(fresh(case), "return", actor=cast["reviewer_tinghu2"])
    answer = as_user("reviewer_tinghu").post(url_of(case, "items/fees/"), mine)
    shown = markup_of(answer)
    assert answer.status_code == 409
    assert "不在审查中" in shown and "最近办理：" in shown and "李复核" in shown and "还缺收费表" in shown


def test_a_new_submission_in_between_is_a_conflict(filing_in, as_user, cast, operator):
    case = filing_in("SUPPLEMENT")
    mine = form_of(case, "fees")
    answer_all(case, operator)
    take_step(fresh(case), "resubmit", actor=operator)
    answer = as_user("reviewer_tinghu").post(url_of(case, "items/fees/"), mine)
    assert answer.status_code == 409 and "机构已经第 2 次提交" in markup_of(answer)


def test_the_rest_passes_at_once_but_not_what_a_rule_speaks_against(ready, as_user, cast, operator):
    row = ready.sections.get(name="facilities")
    save_section(
        ready, "facilities", answers={**row.data, "recording_days": "30"}, expected_version=row.version, actor=operator
    )
    change_fees(ready, operator, "1880")
    case = take_step(fresh(ready), "submit", actor=operator)
    client = as_user("reviewer_tinghu")
    assert give(client, case, "fees", verdict="SUPPLEMENT", reason="缺收费表").status_code == 302
    shown = page(client, url_of(case))
    assert re.search(r"tag--yellow.{0,400}规则", shown, re.DOTALL)
    offered = re.findall(r'name="item" value="([^"]+)"', shown)
    assert "facilities" not in offered and "fees" not in offered and "basics" in offered
    sent = {"submission": "1", "item": [*offered, "facilities", "fees"]}
    assert client.post(url_of(case, "items/rest/"), sent).status_code == 302
    given = {v.item: v.verdict for v in case.verdicts.all()}
    assert given["basics"] == "CONFORMS" and given["fees"] == "SUPPLEMENT" and "facilities" not in given
    assert client.post(url_of(case, "items/rest/"), {"submission": "9", "item": ["people"]}).status_code == 409


@pytest.mark.parametrize("who", ["health_city", "legal_city", "auditor_city", "leader_city"])
def test_readers_see_everything_and_touch_nothing(filing_in, as_user, who):
    case = filing_in("SUBMITTED")
    client = as_user(who)
    shown = page(client, url_of(case))
    assert "620 平方米" in shown and "保存结论" not in shown and "其余项全部符合" not in shown
    assert f"/desk/review/{case.no}/notice/" not in shown and f"/desk/review/{case.no}/receipt/" not in shown
    assert give(client, case, "fees").status_code == 403
    assert "登记库" in page(client, url_of(case, "?pane=evidence"))


def test_another_county_finds_nothing(filing_in, as_user):
    case = filing_in("SUBMITTED")
    client = as_user("reviewer_dongtai")
    assert client.get(url_of(case)).status_code == 404
    assert client.get(url_of(case, "?pane=evidence")).status_code == 404
    assert give(client, case, "fees").status_code == 404
    assert as_user("reviewer_tinghu").get("/desk/review/YC-TB-2026-999999/").status_code == 404


def test_answers_and_differences_stand_beside_after_a_correction(filing_in, as_user, cast, operator):
    case = filing_in("SUBMITTED")
    wrong = {"premises": ("SUPPLEMENT", "租赁合同缺页"), "M02_PREMISES": ("SUPPLEMENT", "缺第二页")}
    judge_all(case, cast["reviewer_tinghu"], **wrong)
    case = fresh(take_step(case, "return", actor=cast["reviewer_tinghu"]))
    row = case.sections.get(name="premises")
    save_section(
        case, "premises", answers={**row.data, "lease_to": "2030-06-30"}, expected_version=row.version, actor=operator
    )
    add_page(fresh(case), "M02_PREMISES", uploaded=png_upload(number=7), actor=operator)
    answer_all(fresh(case), operator)
    case = take_step(fresh(case), "resubmit", actor=operator)
    shown = page(as_user("reviewer_tinghu"), url_of(case))
    assert "与第 1 次提交相比有" in shown
    assert "2030-06-30" in shown and "原为：2029-12-31" in shown
    assert "告知：租赁合同缺页" in shown and "答复：已按要求补正" in shown
    assert "已换新" in shown and "对照上一版（第 1 版）" in shown
    assert "已审 0 /" not in shown  # good verdicts were carried over


def test_a_change_is_compared_with_what_was_accepted(filing_in, as_user, django_assert_max_num_queries):
    case = filing_in("CHANGE_SUBMITTED")
    client = as_user("reviewer_tinghu")
    shown = page(client, url_of(case))
    assert "变更备案" in shown and "2080 元/月" in shown and "原为：" in shown
    assert "予以变更并换发回执" in shown
    with django_assert_max_num_queries(SIGNED_IN + 6):
        page(client, url_of(case))


def test_nothing_is_the_first_thing_to_click_while_items_are_open(filing_in, as_user, cast):
    case, reviewer = filing_in("SUBMITTED"), as_user("reviewer_tinghu")

    def bar() -> str:
        return page(reviewer, url_of(case)).partition('id="bar"')[2].partition("</section>")[0]

    count = len(items_of(last_version(case)))
    shown = bar()
    assert 'class="button button--small"' not in shown and "出具备案回执" in shown
    assert f"还有 {count} 项没有结论，看完才能告知或出具回执" in shown
    judge_all(case, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "租赁合同缺页"))
    shown = bar()
    assert "没有结论" not in shown
    (filled,) = re.findall(r'class="button button--small"[^>]*>([^<]+)', shown)
    assert filled == "一次性告知（1 项）"
    judge_all(case, cast["reviewer_tinghu"])
    (filled,) = re.findall(r'class="button button--small"[^>]*>([^<]+)', bar())
    assert filled == "出具备案回执"


def test_buttons_follow_the_table_and_the_proposal(filing_in, as_user, cast):
    case = filing_in("VERIFYING")
    second = page(as_user("reviewer_tinghu2"), url_of(case))
    assert "核实符合" in second and "提请告知不符合" in second
    first = page(as_user("reviewer_tinghu"), url_of(case))
    assert "核实符合" not in first  # the one who issued the receipt does not verify
    assert "签发不符合告知" not in page(as_user("chief_tinghu"), url_of(case))
    take_step(case, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场与备案不一致", items=ITEMS)
    chief = page(as_user("chief_tinghu"), url_of(case))
    assert "有待签批的提议" in chief and "现场与备案不一致" in chief and "签发不符合告知" in chief
    assert "不同意提议" in chief


def test_paused_and_closing_cases_say_so(filing_in, as_user, cast, operator):
    case = filing_in("SUBMITTED")
    take_step(case, "pause", actor=cast["reviewer_tinghu"], cause="EXPERTISE")
    shown = page(as_user("reviewer_tinghu"), url_of(case))
    assert "办理时限已暂停" in shown and "恢复计时" in shown
    assert "需要检验、检测" in shown


def test_evidence_tells_what_changed_since(filing_in, as_user, cast, operator, institution):
    case = filing_in("FILED")
    today = today_here()
    own = case.institution
    staff = list(Post.objects.filter(institution=own).select_related("person").order_by("pk"))
    client = as_user("reviewer_tinghu")
    calm = page(client, url_of(case, "?pane=evidence"))
    assert "与提交时的登记一致" in calm and "没有在禁止期内" in calm and "没有登记或备案其他机构" in calm
    change_institution(own, changes={"name": "盐城市大太阳托育服务有限公司"}, actor=cast["registrar_tinghu"])
    institution(registered_address=own.registered_address, name="盐城市隔壁托育服务有限公司")
    PersonBan.objects.create(
        id_index=staff[0].person.id_index, since=today - timedelta(days=1), basis="测试", case_no="T1"
    )
    Credential.objects.current().filter(person=staff[1].person, kind="HEALTH").update(
        issued_on=today - timedelta(days=400), valid_to=today - timedelta(days=1)
    )
    Post.objects.filter(pk=staff[2].pk).update(ended_on=today)
    waive_rule(case, "R-SITE-05", reason="朝西房间不作生活用房", basis="现场核实记录", actor=cast["chief_tinghu"])
    shown = page(client, url_of(case, "?pane=evidence"))
    assert "大太阳" in shown and "提交以后登记有 1 处变更" in shown
    assert "盐城市隔壁托育服务有限公司" in shown
    assert f"{staff[0].person.name}（" in shown and "从业禁止期内" in shown
    assert "健康合格证" in shown and "1 人到期" in shown
    assert f"离岗：{staff[2].person.name}" in shown
    assert "朝西房间不作生活用房" in shown and "赵负责" in shown
    assert "还没有回告安全防范指导" in shown


def test_a_ban_counts_for_the_reviewer_on_its_last_day_and_not_after(filing_in, as_user):
    case, today = filing_in("SUBMITTED"), today_here()
    post = Post.objects.filter(institution=case.institution).select_related("person").first()
    ban = PersonBan.objects.create(
        id_index=post.person.id_index, since=today - timedelta(days=9), until=today, basis="测试", case_no="T2"
    )
    client = as_user("reviewer_tinghu")
    assert "1 人今天在从业禁止期内" in page(client, url_of(case, "?pane=evidence"))
    PersonBan.objects.filter(pk=ban.pk).update(until=today - timedelta(days=1))
    assert "没有在禁止期内" in page(client, url_of(case, "?pane=evidence"))


def test_people_elsewhere_are_named_with_their_county(filing_in, as_user, elsewhere, cast):
    case = filing_in("SUBMITTED")
    post = Post.objects.filter(institution=case.institution, full_time=True).select_related("person").first()
    Post.objects.create(
        person=post.person, institution=elsewhere(), role="MANAGER", full_time=False, started_on=today_here()
    )
    shown = page(as_user("reviewer_tinghu"), url_of(case, "?pane=evidence"))
    assert "东台" in shown and post.person.name in shown and "兼职" in shown
    assert post.person.id_no not in shown


def test_closing_is_announced_with_its_button(filing_in, as_user, operator):
    case = filing_in("FILED")
    take_step(case, "request_closure", actor=operator, reason="不再经营", plan=closure_plan())
    shown = page(as_user("reviewer_tinghu"), url_of(case))
    assert "终止服务" in shown and "五项义务" in shown and "注销备案" in shown


def test_an_operator_is_kept_out(filing_in, as_user):
    case = filing_in("SUBMITTED")
    assert as_user("operator_xiaotaiyang").get(url_of(case)).status_code == 403
    assert as_user("inspector_tinghu1").get(url_of(case)).status_code == 403
