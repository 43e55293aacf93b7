"""The page of one institution: plain words, sources, stale blocks, nothing personal, 304."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from registry.models import Filing, Institution, PublicEntry, SiteCheck
from registry.register.blocks import TITLES, set_builder
from registry.register.blocks import _builders as builders
from registry.register.blocks.official import GATES
from registry.register.entry import refresh_entry
from registry.register.sources import gather
from registry.registration.services import end_registration, record_filing
from tests.pages import markup_of
from tests.security.filed import file_it

pytestmark = pytest.mark.django_db
URL = "/institutions/"


def page(uscc: str, **headers: str):
    return Client().get(f"{URL}{uscc}/", headers=headers)


def test_filed_or_not_in_plain_words(institution, cast):
    found = institution()
    assert "还没有查到备案记录" in markup_of(page(found.uscc))
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    html = markup_of(page(found.uscc))
    assert "已登记、已备案" in html and "BA-0001" in html and "国家系统备案" in html
    end_registration(
        found, step="revoke", reason="张试验伪造材料", terminated_on=date(2026, 1, 6), actor=cast["registrar_tinghu"]
    )
    ended = markup_of(page(found.uscc))
    assert "登记已吊销" in ended and "伪造材料" not in ended


def test_every_block_says_who_and_when(institution, cast):
    found = institution()
    file_it(found, cast)
    html = markup_of(page(found.uscc))
    blocks = re.findall(r'<section aria-labelledby="(\w+)-block-title" id="\1">(.*?)</section>', html, re.S)
    assert [name for name, _ in blocks] == [name for name in TITLES if name in dict(blocks)]
    assert {"standing", "safety", "inspections", "fees", "classes", "staff", "contact"} <= set(dict(blocks))
    for name, block in blocks:
        assert "来源：" in block and f"/report/?block={name}" in block
        assert ('<p class="soft">机构填报<a' in block) != ('<p class="soft">官方信息<a' in block)
    for secret in (found.legal_rep_id_no, found.contact_phone, found.legal_rep_id_index):
        assert secret not in html


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("盐城市亭湖区五星街道向阳社区3幢201室", "盐城市亭湖区五星街道向阳社区"),
        ("盐城市亭湖区解放路18号", "亭湖区"),
    ],
)
def test_a_home_nursery_never_shows_its_door(institution, address, shown):
    found = institution(nature="HOME", name="亭湖区小屋家庭托育点", registered_address=address)
    html = markup_of(page(found.uscc))
    assert shown in html and address not in html and "不公布门牌号" in html
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', html, re.S).group(1))
    assert data["@type"] == "ChildCare" and "streetAddress" not in data["address"]


def test_an_unknown_code_is_a_page_that_helps():
    response = page("91320902MA1TYC011T")
    assert response.status_code == 404
    assert "查不到意味着什么" in markup_of(response)
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
    html = markup_of(page(found.uscc))
    for words in ("消防", "有材料", "全日托保育费", "全市中位数", "保育人员与婴幼儿", "持证保育人员", "1:"):
        assert words in html
    assert "机构未按期更新" not in html
    entry = PublicEntry.objects.get(pk=found.pk)
    old = (timezone.localdate() - timedelta(days=91)).isoformat()
    entry.content = {name: {**block, "confirmed_on": old} for name, block in entry.content.items()}
    entry.save()
    html = markup_of(page(found.uscc))
    assert html.count("机构未按期更新") == sum(block["kind"] == "INSTITUTION" for block in entry.content.values())


def test_the_page_has_no_place_for_what_is_not_a_block_of_it():
    with pytest.raises(KeyError):
        set_builder("advertising", lambda sources: None)


def test_hostile_names_cannot_leave_the_structured_data(institution, cast):
    found = institution()
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    entry = PublicEntry.objects.get(pk=found.pk)
    entry.card = {**entry.card, "name": "</script><script>alert(1)</script>"}
    entry.save()
    html = markup_of(page(found.uscc))
    assert "<script>alert" not in html
    assert json.loads(re.search(r'ld\+json">(.*?)</script>', html, re.S).group(1))["name"].startswith("</script>")


def section(html: str, name: str) -> str:
    """The text of one block, without tags."""
    found = re.search(rf'<section aria-labelledby="{name}-block-title".*?</section>', html, re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split()) if found else ""


def reported(**facts: object) -> dict[str, object]:
    """A block as it is stored."""
    return {"kind": "INSTITUTION", "source": "机构填报", "confirmed_on": "2026-01-01", "facts": facts, "empty": ""}


def official(**facts: object) -> dict[str, object]:
    """A block as it is stored."""
    return {**reported(**facts), "kind": "OFFICIAL", "source": "盐城市卫生健康委员会"}


def test_who_never_filed_is_not_said_to_be_filed_elsewhere(institution, cast):
    found = institution()
    html = markup_of(page(found.uscc))
    assert "国家系统备案" not in html and "这家机构还没有备案" in html
    assert "没有查到备案记录" in section(html, "standing") and "亭湖区市场监督管理局" in section(html, "standing")
    assert "材料由备案机关在备案时核对" not in html and "登记机关" in section(html, "contact")
    assert '<meta name="robots" content="noindex">' in html and "加入对比" not in html
    record_filing(found, filing_no="BA-0001", filed_on=date(2026, 1, 5), actor=cast["reviewer_tinghu"])
    html = markup_of(page(found.uscc))
    assert "这家机构在国家系统备案" in html and "noindex" not in html
    end_registration(
        found, step="cancel", reason="自愿注销", terminated_on=date(2026, 2, 1), actor=cast["registrar_tinghu"]
    )
    html = markup_of(page(found.uscc))
    assert "这家机构的登记已经终止，本平台没有它的" in html and "国家系统备案，" not in html
    assert "登记机关" in section(html, "standing") and "确认日期 2026年2月1日" in section(html, "standing")


def test_the_day_of_an_ended_filing_is_the_day_it_ended(institution, cast):
    found = institution()
    case = file_it(found, cast, "CANCELLED")
    standing = PublicEntry.objects.get(pk=found.pk).content["standing"]
    assert standing["confirmed_on"] == Filing.objects.get(pk=case.pk).ended_on.isoformat()


@pytest.mark.parametrize(
    ("days", "word"), [(31, "有材料"), (30, "即将到期"), (0, "即将到期"), (-1, "已过期"), (None, "有材料")]
)
def test_a_gate_says_when_its_paper_runs_out(entry, days, word):
    until = (timezone.localdate() + timedelta(days=days)).isoformat() if days is not None else None
    paper = {"name": "消防", "state": "HELD", "paper": "消防验收", "issued_on": "2024-01-01", "valid_to": until}
    shown = section(markup_of(page(entry(content={"safety": official(gates=[paper])}).uscc)), "safety")
    assert word in shown and (until is None or f"有效至 {until}" in shown)


def test_bought_meals_are_judged_by_their_own_papers(institution, cast):
    found = institution()
    file_it(found, cast)
    gates = PublicEntry.objects.get(pk=found.pk).content["safety"]["facts"]["gates"]
    assert [gate["name"] for gate in gates] == [name for _, name in GATES]
    sources = gather(found.pk)
    content = sources.accepted.content
    content["sections"]["fees"]["meal_mode"] = "OUTSOURCED"
    for material in content["materials"]:
        if material["code"] == "M07_FOOD":
            material["code"] = "M09_CATERING"
    gate = builders["safety"](sources).facts["gates"][-1]
    assert (gate["name"], gate["state"]) == ("外购配餐", "HELD")


def test_what_did_not_conform_stays_and_says_that_it_was_put_right(institution, cast):
    found = institution()
    case = file_it(found, cast, "NONCONFORMING")
    today = timezone.localdate()
    assert "见上面的不符合告知" in section(markup_of(page(found.uscc)), "inspections")

    def seen(*, conforms: bool) -> list[str]:
        SiteCheck.objects.create(filing=case, planned_on=today, items=[], concluded_on=today, conforms=conforms)
        refresh_entry(found.pk)
        visits = PublicEntry.objects.get(pk=found.pk).content["inspections"]["facts"]["visits"]
        return [visit["result"] for visit in visits]

    # A second visit failed: nothing of it is public before its notice is served (B14).
    assert seen(conforms=False) == ["有不符合项，见上面的不符合告知"]
    assert seen(conforms=True) == ["符合", "有不符合项，已整改，复核符合"]


def test_classes_stand_beside_the_standard_and_the_city(institution, cast):
    found = institution()
    file_it(found, cast)
    shown = section(markup_of(page(found.uscc)), "classes")
    for words in (
        "标准：每班最多",
        "15 人",
        "20 人",
        "5 人",
        "7 人",
        "平均每班在托 12.0 人 全市平均 12.0 人",
        "全市平均 1:",
    ):
        assert words in shown
    rows = PublicEntry.objects.get(pk=found.pk).content["classes"]["facts"]["classes"]
    assert [row["ratio_agreed"] for row in rows] == [False, False]


def test_a_mixed_class_has_no_national_ratio(entry):
    row = {
        "name": "小树班",
        "type": "混合班",
        "places": 18,
        "enrolled": 15,
        "youngest_months": 18,
        "oldest_months": 35,
        "children_at_most": 18,
        "children_per_carer_at_most": 5,
        "ratio_agreed": True,
    }
    block = reported(classes=[row], enrolled=15, carers=3, children_per_carer=5.0, standard="标准")
    assert "5 人（平台约定）" in section(markup_of(page(entry(content={"classes": block}).uscc)), "classes")


def test_what_is_not_disclosed_is_said(entry):
    fee = {"name": "全日托保育费", "amount": "1980", "unit": "元/月"}
    html = markup_of(page(entry(content={"fees": reported(items=[fee], prepaid_months=None)}).uscc))
    assert "没有填报" in section(html, "fees") and "1,980 元/月" in section(html, "fees")
    assert "请到“信用中国”" in section(html, "contact")


def test_structured_data_is_the_page_and_no_more(institution, cast, settings):
    settings.PORTAL_URL = "https://tuoyu.example.org"
    found = institution()
    file_it(found, cast)
    html = markup_of(page(found.uscc))
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', html, re.S).group(1))
    assert set(data) == {
        "@context",
        "@type",
        "name",
        "identifier",
        "address",
        "url",
        "areaServed",
        "telephone",
        "openingHours",
    }
    assert data["telephone"] == "0515-80001234" and data["openingHours"] == ["Mo-Fr 07:30-17:30"]
    assert data["@context"] == "https://schema.org" and data["@type"] == "ChildCare"
    assert data["identifier"]["value"] == found.uscc and data["address"]["@type"] == "PostalAddress"
    assert data["url"] == f"https://tuoyu.example.org/institutions/{found.uscc}/"
    assert f'<link rel="canonical" href="{data["url"]}">' in html
    assert f'<span hidden id="page-url">{data["url"]}</span>' in html


def test_large_type_has_the_phone_first_and_folds_the_rest(institution, cast):
    found = institution()
    file_it(found, cast)
    client = Client()
    client.cookies["view_mode"] = "large"
    html = markup_of(client.get(f"{URL}{found.uscc}/"))
    main = html[html.index("<main") :]
    assert main.index("tel:12345") < main.index('id="standing"')
    folded = html[html.index('<details class="more" id="more">') :]
    for name in TITLES:
        assert (f'id="{name}"' in folded) == (name in {"service", "registration", "changes", "committee"})
    assert '<details class="more" id="more">' not in markup_of(page(found.uscc))


def test_every_block_is_explained_where_it_leads(institution, cast):
    found = institution()
    file_it(found, cast)
    guide = markup_of(Client().get("/how-to-read/"))
    anchors = re.findall(r'href="/how-to-read/#([a-z-]+)"', markup_of(page(found.uscc)))
    assert len(anchors) > len(TITLES) - 1  # 停业与终止服务 only where it stops
    assert all(f'id="{anchor}"' in guide for anchor in anchors)
