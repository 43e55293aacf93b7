"""Exports: the filtered rows, safe cells, masked numbers, one act per export."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from yancheng_childcare.models import Event

pytestmark = pytest.mark.django_db
URL = "/desk/registrations/export/"


def body(response):
    return b"".join(response.streaming_content)


def rows_of(response):
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_the_filtered_rows_masked_and_safe(as_user, institution, elsewhere):
    found = institution(registered_address="=1+1 盐城市亭湖区某路")
    institution(nature="HOME", name="亭湖区小屋家庭托育点")
    elsewhere()
    response = as_user("registrar_tinghu").get(f"{URL}?format=csv&nature=FORPROFIT")
    (row,) = rows_of(response)
    assert row["统一社会信用代码"] == found.uscc
    assert row["住所（登记地址）"].startswith("'=1+1")
    assert row["法定代表人证件号码"].startswith("320*")
    assert row["联系电话"] == "138****1234"
    assert row["机构性质"] == "营利性企业"
    assert "attachment" in response.headers["Content-Disposition"]
    act = Event.objects.get(action="registry.exported")
    assert act.data["count"] == 1
    assert act.data["filter"]["nature"] == "FORPROFIT"


def test_xlsx_opens_and_keeps_codes_as_text(as_user, institution):
    found = institution()
    response = as_user("health_city").get(URL)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body(response))).get_sheet_by_index(0).to_python()
    assert sheet[1][0] == found.uscc
    assert found.legal_rep_id_no not in str(sheet)


def test_unfiled_list_as_a_table(as_user, institution):
    institution()
    (row,) = rows_of(as_user("reviewer_tinghu").get("/desk/unfiled/?format=csv"))
    assert row["状态"] == "纳入治理"
    assert Event.objects.filter(action="registry.exported").exists()


@pytest.mark.parametrize("who", ["police_tinghu", "leader_city", "auditor_city", "admin", "operator_xiaotaiyang"])
def test_others_do_not_export(as_user, who):
    assert as_user(who).get(URL).status_code == 403
    assert not Event.objects.filter(action="registry.exported").exists()
