import os
from pathlib import Path
from types import SimpleNamespace
import pytest
from playwright.sync_api import sync_playwright
from filing_cases import *
from registry.filing.services import take_step
from registry.documents.links import signature
from axe_playwright_python.sync_playwright import Axe

OUT = Path("/tmp/shots_b2"); OUT.mkdir(exist_ok=True)

def cookies(client, url):
    return [{"name": k, "value": m.value, "url": url} for k, m in client.cookies.items()]

def shoot(as_user, live_server, jobs):
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox","--disable-gpu"])
        for name, user, path in jobs:
            for width in (1280, 375):
                ctx = b.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
                if user:
                    ctx.add_cookies(cookies(as_user(user), live_server.url))
                page = ctx.new_page()
                msgs = []
                page.on("console", lambda m: msgs.append(m.text))
                r = page.goto(live_server.url + path)
                page.screenshot(path=str(OUT / f"{name}-{width}.png"), full_page=True)
                over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                v = [(x["id"], [n["target"] for n in x["nodes"]][:3]) for x in Axe().run(page).response["violations"]]
                print(name, width, r.status, "overflow", over, v, msgs[:2])
                ctx.close()
        b.close()

def test_shots(filing_in, as_user, cast, live_server, institution, elsewhere, client):
    f = filing_in("SUBMITTED")
    judge_all(f, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "租赁合同缺第 3 页，看不到双方签章和租赁起止日期"), M05_FIRE=("NONCONFORMS", "消防验收意见书的地址与备案地址不一致"))
    N = f"/desk/review/{f.no}/"
    shoot(as_user, live_server, [("notice", "reviewer_tinghu", N + "notice/"), ("receipt_stop", "reviewer_tinghu", N + "receipt/"), ("reject", "reviewer_tinghu", N + "steps/reject/"), ("pause", "reviewer_tinghu", N + "steps/pause/"), ("waive", "chief_tinghu", N + "waivers/")])
    f = take_step(f, "return", actor=cast["reviewer_tinghu"]); answer_all(f, cast["operator_xiaotaiyang"])
    f = take_step(f, "resubmit", actor=cast["operator_xiaotaiyang"])
    judge_all(f, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "还缺最后一页"))
    shoot(as_user, live_server, [("notice2", "reviewer_tinghu", N + "notice/")])
    take_step(f, "propose_return", actor=cast["reviewer_tinghu"], reason="首次提交缺少该页，无从发现")
    shoot(as_user, live_server, [("notice2_chief", "chief_tinghu", N + "notice/")])
    take_step(f, "refuse_proposal", actor=cast["chief_tinghu"], reason="不需要再次告知")
    judge_all(f, cast["reviewer_tinghu"])
    shoot(as_user, live_server, [("receipt", "reviewer_tinghu", N + "receipt/")])
    f = fresh(take_step(fresh(f), "receipt", actor=cast["reviewer_tinghu"]))
    shoot(as_user, live_server, [("verify_step", "reviewer_tinghu2", N + "steps/verify/")])
    f = take_step(f, "verify", actor=cast["reviewer_tinghu2"], officers=[cast["inspector_tinghu1"], cast["inspector_tinghu2"]], planned_on=today_here())
    pass_on_site(f, cast["inspector_tinghu1"], fails=("S01", "S03", "S09"))
    shoot(as_user, live_server, [("nonconform_propose", "reviewer_tinghu2", N + "steps/propose_nonconform/"), ("confirm_stop", "reviewer_tinghu2", N + "steps/confirm/"), ("refused403", "reviewer_tinghu", N + "steps/confirm/")])
    take_step(f, "propose_nonconform", actor=cast["reviewer_tinghu2"], reason="现场与备案不一致", items=ITEMS)
    shoot(as_user, live_server, [("nonconform_sign", "chief_tinghu", N + "steps/nonconform/")])
    f = fresh(take_step(fresh(f), "nonconform", actor=cast["chief_tinghu"]))
    for k in range(6):
        institution(established_on="2026-0%d-01" % (k+1), approved_on="2026-0%d-02" % (k+1), valid_from="2026-0%d-01" % (k+1))
    elsewhere()
    V = f"/verify/{f.receipt_no}/"
    shoot(as_user, live_server, [("verify_red", "", V + "?s=" + signature(f.receipt_no)), ("nonconforming", "", "/nonconforming/"), ("inst_red", "", f"/institutions/{f.institution.uscc}/"), ("guide", "", "/filing-guide/"), ("verify404", "", "/verify/320902TY20269999/"), ("board", "health_city", "/desk/reconciliation/"), ("board_list", "health_city", "/desk/reconciliation/?list=unknown"), ("board_own", "reviewer_tinghu", "/desk/reconciliation/")])
    op = cast["operator_xiaotaiyang"]
    answer_all(f, op); f = take_step(fresh(f), "rectify", actor=op); pass_on_site(f, cast["inspector_tinghu1"]); f = take_step(f, "confirm", actor=cast["reviewer_tinghu2"])
    shoot(as_user, live_server, [("verify_green", "", V + "?s=" + signature(f.receipt_no)), ("verify_wrong", "", V + "?s=abc"), ("inst_green", "", f"/institutions/{f.institution.uscc}/")])
    take_step(fresh(f), "request_closure", actor=op, reason="不再经营", plan=closure_plan(children_placed=20))
    take_step(fresh(f), "propose_rescind", actor=cast["reviewer_tinghu"], reason="查实消防证明系伪造")
    shoot(as_user, live_server, [("cancel", "reviewer_tinghu", N + "steps/cancel/"), ("legal", "legal_city", N + "steps/legal_review/"), ("rescind", "chief_tinghu", N + "steps/rescind/")])
