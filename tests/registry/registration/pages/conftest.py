"""Receivers for 亭湖区 (health, public security), pushes in any state, and the budget every page must keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.pages import markup_of

MAX_BYTES = 200_000
# A signed-in page costs three queries before it does anything: session, person with unread count, duties.
SIGNED_IN = 3


@pytest.fixture
def receivers(reference: None) -> dict[str, Any]:
    """One endpoint per department, subscribed to every registration event of 亭湖区."""
    from exchange.choices import EventType
    from exchange.models import Endpoint, Subscription
    from yancheng_childcare.models import Department

    endpoints = {}
    for kind in ("HEALTH", "POLICE"):
        department = Department.objects.get(code=f"320902-{kind}")
        endpoint = Endpoint.objects.create(
            department=department, name="测试接收端", url="https://receiver.example/hook", secret="whsec_test"
        )
        Subscription.objects.bulk_create(
            Subscription(endpoint=endpoint, region_id="320902", event_type=event)
            for event in EventType.values
            if event != EventType.PING_TEST
        )
        endpoints[kind] = endpoint
    return endpoints


@pytest.fixture
def push(receivers: dict[str, Any]) -> Callable[..., None]:
    """Make the deliveries of all waiting events, then set those of one institution: `push(inst, HEALTH="DELIVERED")`."""
    from exchange.fan_out import fan_out
    from exchange.models import Delivery

    def settle(institution: Any, **states: str) -> None:
        fan_out()
        for kind, status in states.items():
            closed = timezone.now() if status in {"DELIVERED", "ACKED", "SKIPPED"} else None
            Delivery.objects.filter(subject=institution.uscc, endpoint=receivers[kind]).update(
                status=status, closed_at=closed, attempts=1
            )

    return settle


@pytest.fixture
def html_of(as_user: Callable[[str], Client]) -> Callable[..., str]:
    """The HTML of a page as one of the cast; checks status, size, and that no style or script stands inline."""

    def get(username: str, path: str, status: int = 200) -> str:
        response = as_user(username).get(path)
        assert response.status_code == status, (path, response.status_code, markup_of(response)[:2000])
        html = markup_of(response)
        assert len(response.content) < MAX_BYTES
        assert "<style" not in html
        assert " style=" not in html
        assert " onclick=" not in html
        assert (html.count('method="post"') - html.count('action="/view-mode/"')) == html.count("csrfmiddlewaretoken")
        return html

    return get


@pytest.fixture
def budget(as_user: Callable[[str], Client], django_assert_max_num_queries: Any) -> Callable[[str, str, int], None]:
    """The page keeps its budget of queries besides session, person and duties, once the process is warm."""

    def check(username: str, path: str, queries: int) -> None:
        client = as_user(username)
        client.get(path)  # reference data and the working-day calendar are kept per process
        with django_assert_max_num_queries(queries + SIGNED_IN) as captured:
            assert client.get(path).status_code == 200
        assert len(captured) > SIGNED_IN

    return check
