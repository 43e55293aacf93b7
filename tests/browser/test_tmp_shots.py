import pytest, re
from registry.demo.sample_filing import fill_filing, ANSWERS
from registry.filing.drafts import save_section, start_filing
from registry.filing.services import take_step
from yancheng_childcare.deadlines import today_here
ME="operator_xiaotaiyang"
def test_shots(transactional_db, page, live_server, institution, cast, sign_in, settings, tmp_path):
    settings.FILE_ROOT = tmp_path/"files"
    own = institution(uscc="91320902MA1TYC011T", name="盐城市小太阳托育服务有限公司")
    page.set_viewport_size({"width":1280,"height":900})
    sign_in(ME)
    errors=[]
    page.on("console", lambda m: errors.append(m.text) if m.type=="error" else None)
    def shot(name, path):
        for w in (1280,375):
            page.set_viewport_size({"width":w,"height":900})
            page.goto(live_server.url+path)
            over = page.evaluate("document.documentElement.scrollWidth")
            if over>w: errors.append(f"{name} {w}: overflow {over}")
            page.screenshot(path=f"/tmp/shots/a1_{name}_{w}.png", full_page=True)
    shot("cases0","/desk/filings/")
    shot("start","/desk/filings/start/"); shot("start1","/desk/filings/start/?matter=first")
    f = start_filing(own, actor=cast[ME])
    b=f"/desk/filings/{f.no}/"
    shot("case0", b); shot("pledge0", b+"pledge/")
    fill_filing(f, actor=cast[ME], today=today_here())
    shot("case1", b)
    row=f.sections.get(name="premises")
    save_section(f,"premises",answers={**row.data,"lease_to":"2025-12-31","living_floors":["3"],"floor_area":"abc"},expected_version=row.version,actor=cast[ME])
    shot("case2", b); shot("premises", b+"sections/premises/"); shot("precheck", b+"precheck/")
    shot("basics", b+"sections/basics/")
    row=f.sections.get(name="classes")
    cl=[dict(c) for c in row.data["classes"]]; cl[1]["places"]="26"
    save_section(f,"classes",answers={"classes":cl},merge=True,expected_version=row.version,actor=cast[ME])
    shot("classes", b+"sections/classes/"); shot("class", b+"classes/2/"); shot("classdel", b+"classes/2/?delete=1")
    shot("pledge_no", b+"pledge/")
    row=f.sections.get(name="classes"); save_section(f,"classes",answers=ANSWERS["classes"],expected_version=row.version,actor=cast[ME])
    row=f.sections.get(name="premises"); save_section(f,"premises",answers=ANSWERS["premises"],expected_version=row.version,actor=cast[ME])
    shot("pledge", b+"pledge/"); shot("check", b+"check/")
    page.get_by_label("以上内容属实").check(); page.locator("main form button").last.click()
    page.screenshot(path="/tmp/shots/a1_checkwrong_375.png", full_page=True)
    # conflict
    page.set_viewport_size({"width":1280,"height":900})
    page.goto(live_server.url+b+"sections/fees/")
    row=f.sections.get(name="fees"); save_section(f,"fees",answers={**row.data,"fee_meal":"22","fee_half_day":"1300"},expected_version=row.version,actor=cast[ME])
    page.get_by_label("全日托保育费").fill("2180"); page.wait_for_timeout(2500); page.screenshot(path="/tmp/shots/a1_stale.png", full_page=False)
    page.get_by_role("button",name="保存并返回").click(); page.screenshot(path="/tmp/shots/a1_conflict_1280.png", full_page=True)
    from registry.filing.drafts import sign_pledge
    sign_pledge(f,name="曹负责",agreed=True,actor=cast[ME]); take_step(f,"submit",actor=cast[ME])
    shot("done", b+"done/"); shot("progress", b); shot("cases1","/desk/filings/"); shot("readonly", b+"sections/classes/")
    print("ERRORS", errors)
    assert not [e for e in errors if "overflow" in e], errors
    open("/tmp/shots/a1_errors.txt","w").write("\n".join(errors))
