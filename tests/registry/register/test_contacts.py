"""Telephone, opening hours and route: what the institution gave to parents stands on its page, and only after acceptance."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from registry.filing.drafts import save_section
from registry.filing.services import take_step
from registry.models import Filing, Institution, PublicEntry
from registry.register.entry import refresh_entry
from registry.register.hours import schema_hours
from registry.rules.filing.answers import read_answers
from registry.rules.filing.sections import BASICS, PUBLISHED
from tests.security.filed import file_it, operator_of

pytestmark = pytest.mark.django_db
GIVEN = {"public_phone": "0515-8833 1234", "opening_hours": "周一至周五 7:30–17:30"}


def page(uscc: str) -> str:
    return Client().get(f"/institutions/{uscc}/").content.decode()


def test_what_the_form_promises_stands_on_the_page(institution, cast):
    """The hint says that parents can see it: they can, as a number to tap, in the API and in the open data."""
    hints = {spec.name: spec.hint for spec in BASICS.fields}
    assert PUBLISHED in hints["public_phone"] and PUBLISHED in hints["opening_hours"]
    found = institution()
    file_it(found, cast, basics=GIVEN)
    html = page(found.uscc)
    assert 'href="tel:0515-88331234"' in html and "开放时间：周一至周五 7:30–17:30" in html
    assert "https://uri.amap.com/search?keyword=" in html and 'rel="noopener noreferrer external"' in html
    answer = Client().get(f"/api/v1/institutions/{found.uscc}/").json()
    assert (answer["phone"], answer["opening_hours"]) == ("0515-88331234", GIVEN["opening_hours"])
    assert answer["blocks"]["service"]["facts"]["phone"] == "0515-88331234"
    assert "0515-88331234" in Client().get("/institutions/").content.decode()
    text = b"".join(Client().get("/open-data/institutions.csv").streaming_content).decode("utf-8-sig")
    (row,) = [row for row in csv.DictReader(io.StringIO(text)) if row["统一社会信用代码"] == found.uscc]
    assert (row["对外电话"], row["开放时间"]) == ("0515-88331234", GIVEN["opening_hours"])


def test_the_personal_number_of_the_contact_is_never_public(institution, cast):
    found = institution()
    file_it(found, cast, basics={"contact_phone": "13912340987", "public_phone": "", "opening_hours": ""})
    html = page(found.uscc)
    assert "13912340987" not in html and "开放时间：" not in html
    assert 'href="tel:' not in html[html.index('class="glance"') : html.index('id="standing"')]


def test_a_change_is_public_when_it_is_accepted_and_not_before(institution, cast):
    found = institution()
    case = file_it(found, cast, "FILED", basics=GIVEN)
    operator = operator_of(found, cast)
    case = take_step(Filing.objects.get(pk=case.pk), "start_change", actor=operator)
    row = case.sections.get(name="basics")
    answers = {**row.data, "contact_phone": "13812345678", "public_phone": "0515-99999999"}
    save_section(case, "basics", answers=answers, expected_version=row.version, actor=operator)
    refresh_entry(found.pk)
    assert "99999999" not in page(found.uscc) and "0515-88331234" in page(found.uscc)


def test_a_home_shows_no_door_and_no_route(institution, cast):
    found = institution()
    file_it(found, cast, basics=GIVEN)
    # A place in a flat, whatever it was registered as: only the community is public.
    for change in ({"nature": "HOME"}, {"registered_address": "盐城市亭湖区五星街道向阳社区3幢201室"}):
        Institution.objects.filter(pk=found.pk).update(**change)
    Filing.objects.filter(institution=found).update(service_address="盐城市亭湖区五星街道向阳社区3幢201室")
    refresh_entry(found.pk)
    html = page(found.uscc)
    assert "uri.amap.com" not in html and "201室" not in html and 'href="tel:0515-88331234"' in html


def test_an_unfiled_or_ended_place_has_no_route(institution):
    assert "uri.amap.com" not in page(institution().uscc)


@pytest.mark.parametrize("phone", ["12", "0515-1234", "请加微信 abc", "138123456789"])
def test_what_is_no_telephone_number_is_not_taken(phone):
    _, problems = read_answers(BASICS, {"public_phone": phone})
    assert [p.field for p in problems if p.field == "public_phone"] == ["public_phone"]


@pytest.mark.parametrize("phone", ["0515-88331234", "13812345678", "400-123-4567", "051588331234转8"])
def test_every_kind_of_chinese_number_is_taken(phone):
    _, problems = read_answers(BASICS, {"public_phone": phone, "opening_hours": "每天 7:30–18:00"})
    assert not [p for p in problems if p.field in {"public_phone", "opening_hours"}]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("周一至周五 7:30–17:30", ["Mo-Fr 07:30-17:30"]),
        ("周一到周五7：30-17：30；周六 8:00~12:00", ["Mo-Fr 07:30-17:30", "Sa 08:00-12:00"]),
        ("每天 7:00至18:00", ["Mo-Su 07:00-18:00"]),
        ("节假日照常，具体请来电", []),
        ("周一至周五 7:30–17:30，寒暑假另行通知", []),
        ("周一至周五 17:30–7:30", []),
        ("", []),
    ],
)
def test_machines_read_the_hours_or_nothing(text, hours):
    assert schema_hours(text) == hours


def test_what_is_not_connected_is_said_once(institution, cast, entry):
    found = entry(name="盐城市亭湖区在国家系统托育服务有限公司")
    html = page(found.uscc)
    assert html.count("没有接入本平台") == 1
    assert 'id="registration"' in html and 'id="fees"' not in html and 'id="safety"' not in html
    assert PublicEntry.objects.get(pk=found.pk).content["fees"]["empty"]  # the API still says why


def test_the_page_begins_with_what_is_asked_first(institution, cast):
    found = institution()
    file_it(found, cast, basics=GIVEN)
    html = Client().get(f"/institutions/{found.uscc}/", {"near": "320981"}).content.decode()
    glance = html[html.index('class="glance"') : html.index("</dl>")]
    for words in (
        "全日托保育费", "1,980 元/月", "余位", "11 个", "共 35 个托位", "收托月龄", "12–36 个月", "保育人员与婴幼儿", "1:", "最近检查",
        "距离", "公里",
    ):  # fmt: skip
        assert words in glance, words
    assert html.index("已登记、已备案") < html.index('class="glance"') < html.index('id="standing"')
    own = Client().get(f"/institutions/{found.uscc}/", {"near": "33.38,120.16"})
    assert own["Cache-Control"] == "private, no-store"
