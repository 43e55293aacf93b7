"""A key that is remembered: its call costs one statement, and whatever ends its right ends it at the next call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange import key_memory
from exchange.clients import digest, issue_key, revoke_key
from exchange.models import ApiClient
from yancheng_childcare.models import Duty, User

pytestmark = pytest.mark.django_db
WHO = "registrar_tinghu"


@pytest.fixture
def key(cast: dict[str, Any]) -> str:
    """A key that was used and is remembered."""
    _, made = issue_key(user=cast[WHO], name="前置机", actor=None)
    assert [status(made), status(made)] == [200, 200]
    assert digest(made) in key_memory._known
    return made


def status(key: str) -> int:
    """How a call with this key is answered."""
    return Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/registrations/").status_code


def test_a_remembered_key_costs_one_small_statement(key: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        found = key_memory.client_of(digest(key))
        assert found is not None and found.user.has_role("REGISTRAR")
    assert len(asked) == 1 and "xmin" in asked[0]["sql"] and "password" not in asked[0]["sql"]


def end_duty() -> None:
    for duty in Duty.objects.filter(user__username=WHO):
        duty.end_at_once()


ENDS: dict[str, tuple[Callable[[], Any], int]] = {
    "the key is revoked": (lambda: revoke_key(ApiClient.objects.get(), actor=None), 401),
    "revoked past the model": (lambda: ApiClient.objects.update(revoked_at=timezone.now()), 401),
    "the account is stopped": (lambda: User.objects.filter(username=WHO).update(is_active=False), 401),
    "the duty ended": (end_duty, 401),
    "the duty was taken away": (lambda: Duty.objects.filter(user__username=WHO).delete(), 401),
    "the duty is another": (lambda: Duty.objects.filter(user__username=WHO).update(role="GRID"), 403),
    "the key ran out": (lambda: ApiClient.objects.update(expires_at=timezone.now() + timedelta(microseconds=1)), 401),
}


@pytest.mark.parametrize("what", ENDS)
def test_what_ends_a_right_ends_it_at_the_next_call(key: str, what: str) -> None:
    end, refused = ENDS[what]
    end()
    assert status(key) == refused


def test_a_right_that_is_given_is_there_at_the_next_call(key: str, cast: dict[str, Any]) -> None:
    Duty.objects.filter(user__username=WHO).update(role="GRID")
    assert status(key) == 403
    Duty.objects.filter(user__username=WHO).update(role="REGISTRAR")
    assert status(key) == 200


@pytest.mark.parametrize("when", [{"days": 400}, {"days": 1}])
def test_what_time_alone_ends_is_looked_at_too(key: str, when: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are as they were: a key is past its year, or a new day began after the last one of a duty."""
    Duty.objects.filter(user__username=WHO).update(valid_to=timezone.localdate() if when["days"] == 1 else None)
    assert status(key) == 200
    later = timezone.now() + timedelta(**when)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert key_memory.client_of(digest(key)) is None


def test_a_former_key_runs_out_while_it_is_remembered(key: str) -> None:
    until = timezone.now() + timedelta(hours=1)
    ApiClient.objects.update(key_hash=digest("yck_next"), previous_hash=digest(key), previous_until=until)
    assert status(key) == 200
    known = key_memory._known[digest(key)]
    assert known.good_until == until


def test_what_a_call_changes_is_nobody_elses(key: str) -> None:
    first, second = (key_memory.client_of(digest(key)) for _ in range(2))
    assert first is not None and second is not None
    first.user.display_name = "别人"
    first.user.active_duties.clear()
    assert second.user.display_name != "别人" and second.user.active_duties


def test_a_wrong_key_is_not_remembered(cast: dict[str, Any]) -> None:
    wrong = "yck_" + "x" * 43
    assert status(wrong) == 401 and digest(wrong) not in key_memory._known
