"""Who may reach the pages of inspections; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from yancheng_childcare.choices import Role
from yancheng_childcare.permissions import PACED, REGISTER, SIGNED_IN, Rule, allow, with_files

# Who reads which bodies may inspect and on which matters; who enters them.
_READERS = (
    Role.HEAD, Role.INSPECTOR, Role.PLANNER, Role.WITNESS, Role.LEGAL, Role.ADMIN,
    Role.HEALTH_CITY, Role.LEADER, Role.AUDITOR, Role.JUSTICE,
)  # fmt: skip
_ENTER = allow(Role.LEGAL, Role.ADMIN)
_OFFICERS = (
    Role.HEAD, Role.INSPECTOR, Role.PLANNER, Role.LEGAL,
    Role.HEALTH_CITY, Role.LEADER, Role.AUDITOR, Role.JUSTICE,
)  # fmt: skip

ROUTES: dict[str, Rule] = {
    # --- published draws
    "draws:list": PACED,
    "draws:one": PACED,
    "draws:file": PACED,
    "draws:script": PACED,
    # --- on the spot
    "inspections:record": with_files(allow(Role.INSPECTOR)),
    "inspections:sheet": SIGNED_IN,
    # --- the checklist an institution can look itself over by
    "checklist:list": REGISTER,
    # --- registers: bodies and matters are the city's, officers and ties those of a body
    "inspections:subjects": allow(*_READERS, write=()),
    "inspections:matters": allow(*_READERS, write=()),
    "inspections:officers": allow(*_OFFICERS, write=()),
    "inspections:ties": allow(Role.HEAD, Role.INSPECTOR, Role.JUSTICE, Role.AUDITOR, write=()),
    "inspections:subject-new": _ENTER,
    "inspections:matter-new": _ENTER,
    "inspections:officer-new": allow(Role.HEAD),
    "inspections:tie-new": allow(Role.HEAD, Role.INSPECTOR),
    "inspections:subject-end": _ENTER,
    "inspections:matter-end": _ENTER,
    "inspections:officer-end": allow(Role.HEAD),
    "inspections:tie-end": allow(Role.HEAD),
    # --- supervision of enforcement (行政执法监督条例)
    "inspections:supervision": allow(Role.JUSTICE, Role.HEALTH_CITY, Role.AUDITOR, write=()),
}
