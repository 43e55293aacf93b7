"""录入新登记: all problems at once, nothing typed is lost, a double click makes one record, a taken code leads on."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from exchange.models import OutboxEvent
from registry.models import Institution
from tests.pages import markup_of
from yancheng_childcare.models import StoredFile

pytestmark = pytest.mark.django_db
URL = "/desk/registrations/new/"


@pytest.fixture
def typed(registration):
    """What a browser sends."""

    def build(**fields):
        return {name: value or "" for name, value in registration(**fields).items()} | {
            "registry_org_id": "320902-MARKET",
            "certificate_id": "",
        }

    return build


def scan(name="执照.png"):
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue(), "image/png")


def test_a_good_registration_is_saved_pushed_and_shown(as_user, typed):
    data = typed(capital_kind="")
    response = as_user("registrar_tinghu").post(URL, data, follow=True)
    saved = Institution.objects.get()
    assert response.redirect_chain == [(f"/desk/registrations/{saved.uscc}/", 302)]
    assert "已保存，正在推送" in markup_of(response)
    assert saved.capital_kind == "REGISTERED"
    assert saved.channel == "FORM"
    assert OutboxEvent.objects.filter(subject=saved.uscc, type="registration.recorded").count() == 1


def test_advice_is_kept_and_counted(as_user, typed):
    response = as_user("registrar_tinghu").post(URL, typed(name="盐城市禾苗儿童中心", contact_phone=""), follow=True)
    assert "已保存，有 2 条提示" in markup_of(response)
    assert {w["code"] for w in Institution.objects.get().warnings} == {"REG-106", "REG-214"}


def test_every_problem_is_said_at_once_and_what_was_typed_stays(as_user, typed):
    data = typed(uscc="91320902MA1TYC0112", name="", business_scope="儿童娱乐", established_on="2026-11-31")
    response = as_user("registrar_tinghu").post(URL, data)
    html = markup_of(response)
    assert response.status_code == 422
    assert "<title>错误：" in html
    for code in ("REG-004", "REG-201", "REG-103", "REG-302"):
        assert code in html
    for anchor in ("#id_uscc", "#id_name", "#id_business_scope", "#id_established_on"):
        assert f'href="{anchor}"' in html
    assert 'value="91320902MA1TYC0112"' in html
    assert "儿童娱乐" in html
    assert not Institution.objects.exists()


def test_an_empty_form_asks_for_the_nature_not_for_what_follows_from_it(as_user):
    html = markup_of(as_user("registrar_tinghu").post(URL, {}))
    assert "请填写机构性质" in html
    assert "请填写资金类型" not in html


def test_the_same_form_sent_twice_leads_to_the_one_record(as_user, typed):
    client, data = as_user("registrar_tinghu"), typed()
    client.post(URL, data)
    response = client.post(URL, data, follow=True)
    assert "没有重复录入" in markup_of(response)
    assert Institution.objects.count() == OutboxEvent.objects.count() == 1


def test_a_code_of_ones_own_leads_to_the_change(as_user, typed, institution):
    taken = institution()
    response = as_user("registrar_tinghu").post(URL, typed(uscc=taken.uscc, name="盐城市别名托育有限公司"))
    assert response.status_code == 409
    assert f"/desk/registrations/{taken.uscc}/change/" in markup_of(response)
    taken.refresh_from_db()
    assert taken.record_version == 1


def test_a_code_of_another_authority_names_it_and_tells_nothing_else(as_user, typed, cast, registration):
    from datetime import date

    from registry.registration.services import register_institution
    from yancheng_childcare.models import Department, Duty

    colleague = cast["grid_tinghu"]
    Duty.objects.create(
        user=colleague, role="REGISTRAR", region_id="320903", department_id="320903-MARKET",
        valid_from=date(2024, 1, 1), granted_by=cast["admin"], approved_by=cast["auditor_city"],
    )  # fmt: skip
    taken = register_institution(
        data=registration(region_code="320903", town_code="320903002", name="盐都区别家托育有限公司"),
        actor=colleague,
        registry_org=Department.objects.get(code="320903-MARKET"),
    )
    response = as_user("registrar_tinghu").post(URL, typed(uscc=taken.uscc))
    html = markup_of(response)
    assert response.status_code == 409
    assert "盐都区市场监督管理局" in html
    assert taken.name not in html
    assert f"/desk/registrations/{taken.uscc}/" not in html


def test_places_outside_the_authority_are_not_offered_and_not_accepted(as_user, html_of, typed):
    html = html_of("registrar_tinghu", URL)
    assert '<option value="320902">' in html
    assert '<option value="320981">' not in html
    assert "事业单位</option>" not in html
    response = as_user("registrar_tinghu").post(URL, typed(region_code="320981", town_code="320981100"))
    assert response.status_code == 422
    assert "REG-504" in markup_of(response)


def test_towns_are_grouped_by_county_without_scripts(html_of):
    html = html_of("registrar_civil", URL)
    assert html.count("<optgroup") == 11


def test_htmx_narrows_the_towns_and_checks_the_code(as_user, institution):
    client, taken = as_user("registrar_civil"), institution()
    html = markup_of(client.get(f"{URL}?towns=1&region_code=320981"))
    assert html.count("<optgroup") == 1
    assert "320902" not in html
    assert "应为" in markup_of(client.get(f"{URL}?check=1&uscc=91320902MA1TYC0112"))
    assert "校验通过" in markup_of(client.get(f"{URL}?check=1&uscc=91320902MA1TYC011T"))
    other = markup_of(client.get(f"{URL}?check=1&uscc={taken.uscc}"))
    assert "亭湖区市场监督管理局" in other
    assert taken.name not in other
    assert "办理变更登记" in markup_of(as_user("registrar_tinghu").get(f"{URL}?check=1&uscc={taken.uscc}"))


def test_the_scan_is_kept_while_the_form_is_corrected(as_user, typed, settings, tmp_path):
    settings.FILE_ROOT = tmp_path
    client = as_user("registrar_tinghu")
    html = markup_of(client.post(URL, {**typed(name=""), "certificate": scan()}))
    kept = StoredFile.objects.get()
    assert f'name="certificate_id" value="{kept.pk}"' in html
    client.post(URL, {**typed(), "certificate_id": str(kept.pk)})
    assert Institution.objects.get().certificate_file == kept
    assert kept.department_id == "320902-MARKET"


def test_a_scan_that_is_none_is_refused_beside_the_other_problems(as_user, typed, settings, tmp_path):
    settings.FILE_ROOT = tmp_path
    bad = SimpleUploadedFile("执照.pdf", b"<html>hello</html>", "application/pdf")
    html = markup_of(as_user("registrar_tinghu").post(URL, {**typed(name=""), "certificate": bad}))
    assert "FILE-005" in html
    assert "请填写机构名称" in html
    assert not StoredFile.objects.exists()


def test_a_strangers_upload_cannot_be_attached(as_user, typed, settings, tmp_path):
    settings.FILE_ROOT = tmp_path
    as_user("registrar_civil").post(URL, {"certificate": scan()})
    key = StoredFile.objects.get().pk
    as_user("registrar_tinghu").post(URL, {**typed(), "certificate_id": str(key)})
    assert Institution.objects.get().certificate_file is None


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "a" * 5000, "=cmd|' /C calc'!A0", "\u202e反转"])
def test_nasty_text_never_breaks_the_page(as_user, typed, value):
    data = {**typed(), "name": value.encode("utf-8", "replace").decode(), "valid_to": "长期"}
    assert as_user("registrar_tinghu").post(URL, data).status_code in {302, 422}


def test_long_term_and_wide_digits_are_read_as_people_type_them(as_user, typed):
    response = as_user("registrar_tinghu").post(URL, typed(valid_to="长期", established_on="２０２５-03-03"))
    assert response.status_code == 302
    assert Institution.objects.get().valid_to is None


@pytest.mark.parametrize("who", ["reviewer_tinghu", "police_tinghu", "health_city", "admin", "operator_xiaotaiyang"])
def test_only_registrars_enter(as_user, typed, who):
    assert as_user(who).get(URL).status_code == 403
    assert as_user(who).post(URL, typed()).status_code == 403
    assert not Institution.objects.exists()


def test_a_post_without_the_csrf_token_is_refused(cast, typed):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["registrar_tinghu"], backend="yancheng_childcare.accounts.signin.PortalBackend")
    assert client.post(URL, typed()).status_code == 403
    assert not Institution.objects.exists()
