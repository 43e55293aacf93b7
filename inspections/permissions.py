"""Who may reach the pages of inspections; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from yancheng_childcare.permissions import PACED, Rule

ROUTES: dict[str, Rule] = {
    # --- published draws
    "draws:list": PACED,
    "draws:one": PACED,
    "draws:file": PACED,
    "draws:script": PACED,
}
