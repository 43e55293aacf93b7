"""Every state × every step × every role, from the transition table: only what the table allows happens."""

from __future__ import annotations

from datetime import date

import pytest

from registry.choices import RegistrationStatus
from registry.models import Institution
from registry.registration.services import end_registration
from registry.registration.workflow import REGISTRATION
from yancheng_childcare.models import Event
from yancheng_childcare.problems import Rejected

pytestmark = pytest.mark.django_db

REACH = {"ACTIVE": None, "CANCELLED": "cancel", "REVOKED": "revoke", "RESCINDED": "rescind"}
DATA = {
    "change": {"changes": {"registered_address": "盐城市亭湖区另一条路 9 号"}},
    "cancel": {"reason": "申请注销", "terminated_on": date(2026, 2, 3)},
    "revoke": {"reason": "吊销决定书", "terminated_on": date(2026, 2, 3)},
    "rescind": {"reason": "撤销决定书", "terminated_on": date(2026, 2, 3)},
}


def in_state(institution, cast, state: str) -> Institution:
    saved = institution()
    if step := REACH[state]:
        actor = cast["registrar_tinghu"]
        saved = end_registration(saved, step=step, reason="终止", terminated_on=date(2026, 1, 5), actor=actor)
    return saved


@pytest.mark.parametrize("state", RegistrationStatus.values)
@pytest.mark.parametrize("step", list(REGISTRATION.steps))
def test_every_state_and_step_and_role(institution, cast, state, step):
    saved = in_state(institution, cast, state)
    transition = REGISTRATION.steps[step]
    for username, user in cast.items():
        allowed = state in transition.sources and username == "registrar_tinghu"
        offered = transition.name in {t.name for t in REGISTRATION.available(saved, user)}
        assert offered is allowed, (username, state, step)
        if allowed:
            continue
        acts = Event.objects.count()
        with pytest.raises(Rejected) as raised:
            REGISTRATION.run(saved, step, user, **DATA[step])
        assert raised.value.status in {403, 409}
        assert Event.objects.count() == acts
        fresh = Institution.objects.get(pk=saved.pk)
        assert (fresh.status, fresh.record_version) == (saved.status, saved.record_version)
    if state in transition.sources:
        after = REGISTRATION.run(saved, step, cast["registrar_tinghu"], **DATA[step])
        assert after.status == transition.target


def test_the_diagram_in_the_docs_is_the_table():
    from pathlib import Path

    text = (Path(__file__).parents[3] / "docs" / "workflows.md").read_text(encoding="utf-8")
    for transition in REGISTRATION.steps.values():
        for source in transition.sources:
            assert f"| {transition.name} | {transition.label} | {source} | {transition.target} |" in text
