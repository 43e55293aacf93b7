"""An inspection over the API: questions with several answers take lists."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exchange.clients import issue_key
from inspections.models import Officer

pytestmark = pytest.mark.django_db


def test_an_inspection_is_asked_for_over_the_api(
    registers: None, place: Any, cast: dict[str, Any], client: Client
) -> None:
    _, key = issue_key(user=cast["inspector_tinghu1"], name="试验", actor=None)
    crew = Officer.objects.certified(timezone.localdate()).filter(subject__department="320902-HEALTH")
    answers = {
        "uscc": place.uscc, "kind": "CASE", "source_ref": "12345-1", "from_above": "", "matter": "HEALTH-01",
        "dimensions": ["设施设备"], "officers": [str(one.pk) for one in crew], "planned_on": timezone.localdate().isoformat(),
        "notice_mode": "ON_ARRIVAL", "reason": "群众反映监控不全",
    }  # fmt: skip

    def ask(**changed: Any) -> Any:
        body = {"type": "INSPECTION", "answers": answers | changed}
        return client.post("/api/v1/cases/", body, content_type="application/json", HTTP_AUTHORIZATION=f"Bearer {key}")

    made = ask()
    assert made.status_code == 201, made.json()
    assert made.json()["type"] == "INSPECTION"
    assert ask(officers=[str(crew[0].pk)]).status_code == 422
    assert ask(officers=["x"] * 101).status_code == 422
    assert ask(officers=[{"a": 1}]).status_code == 422
