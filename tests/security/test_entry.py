"""The table `permissions.ROUTES` says the same as the oracle written by hand, for every route of the URLconf."""

from __future__ import annotations

from yancheng_childcare.checks import routes
from yancheng_childcare.choices import Role
from yancheng_childcare.permissions import rule_for

from .entry_oracle import DOORS, EVERYBODY, SIGNED_IN, THIS_MACHINE, door_of

NAMES = sorted({name for name, _pattern, _callback in routes()})


def test_every_route_has_a_line_in_the_oracle_and_every_line_a_route():
    assert [name for name in NAMES if door_of(name) is None] == []
    assert sorted(set(DOORS) - set(NAMES) - {"admin:"}) == []


def test_the_table_says_what_the_oracle_says():
    wrong = []
    for name in NAMES:
        rule, door = rule_for(name), door_of(name)
        assert rule is not None and door is not None, name
        audience = (
            THIS_MACHINE if rule.local_only else EVERYBODY if rule.public else SIGNED_IN if rule.signed_in else ""
        )
        if audience != door.open_to:
            wrong.append(f"{name}: open to {audience or 'roles'}, the oracle says {door.open_to or 'roles'}")
        for method in ("GET", "POST"):
            if (ours := set(rule.roles_for(method))) != (theirs := set(door.roles(method.lower()))):
                wrong.append(f"{name} {method}: too many {sorted(ours - theirs)}, too few {sorted(theirs - ours)}")
    assert not wrong, "\n".join(wrong)


def test_the_oracle_knows_every_role_it_names():
    named = {role for door in DOORS.values() for role in door.read | door.write}
    assert named <= set(Role.values)
    # These three see their desk and their cases, or nothing yet.
    assert set(Role.values) - named == {"GRID", "ASSESSOR", "RECEIVER"}
