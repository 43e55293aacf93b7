"""The material pages: several files at once, refusals by name, details, versions, what may be edited when."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from filing_cases import png_upload

from registry.demo.sample_filing import fill_filing
from registry.file_purposes import CERTIFICATE
from registry.filing.casefile import CaseFile
from registry.filing.drafts import start_filing
from registry.filing.materials import add_page, remove_page
from registry.filing.services import take_step
from registry.models import Filing, Institution, Material, MaterialPage
from registry.rules.filing.management import certificate_faults
from tests.pages import markup_of, page_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.files import keep_document
from yancheng_childcare.models import Event

CODE = "M02_PREMISES"


def png(name: str, number: int) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png_upload(name, number).getvalue(), content_type="image/png")


def bad(name: str = "合同.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"MZ\x90\x00 not a pdf", content_type="application/pdf")


def current(filing: Filing, code: str = CODE) -> Any:
    return filing.materials.current().get(code=code)


@pytest.fixture
def operator_page(as_user: Callable[[str], Client]) -> Client:
    return as_user("operator_xiaotaiyang")


def url_of(filing: Filing, code: str = CODE) -> str:
    return f"/desk/filings/{filing.no}/materials/{code}/"


def test_the_list_says_why_who_and_how_many(operator_page, draft, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(14):
        page = markup_of(operator_page.get(f"/desk/filings/{draft.no}/materials/"))
    assert "场地证明" in page
    assert "不动产登记机构" in page
    assert "租赁的与出租方签合同" in page
    assert re.search(r"0 / \d 份", page)
    assert "选交材料" in page
    assert "室内空气检测报告" in page
    operator_page.post(url_of(draft), {"files": [png("1.png", 1)]})
    assert re.search(r"1 / \d 份", markup_of(operator_page.get(f"/desk/filings/{draft.no}/materials/")))


def test_several_files_one_bad_among_good(operator_page, draft) -> None:
    answer = operator_page.post(
        url_of(draft), {"action": "upload", "files": [png("第1页.png", 1), bad(), png("第2页.png", 2)]}
    )
    assert answer.status_code == 422
    page = markup_of(answer)
    assert "<title>错误：" in page
    assert "合同.pdf：" in page
    assert "FILE-005" in page
    assert "已上传 2 个文件，有 1 个没有收下" in page
    assert 'href="#id_files"' in page
    assert current(draft).pages.count() == 2
    again = operator_page.post(
        url_of(draft), {"files": [png("第1页.png", 1)], "camera": [png("拍照.png", 3)]}, follow=True
    )
    assert again.status_code == 200
    assert "已上传 1 个文件，1 个文件已经在这份材料里" in markup_of(again)
    assert current(draft).pages.count() == 3


def test_nothing_chosen_and_the_markup_without_scripts(operator_page, draft) -> None:
    answer = operator_page.post(url_of(draft), {"action": "upload"})
    assert answer.status_code == 422
    page = markup_of(answer)
    assert "请先选择文件" in page
    files, camera = page_of(answer).find("input", name="files"), page_of(answer).find("input", name="camera")
    assert files["type"] == camera["type"] == "file" and "multiple" in files
    assert files["accept"].replace(" ", "") == ".pdf,.jpg,.jpeg,.png,image/*"
    assert camera["capture"] == "environment"
    assert 'enctype="multipart/form-data"' in page


def test_one_by_one_for_the_progress_bar(operator_page, draft) -> None:
    def send(file: Any) -> Any:
        return operator_page.post(url_of(draft), {"files": [file]}, headers={"X-Upload": "1"})

    kept = send(png("甲.png", 1))
    assert (kept.status_code, kept.json()["message"]) == (200, "已上传")
    refused = send(bad())
    assert refused.status_code == 422
    assert refused.json()["code"] == "FILE-005"
    assert send(png("甲.png", 1)).status_code == 200  # sent again after a lost answer
    assert current(draft).pages.count() == 1
    assert operator_page.post(url_of(draft), {}, headers={"X-Upload": "1"}).json()["code"] == "FIL-203"


def test_too_large_also_when_the_request_is(operator_page, draft, settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    answer = operator_page.post(url_of(draft), {"files": [png("大.png", 1)]})
    assert answer.status_code == 422
    assert "FILE-002" in markup_of(answer)
    assert (
        operator_page.post(url_of(draft), {"files": [png("大.png", 1)]}, headers={"X-Upload": "1"}).status_code == 413
    )
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    whole = operator_page.post(url_of(draft), {"files": [png("1.png", 1), png("2.png", 2)]})
    assert whole.status_code == 413
    assert "FILE-002" in markup_of(whole)
    assert not MaterialPage.objects.filter(material__filing=draft).exists()


def test_hostile_names_are_text(operator_page, draft) -> None:
    operator_page.post(url_of(draft), {"files": [png("<img src=x onerror=alert(1)>.png", 1)]})
    answer = operator_page.post(url_of(draft), {"files": [bad('"><script>.pdf')]})
    assert answer.status_code == 422
    assert b"<script>.pdf" not in answer.content
    assert b"<img src=x" not in answer.content


def test_what_register_and_answers_know_is_filled_in(operator_page, ready) -> None:
    Institution.objects.filter(pk=ready.institution_id).update(valid_to="2031-05-06")
    lease = ready.sections.get(name="premises").data["lease_to"]
    for code, end in (("M01_LICENSE", "2031-05-06"), (CODE, lease)):
        Material.objects.filter(filing=ready, code=code).update(valid_to=None)
        asked = re.search(r'<input[^>]*name="valid_to"[^>]*>', markup_of(operator_page.get(url_of(ready, code))))
        assert asked and f'value="{end}"' in asked.group(), code


def test_details_keep_what_was_typed_and_compute_the_end(operator_page, draft) -> None:
    code = "M05_FIRE"
    operator_page.post(url_of(draft, code), {"files": [png("1.png", 1)]})
    typed = {
        "action": "details",
        "kind": "",
        "number": "盐消〔2026〕1号",
        "issued_on": "2099-01-01",
        "valid_to": "昨天",
    }
    answer = operator_page.post(url_of(draft, code), typed)
    assert answer.status_code == 422
    page = markup_of(answer)
    assert 'value="盐消〔2026〕1号"' in page
    assert 'value="昨天"' in page
    assert "请选择材料的种类" in page
    assert 'href="#id_kind_0"' in page
    assert page.count('aria-invalid="true"') >= 1
    good = {**typed, "kind": "FIRE_ACCEPTANCE", "issued_on": "2026-11-02", "valid_to": "", "conclusion_ok": "yes"}
    answer = operator_page.post(url_of(draft, code), good, follow=True)
    assert "有效期至 2027-11-01" in markup_of(answer)
    saved = current(draft, code)
    assert (saved.kind, saved.conclusion_ok, str(saved.valid_to)) == ("FIRE_ACCEPTANCE", True, "2027-11-01")
    assert "2027年11月1日" in markup_of(answer)
    assert "按出具日期加 12 个月" in markup_of(answer)
    without = markup_of(operator_page.get(url_of(draft, "M01_LICENSE")))
    assert "conclusion_ok" not in without


def test_remove_a_page_and_withdraw_an_optional_material(operator_page, draft) -> None:
    operator_page.post(url_of(draft), {"files": [png("1.png", 1), png("2.png", 2)]})
    first = current(draft).pages.first()
    remove = f"{url_of(draft)}{first.pk}/remove/"
    assert operator_page.get(remove).status_code == 405
    assert "已移除 1 个文件" in markup_of(operator_page.post(remove, follow=True))
    assert current(draft).pages.count() == 1
    gone = operator_page.post(remove)
    assert gone.status_code == 404
    assert "请刷新页面" in markup_of(gone)
    operator_page.post(url_of(draft, "M99_OTHER"), {"files": [png("3.png", 3)]})
    assert "撤下这份材料" in markup_of(operator_page.get(url_of(draft, "M99_OTHER")))
    operator_page.post(url_of(draft, "M99_OTHER"), {"action": "drop"})
    assert not draft.materials.current().filter(code="M99_OTHER").exists()


def test_the_same_file_used_before_is_said(operator_page, draft) -> None:
    operator_page.post(url_of(draft), {"files": [png("合同.png", 1)]})
    operator_page.post(url_of(draft, "M99_OTHER"), {"files": [png("又是合同.png", 1)]})
    page = markup_of(operator_page.get(url_of(draft, "M99_OTHER")))
    assert f"同一文件曾用于：{draft.no} 的“场地证明”" in page


def test_after_submission_closed_then_a_second_version(operator_page, filing_in, operator) -> None:
    filing = filing_in("SUBMITTED")
    page = markup_of(operator_page.get(url_of(filing)))
    assert "只能查看" in page
    assert 'type="file"' not in page
    assert operator_page.post(url_of(filing), {"files": [png("新.png", 9)]}).status_code == 409
    assert operator_page.post(url_of(filing), {"action": "details"}).status_code == 409
    filing = take_step(filing, "withdraw", actor=operator)
    before = current(filing)
    operator_page.post(url_of(filing), {"files": [png("补充.png", 9)]})
    now = current(filing)
    assert (before.version, now.version) == (1, 2)
    assert (before.pages.count(), now.pages.count()) == (1, 2)
    page = markup_of(operator_page.get(url_of(filing)))
    assert "第 2 版" in page
    assert "第 1 版（1 个文件" in page


def test_a_correction_opens_only_what_is_listed(operator_page, filing_in, cast) -> None:
    filing = filing_in("SUPPLEMENT")
    page = markup_of(operator_page.get(f"/desk/filings/{filing.no}/materials/"))
    assert "本次只能修改告知书列出的材料" in page
    closed = f"/desk/filings/{filing.no}/materials/M05_FIRE/"
    assert operator_page.post(closed, {"files": [png("新.png", 9)]}).status_code == 409
    # the notice lists the premises: the papers that prove them are open with it
    assert operator_page.post(url_of(filing), {"files": [png("新.png", 9)]}).status_code == 302


def test_strangers_and_unknown_materials(as_user, draft, operator_page) -> None:
    for name in ("operator_yangguang", "reviewer_tinghu"):
        assert as_user(name).get(url_of(draft)).status_code in {403, 404}
        assert as_user(name).post(url_of(draft), {"files": [png("1.png", 1)]}).status_code in {403, 404}
    assert operator_page.get(url_of(draft, "M77_NOTHING")).status_code == 404
    assert not MaterialPage.objects.filter(material__filing=draft).exists()


def test_every_look_at_a_file_is_kept(operator_page, draft) -> None:
    operator_page.post(url_of(draft), {"files": [png("1.png", 1)]})
    file = current(draft).pages.get().file
    assert f"/files/{file.pk}/" in markup_of(operator_page.get(url_of(draft)))
    assert operator_page.get(f"/files/{file.pk}/").status_code == 200
    assert Event.objects.filter(action="file.read", subject=f"file:{file.pk}").exists()


@pytest.mark.django_db(transaction=True)
def test_the_first_files_from_two_windows_make_one_material(draft, operator) -> None:
    barrier, failed = threading.Barrier(2), []

    def upload(number: int) -> None:
        try:
            barrier.wait(10)
            add_page(draft, CODE, uploaded=png(f"{number}.png", number), actor=operator)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert [page.position for page in current(draft).pages.all()] == [1, 2]


def test_the_certificate_the_registrar_attached_is_not_asked_for_again(own, cast, operator, operator_page, as_user):
    """It counts as handed in, with what the register knows of it; it may be replaced; the reviewer opens it."""
    scan = keep_document(
        png_upload(number=7), purpose=CERTIFICATE, actor=cast["registrar_tinghu"], uscc=own.uscc, region=own.region
    )
    Institution.objects.filter(pk=own.pk).update(certificate_file=scan, valid_to="2033-01-02")
    own.refresh_from_db()
    filing = start_filing(own, actor=operator)
    listed = markup_of(operator_page.get(f"/desk/filings/{filing.no}/materials/"))
    card = listed.partition('id="id_M01_LICENSE"')[2].partition("</li>")[0]
    assert "登记机关已提供" in card and "1 个文件" in card
    page = markup_of(operator_page.get(url_of(filing, "M01_LICENSE")))
    assert "登记机关已提供" in page and f"/files/{scan.pk}/" in page and 'value="2033-01-02"' in page
    assert operator_page.get(f"/files/{scan.pk}/").status_code == 200
    case = CaseFile(filing, today_here())
    assert "M01_LICENSE" not in [spec.code for spec in case.missing]
    assert not certificate_faults(case.facts())
    add_page(filing, "M01_LICENSE", uploaded=png_upload(number=8), actor=operator)
    remove_page(filing, "M01_LICENSE", page=filing.materials.get().pages.first().pk, actor=operator)
    replaced = markup_of(operator_page.get(url_of(filing, "M01_LICENSE")))
    assert "登记机关已提供" not in replaced and f"/files/{scan.pk}/" not in replaced


def test_a_reviewer_opens_the_registrars_certificate_among_the_materials(own, cast, operator, as_user):
    scan = keep_document(
        png_upload(number=7), purpose=CERTIFICATE, actor=cast["registrar_tinghu"], uscc=own.uscc, region=own.region
    )
    Institution.objects.filter(pk=own.pk).update(certificate_file=scan)
    own.refresh_from_db()
    filing = fill_filing(start_filing(own, actor=operator), actor=operator, today=today_here())
    assert [page.file_id for page in filing.materials.get(code="M01_LICENSE").pages.all()][0] == scan.pk
    take_step(filing, "submit", actor=operator)
    reviewer = as_user("reviewer_tinghu")
    assert f"/files/{scan.pk}/" in markup_of(reviewer.get(f"/desk/review/{filing.no}/"))
    assert reviewer.get(f"/files/{scan.pk}/").status_code == 200
