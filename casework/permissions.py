"""Who may reach the pages over all types of case; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from yancheng_childcare.permissions import SIGNED_IN, Rule

ROUTES: dict[str, Rule] = {
    "desk": SIGNED_IN,
}
