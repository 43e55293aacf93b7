"""Who sees which object: written by hand from the duties of the cast and from README's roles; it asks no queryset.

Objects stand in four positions: one's own, another's of the same county, one of another county, and one of the same
county that belongs to another body of it (whose staff the cast does not hold, or holds in another trade).
"""

from __future__ import annotations

OWN, OTHER, COUNTY, BODY = "own", "other", "county", "body"
POSITIONS = (OWN, OTHER, COUNTY, BODY)
ALL = frozenset(POSITIONS)
# What lies in 亭湖; 东台 holds the position COUNTY.
HERE = frozenset({OWN, OTHER, BODY})

REGION_STAFF = ("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu", "inspector_tinghu1", "inspector_tinghu2")
WATCHERS = ("health_city", "leader_city", "auditor_city")

# Who sees which institution. Registered by: own 亭湖市监 (run by operator_xiaotaiyang), other and county 市民政, body 亭湖民政
# (the city's civil affairs bureau reads it, but only 亭湖民政 changes it).
INSTITUTIONS = {
    **dict.fromkeys(REGION_STAFF, HERE),
    **dict.fromkeys(WATCHERS, ALL),
    "credit_city": ALL,
    "legal_city": ALL,
    "police_tinghu": HERE,
    "reviewer_dongtai": {COUNTY},
    "registrar_tinghu": {OWN},
    "registrar_civil": {OTHER, COUNTY, BODY},
    "operator_xiaotaiyang": {OWN},
}
# Endpoints: own is 亭湖卫健, other is 亭湖公安, county is 东台卫健, body is 亭湖市监.
ENDPOINTS = {
    **dict.fromkeys(WATCHERS, ALL),
    "admin": ALL,
    "reviewer_tinghu": {OWN},
    "reviewer_tinghu2": {OWN},
    "chief_tinghu": {OWN},
    "integrator_health": {OWN},
    "police_tinghu": {OTHER},
    "integrator_police": {OTHER},
    "reviewer_dongtai": {COUNTY},
}
# Keys to the API belong to the department of the endpoint in the same position; only its integrators see them.
KEYS = {"admin": ALL, "integrator_health": {OWN}, "integrator_police": {OTHER}}
# Deliveries go from the institution to the endpoint of the same position; registrars see those of their registrations.
DELIVERIES = {**ENDPOINTS, "registrar_tinghu": {OWN}, "registrar_civil": {OTHER, COUNTY}}
# Import jobs and files of the registration authorities; those of 亭湖民政 (body) are nobody's of the cast.
JOBS = {"registrar_tinghu": {OWN}, "registrar_civil": {OTHER}}
FILES = {
    "registrar_tinghu": {OWN},
    "registrar_civil": {OTHER, COUNTY},
    **dict.fromkeys(("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"), HERE),
    "reviewer_dongtai": {COUNTY},
    "health_city": ALL,
    "operator_xiaotaiyang": {OWN},
}
# Filings handed in: staff of the area, watchers, the institution itself; public security and registrars have no part.
FILINGS = {
    **dict.fromkeys(REGION_STAFF, {OWN, OTHER}),
    **dict.fromkeys(WATCHERS, ALL),
    "legal_city": ALL,
    "reviewer_dongtai": {COUNTY},
    "operator_xiaotaiyang": {OWN},
}
# People of institutions: health staff of the area, the institution itself.
POSTS = {
    **dict.fromkeys(("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"), {OWN, OTHER}),
    "reviewer_dongtai": {COUNTY},
    "health_city": ALL,
    "operator_xiaotaiyang": {OWN},
}
# What institutions state differently of a person: health staff of the area, never an institution.
DISCREPANCIES = {person: seen for person, seen in POSTS.items() if not person.startswith("operator")}
# Site checks: seen by the officers of the area; written only by those named on them.
OFFICERS = {
    OWN: ("inspector_tinghu1", "reviewer_tinghu2"),
    OTHER: ("inspector_tinghu2",),
    COUNTY: ("reviewer_dongtai",),
}
SITE_CHECKS = {
    **dict.fromkeys(("inspector_tinghu1", "inspector_tinghu2", "reviewer_tinghu", "reviewer_tinghu2"), {OWN, OTHER}),
    "reviewer_dongtai": {COUNTY},
}
# Reports of the public belong to the county's health bureau; the one in position body to 亭湖市监: its registrar
# answers it, the reviewers of the same county have no part in it, the chief and the city read it.
REPORTS = {
    **dict.fromkeys(("reviewer_tinghu", "reviewer_tinghu2"), {OWN, OTHER}),
    "chief_tinghu": HERE,
    "registrar_tinghu": {BODY},
    "reviewer_dongtai": {COUNTY},
    **dict.fromkeys(("health_city", "leader_city", "auditor_city"), ALL),
}
# Requests for accounts: health staff of the institution's county, whoever registered it.
OPENINGS = {
    **dict.fromkeys(("reviewer_tinghu", "reviewer_tinghu2", "chief_tinghu"), HERE),
    "reviewer_dongtai": {COUNTY},
    "health_city": ALL,
}
# Cases of any type (here a grid worker's clue): its readers in the area, and who reported the one in position own.
CASES = {
    **dict.fromkeys(REGION_STAFF, {OWN, OTHER}),
    **dict.fromkeys(WATCHERS, ALL),
    "reviewer_dongtai": {COUNTY},
    "grid_tinghu": {OWN},
}
# Signed inspections: own and other by 亭湖卫健, county by 东台卫健, body by 亭湖市监; read by the body's inspectors and head, the
# area's watchers and the institution itself.
VISITS = {
    **dict.fromkeys(("inspector_tinghu1", "inspector_tinghu2", "head_tinghu"), {OWN, OTHER}),
    **dict.fromkeys(("inspector_market1", "inspector_market2", "head_market"), {BODY}),
    "chief_tinghu": HERE,
    **dict.fromkeys(WATCHERS, ALL),
    "supervisor_justice": ALL,
    "operator_xiaotaiyang": {OWN},
}
# People, duties, identities and the calendar of the whole platform: the administrators' alone.
STAFF = {"admin": ALL}
# Registers of inspections: bodies and matters are entered for the city; officers and ties of 亭湖卫健 (own) and 亭湖市监 (body)
# are those of their heads.
CITYS = {"admin": {OWN}, "legal_city": {OWN}}
OF_HEADS = {"head_tinghu": {OWN}, "head_market": {BODY}}
MESSAGES = {"reviewer_tinghu": {OWN}, "police_tinghu": {OTHER}, "reviewer_dongtai": {COUNTY}}
ORACLE = {
    "institution": INSTITUTIONS,
    "endpoint": ENDPOINTS,
    "delivery": DELIVERIES,
    "key": KEYS,
    "job": JOBS,
    "file": FILES,
    "message": MESSAGES,
    "filing": FILINGS,
    "post": POSTS,
    "discrepancy": DISCREPANCIES,
    "site_check": SITE_CHECKS,
    "report": REPORTS,
    "opening": OPENINGS,
    "case": CASES,
    "visit": VISITS,
    "subject": CITYS,
    "matter": CITYS,
    "officer": OF_HEADS,
    "tie": OF_HEADS,
    **dict.fromkeys(("account", "duty", "identity", "day", "staff_table", "host"), STAFF),
}
