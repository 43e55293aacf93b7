"""allauth's pages wear our frame, speak Chinese and keep our rules."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client
from face_markup import parse

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
    assert "输错 5 次密码会暂时锁定" in html
    assert 'name="login"' in html
    assert 'autocomplete="current-password"' in html


@pytest.mark.django_db
def test_a_wrong_password_is_said_in_the_summary() -> None:
    html = read(Client().post("/accounts/login/", {"login": "nobody", "password": "wrong"}).content.decode())
    assert "提交的内容有问题" in html
    assert "<title>错误：登录" in html


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


@pytest.mark.django_db
def test_sign_up_is_closed() -> None:
    assert "不开放自行注册" in read(Client().get("/accounts/signup/").content.decode())
