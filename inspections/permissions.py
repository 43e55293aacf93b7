"""Who may reach the pages of inspections; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from yancheng_childcare.choices import Role
from yancheng_childcare.permissions import PACED, SIGNED_IN, Rule, allow, with_files

ROUTES: dict[str, Rule] = {
    # --- published draws
    "draws:list": PACED,
    "draws:one": PACED,
    "draws:file": PACED,
    "draws:script": PACED,
    # --- on the spot
    "inspections:record": with_files(allow(Role.INSPECTOR)),
    "inspections:sheet": SIGNED_IN,
}
