"""An inspection from request to the order put right, by two officers, a head and the institution; on a desk and a telephone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from casework.letters import release
from casework.models import Case, Letter
from inspections.demo import make_registers
from tests.browser.clicks import follow, press
from yancheng_childcare.deadlines import today_here

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PARTS = ("设施设备", "人员配置")


@pytest.mark.parametrize("width", [1280, 375])
def test_from_request_to_closed_order(width, transactional_db, own, cast, people, settings):
    settings.LETTER_HOLD_MINUTES = 0
    make_registers(cast)
    everybody = people(width)
    one, two, head, owner = (
        everybody.page(name)
        for name in ("inspector_tinghu1", "inspector_tinghu2", "head_tinghu", "operator_xiaotaiyang")
    )
    one.goto(f"{everybody.address}/desk/cases/new/inspection/")
    everybody.look("inspector_tinghu1", "inspection-new")
    one.get_by_label("统一社会信用代码").fill(own.uscc)
    one.get_by_label("个案检查").check()
    one.get_by_label("来源").fill("12345-2026-0001")
    one.locator("[name=matter][value=HEALTH-01]").check()
    for part in PARTS:
        one.get_by_label(part, exact=True).check()
    for person in ("inspector_tinghu1", "inspector_tinghu2"):
        one.get_by_label(str(cast[person].certificates.get())).check()
    one.get_by_label("检查日期").fill(today())
    one.get_by_label("到场出示").check()
    one.get_by_label("检查理由").fill("群众反映监控录像保存不足")
    press(one, "申请行政检查")
    case = Case.objects.get(type="INSPECTION")
    here = f"{everybody.address}/desk/cases/{case.no}/"
    everybody.look("inspector_tinghu1", "inspection-requested")

    head.goto(here)
    follow(head, "批准检查")
    everybody.look("head_tinghu", "inspection-approve")
    press(head, "批准检查")
    one.goto(here)
    follow(one, "发出检查通知书")
    everybody.look("inspector_tinghu1", "inspection-notify")
    press(one, "发出检查通知书")
    release()
    follow(one, "进场检查")
    one.get_by_label("机构扫检查码").check()
    everybody.look("inspector_tinghu1", "inspection-arrive")
    press(one, "进场检查")
    everybody.look("inspector_tinghu1", "inspection-on-site")

    record_items(everybody, one, two, here)
    sign(everybody, one, two, here)

    follow(one, "告知检查结果")
    expect(one.get_by_role("heading", level=1)).to_have_text("告知检查结果")
    everybody.look("inspector_tinghu1", "inspection-conclude")
    one.get_by_label("发现问题已责令改正").check()
    press(one, "告知检查结果")
    follow(one, "责令改正")
    one.locator("[name=lines]").first.check()
    everybody.look("inspector_tinghu1", "inspection-order")
    press(one, "责令改正")
    release()
    order = Case.objects.get(type="RECTIFICATION")
    put_right(everybody, one, two, owner, order)
    owner.goto(here)
    everybody.look("operator_xiaotaiyang", "inspection-own")
    follow(owner, "现场检查笔录")
    expect(owner.locator("main")).to_contain_text("录像只存了 30 天")
    everybody.look("operator_xiaotaiyang", "inspection-sheet-own")
    everybody.close()


def today():
    """Today, as it is typed."""
    return today_here().isoformat()


def record_items(everybody, one, two, here):
    """The first officer looks at one part, refused once; the second at the other."""
    follow(one, "逐项检查")
    everybody.look("inspector_tinghu1", "record")
    one.locator("[name=verdict-D2-02][value=NOT_MET]").check()
    press(one, "保存，看下一部分")
    expect(one.locator(".error-summary")).to_contain_text("请写明看到的情况")
    everybody.look("inspector_tinghu1", "record-refused")
    one.locator("[name=note-D2-02]").fill("录像只存了 30 天")
    for box in one.locator("main [type=radio][value=MET]").all():
        if box.get_attribute("name") != "verdict-D2-02":
            box.check()
    one.locator("[name=note-D2-09]").fill("二楼走廊应急照明灯不亮")
    press(one, "保存，看下一部分")
    expect(one.get_by_role("link", name="人员配置")).to_have_attribute("aria-current", "page")
    two.goto(here)
    follow(two, "逐项检查")
    two.get_by_role("link", name="人员配置").click()
    for box in two.locator("main [type=radio][value=MET]").all():
        box.check()
    press(two, "保存")
    expect(two.locator("main")).to_contain_text("不符合 1")
    everybody.look("inspector_tinghu2", "record-done")


def sign(everybody, one, two, here):
    """One signs, the other signs too."""
    one.goto(here)
    follow(one, "提请复签：完成笔录")
    one.get_by_label("现场情况").fill("现场查看了全部班级，情况见逐项结论。")
    one.get_by_label("被检查人意见").fill("无")
    one.get_by_label("被检查人签名").fill("曹园长")
    everybody.look("inspector_tinghu1", "inspection-sign")
    press(one, "提请复签：完成笔录")
    two.goto(here)
    follow(two, "复签：完成笔录")
    everybody.look("inspector_tinghu2", "inspection-countersign")
    press(two, "复签：完成笔录")
    follow(two, "现场检查笔录")
    everybody.look("inspector_tinghu2", "inspection-sheet")
    one.goto(here)


def put_right(everybody, one, two, owner, order):
    """The institution signs for the order and reports; two officers look again."""
    there = f"{everybody.address}/desk/cases/{order.no}/"
    letter = Letter.objects.get(case=order)
    owner.goto(there)
    everybody.look("operator_xiaotaiyang", "order-received")
    owner.goto(f"{there}letters/{letter.pk}/")
    press(owner, "签收，同意电子送达")
    owner.goto(there)
    follow(owner, "提交整改报告")
    everybody.look("operator_xiaotaiyang", "order-report")
    for label, words in (
        ("问题的原因", "硬盘容量不足"), ("整改措施", "更换硬盘并设置 90 天保存"), ("整改结果", "已能回放 90 天录像"),
        ("防止再发生", "每月检查一次录像天数"),
    ):  # fmt: skip
        owner.get_by_label(label).fill(words)
    press(owner, "提交整改报告")
    one.goto(there)
    follow(one, "提请复签：复查通过")
    one.get_by_label("理由").fill("现场回放 90 天前录像正常")
    press(one, "提请复签：复查通过")
    two.goto(there)
    follow(two, "复签：复查通过")
    press(two, "复签：复查通过")
    expect(two.locator("main")).to_contain_text("已改正")
    everybody.look("inspector_tinghu2", "order-closed")
    order.refresh_from_db()
    assert (order.status, order.result) == ("CLOSED", "CORRECTED")
