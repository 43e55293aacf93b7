"""An integrator makes, replaces and ends a key, and closes an endpoint, in a real browser at two widths."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import expect

from exchange.clients import issue_key
from exchange.models import ApiClient, Endpoint
from exchange.signatures import new_secret
from tests.conftest import PASSWORD
from yancheng_childcare.approvals import approve, fingerprint
from yancheng_childcare.models import User

from .pictures import keep_picture

SIZES = ((1280, 900), (375, 800))


def shoot(page, name: str) -> None:
    """At both sizes: nothing is wider than the screen; a picture is kept."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, (name, width, wide)
        keep_picture(page, f"exchange-{name}-{width}")


def confirm_presence(page) -> None:
    """The page that asks once more for the password."""
    page.locator("main input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()


def make_others() -> None:
    """Keys in every state."""
    me, other = (User.objects.get(username=name) for name in ("integrator_police", "admin"))
    for name, change in (
        (
            "前置机读取程序",
            {"approved_by": other, "last_used_on": timezone.localdate(), "last_network": "10.32.8.0/24"},
        ),
        ("快到期的程序", {"approved_by": other, "expires_at": timezone.now() + timedelta(days=6)}),
        ("旧回执程序", {"approved_by": other, "revoked_at": timezone.now()}),
    ):
        made, _ = issue_key(user=me, name=name, actor=None)
        ApiClient.objects.filter(pk=made.pk).update(**change)


def test_a_key_from_the_form_to_its_end(city, sign_in, live_server):
    make_others()
    page = sign_in("integrator_police")
    page.goto(f"{live_server.url}/exchange/")
    page.get_by_role("link", name="接口密钥").first.click()
    shoot(page, "keys")
    page.get_by_role("link", name="新建密钥").click()
    confirm_presence(page)
    shoot(page, "key-new")
    page.get_by_label("名称").fill("公安回执程序")
    page.get_by_role("button", name="新建密钥并显示").click()
    expect(page.locator("#secret")).to_contain_text("yck_")
    shoot(page, "key-shown")
    page.reload()
    assert page.locator("#secret").count() == 0
    row = page.locator("tbody tr", has_text="公安回执程序")
    expect(row).to_contain_text("待批准")
    made = ApiClient.objects.get(name="公安回执程序")
    admin = page.context.browser.new_context(locale="zh-CN")
    other = admin.new_page()
    other.goto(f"{live_server.url}/accounts/login/")
    other.get_by_label("用户名").fill("admin")
    other.locator("input[type=password]").fill(PASSWORD)
    other.locator("main button[type=submit]").first.click()
    other.wait_for_url("**/desk/")
    other.goto(f"{live_server.url}/exchange/keys/{made.pk}/approve/")
    shoot(other, "key-approve")
    other.get_by_role("button", name="批准密钥").click()
    expect(other.locator("tbody tr", has_text="公安回执程序")).to_contain_text("可以使用")
    admin.close()
    page.reload()
    row.get_by_role("link", name="轮换").click()
    shoot(page, "key-rotate")
    page.get_by_role("button", name="生成新密钥并显示").click()
    expect(page.locator("main")).to_contain_text("新密钥现在就可以使用")
    shoot(page, "key-rotated")
    page.get_by_role("link", name="我已保存").click()
    expect(row).to_contain_text("旧密钥用到")
    row.get_by_role("link", name="作废").click()
    shoot(page, "key-end")
    page.get_by_role("button", name="立即作废").click()
    expect(page.locator("main")).to_contain_text("已作废、已到期的密钥（2 把）")
    page.get_by_text("已作废、已到期的密钥").first.click()
    shoot(page, "keys-after")


def test_an_endpoint_until_it_is_closed(city, sign_in, live_server):
    endpoint = Endpoint.objects.create(
        department_id="320902-POLICE", name="新前置机", url="http://127.0.0.1:9/webhooks", secret=new_secret()
    )
    endpoint.subscriptions.create(region_id="320902", event_type="registration.recorded")
    page = sign_in("integrator_police")
    base = f"{live_server.url}/exchange/endpoints/{endpoint.pk}/"
    page.goto(base)
    expect(page.locator("main")).to_contain_text("一有新登记就自动推送")
    page.get_by_role("button", name="发送测试").click()
    expect(page.locator("main")).to_contain_text("连通测试记录")
    shoot(page, "endpoint-tested")
    page.get_by_role("link", name="关闭端点").click()
    shoot(page, "endpoint-close")
    page.get_by_label("理由").fill("系统已迁移到市局统一前置机")
    page.get_by_role("button", name="提出关闭这个端点").click()
    expect(page.locator("main")).to_contain_text("待批准的关闭")
    shoot(page, "endpoint-closing")
    page.get_by_role("link", name="核对、批准或撤回").click()
    shoot(page, "endpoint-close-approve")
    change = endpoint.changes.get()
    admin = User.objects.get(username="admin")
    approve(change, seen=fingerprint(change), actor=admin)
    page.goto(base)
    expect(page.locator("main")).to_contain_text("已关闭")
    shoot(page, "endpoint-closed")
    page.goto(f"{live_server.url}/exchange/")
    page.get_by_text("已关闭的端点（1 个）").click()
    shoot(page, "overview-closed")
