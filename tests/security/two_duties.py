"""What each role sees by a duty in 亭湖 or in 东台: written by hand, for people who hold two duties in different areas.

Such a person may do what either duty allows, each in its own area. Whatever only the *other* duty reaches looks as if it did
not exist: the role of one duty never works with the area of another.
"""

from __future__ import annotations

from dataclasses import dataclass

from yancheng_childcare.choices import Role

from .positions import BODY, COUNTY, HERE, OTHER, OWN

TINGHU, DONGTAI = "亭湖", "东台"
AREAS = (TINGHU, DONGTAI)
NOTHING: frozenset[str] = frozenset()
THERE = frozenset({COUNTY})
# Everything in the area of the duty.
AREA = {TINGHU: HERE, DONGTAI: THERE}
OWN_INSTITUTION = {TINGHU: frozenset({OWN}), DONGTAI: THERE}
# Bodies: the health bureaus receive own and county, public security of 亭湖 receives other, 亭湖市监 keeps own and answers body.
HEALTH_BUREAU = {TINGHU: frozenset({OWN}), DONGTAI: THERE}
POLICE_BUREAU = {TINGHU: frozenset({OTHER}), DONGTAI: NOTHING}
MARKET_BUREAU = {TINGHU: frozenset({OWN}), DONGTAI: NOTHING}

STAFF = ("REVIEWER", "CHIEF", "HEALTH_CITY", "INSPECTOR", "CREDIT", "LEGAL", "POLICE", "LEADER", "AUDITOR")
WATCHING = dict.fromkeys(("HEALTH_CITY", "LEADER", "AUDITOR"), AREA)
RECEIVING = {**WATCHING, **dict.fromkeys(("REVIEWER", "CHIEF", "INTEGRATOR"), HEALTH_BUREAU), "POLICE": POLICE_BUREAU}
FILED = {
    **dict.fromkeys(("REVIEWER", "CHIEF", "HEALTH_CITY", "INSPECTOR", "LEGAL", "LEADER", "AUDITOR"), AREA),
    "OPERATOR": OWN_INSTITUTION,
}
# kind → role → area of the duty → positions seen.
SIGHT = {
    "institution": {**dict.fromkeys(STAFF, AREA), "REGISTRAR": MARKET_BUREAU, "OPERATOR": OWN_INSTITUTION},
    "endpoint": RECEIVING,
    "delivery": {**RECEIVING, "REGISTRAR": MARKET_BUREAU},
    "key": {"INTEGRATOR": HEALTH_BUREAU},
    # The change feed holds every registration of the area, whether it is pushed to the own department or not.
    "event": dict.fromkeys(("REVIEWER", "CHIEF", "HEALTH_CITY", "POLICE", "INTEGRATOR"), AREA),
    "job": {"REGISTRAR": MARKET_BUREAU},
    "filing": FILED,
    "site_check": FILED,
    "discrepancy": dict.fromkeys(("REVIEWER", "CHIEF", "HEALTH_CITY"), AREA),
    "post": {**dict.fromkeys(("REVIEWER", "CHIEF", "HEALTH_CITY"), AREA), "OPERATOR": OWN_INSTITUTION},
    "report": {
        **dict.fromkeys(("CHIEF", "HEALTH_CITY", "AUDITOR", "LEADER"), AREA),
        "REVIEWER": {TINGHU: frozenset({OWN, OTHER}), DONGTAI: THERE},
        "REGISTRAR": {TINGHU: frozenset({BODY}), DONGTAI: NOTHING},
    },
}
# The bodies of 亭湖 (320902) and 东台 (320981) in which a role is held; a role that is not named here has no department.
BODIES = {
    **dict.fromkeys(("REVIEWER", "CHIEF", "HEALTH_CITY", "INSPECTOR", "LEADER", "INTEGRATOR"), "HEALTH"),
    "REGISTRAR": "MARKET",
    "POLICE": "POLICE",
}
REGIONS = {TINGHU: "320902", DONGTAI: "320981"}
# Every role that sees something by its area. An administrator has no area: everything of the exchange is theirs.
ROLES = sorted({role for roles in SIGHT.values() for role in roles})


@dataclass(frozen=True, slots=True)
class Held:
    """One duty of a person: a role in one of the two areas."""

    role: str
    area: str

    def sees(self, kind: str) -> frozenset[str]:
        """The positions of this kind the duty reaches."""
        return frozenset(SIGHT[kind].get(self.role, {}).get(self.area, NOTHING))


def reached(duties: tuple[Held, ...], opening: frozenset[str], kind: str) -> frozenset[str]:
    """What those duties reach whose role opens the door: nothing by the others."""
    return frozenset().union(*(duty.sees(kind) for duty in duties if duty.role in opening))


# Bodies, not areas, give the others what they see: cases of inspections (tests/inspections).
OTHERS = {"ADMIN", "GRID", "ASSESSOR", "HEAD", "RECEIVER", "PLANNER", "WITNESS", "JUSTICE"}
assert set(ROLES) | OTHERS == set(Role.values)
