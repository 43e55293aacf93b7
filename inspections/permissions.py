"""Who may reach the pages of inspections; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from yancheng_childcare.choices import Role
from yancheng_childcare.permissions import SIGNED_IN, Rule, allow, with_files

ROUTES: dict[str, Rule] = {
    "inspections:record": with_files(allow(Role.INSPECTOR)),
    "inspections:sheet": SIGNED_IN,
}
