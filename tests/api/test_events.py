"""events/: the change feed by position."""

from __future__ import annotations

import pytest

from exchange.fan_out import fan_out

from .conftest import budget


@pytest.mark.django_db
def test_reading_to_the_end_and_going_on(call, institution):
    made = [institution() for _ in range(5)]
    fan_out()
    caller = call("integrator_health")
    first = caller.get("events/?limit=3")
    assert [row["subject"] for row in first.data["results"]] == [i.uscc for i in made[:3]]
    assert first.data["next"].endswith(f"after={first.data['position']}")
    rest = caller.get(f"events/?after={first.data['position']}&limit=3")
    assert [row["subject"] for row in rest.data["results"]] == [i.uscc for i in made[3:]]
    assert rest.data["next"] is None
    late = institution()
    fan_out()
    more = caller.get(f"events/?after={rest.data['position']}")
    assert [row["subject"] for row in more.data["results"]] == [late.uscc]
    assert caller.get(f"events/?after={more.data['position']}").data["position"] == more.data["position"]


@pytest.mark.django_db
def test_personal_fields_stay_masked_and_scope_holds(call, institution, elsewhere):
    here, there = institution(), elsewhere()
    fan_out()
    seen = {
        name: [row["subject"] for row in call(name).get("events/").data["results"]]
        for name in ("integrator_police", "reviewer_dongtai", "admin")
    }
    assert seen == {
        "integrator_police": [here.uscc],
        "reviewer_dongtai": [there.uscc],
        "admin": [here.uscc, there.uscc],
    }
    answer = call("integrator_police").get("events/")
    assert here.legal_rep_id_no.encode() not in answer.content
    assert answer.data["results"][0]["data"]["contact_phone"] == "138****1234"
    assert answer.data["results"][0]["timestamp"].endswith("+08:00")


@pytest.mark.django_db
def test_types(call, institution, cast):
    from registry.registration.services import change_institution

    change_institution(institution(), changes={"purpose": "照护"}, actor=cast["registrar_tinghu"])
    fan_out()
    rows = call("admin").get("events/?types=registration.changed").data["results"]
    assert [row["type"] for row in rows] == ["registration.changed"]
    assert len(call("admin").get("events/?types=registration.changed,registration.recorded").data["results"]) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=9223372036854775808", "types=a", "limit=501", "x=1", "after=1.5e3"]
)
def test_wrong_parameters(call, query):
    answer = call("admin").get(f"events/?{query}")
    assert answer.status_code == 422
    assert answer.data["errors"][0]["pointer"] == f"/{query.split('=')[0]}"


@pytest.mark.django_db
def test_an_event_not_yet_numbered_is_not_shown(call, institution):
    institution()
    assert call("admin").get("events/").data["results"] == []


@pytest.mark.django_db
def test_registrars_have_no_feed(call):
    assert call("registrar_tinghu").get("events/").status_code == 403


@pytest.mark.django_db
def test_the_budget(call, institution):
    for _ in range(4):
        institution()
    fan_out()
    caller = call("integrator_health")
    with budget(1):
        caller.get("events/")
