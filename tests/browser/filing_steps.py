"""Steps of the filing journey as its users take them in a browser, and the eyes that look at every page on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from registry.demo.sample_filing import ANSWERS, MATERIALS, PEOPLE, picture
from registry.filing.drafts import save_section
from registry.filing.materials import add_page, set_details
from registry.models import Filing
from registry.rules.identity import make_id_number
from tests.conftest import PASSWORD
from yancheng_childcare.deadlines import today_here

from .pictures import keep_picture

OPERATOR = "operator_xiaotaiyang"
OWN_USCC = "91320902MA1TYC011T"
HEIGHTS = {1280: 900, 375: 812}
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# Each of the three is put right in another kind of place: a section, a material, a section with optional answers.
WRONG = {
    "premises": "租赁合同缺最后一页，看不到双方签章",
    "M05_FIRE": "消防验收意见的印章看不清",
    "fees": "没有填写计时托的收费",
}


@dataclass
class People:
    """Everybody of a journey in a browser window of their own, signed in through the form."""

    browser: Browser
    address: str
    width: int = 1280
    scripts: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    windows: dict[str, Page] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def page(self, username: str = "") -> Page:
        """The window of this person ("" = a visitor), opened and signed in on first use."""
        if username not in self.windows:
            context: BrowserContext = self.browser.new_context(
                **self.options,
                java_script_enabled=self.scripts,
                viewport={"width": self.width, "height": HEIGHTS[self.width]},
            )
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("console", lambda message: self._console(page, message))
            page.on("pageerror", lambda error: self.found.append(f"{page.url}: {error}"))
            page.on("response", lambda answer: self._answer(answer))
            self.windows[username] = page
            if username:
                page.goto(f"{self.address}/accounts/login/")
                page.get_by_label("用户名").fill(username)
                page.locator("input[type=password]").fill(PASSWORD)
                page.locator("main button[type=submit]").first.click()
                page.wait_for_url("**/desk/")
        return self.windows[username]

    def _console(self, page: Page, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.found.append(f"{page.url}: {message.text}")

    def _answer(self, answer: Any) -> None:
        if answer.status >= 500:
            self.found.append(f"{answer.url}: {answer.status}")

    def look(self, username: str, name: str) -> None:
        """Screenshot, sideways scroll and axe of the page this person has open; each page once."""
        page = self.page(username)
        if name in self.seen:
            return
        self.seen.add(name)
        keep_picture(page, f"journey_{name}_{self.width}")
        if not self.scripts:  # what looks at the page is a script itself
            return
        if page.evaluate(SIDEWAYS):
            self.found.append(f"{name}: scrolls sideways at {self.width} px")
        for violation in Axe().run(page).response["violations"]:
            self.found.append(f"{name}: axe {violation['id']} {violation['nodes'][0]['target']}")
        # axe leaves empty style attributes behind; htmx would copy them, and the CSP refuse them, in the page's name.
        page.evaluate("document.querySelectorAll('[style=\"\"]').forEach(one => one.removeAttribute('style'))")

    def close(self) -> None:
        """Close all windows; fails with everything that was found on the way."""
        for page in self.windows.values():
            page.context.close()
        assert not self.found, "\n".join(self.found)


def choose(page: Page, name: str, *values: str) -> None:
    """Tick the radio buttons or boxes of one question."""
    for value in values:
        page.locator(f"main [name={name}][value='{value}']").check()


def press(page: Page, text: str) -> None:
    """Press a button by its words."""
    page.get_by_role("button", name=text).click()


def heading(page: Page, text: str) -> None:
    """Wait for a page by its first heading."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def start_by_hand(page: Page, address: str) -> Filing:
    """From the list of one's filings through the question which situation it is."""
    page.goto(f"{address}/desk/filings/")
    page.get_by_role("link", name="办理新事项").click()
    choose(page, "matter", "first")
    press(page, "查看办理方式")
    press(page, "开始办理：首次备案")
    page.wait_for_url("**/desk/filings/YC-TB-*/")
    expect(page.get_by_text("登记信息已经带入")).to_be_visible()
    return Filing.objects.get(institution__uscc=OWN_USCC)


def fill_rest(case: Filing, actor: Any, *, but_section: str = "", but_material: str = "") -> None:
    """Sections and materials that are not the point of a test, through the services."""
    for name, answers in ANSWERS.items():
        if name != but_section:
            row = case.sections.filter(name=name).first()
            given = {**(row.data if row else {}), **answers}
            save_section(case, name, answers=given, expected_version=row.version if row else 0, actor=actor)
    for number, (code, kind, issuer, days, concludes) in enumerate(MATERIALS):
        if code == but_material:
            continue
        add_page(case, code, uploaded=picture(number), actor=actor)
        details = {
            "kind": kind,
            "number": f"演示〔2026〕{number + 1:03d}号",
            "issuer": issuer,
            "issued_on": "2026-08-20",
            "valid_to": "2030-12-31" if days else "",
            "conclusion_ok": "yes" if concludes else "",
        }
        set_details(case, code, details=details, actor=actor, today=today_here())


def fill_premises(page: Page, *, lease_to: str) -> None:
    """The section 场地与建筑, typed."""
    choose(page, "premises_tenure", "LEASED")
    answers = {**ANSWERS["premises"], "lease_to": lease_to}
    for name in ("lease_from", "lease_to", "floor_area", "usable_area", "living_area", "building_age"):
        page.locator(f"main [name={name}]").fill(str(answers[name]))
    choose(page, "living_floors", "1")


def upload_licence(page: Page, address: str, case: Filing) -> None:
    """One material from the list: two pictures, then what stands on it."""
    page.goto(f"{address}/desk/filings/{case.no}/materials/")
    page.locator("#id_M01_LICENSE h3 a").click()
    send_files(page, 51, 52)
    choose(page, "kind", "BUSINESS_LICENCE")
    page.get_by_label("文号或编号").fill("演示〔2026〕900号")
    page.get_by_label("出具单位").fill("盐城市亭湖区市场监督管理局")
    page.get_by_label("出具日期").fill("2025-03-05")
    press(page, "保存材料信息")
    expect(page.get_by_text("材料信息已保存")).to_be_visible()


def send_files(page: Page, *numbers: int) -> None:
    """Choose small pictures on the page of a material and send them."""
    there = page.locator("#files .files > li").count()
    files: list[Any] = [
        {"name": f"照片{number}.png", "mimeType": "image/png", "buffer": picture(number).getvalue()}
        for number in numbers
    ]
    page.get_by_label("选择文件").set_input_files(files)
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator("#files .files > li")).to_have_count(there + len(numbers))


def add_manager(page: Page, address: str, today: date) -> None:
    """One person into the ledger: the post, both checks and a training."""
    page.goto(f"{address}/desk/people/new/")
    page.get_by_role("textbox", name="姓名").fill("孔管理")
    page.get_by_role("textbox", name="身份证号").fill(make_id_number("320902", date(1990, 4, 5), 777))
    page.get_by_label("岗位", exact=True).select_option("MANAGER")
    page.get_by_label("上岗日期").fill("2026-09-01")
    page.get_by_label("已向本人确认").check()
    press(page, "登记人员")
    expect(page.get_by_role("heading", level=1)).to_contain_text("孔管理")
    own = page.url
    for kind in ("HEALTH", "CRIMINAL_CHECK"):
        page.goto(f"{own}paper/?kind={kind}")
        if kind == "CRIMINAL_CHECK":
            choose(page, "record_found", "no")
        else:
            page.get_by_label("出具单位").fill("盐城市亭湖区疾病预防控制中心")
        page.locator("main [name=number]").fill("演示777")
        page.locator("main [name=issued_on]").fill(today.isoformat())
        press(page, "保存证件")
        page.wait_for_url(own)
    page.get_by_role("link", name="登记培训").click()
    for name, value in (("topic", "急救"), ("provider", "盐城市托育综合服务中心"), ("hours", "8")):
        page.locator(f"main [name={name}]").fill(value)
    page.locator("main [name=finished_on]").fill(today.isoformat())
    press(page, "保存培训记录")
    expect(page.get_by_role("heading", name="培训（共 8 学时）")).to_be_visible()


def sign(page: Page, address: str, case: Filing) -> None:
    """Sign the pledge; leads to the check page."""
    page.goto(f"{address}/desk/filings/{case.no}/pledge/")
    page.get_by_label("我已阅读并承诺以上各项").check()
    page.get_by_label("签署人姓名").fill(PEOPLE[0][0])
    press(page, "签署承诺书")
    page.wait_for_url("**/check/")


def judge(page: Page, wrong: Iterable[tuple[str, str]]) -> None:
    """Ask for corrections of these items, then let the others conform with one button."""
    for item, reason in wrong:
        box = page.locator(f"#item-{item}")
        open_up(box)
        box.locator("[name=verdict][value=SUPPLEMENT]").check()
        box.get_by_label("理由（写进告知书）").fill(reason)
        box.get_by_label("依据").fill("托育机构设置标准（试行）第11条")
        box.get_by_label("怎么改").fill("请补充后重新提交")
        box.get_by_role("button", name="保存结论").click()
        expect(page.locator(f"#item-{item} > summary")).to_contain_text("需补正")
    rest = page.locator("#rest details")
    open_up(rest)
    rest.get_by_role("button", name="已核对，记为符合").click()
    expect(page.locator("#rest details")).to_have_count(0)
    # What a rule speaks against is judged one by one.
    for item in page.locator("[data-item]").evaluate_all("all => all.map(one => one.id)"):
        box = page.locator(f"#{item}")
        if box.locator("[name=verdict]:checked").count() == 0:
            open_up(box)
            box.locator("[name=verdict][value=CONFORMS]").check()
            box.get_by_role("button", name="保存结论").click()
            expect(box.locator("> summary")).to_contain_text("符合")


def open_up(box: Locator) -> None:
    """Open a folded part."""
    if box.get_attribute("open") is None:
        box.locator("> summary").click()


def tab_to(page: Page, wanted: str, most: int = 90) -> None:
    """Press Tab until this selector has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")
