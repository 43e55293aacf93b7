"""Who signs the pledge, what it excepts, and what the certificate of the registration says to both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from filing_cases import fresh, png_upload

from registry.demo.sample_filing import sign
from registry.filing.casefile import CaseFile
from registry.filing.consistency import areas, certificate
from registry.filing.drafts import save_section, start_filing
from registry.filing.materials import add_page, set_details
from registry.filing.pledge import sign_pledge
from registry.filing.review import last_version
from registry.filing.services import take_step
from registry.models import Credential, Filing, Institution
from registry.people.facts import gaps, staff_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db
ME, REVIEWER = "operator_xiaotaiyang", "reviewer_tinghu"


def change(case: Filing, section: str, actor: Any, **answers: Any) -> None:
    """Save some answers of a section."""
    row = case.sections.get(name=section)
    save_section(case, section, answers={**row.data, **answers}, expected_version=row.version, actor=actor)


def refusal(call: Any) -> Rejected:
    """What a call is refused with."""
    with pytest.raises(Rejected) as caught:
        call()
    return caught.value


def test_another_name_than_the_registers_cannot_sign(as_user, ready, operator):
    wrong = refusal(lambda: sign_pledge(ready, name="张三不是法人", agreed=True, actor=operator))
    assert wrong.code == "FIL-130" and "曹负责" in wrong.problems[0].message
    assert ready.institution.legal_rep_name in wrong.problems[0].message
    client, path = as_user(ME), f"/desk/filings/{ready.no}/pledge/"
    page = client.post(path, {"agreed": "on", "signed_name": "张三不是法人"})
    assert page.status_code == 422 and "与登记不一致" in page.content.decode()
    assert ready.sections.get(name="pledge").data["signed_name"] == "曹负责"
    # The legal representative may; blanks between the characters do not matter.
    name = " ".join(ready.institution.legal_rep_name)
    assert sign_pledge(ready, name=name, agreed=True, actor=operator).data["signed_as"] == "LEGAL"


def test_an_authorised_person_signs_with_the_paper_and_the_reviewer_reads_it(as_user, ready, operator):
    def by_another() -> Any:
        return sign_pledge(ready, name="张代签", agreed=True, authorised=True, actor=operator)

    assert "授权委托书" in refusal(by_another).problems[0].message
    add_page(ready, "M12_AUTHORITY", uploaded=png_upload(), actor=operator)
    assert by_another().data["signed_as"] == "AUTHORISED"
    take_step(ready, "submit", actor=operator)
    html = as_user(REVIEWER).get(f"/desk/review/{ready.no}/?pane=evidence").content.decode()
    assert "承诺书由受委托人张代签签署，请核对授权委托书" in html


def test_the_pledge_can_be_signed_anew_before_submission(as_user, ready):
    client, path = as_user(ME), f"/desk/filings/{ready.no}/pledge/"
    assert "重新签署承诺书" in client.get(path).content.decode()
    name = ready.institution.legal_rep_name
    assert client.post(path, {"agreed": "on", "signed_name": name}).status_code == 302
    assert ready.sections.get(name="pledge").data["signed_name"] == name


def test_what_does_not_conform_is_explained_and_excepted_from_the_pledge(as_user, ready, operator):
    change(ready, "facilities", operator, recording_days="45")
    client, path = as_user(ME), f"/desk/filings/{ready.no}/pledge/"
    html = client.get(path).content.decode()
    assert "除下列已说明事项外" in html and "explain-R-SAFE-02" in html
    said = {"agreed": "on", "signed_name": "曹负责"}
    refused = client.post(path, said)
    assert refused.status_code == 422 and "监控录像保存时间" in refused.content.decode()
    why = "硬盘已订购，12 月 10 日前扩容到 90 天。"
    assert client.post(path, {**said, "explain-R-SAFE-02": why}).status_code == 302
    assert f"说明：{why}" in client.get(path).content.decode()
    take_step(ready, "submit", actor=operator)
    kept = last_version(ready).content["sections"]["pledge"]["explained"]
    assert [(row["id"], row["text"]) for row in kept] == [("R-SAFE-02", why)]
    assert f"机构说明：{why}" in as_user(REVIEWER).get(f"/desk/review/{ready.no}/").content.decode()


def test_what_stopped_conforming_after_the_signature_asks_for_a_new_one(ready, operator):
    assert CaseFile(ready, today_here()).signed()
    Credential.objects.filter(kind="PRINCIPAL_TRAINING").update(file=None)
    assert not CaseFile(ready, today_here()).signed()
    assert "承诺书" in refusal(lambda: take_step(ready, "submit", actor=operator)).problems[-1].message
    sign(ready, actor=operator)
    assert CaseFile(ready, today_here()).signed()


def test_an_expired_certificate_blocks_whoever_says_so(as_user, ready, operator):
    yesterday = today_here() - timedelta(days=1)
    Institution.objects.filter(pk=ready.institution_id).update(valid_to=yesterday)
    case = fresh(ready)
    stops = {finding.id: finding for finding in CaseFile(case, today_here()).stops}
    assert f"登记机关登记的证照有效期至 {yesterday}" in stops["R-MAT-01"].message
    assert "R-MAT-01" in refusal(lambda: take_step(case, "submit", actor=operator)).problems[0].code
    html = as_user(ME).get(f"/desk/filings/{ready.no}/precheck/").content.decode()
    assert "先到登记机关换领" in html.split('id="group-stops"')[1]
    # The material's own day counts as well.
    Institution.objects.filter(pk=ready.institution_id).update(valid_to=None)
    details = {"kind": "BUSINESS_LICENCE", "issued_on": "2020-01-01", "valid_to": str(yesterday)}
    set_details(ready, "M01_LICENSE", details=details, actor=operator)
    assert f"法人证书已于 {yesterday} 到期" in CaseFile(fresh(ready), today_here()).stops[0].message


def test_the_certificate_fits_the_nature_and_its_authority(ready, operator):
    Institution.objects.filter(pk=ready.institution_id).update(nature="NONPROFIT")
    assert "应当提交民办非企业单位登记证书，不是营业执照" in CaseFile(fresh(ready), today_here()).stops[0].message
    details = {"kind": "NON_ENTERPRISE", "issuer": "盐城市亭湖区市场监督管理局", "issued_on": "2024-01-01"}
    set_details(ready, "M01_LICENSE", details=details, actor=operator)
    assert "由民政部门颁发" in CaseFile(fresh(ready), today_here()).stops[0].message
    set_details(ready, "M01_LICENSE", details={**details, "issuer": "盐城市亭湖区民政局"}, actor=operator)
    assert not CaseFile(fresh(ready), today_here()).stops


def test_the_reviewer_sees_certificate_signer_and_areas(as_user, filing_in):
    case = filing_in("SUBMITTED")
    html = as_user(REVIEWER).get(f"/desk/review/{case.no}/?pane=evidence").content.decode()
    for words in ("登记证书", "种类与机构性质相符", "承诺书由在岗的机构负责人曹负责签署", "每个托位"):
        assert words in html
    Institution.objects.filter(pk=case.institution_id).update(valid_to=today_here() - timedelta(days=1))
    html = as_user(REVIEWER).get(f"/desk/review/{case.no}/?pane=evidence").content.decode()
    assert "登记证书过期，或者种类与机构性质不符，不能出具回执" in html
    version = last_version(case)
    found = certificate(fresh(case), version, today_here())
    assert (found.light, found.word) == ("red", "不符合")
    version.content["sections"]["premises"]["living_area"] = "900"
    assert "婴幼儿生活用房面积 900 平方米，大于室内使用面积 480 平方米" in areas(version).text


def test_over_the_class_limit_blocks_and_is_said_alike_everywhere(as_user, ready, operator):
    row = ready.sections.get(name="classes")
    groups = [dict(group) for group in row.data["classes"]]
    groups[1]["places"] = "22"
    change(ready, "classes", operator, classes=groups, capacity_total="37")
    client = as_user(ME)
    pages = {
        name: client.get(f"/desk/filings/{ready.no}/{name}").content.decode()
        for name in ("", "precheck/", "pledge/", "check/")
    }
    assert "须先改正" in pages[""] and "需修改" in pages[""]
    assert "托大班 22 人" in pages["precheck/"].split('id="group-stops"')[1].split("</section>")[0]
    assert "现在还不能签署" in pages["pledge/"] and "托大班 22 人" in pages["pledge/"]
    assert "须先改正" in pages["check/"]
    codes = {problem.code for problem in refusal(lambda: take_step(ready, "submit", actor=operator)).problems}
    assert "R-CLS-03" in codes


def test_a_part_cannot_be_larger_than_its_whole(ready, operator):
    change(ready, "premises", operator, living_area="900")
    stop = CaseFile(ready, today_here()).stops[0]
    assert stop.id == "R-AREA-06" and "大于室内使用面积 480 平方米" in stop.message


def test_a_qualification_without_its_paper_is_not_complete(as_user, ready, operator):
    Credential.objects.filter(kind="CHILDCARE").update(file=None)
    today = today_here()
    carer = next(entry for entry in staff_of(ready.institution, today) if entry.post.name == "高保育")
    assert not carer.facts.qualified
    assert any("待上传扫描件" in gap for gap in gaps(carer, today))
    assert "待上传扫描件" in as_user(ME).get("/desk/people/").content.decode()
    sign(ready, actor=operator)
    take_step(ready, "submit", actor=operator)
    html = as_user(REVIEWER).get(f"/desk/review/{ready.no}/").content.decode()
    assert "待上传扫描件" in html and 'class="visually-hidden">：曹负责' in html


def test_a_fresh_draft_does_not_shout(as_user, draft):
    html = as_user(ME).get(f"/desk/filings/{draft.no}/").content.decode()
    assert "须先改正" not in html and ">不符合" not in html and "待确认" in html
    html = as_user(ME).get(f"/desk/filings/{draft.no}/precheck/").content.decode()
    assert "去补填" in html and "申办食品经营许可" not in html


def test_a_draft_started_by_mistake_is_given_up_by_a_step_and_stays_unseen(as_user, draft, operator, cast):
    client = as_user(ME)
    assert "放弃办理" in client.get(f"/desk/filings/{draft.no}/").content.decode()
    path = f"/desk/filings/{draft.no}/steps/abandon/"
    assert "不能恢复" in client.get(path).content.decode()
    assert client.post(path, {"record_version": str(draft.record_version)}).status_code == 302
    given_up = fresh(draft)
    assert (given_up.status, given_up.end_reason) == ("CANCELLED", "机构放弃办理")
    assert given_up.get_status_display() == "已终止" and given_up.sections.exists()
    assert "已终止" in client.get(f"/desk/filings/{draft.no}/").content.decode()
    assert as_user(REVIEWER).get(f"/desk/review/{draft.no}/").status_code == 404
    again = start_filing(given_up.institution, actor=operator)  # what was typed is there again
    assert again.sections.get(name="basics").data == given_up.sections.get(name="basics").data


def test_the_blocked_list_names_the_person(as_user, ready, operator):
    Credential.objects.filter(kind="HEALTH", person__name="尤炊事").update(valid_to=today_here() - timedelta(days=1))
    client = as_user(ME)
    for page in ("pledge/", "precheck/"):
        assert "涉及：尤炊事" in client.get(f"/desk/filings/{ready.no}/{page}").content.decode()
    assert "尤炊事" in client.get(f"/desk/filings/{ready.no}/").content.decode()
    wrong = refusal(lambda: take_step(ready, "submit", actor=operator))
    assert any("涉及：尤炊事" in problem.message for problem in wrong.problems)


def test_the_people_step_keeps_the_thread_of_the_filing(as_user, draft):
    client = as_user(ME)
    assert "第 1 步，共 9 步" in client.get(f"/desk/filings/{draft.no}/sections/basics/").content.decode()
    assert "第 6 步，共 9 步" in client.get(f"/desk/filings/{draft.no}/sections/fees/").content.decode()
    for page in ("/desk/people/", "/desk/people/new/"):
        html = client.get(page).content.decode()
        assert "第 7 步，共 9 步" in html and "返回备案" in html and f"/desk/filings/{draft.no}/" in html


def test_what_is_known_is_not_typed_again(as_user, own, draft, operator):
    client = as_user(ME)
    group = {"class_name": "小苗班", "class_type": "TODDLER_S", "places": "15", "enrolled": "0"}
    client.post(f"/desk/filings/{draft.no}/classes/1/", {**group, "record_version": "0", "new": "1"})
    client.post(
        f"/desk/filings/{draft.no}/classes/2/", {**group, "class_name": "二班", "record_version": "1", "new": "1"}
    )
    assert draft.sections.get(name="classes").data["capacity_total"] == "30"
    add_page(draft, "M01_LICENSE", uploaded=png_upload(), actor=operator)
    html = client.get(f"/desk/filings/{draft.no}/materials/M01_LICENSE/").content.decode()
    assert html.count('name="kind"') == 1 and 'value="BUSINESS_LICENCE"' in html and "checked" in html
    posted = {"same_as_legal": "on", "role": "PRINCIPAL", "full_time": "yes", "started_on": str(today_here())}
    assert client.post("/desk/people/new/", posted).status_code == 302
    post = own.posts.get()
    assert (post.name, post.person.id_no) == (own.legal_rep_name, own.legal_rep_id_no)
