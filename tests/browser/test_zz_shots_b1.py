import pytest
from filing_cases import answer_all, fresh, judge_all
from tests.registry.filing.conftest import *  # noqa
from registry.filing.drafts import save_section
from registry.filing.services import take_step
from tests.registry.filing.test_queue_pages import many
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reference(transactional_db):
    from django.core.management import call_command
    import os
    call_command("load_reference", verbosity=0, stdout=open(os.devnull, "w"))


def test_shots(filing_in, own, cast, page, sign_in, live_server, as_user):
    case = filing_in("SUBMITTED")
    judge_all(case, cast["reviewer_tinghu"], premises=("SUPPLEMENT", "租赁合同缺页"), fees=("SUPPLEMENT", "没有收费表"))
    case = fresh(take_step(case, "return", actor=cast["reviewer_tinghu"]))
    row = case.sections.get(name="premises")
    op = cast["operator_xiaotaiyang"]
    save_section(case, "premises", answers={**row.data, "lease_to": "2030-06-30"}, expected_version=row.version, actor=op)
    answer_all(fresh(case), op)
    try:
        case = take_step(fresh(case), "resubmit", actor=op)
    except Exception as e:
        print(e)
    many(own, 24)
    p = sign_in("reviewer_tinghu")
    def shot(url, name):
        for w in (1280, 375):
            p.set_viewport_size({"width": w, "height": 900})
            p.goto(live_server.url + url)
            p.wait_for_timeout(700)
            p.screenshot(path=f"/tmp/shots/b1_{name}_{w}.png", full_page=True)
            over = p.evaluate("document.documentElement.scrollWidth - innerWidth")
            print(name, w, "overflow", over)
    errors = []
    p.goto(live_server.url + f"/desk/review/{case.no}/"); p.wait_for_timeout(900)
    p.on("console", lambda m: errors.append(m.text) if m.type in ("error", "warning") else None)
    p.goto(live_server.url + f"/desk/review/{case.no}/"); p.wait_for_timeout(900); p.keyboard.press("j"); p.keyboard.press("1"); p.wait_for_timeout(900)
    print("CLEAN", errors)
    from axe_playwright_python.sync_playwright import Axe
    p.goto(live_server.url + f"/desk/review/{case.no}/"); p.wait_for_timeout(900)
    print("AXE", [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in Axe().run(p).response["violations"]])
    p.goto(live_server.url + "/desk/review/"); p.wait_for_timeout(300)
    print("AXE", [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in Axe().run(p).response["violations"]])
    shot("/desk/review/", "queue")
    shot(f"/desk/review/{case.no}/", "review")
    p.set_viewport_size({"width": 1280, "height": 900})
    p.goto(live_server.url + f"/desk/review/{case.no}/")
    p.wait_for_timeout(800)
    p.screenshot(path="/tmp/shots/b1_review_view.png")
    # keyboard: third item, verdict 3, then phrase, save by htmx
    p.keyboard.press("j"); p.keyboard.press("j"); p.keyboard.press("j")
    print("focus", p.evaluate("document.activeElement.closest('[data-item]')?.id"))
    p.keyboard.press("3")
    print("focus", p.evaluate("document.activeElement.name"))
    here = p.evaluate("document.activeElement.closest('[data-item]').id")
    p.locator(f"#{here} [data-phrase]").select_option(index=1)
    p.screenshot(path="/tmp/shots/b1_review_judge.png")
    p.locator(f"#{here} .judge button:has-text('保存结论')").click()
    p.wait_for_timeout(900)
    p.screenshot(path="/tmp/shots/b1_review_saved.png")
    print("bar", p.locator("#bar").inner_text())
    p.keyboard.press("j"); p.keyboard.press("1"); p.wait_for_timeout(800)
    print("bar", p.locator("#bar").inner_text(), "focus", p.evaluate("document.activeElement.tagName + ' ' + document.activeElement.closest('[data-item]')?.id"))
    p.keyboard.press("F6"); print(p.evaluate("document.activeElement.id")); p.keyboard.press("F6"); print(p.evaluate("document.activeElement.id"))
    p.locator("[data-jump]").first.click(); p.wait_for_timeout(300)
    p.screenshot(path="/tmp/shots/b1_review_jump.png")
    p.locator("#bar summary").last.click(); p.wait_for_timeout(300)
    p.screenshot(path="/tmp/shots/b1_review_more.png")
    p.keyboard.press("Escape")


def test_shots2(filing_in, cast, page, sign_in, live_server):
    case = filing_in("VERIFYING")
    p = sign_in("inspector_tinghu1")
    pk = case.site_checks.get().pk
    for url, name in (("/desk/site-checks/", "checks"), (f"/desk/site-checks/{pk}/", "check")):
        for w in (1280, 375):
            p.set_viewport_size({"width": w, "height": 900})
            p.goto(live_server.url + url); p.wait_for_timeout(400)
            p.screenshot(path=f"/tmp/shots/b1_{name}_{w}.png", full_page=True)
            print(name, w, p.evaluate("document.documentElement.scrollWidth - innerWidth"))
    from axe_playwright_python.sync_playwright import Axe
    print("AXE", [(v["id"], [n["html"][:160] for n in v["nodes"]][:3]) for v in Axe().run(p).response["violations"]])
    p.emulate_media(media="print"); p.set_viewport_size({"width": 794, "height": 1123}); p.screenshot(path="/tmp/shots/b1_print.png", full_page=True)
