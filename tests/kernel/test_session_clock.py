"""A session left alone ends after thirty minutes, any session after ten hours; pages cost no write for it."""

from __future__ import annotations

import time

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.pages import page_of

pytestmark = pytest.mark.django_db
MINUTE = 60


def at(seconds: float):
    return time_machine.travel(START + seconds, tick=False)


START = time.time()


@pytest.mark.parametrize("username", ["reviewer_tinghu", "operator_xiaotaiyang", "admin"])
def test_an_idle_session_ends_after_thirty_minutes(as_user, username):
    with at(0):
        client = as_user(username)
    with at(29 * MINUTE):
        assert client.get(reverse("desk")).status_code == 200
    with at(58 * MINUTE):  # half an hour counts from the last act, not from the sign-in
        assert client.get(reverse("desk")).status_code == 200
    with at(89 * MINUTE):
        answer = client.get(reverse("desk"))
        assert answer.status_code == 302
        assert answer["Location"] == "/accounts/login/?next=/desk/&ended=1"
        assert not Session.objects.exists()
        assert "已自动退出" in client.get(answer["Location"]).content.decode()


def test_the_api_too(as_user):
    with at(0):
        client = as_user("reviewer_tinghu")
    with at(29 * MINUTE):
        assert client.get("/api/v1/registrations/").status_code == 200
    with at(60 * MINUTE):
        assert client.get("/api/v1/registrations/").status_code == 401


def test_the_limit_is_a_setting(as_user, settings):
    settings.SESSION_IDLE_MINUTES = 5
    with at(0):
        client = as_user("reviewer_tinghu")
    with at(6 * MINUTE):
        assert client.get(reverse("desk")).status_code == 302
        assert "连续 5 分钟没有操作会自动退出" in page_of(client.get("/accounts/login/")).text


def test_a_session_in_use_ends_after_ten_hours(as_user):
    with at(0):
        client = as_user("reviewer_tinghu")
    for minutes in range(20, 600, 20):
        with at(minutes * MINUTE):
            assert client.get(reverse("desk")).status_code == 200
    with at(601 * MINUTE):
        assert client.get(reverse("desk")).status_code == 302


def test_a_session_from_before_the_clock_ends(as_user):
    client = as_user("reviewer_tinghu")
    session = client.session
    del session["seen_at"]
    session.save()
    assert client.get(reverse("desk")).status_code == 302


def writes(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return [q["sql"] for q in asked if "django_session" in q["sql"] and not q["sql"].startswith("SELECT")]


def test_the_session_is_written_at_most_once_a_minute(as_user):
    with at(0):
        client = as_user("reviewer_tinghu")
    with at(59):
        assert writes(client, reverse("desk")) == []
    with at(61):
        assert len(writes(client, reverse("desk"))) == 1
        assert writes(client, reverse("desk")) == []


def test_a_visitor_without_a_session_costs_nothing():
    assert writes(Client(), "/about/") == []
    assert not Session.objects.exists()


def test_after_signing_in_again_one_is_back_at_the_form(as_user):
    """A form sent too late: its address cannot be opened, the page it stands on can."""
    with at(0):
        client = as_user("operator_xiaotaiyang")
    with at(31 * MINUTE):
        answer = client.post("/desk/people/import/", {}, headers={"Referer": "http://testserver/desk/people/?page=2"})
        assert answer["Location"] == "/accounts/login/?next=/desk/people/%3Fpage%3D2&ended=1"
        elsewhere = client.post("/desk/people/import/", {}, headers={"Referer": "http://evil.example/desk/"})
        assert elsewhere["Location"] == "/accounts/login/?next=/desk/"
