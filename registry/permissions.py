"""Who may reach the registry's pages and calls; the rules are those of `yancheng_childcare.permissions`."""

from __future__ import annotations

from yancheng_childcare.choices import Role
from yancheng_childcare.permissions import PACED, PUBLIC, REGISTER, Rule, allow, with_files

REGISTRAR = allow(Role.REGISTRAR)
# Staff who read registrations of their region.
READERS = allow(
    Role.REGISTRAR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.INSPECTOR, Role.CREDIT, Role.LEGAL,
    Role.POLICE, Role.LEADER, Role.AUDITOR, Role.OPERATOR,
    write=(),
)  # fmt: skip
HEALTH = allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEADER, write=(Role.REVIEWER, Role.CHIEF))
POLICE = allow(Role.POLICE)
LEDGERS = allow(Role.HEALTH_CITY, Role.LEADER, Role.CHIEF, Role.AUDITOR, write=())
OPERATOR = allow(Role.OPERATOR)
# Everybody who may look at a filing in its area; who may take which step on it says the workflow table.
REVIEW = allow(
    Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEGAL, Role.AUDITOR, Role.LEADER,
    write=(Role.REVIEWER, Role.CHIEF, Role.LEGAL),
)  # fmt: skip
DECIDE = allow(Role.REVIEWER, Role.CHIEF, Role.LEGAL)
FILING_LETTERS = allow(
    Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEGAL, Role.AUDITOR, write=(Role.OPERATOR,)
)
OFFICERS = allow(Role.INSPECTOR, Role.REVIEWER)
PEOPLE = allow(Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.OPERATOR,))
# Full numbers, with a recorded reason; the services ask again whether a duty with one of these roles reaches the object.
UNMASK_INSTITUTION = allow(Role.REGISTRAR, Role.POLICE, Role.REVIEWER, Role.CHIEF)
UNMASK_PERSON = allow(Role.OPERATOR, Role.REVIEWER, Role.CHIEF)

ROUTES: dict[str, Rule] = {
    # --- the public register
    "public:search": REGISTER,
    "public:map": REGISTER,
    "public:compare": REGISTER,
    "public:choose": PUBLIC,
    "public:institution": REGISTER,
    "public:how-to-read": REGISTER,
    "public:open-data": REGISTER,
    "public:download": REGISTER,
    "public:dictionary": REGISTER,
    "public:snapshot": REGISTER,
    "public:institution-feed": REGISTER,
    "public:area-feed": REGISTER,
    "public:subscribe": PUBLIC,
    "public:subscription-confirm": PUBLIC,
    "public:subscription-leave": PUBLIC,
    "public:report-error": PUBLIC,
    "public:report-unfiled": PUBLIC,
    "public:report-done": PUBLIC,
    "public:report-track": PUBLIC,
    # --- accounts of institutions: before there is one, and the institution's own people
    "accounts:open": PUBLIC,
    "accounts:done": PUBLIC,
    "accounts:track": PUBLIC,
    "accounts:join": PUBLIC,  # the address itself is the right; see `registry.accounts.opening.invitation`
    "accounts:colleagues": OPERATOR,
    "accounts:requests": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=()),
    "accounts:review": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.REVIEWER,)),
    "accounts:people": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.REVIEWER,)),
    "accounts:code": REGISTRAR,
    # --- departments' people and duties by table; another administrator approves on "staff:approval"
    "staff-table:tables": with_files(allow(Role.ADMIN)),
    "staff-table:template": allow(Role.ADMIN, write=()),
    "staff-table:table": allow(Role.ADMIN),
    "public:report-contact": allow(Role.REGISTRAR, Role.REVIEWER, Role.CHIEF),
    # --- registrations
    "registry:list": READERS,
    "registry:detail": READERS,
    "registry:versions": READERS,
    "registry:reveal": UNMASK_INSTITUTION,
    "registry:create": with_files(REGISTRAR),
    "registry:change": with_files(REGISTRAR),
    "registry:end": REGISTRAR,
    "registry:irregular": REGISTRAR,
    "registry:export": allow(Role.REGISTRAR, Role.HEALTH_CITY, Role.REVIEWER, Role.CHIEF, write=()),
    "registry:imports": with_files(REGISTRAR),
    "registry:import-template": allow(Role.REGISTRAR, write=()),
    "registry:import": REGISTRAR,
    "registry:import-take": REGISTRAR,
    "registry:import-errors": allow(Role.REGISTRAR, write=()),
    # --- desks
    "registry:unfiled": HEALTH,
    "registry:record-filing": allow(Role.REVIEWER, Role.CHIEF),
    "registry:police": POLICE,
    "registry:police-receipt": POLICE,
    "registry:ledgers": LEDGERS,
    "registry:ledger-differences": LEDGERS,
    # Who looked at whose personal data is nobody else's to read.
    "registry:audit": allow(Role.AUDITOR, write=()),
    # --- filing: everybody
    "registry:self-check": PACED,
    "registry:standards": PUBLIC,
    "filing:guide": PUBLIC,
    "filing:nonconforming": REGISTER,
    "filing:verify-ask": PACED,
    "filing:verify": PACED,
    # --- filing: the institution
    "filing:cases": OPERATOR,
    "filing:start": OPERATOR,
    "filing:case": OPERATOR,
    "filing:precheck": OPERATOR,
    "filing:section": OPERATOR,
    "filing:class": OPERATOR,
    "filing:materials": OPERATOR,
    "filing:material": with_files(OPERATOR),
    "filing:material-remove": OPERATOR,
    "filing:pledge": OPERATOR,
    "filing:check": OPERATOR,
    "filing:done": OPERATOR,
    "filing:corrections": OPERATOR,
    "filing:letter": FILING_LETTERS,
    "filing:receipt": FILING_LETTERS,
    "filing:step": OPERATOR,
    # --- filing: the reviewing authority
    "filing:queue": REVIEW,
    "filing:take-next": allow(Role.REVIEWER),
    "filing:assign": allow(Role.CHIEF),
    "filing:areas": allow(Role.CHIEF),
    "filing:review": REVIEW,
    "filing:verdict": allow(Role.REVIEWER, Role.CHIEF),
    "filing:notice": allow(Role.REVIEWER, Role.CHIEF),
    "filing:issue": allow(Role.REVIEWER),
    "filing:waive": allow(Role.CHIEF),
    "filing:decide": DECIDE,
    "filing:site-checks": OFFICERS,
    "filing:site-check": OFFICERS,
    "filing:contact": OFFICERS,
    "filing:board": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, Role.LEADER, Role.AUDITOR, write=()),
    # --- people
    "people:list": PEOPLE,
    "people:new": OPERATOR,
    "people:import": with_files(OPERATOR),
    "people:import-template": allow(Role.OPERATOR, write=()),
    "people:detail": PEOPLE,
    "people:paper": with_files(OPERATOR),
    "people:training": OPERATOR,
    "people:leave": OPERATOR,
    "people:reveal": UNMASK_PERSON,
    "people:discrepancies": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=()),
    "people:discrepancy": allow(Role.REVIEWER, Role.CHIEF, Role.HEALTH_CITY, write=(Role.REVIEWER, Role.CHIEF)),
    # --- API
    "api:codes": REGISTER,
    "api:regions": REGISTER,
    "api:institutions": REGISTER,
    "api:institution": REGISTER,
    "api:registrations": allow(*READERS.read, write=(Role.REGISTRAR,)),
    "api:registration": allow(*READERS.read, write=(Role.REGISTRAR,)),
    "api:registration-cancel": REGISTRAR,
    "api:registration-revoke": REGISTRAR,
    "api:registration-rescind": REGISTRAR,
    "api:registration-import": with_files(REGISTRAR),
    "api:filings": allow(*REVIEW.read, Role.OPERATOR, write=(Role.OPERATOR,)),
    "api:filing": allow(*REVIEW.read, Role.OPERATOR, write=()),
    "api:filing-section": OPERATOR,
    "api:filing-step": allow(Role.OPERATOR, Role.REVIEWER, Role.CHIEF, Role.LEGAL),
}
