"""Temporary: looking at the pages of the ledger."""
import sys
from datetime import timedelta
from pathlib import Path
import pytest
sys.path.insert(0, str(Path(__file__).parents[1] / "registry/people"))
OUT = Path("/tmp/shots")

def test_shots(city, sign_in, page, live_server, settings, tmp_path):
    OUT.mkdir(exist_ok=True)
    settings.FILE_ROOT = tmp_path
    from people_cases import listed, typed, as_csv, number_of
    from registry.models import Institution, Filing, Post
    from registry.people.services import add_post, add_credential, add_training, end_post
    from registry.people.imports import keep_import
    from registry.filing.drafts import start_filing, save_section
    from registry.demo.sample_filing import ANSWERS
    from yancheng_childcare.deadlines import today_here
    from yancheng_childcare.models import User
    me = User.objects.get(username="operator_xiaotaiyang")
    own = Institution.objects.get(uscc="91320902MA1TYC011T")
    today = today_here()
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in("operator_xiaotaiyang")
    def shot(name, path):
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(live_server.url + path)
            page.screenshot(path=str(OUT / f"{name}-{width}.png"), full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    if not Post.objects.filter(institution=own).exists():
        shot("empty", "/desk/people/")
    if not Filing.objects.filter(institution=own).exists():
        save_section(start_filing(own, actor=me), "classes", answers=ANSWERS["classes"], expected_version=0, actor=me)
    posts = []
    for n, (name, role, until) in enumerate([("高保育","CARER",200),("蒋保育","CARER",20),("沈保育","CARER",-3),("尤炊事","COOK",300),("许保安","GUARD",None),("曹负责","PRINCIPAL",150)], 500):
        post = add_post(own, data=typed(name, n, role=role), actor=me)
        posts.append(post)
        for kind in ("HEALTH", "CRIMINAL_CHECK") if until is not None else ():
            add_credential(post, data={"kind": kind, "record_found": "no", "number": "亭〔2026〕12号", "issuer": "亭湖区妇幼保健院" if kind=="HEALTH" else "", "issued_on": str(today - timedelta(days=60)), "valid_to": str(today + timedelta(days=until))}, actor=me)
    add_credential(posts[0], data={"kind":"CHILDCARE","issued_on":"2024-01-01","number":"S0001","issuer":"江苏省职业技能鉴定中心"}, actor=me)
    add_training(posts[0], data={"topic":"保育人员岗前培训","provider":"盐城市妇幼保健院","hours":"120","finished_on":"2026-02-01"}, actor=me)
    gone = add_post(own, data=typed("陈离岗", 600), actor=me)
    end_post(gone, ended_on=today, reason="合同期满", actor=me)
    p = posts[1].pk
    shot("list", "/desk/people/")
    shot("former", "/desk/people/?show=former")
    shot("new", "/desk/people/new/")
    shot("person", f"/desk/people/{posts[0].pk}/")
    shot("person-gaps", f"/desk/people/{posts[4].pk}/")
    shot("gone", f"/desk/people/{gone.pk}/")
    shot("leave", f"/desk/people/{p}/leave/")
    shot("kinds", f"/desk/people/{p}/paper/")
    shot("paper", f"/desk/people/{p}/paper/?kind=HEALTH")
    shot("check", f"/desk/people/{p}/paper/?kind=CRIMINAL_CHECK")
    shot("training", f"/desk/people/{p}/training/")
    shot("import", "/desk/people/import/")
    rows = [listed(1), listed(2, role="园丁", full_time="一半", started_on="前天"), listed(500), listed(700, role="炊事员")]
    file = keep_import(as_csv(rows), institution=own, actor=me)
    shot("report", f"/desk/people/import/?file={file.pk}")
    # errors in the form and the reveal answer
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(live_server.url + "/desk/people/new/")
        page.fill("#id_name", "李四"); page.fill("#id_id_no", "123")
        page.click("main form button[type=submit]")
        page.screenshot(path=str(OUT / f"new-wrong-{width}.png"), full_page=True)
    page.goto(live_server.url + f"/desk/people/{p}/")
    page.fill("#id_reason", "核对健康合格证"); page.click("aside button")
    page.screenshot(path=str(OUT / "reveal-375.png"), full_page=True)
    page.context.clear_cookies()
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in("reviewer_tinghu")
    shot("area", "/desk/people/")
    shot("area-one", f"/desk/people/?uscc={own.uscc}")
