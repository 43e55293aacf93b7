"""Two endpoints (亭湖卫健, 亭湖公安 with clear ID numbers), two institutions, four deliveries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

HISTORY = re.compile(r"^SELECT set_config\('pghistory.*?true\); ", re.S)
MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT")
SIGN_IN = ('FROM "django_session"', 'FROM "yancheng_childcare_user"', 'FROM "yancheng_childcare_duty"', "usersessions")


@pytest.fixture
def budget() -> Callable[[int], AbstractContextManager[None]]:
    """At most so many statements beyond sign-in (session, person, duties: one each)."""

    @contextmanager
    def at_most(most: int) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        said = [HISTORY.sub("", query["sql"]) for query in captured]
        counted = [sql for sql in said if not sql.startswith(MARKS) and not any(part in sql for part in SIGN_IN)]
        assert len(counted) <= most, "\n".join(counted)

    return at_most


@pytest.fixture
def exchange(cast: dict[str, Any], institution: Callable[..., Any]) -> SimpleNamespace:
    """The exchange with something in it."""
    from exchange.choices import EventType
    from exchange.fan_out import fan_out
    from exchange.models import AllowedTarget, Delivery, Endpoint, Subscription
    from exchange.signatures import new_secret
    from yancheng_childcare.models import Department

    made = {}
    for code, name, grants in (
        ("320902-HEALTH", "卫健前置机", []),
        ("320902-POLICE", "公安前置机", ["legal_rep_id_no"]),
    ):
        owner = Department.objects.get(code=code)
        AllowedTarget.objects.create(
            department=owner, host="127.0.0.1", cidr="127.0.0.1/32", port=9, plain_http=True, reason="试验"
        )
        endpoint = Endpoint.objects.create(
            department=owner, name=name, url="http://127.0.0.1:9/webhooks?token=abc", secret=new_secret(), grants=grants
        )
        for kind in EventType:
            if kind != EventType.PING_TEST:
                Subscription.objects.create(endpoint=endpoint, region_id="320902", event_type=kind)
        made[code] = endpoint
    institutions = [institution(), institution()]
    fan_out()

    def delivery(code: str, number: int = 0) -> Delivery:
        return Delivery.objects.filter(endpoint=made[code], subject=institutions[number].uscc).order_by("pk")[0]

    return SimpleNamespace(
        health=made["320902-HEALTH"], police=made["320902-POLICE"], institutions=institutions, delivery=delivery
    )
