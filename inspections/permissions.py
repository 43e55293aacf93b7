"""Who may reach the pages of inspections; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from yancheng_childcare.permissions import Rule

ROUTES: dict[str, Rule] = {}
