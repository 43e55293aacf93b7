"""Who may reach the pages over all types of case; the rules are those of `yancheng_childcare.permissions`.

Signed in is enough to enter: which cases a person then finds says the type (`CaseType.readers`), which steps its table.
"""

from __future__ import annotations

from yancheng_childcare.permissions import SIGNED_IN, Rule, with_files

ROUTES: dict[str, Rule] = {
    "desk": SIGNED_IN,
    "cases:list": SIGNED_IN,
    "cases:deputies": SIGNED_IN,
    "cases:new": with_files(SIGNED_IN),
    "cases:case": SIGNED_IN,
    "cases:step": with_files(SIGNED_IN),
    "cases:file": SIGNED_IN,
    "cases:letter": SIGNED_IN,
    "cases:paper": SIGNED_IN,
    "cases:letter-act": SIGNED_IN,
    "api:cases": SIGNED_IN,
    "api:case": SIGNED_IN,
    "api:case-step": SIGNED_IN,
}
