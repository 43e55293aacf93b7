"""A draft is the institution's own: no staff of any level sees it before it is handed in (domain.md §2.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.filing.services import take_step
from registry.models import Filing

pytestmark = pytest.mark.django_db

STAFF = (
    "reviewer_tinghu",
    "chief_tinghu",
    "health_city",
    "legal_city",
    "leader_city",
    "auditor_city",
    "inspector_tinghu1",
)


@pytest.mark.parametrize("who", STAFF)
def test_staff_cannot_open_or_list_a_draft(who: str, ready: Filing, as_user: Callable[[str], Any], api: Any) -> None:
    client, machine = as_user(who), api(who)
    paths = [
        f"/desk/review/{ready.no}/",
        f"/desk/review/{ready.no}/?pane=evidence",
        f"/desk/review/{ready.no}/?pane=history",
    ]
    assert {client.get(path).status_code for path in paths} <= {403, 404}
    assert machine.get(f"/api/v1/filings/{ready.no}/").status_code in {403, 404}
    assert ready.no not in machine.get("/api/v1/filings/").content.decode()
    for path in ("/desk/review/", "/desk/site-checks/", "/desk/board/"):
        assert ready.no not in client.get(path).content.decode()


def test_control_the_same_addresses_open_once_it_is_handed_in(
    ready: Filing, operator: Any, as_user: Callable[[str], Any], api: Any
) -> None:
    take_step(ready, "submit", actor=operator)
    assert as_user("reviewer_tinghu").get(f"/desk/review/{ready.no}/").status_code == 200
    machine = api("reviewer_tinghu")
    assert machine.get(f"/api/v1/filings/{ready.no}/").status_code == 200
    assert ready.no in machine.get("/api/v1/filings/").content.decode()
    assert ready.no in as_user("reviewer_tinghu").get("/desk/review/").content.decode()
