"""What the tests of the API share: JSON calls, an endpoint with a subscription, statements without transaction marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

MARKS = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "BEGIN", "COMMIT")
# pghistory puts who and where in front of every writing statement; it travels with it.
HISTORY = re.compile(r"^SELECT set_config\('pghistory.*?true\); ", re.S)
# Not part of a budget: the client with its user, and the duties.
SIGN_IN = ('FROM "exchange_apiclient"', 'FROM "yancheng_childcare_duty"', 'UPDATE "exchange_apiclient"')


@contextmanager
def budget(most: int) -> Iterator[None]:
    """At most so many statements beyond sign-in (client with user 1, duties 1) and transaction marks."""
    with CaptureQueriesContext(connection) as captured:
        yield
    said = [HISTORY.sub("", query["sql"]) for query in captured]
    counted = [sql for sql in said if not sql.startswith(MARKS) and not any(part in sql for part in SIGN_IN)]
    assert len(counted) <= most, "\n".join(counted)


class Caller:
    """A client that sends and reads JSON."""

    def __init__(self, client: Client):
        self.client = client

    def get(self, path: str, **headers: str) -> Any:
        return self._read(self.client.get(f"/api/v1/{path}", headers=headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        raw = body if isinstance(body, bytes) else orjson.dumps(body if body is not None else {})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._read(
            getattr(self.client, method)(f"/api/v1/{path}", raw, content_type="application/json", headers=named)
        )

    @staticmethod
    def _read(response: Any) -> Any:
        response.data = orjson.loads(response.content) if response.content else None
        return response


@pytest.fixture
def call(api: Callable[[str], Client]) -> Callable[[str], Caller]:
    """JSON calls with a key of one of the cast."""
    return lambda username: Caller(api(username))


@pytest.fixture
def endpoint(cast: dict[str, Any]) -> Callable[..., Any]:
    """An endpoint of a department that subscribes to everything in its region, allowed to point at this machine."""
    from exchange.choices import EventType
    from exchange.models import AllowedTarget, Endpoint, Subscription
    from exchange.signatures import new_secret
    from yancheng_childcare.models import Department

    def make(department: str = "320902-HEALTH", name: str = "前置机", **fields: Any) -> Endpoint:
        owner = Department.objects.get(code=department)
        AllowedTarget.objects.get_or_create(
            department=owner,
            host="127.0.0.1",
            cidr="127.0.0.1/32",
            port=9,
            defaults={"plain_http": True, "reason": "试验"},
        )
        made = Endpoint.objects.create(
            department=owner, name=name, url="http://127.0.0.1:9/webhooks", secret=new_secret(), **fields
        )
        for kind in EventType:
            if kind != EventType.PING_TEST:
                Subscription.objects.create(endpoint=made, region_id=owner.region_id, event_type=kind)
        return made

    return make
