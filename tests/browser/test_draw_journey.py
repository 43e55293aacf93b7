"""Plan → freeze → fingerprint → two witnesses → draw → publication → verified; on a desk and on a telephone without scripts."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from casework.models import Case
from inspections import pools
from inspections.demo import make_registers
from tests.browser.clicks import follow, press

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("width", "scripts"), [(1280, True), (375, False)])
def test_planned_frozen_drawn_and_verified(width, scripts, transactional_db, cast, people, institution, tmp_path):
    make_registers(cast)
    for number in range(5):
        institution(name=f"盐城亭湖第{'一二三四五'[number]}托育服务有限公司")
    everybody = people(width, scripts)
    planner, head = everybody.page("planner_tinghu"), everybody.page("head_tinghu")
    planner.goto(f"{everybody.address}/desk/cases/")
    everybody.look("planner_tinghu", "plans-none")
    follow(planner, "编制检查计划")
    planner.get_by_label("计划名称").fill("2026 年托育机构双随机抽查计划")
    planner.get_by_label("年度", exact=True).fill(str(timezone.localdate().year))
    planner.get_by_label("年度检查计划").check()
    planner.get_by_label("托育机构综合检查").check()
    planner.get_by_label("内容和比例").fill("全区托育机构抽查两家，年底前完成。")
    everybody.look("planner_tinghu", "plan-new")
    press(planner, "编制检查计划")
    plan = Case.objects.get(type="PLAN")
    head.goto(f"{everybody.address}/desk/cases/{plan.no}/")
    everybody.look("head_tinghu", "plan-case")
    follow(head, "批准计划")
    press(head, "批准计划")
    planner.goto(f"{everybody.address}/desk/cases/{plan.no}/")
    follow(planner, "公布计划")
    planner.get_by_label("司法行政部门备案编号").fill("亭司执监〔2026〕3号")
    press(planner, "公布计划")

    known = timezone.localtime() + timedelta(minutes=20)
    planner.goto(f"{everybody.address}/desk/cases/")
    follow(planner, "建立抽查批次")
    planner.get_by_label("2026 年托育机构双随机抽查计划").check()
    planner.get_by_label("公开随机源").fill("福彩3D 当日开奖号")
    planner.get_by_label("随机源产生的日期").fill(known.date().isoformat())
    planner.get_by_label("随机源产生的时间").fill(f"{known:%H:%M}")
    planner.get_by_label("总数（家）").check()
    planner.get_by_label("比例或者总数").fill("2")
    planner.get_by_label("县（市、区）内少于几家时全部检查").fill("0")
    planner.get_by_label("检查完成日期").fill((known.date() + timedelta(days=20)).isoformat())
    everybody.look("planner_tinghu", "batch-new")
    press(planner, "建立抽查批次")
    batch = Case.objects.get(type="BATCH")
    follow(planner, "固化名录")
    everybody.look("planner_tinghu", "batch-freeze")
    press(planner, "固化名录")
    everybody.look("planner_tinghu", "batch-frozen")

    visitor = everybody.page("")
    visitor.goto(f"{everybody.address}/draws/")
    everybody.look("", "draws")
    follow(visitor, batch.no)
    everybody.look("", "draw-frozen")
    batch = Case.objects.get(pk=batch.pk)
    expect(visitor.locator("main")).to_contain_text(batch.body.fingerprint)

    with time_machine.travel(timezone.now() + timedelta(minutes=25), tick=True):
        for name, step in (("witness_tinghu1", "录入随机源"), ("witness_tinghu2", "录入随机源并抽取")):
            witness = everybody.page(name)
            witness.goto(f"{everybody.address}/desk/cases/{batch.no}/")
            follow(witness, step)
            witness.get_by_label("随机源内容").fill("3 7 1")
            everybody.look(name, f"batch-{name}")
            press(witness, step)
        visitor.reload()
        everybody.look("", "draw-drawn")
        expect(visitor.locator("main")).to_contain_text("抽中 2 家")
        planner.goto(f"{everybody.address}/desk/cases/{batch.no}/")
        follow(planner, "派发检查任务")
        press(planner, "派发检查任务")
        everybody.look("planner_tinghu", "batch-sent")
    batch = Case.objects.get(pk=batch.pk)
    assert Case.objects.filter(type="INSPECTION").count() == 2
    for name in pools.files_of(batch.body):
        (tmp_path / name).write_bytes(visitor.request.get(f"{everybody.address}/draws/{batch.no}/{name}").body())
    script = tmp_path / "verify_draw.py"
    script.write_bytes(visitor.request.get(f"{everybody.address}/draws/verify_draw.py").body())
    run = [sys.executable, str(script), str(tmp_path), batch.body.fingerprint]
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0
