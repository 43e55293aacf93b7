"""A matter is entered, approved by another; an officer is renewed; a supervisor follows a figure to its list; the checklist."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from casework.cases import open_case, take
from inspections.demo import make_registers
from inspections.inspection import INSPECTION
from inspections.models import Matter, Officer, Visit
from tests.browser.clicks import follow, press

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BASE = "/desk/inspections/registers"


def inspected(cast, place) -> None:
    """Two approved daily inspections of this year, one of them entered without a scan."""
    certified = Officer.objects.certified(timezone.localdate()).filter(subject__department="320902-HEALTH")
    officers = [str(one.pk) for one in certified]
    for _ in range(2):
        asked = {
            "uscc": place.uscc, "kind": "DAILY", "source_ref": "", "from_above": "", "matter": "HEALTH-01",
            "dimensions": ["设施设备"], "officers": officers[:2], "planned_on": timezone.localdate().isoformat(),
            "notice_mode": "ON_ARRIVAL", "reason": "年度计划抽中",
        }  # fmt: skip
        case = open_case(INSPECTION, asked, actor=cast["inspector_tinghu1"])
        case = take(case, "approve", actor=cast["head_tinghu"])
    Visit.objects.filter(case=case).update(entry="NONE", entry_reason="现场没有信号", arrived_at=timezone.now())


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (375, False)])
def test_entered_approved_ended_and_supervised(width, scripts, transactional_db, cast, people, institution):
    make_registers(cast)
    place = institution()
    inspected(cast, place)
    cast["inspector_tinghu2"].certificates.update(valid_to=timezone.localdate() + timedelta(days=30))
    everybody = people(width, scripts)
    legal, admin, head = (everybody.page(who) for who in ("legal_city", "admin", "head_tinghu"))

    legal.goto(f"{everybody.address}{BASE}/")
    everybody.look("legal_city", "registers-subjects")
    follow(legal, "检查事项")
    follow(legal, "登记检查事项")
    legal.get_by_label("编号").fill("HEALTH-09")
    legal.get_by_label("检查事项").fill("托育机构用药检查")
    legal.get_by_label("执法领域").select_option("HEALTH")
    legal.get_by_label("层级").select_option("COUNTY")
    legal.get_by_label("依据").fill("《托育机构管理规范（试行）》第二十条")
    everybody.look("legal_city", "matter-new")
    press(legal, "登记，等待批准")
    expect(legal.get_by_text("由平台管理员批准后生效")).to_be_visible()
    everybody.look("legal_city", "registers-matters")

    admin.goto(f"{everybody.address}/desk/staff/approvals/")
    follow(admin, "托育机构用药检查")
    press(admin, "批准")
    assert Matter.objects.get(code="HEALTH-09").approved_by == cast["admin"]

    head.goto(f"{everybody.address}{BASE}/officers/?state=ending")
    everybody.look("head_tinghu", "registers-officers")
    expect(head.get_by_text("60 日内到期").last).to_be_visible()
    head.goto(f"{everybody.address}{BASE}/ties/new/")
    head.get_by_label("执法人员").select_option(label=cast["inspector_tinghu1"].display_name)
    head.get_by_label("统一社会信用代码").fill(place.uscc)
    head.get_by_label("关系").select_option("CHILD")
    everybody.look("head_tinghu", "tie-new")
    press(head, "申报")
    everybody.look("head_tinghu", "registers-ties")
    head.get_by_role("link", name="结束").click()
    everybody.look("head_tinghu", "tie-end")

    supervisor = everybody.page("supervisor_justice")
    supervisor.goto(f"{everybody.address}/desk/inspections/supervision/")
    everybody.look("supervisor_justice", "supervision")
    follow(supervisor, "2 次")
    everybody.look("supervisor_justice", "supervision-visits")
    expect(supervisor.get_by_text("没有扫码：现场没有信号")).to_be_visible()

    supervisor.goto(f"{everybody.address}/inspections/checklist/")
    everybody.look("supervisor_justice", "checklist")
    expect(supervisor.get_by_text("共 82 项")).to_be_visible()
