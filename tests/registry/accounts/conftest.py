"""Openings of accounts as their users enter them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

PASSWORD = "tuoyu-2026-mima"


@pytest.fixture
def place(institution: Callable[..., Any]) -> Any:
    """A registered institution of 亭湖区 for which nobody acts yet."""
    return institution(legal_rep_name="林园长")


@pytest.fixture
def facts(place: Any) -> Callable[..., dict[str, str]]:
    """The form as its representative fills it in; keyword arguments replace fields."""

    def fill(**fields: str) -> dict[str, str]:
        return {
            "uscc": place.uscc,
            "legal_rep_name": "林园长",
            "legal_rep_id_no": str(place.legal_rep_id_no),
            "code": "",
            "display_name": "林经办",
            "username": "linjingban",
            "password": PASSWORD,
            "password_again": PASSWORD,
            **fields,
        }

    return fill


@pytest.fixture
def code_of(as_user: Callable[[str], Client]) -> Callable[..., str]:
    """The code a registrar's page makes and shows."""

    def make(place: Any, by: str = "registrar_tinghu") -> str:
        page = as_user(by).post(f"/desk/registrations/{place.uscc}/account-code/", follow=True)
        assert page.status_code == 200, page.status_code
        return re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", page.content.decode())[0]

    return make


@pytest.fixture
def send() -> Callable[..., Any]:
    """Fill in and send the public form; returns the last page."""

    def post(data: dict[str, str], client: Client | None = None, **more: str) -> Any:
        client = client or Client()
        nonce = client.get("/accounts/open/").context["form"]["nonce"].value()
        return client.post("/accounts/open/", {"nonce": nonce, **data, **more}, follow=True)

    return post
