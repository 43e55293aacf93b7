"""allauth's pages wear our frame, speak Chinese and keep our rules."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from face_markup import parse

from tests.pages import page_of

PASSWORD = "yancheng-demo-2026"
SIGNED_IN = [
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/reauthenticate/",
    "/accounts/sessions/",
]


def read(html: str) -> str:
    """Sound markup in our frame, without inline code and without English sentences."""
    parse(html)
    assert "盐城市托育服务公共平台" in html
    assert html.count("<h1") == 1
    assert not re.search(r"<style\b|\sstyle=|\sonclick=", html)
    words = re.sub(r"<(script|title)\b.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    assert not re.search(r"[A-Za-z]{3,} [a-z]{3,} [a-z]{3,}", words)
    return html


@pytest.mark.django_db
def test_the_sign_in_page() -> None:
    html = read(Client().get("/accounts/login/").content.decode())
    assert "输错 5 次密码，在这台电脑上会暂停登录" in html
    assert 'name="login"' in html
    assert 'autocomplete="current-password"' in html


@pytest.mark.django_db
def test_a_wrong_password_is_said_in_the_summary() -> None:
    html = read(Client().post("/accounts/login/", {"login": "nobody", "password": "wrong"}).content.decode())
    assert "提交的内容有问题" in html
    assert page_of(html).title.startswith("错误：登录")


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_of_the_account(path: str, as_user: Callable[[str], Client]) -> None:
    answer = as_user("registrar_tinghu").get(path, follow=True)
    assert answer.status_code == 200
    read(answer.content.decode())


def test_turning_the_second_step_on(as_user: Callable[[str], Client]) -> None:
    client = as_user("registrar_tinghu")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    html = read(client.get("/accounts/2fa/totp/activate/").content.decode())
    assert "扫描二维码" in html
    assert 'src="data:image/svg+xml' in html


@pytest.mark.parametrize("path", ["/accounts/email/", "/accounts/sessions/", "/accounts/2fa/recovery-codes/generate/"])
def test_pages_behind_a_proof_of_presence(path: str, as_user: Callable[[str], Client]) -> None:
    """Asked first, in our words; then the page that was wanted."""
    client = as_user("registrar_tinghu")
    asked = client.get(path, follow=True)
    html = read(asked.content.decode())
    assert "确认是您本人" in html
    assert "wrong" not in html
    assert "密码" in read(client.post(asked.request["PATH_INFO"], {"password": "wrong"}).content.decode())
    there = client.post(f"{asked.request['PATH_INFO']}?{asked.request['QUERY_STRING']}", {"password": PASSWORD})
    assert there["Location"] == path
    page = client.get(path)
    assert page.status_code == 200
    read(page.content.decode())


@pytest.mark.django_db
def test_mails_of_the_account_are_chinese_text(as_user: Callable[[str], Client], mailoutbox) -> None:
    client = as_user("registrar_tinghu")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.post("/accounts/email/", {"email": "a@example.org", "action_add": ""})
    client.post(re.search(r"http://testserver(\S+)", mailoutbox[0].body)[1])
    for address in ("a@example.org", "nobody@example.org"):
        Client().post("/accounts/password/reset/", {"email": address})
    assert [m.subject.removeprefix("【盐城托育平台】") for m in mailoutbox] == [
        "确认您的电子邮箱",
        "重置密码",
        "没有用这个邮箱启用的账号",
    ]
    for mail in mailoutbox:
        assert "本邮件由平台自动发出" in mail.body and "&" not in mail.body
        assert not re.search(r"[A-Za-z]{3,} [a-z]{3,}", mail.body)
