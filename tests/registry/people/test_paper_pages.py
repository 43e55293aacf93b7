"""Papers and training of a person, entered by the institution."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from people_cases import LIST

from registry.demo.sample_filing import picture
from registry.models import Credential, Training
from tests.pages import markup_of
from yancheng_childcare.deadlines import today_here
from yancheng_childcare.models import StoredFile


def _scan(number: int = 1) -> io.BytesIO:
    upload = picture(number)
    upload.name = "健康证.png"
    return upload


def test_a_certificate_with_its_scan_replaces_the_former_one(own: Any, hire: Any, as_user: Any) -> None:
    post, today = hire(), today_here()
    client = as_user("operator_xiaotaiyang")
    path = f"{LIST}{post.pk}/paper/"
    kinds = markup_of(client.get(path))
    assert "本岗位需要" in kinds
    assert "?kind=HEALTH" in kinds
    assert client.get(f"{path}?kind=NONSENSE").status_code == 422
    form = {"kind": "HEALTH", "number": "健 2026-1", "issuer": "亭湖区妇幼保健院", "issued_on": "明天", "file": _scan()}
    wrong = client.post(path, form)
    html = markup_of(wrong)
    assert wrong.status_code == 422
    kept = StoredFile.objects.get(purpose="person-paper")
    assert f'value="{kept.pk}"' in html
    assert "健康证.png" in html
    assert 'value="健 2026-1"' in html
    good = {**form, "issued_on": str(today - timedelta(days=30)), "file": "", "file_id": str(kept.pk)}
    assert client.post(path, good).status_code == 302
    first = Credential.objects.get()
    assert first.file == kept
    assert first.valid_to is not None
    assert first.valid_to > today + timedelta(days=300)
    page = markup_of(client.get(f"{LIST}{post.pk}/"))
    assert f"/files/{kept.pk}/" in page
    assert "亭湖区妇幼保健院" in page
    assert client.get(f"/files/{kept.pk}/").status_code == 200
    assert as_user("reviewer_tinghu").get(f"/files/{kept.pk}/").status_code == 200
    assert as_user("reviewer_dongtai").get(f"/files/{kept.pk}/").status_code == 404
    assert client.post(path, {**good, "issued_on": str(today), "file_id": "nonsense"}).status_code == 302
    first.refresh_from_db()
    assert first.replaced_at is not None
    assert Credential.objects.current().get().file is None
    too_long = client.post(path, {**good, "valid_to": "2099-01-01"})
    assert "最长一年" in markup_of(too_long)
    text = client.post(path, {**good, "file": io.BytesIO(b"MZ\x90\x00 not a picture")})
    assert text.status_code == 422
    assert 'href="#id_file"' in markup_of(text)


def test_a_record_check_keeps_its_result_day_and_number_only(own: Any, cast: Any, hire: Any, as_user: Any) -> None:
    post = hire()
    client = as_user("operator_xiaotaiyang")
    path = f"{LIST}{post.pk}/paper/"
    html = markup_of(client.get(f"{path}?kind=CRIMINAL_CHECK"))
    assert 'type="file"' not in html
    assert 'name="issuer"' not in html
    form = {"kind": "CRIMINAL_CHECK", "number": "亭公查〔2026〕1号", "issued_on": str(today_here())}
    silent = client.post(path, form)
    assert silent.status_code == 422
    assert "请选择查询结果" in markup_of(silent)
    assert not Credential.objects.exists()
    more = {"issuer": "某派出所某某案", "file": _scan(), "valid_to": "2026-12-01", "record_found": "yes"}
    assert client.post(path, {**form, **more}).status_code == 302
    paper = Credential.objects.get()
    assert (paper.record_found, paper.issuer, paper.file) == (True, "", None)
    assert not StoredFile.objects.exists()
    assert "查有记录" in markup_of(client.get(f"{LIST}{post.pk}/"))
    assert cast["reviewer_tinghu"].notifications.filter(title="人员登记需要核实").exists()
    assert client.post(path, {**form, "record_found": "no"}).status_code == 302
    assert "查询结果：无" in markup_of(client.get(f"{LIST}{post.pk}/"))


def test_training_says_everything_wrong_and_counts_once(own: Any, hire: Any, as_user: Any) -> None:
    post = hire()
    client = as_user("operator_xiaotaiyang")
    path = f"{LIST}{post.pk}/training/"
    assert client.get(path).status_code == 200
    wrong = client.post(path, {"topic": "急救", "provider": "", "hours": "八", "finished_on": "2099-01-01"})
    html = markup_of(wrong)
    assert wrong.status_code == 422
    for field in ("provider", "hours", "finished_on"):
        assert f'href="#id_{field}"' in html
    assert 'value="急救"' in html
    good = {"topic": "急救", "provider": "亭湖区妇幼保健院", "hours": "8", "finished_on": str(today_here())}
    assert [client.post(path, good).status_code for _ in range(2)] == [302, 302]
    assert Training.objects.count() == 1
    assert "共 8 学时" in markup_of(client.get(f"{LIST}{post.pk}/"))
