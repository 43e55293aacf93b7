"""The page of one institution: plain words, sources, stale blocks, nothing personal, 304."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import Institution, PublicEntry
from registry.public.blocks import TITLES, Block, set_builder
from registry.public.blocks import _builders as builders
from registry.public.entry import refresh_entry
from registry.services import end_registration, record_filing
from tests.security.filed import file_it

pytestmark = pytest.mark.django_db
URL = "/institutions/"


def page(uscc: str, **headers: str):
    return Client().get(f"{URL}{uscc}/", headers=headers)


def test_filed_or_not_in_plain_words(institution, cast):
    found = institution()
    assert "还没有查到备案记录" in page(found.uscc).content.decode()
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    html = page(found.uscc).content.decode()
    assert "已登记、已备案" in html and "BA-0001" in html and "国家系统备案" in html
    end_registration(
        found, step="revoke", reason="张试验伪造材料", terminated_on=date(2026, 1, 6), actor=cast["registrar_tinghu"]
    )
    ended = page(found.uscc).content.decode()
    assert "登记已吊销" in ended and "伪造材料" not in ended


def test_every_block_says_who_and_when(institution, cast):
    found = institution()
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    html = page(found.uscc).content.decode()
    blocks = re.findall(r'<section aria-labelledby="(\w+)-block-title" id="\1">(.*?)</section>', html, re.S)
    assert [name for name, _ in blocks] == [name for name in TITLES if name in dict(blocks)]
    assert {"standing", "safety", "grade", "inspections", "fees", "classes", "staff", "credit", "contact"} <= set(
        dict(blocks)
    )
    for name, block in blocks:
        assert "来源：" in block and f"/report/?block={name}" in block
        assert ("机构填报</p>" in block) != ("官方信息</p>" in block)
    for secret in (found.legal_rep_id_no, found.contact_phone, found.legal_rep_id_index):
        assert secret not in html
    assert "未评价" in html and "没有等级不代表好" in html


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("盐城市亭湖区五星街道向阳社区3幢201室", "盐城市亭湖区五星街道向阳社区"),
        ("盐城市亭湖区解放路18号", "亭湖区"),
    ],
)
def test_a_home_nursery_never_shows_its_door(institution, address, shown):
    found = institution(nature="HOME", name="亭湖区小屋家庭托育点", registered_address=address)
    html = page(found.uscc).content.decode()
    assert shown in html and address not in html and "不公布门牌号" in html
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', html, re.S).group(1))
    assert data["@type"] == "ChildCare" and "streetAddress" not in data["address"]


def test_an_unknown_code_is_a_page_that_helps():
    response = page("91320902MA1TYC011T")
    assert response.status_code == 404
    assert "查不到意味着什么" in response.content.decode()
    assert Client().get(f"{URL}nonsense/").status_code == 404


def test_shared_for_seconds_and_not_sent_twice(institution, as_user, django_assert_max_num_queries, cast):
    found = institution()
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    first = page(found.uscc)
    assert first["Cache-Control"] == "public, max-age=5, must-revalidate" and not first.cookies
    assert "Cookie" in first["Vary"]
    with django_assert_max_num_queries(1):
        assert page(found.uscc, **{"If-None-Match": first["ETag"]}).status_code == 304
    with django_assert_max_num_queries(3):
        page(found.uscc)
    Institution.objects.filter(pk=found.pk).update(name="盐城市改名托育服务有限公司")
    refresh_entry(found.pk)
    assert page(found.uscc, **{"If-None-Match": first["ETag"]}).status_code == 200
    assert "no-store" in as_user("registrar_tinghu").get(f"{URL}{found.uscc}/").headers["Cache-Control"]


def test_a_filed_case_shows_what_it_says_and_greys_what_is_old(institution, cast):
    found = institution()
    file_it(found, cast)
    html = page(found.uscc).content.decode()
    for words in ("消防", "有材料", "全日托保育费", "全市中位数", "保育人员与婴幼儿", "持证保育人员", "1:"):
        assert words in html
    assert "机构未按期更新" not in html
    entry = PublicEntry.objects.get(pk=found.pk)
    old = (timezone.localdate() - timedelta(days=91)).isoformat()
    entry.content = {name: {**block, "confirmed_on": old} for name, block in entry.content.items()}
    entry.save()
    html = page(found.uscc).content.decode()
    assert html.count("机构未按期更新") == sum(block["kind"] == "INSTITUTION" for block in entry.content.values())


def test_a_grade_card_is_ready_for_its_data(institution, cast, monkeypatch):
    monkeypatch.setitem(builders, "grade", builders["grade"])
    facts = {
        "label": "良好", "meaning": "总分 800 至 899 分", "on": "2022-09-18", "valid_to": "2025-09-17", "by": "某评估公司",
        "parts": [{"name": "办托条件", "label": "优", "score": 92}],
    }  # fmt: skip
    set_builder("grade", lambda sources: Block("OFFICIAL", "盐城市卫生健康委员会", date(2022, 9, 18), facts))
    found = institution()
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    html = page(found.uscc).content.decode()
    assert "良好（已过期）" in html and "办托条件" in html and "92" in html
    with pytest.raises(KeyError):
        set_builder("advertising", lambda sources: None)


def test_hostile_names_cannot_leave_the_structured_data(institution, cast):
    found = institution()
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    entry = PublicEntry.objects.get(pk=found.pk)
    entry.card = {**entry.card, "name": "</script><script>alert(1)</script>"}
    entry.save()
    html = page(found.uscc).content.decode()
    assert "<script>alert" not in html
    assert json.loads(re.search(r'ld\+json">(.*?)</script>', html, re.S).group(1))["name"].startswith("</script>")
