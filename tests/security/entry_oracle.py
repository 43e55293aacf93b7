"""Who may enter every route, written by hand from README “Who may do what” and domain.md.

It imports nothing of `permissions.py`, the table under test: a line widened or narrowed there is red here until somebody
writes down, a second time and on purpose, that it is meant. A route without a line here is red as well.

Each group reads: roles that may look (GET, HEAD, OPTIONS), roles that may write (every other method), routes.
"""

from __future__ import annotations

from dataclasses import dataclass

SAFE = frozenset({"get", "head", "options"})
EVERYBODY, SIGNED_IN, THIS_MACHINE = "everybody", "whoever is signed in", "callers on this machine"

ONLY_EVERYBODY = """
    home styleguide view_mode about accessibility error_codes healthz readyz
    public:search public:map public:compare public:choose public:institution public:how-to-read public:open-data public:download
    public:dictionary public:snapshot public:institution-feed public:area-feed public:subscribe
    public:subscription-confirm public:subscription-leave
    draws:list draws:one draws:file draws:script
    public:report-error public:report-unfiled public:report-done public:report-track
    accounts:open accounts:done accounts:track accounts:join
    checklist:list registry:self-check registry:standards filing:guide filing:nonconforming filing:verify-ask filing:verify
    access_link exchange:guide api:root api:schema api:docs api:codes api:regions api:institutions api:institution

    account_login account_logout account_inactive account_reset_password account_reset_password_done
    account_reset_password_from_key account_reset_password_from_key_done
    mfa_authenticate openid_connect_login openid_connect_callback
    socialaccount_login_cancelled socialaccount_login_error
"""
ONLY_SIGNED_IN = """
    desk messages message messages-read file
    cases:list cases:deputies cases:new cases:case cases:step cases:letter cases:paper cases:letter-act cases:file
    inspections:sheet
    api:cases api:case api:case-step
    account_change_password account_reauthenticate account_email account_confirm_email
   
    mfa_index mfa_activate_totp mfa_deactivate_totp mfa_reauthenticate mfa_view_recovery_codes
    mfa_generate_recovery_codes mfa_download_recovery_codes
    usersessions_list
"""
ONLY_THIS_MACHINE = "metrics"
# What allauth brings and the portal does not use.
NOBODYS = """
    account_signup account_set_password account_email_verification_sent account_confirm_login_code
    socialaccount_signup socialaccount_connections
"""

# Words for the two groups of readers that stand on many lines.
CITY = "HEALTH_CITY LEADER AUDITOR"
COUNTY_HEALTH = "REVIEWER CHIEF"

GROUPS = (
    # --- registrations: entered by the authority, read by staff of the area and by the institution itself
    ("REGISTRAR", "REGISTRAR", "registry:create registry:change registry:end registry:irregular registry:imports "
     "registry:import registry:import-take api:registration-cancel api:registration-revoke api:registration-rescind "
     "api:registration-import"),
    ("REGISTRAR", "REGISTRAR", "accounts:code"),
    # --- accounts of institutions: decided by the county's reviewer, afterwards the institution's own affair
    (f"{COUNTY_HEALTH} HEALTH_CITY", "", "accounts:requests"),
    (f"{COUNTY_HEALTH} HEALTH_CITY", "REVIEWER", "accounts:review accounts:people"),
    ("OPERATOR", "OPERATOR", "accounts:colleagues"),
    ("REGISTRAR", "", "registry:import-template registry:import-errors"),
    (f"REGISTRAR {COUNTY_HEALTH} {CITY} INSPECTOR CREDIT LEGAL POLICE OPERATOR", "",
     "registry:list registry:detail registry:versions"),
    (f"REGISTRAR {COUNTY_HEALTH} {CITY} INSPECTOR CREDIT LEGAL POLICE OPERATOR", "REGISTRAR",
     "api:registrations api:registration"),
    (f"REGISTRAR {COUNTY_HEALTH} HEALTH_CITY", "", "registry:export"),
    (f"REGISTRAR {COUNTY_HEALTH} POLICE", f"REGISTRAR {COUNTY_HEALTH} POLICE", "registry:reveal"),
    # --- desks of health, public security and the city
    (f"{COUNTY_HEALTH} HEALTH_CITY LEADER", COUNTY_HEALTH, "registry:unfiled"),
    (COUNTY_HEALTH, COUNTY_HEALTH, "registry:record-filing"),
    ("POLICE", "POLICE", "registry:police registry:police-receipt"),
    (f"{CITY} CHIEF", "", "registry:ledgers registry:ledger-differences"),
    ("AUDITOR", "", "registry:audit"),
    # --- filing: the institution writes, its county reviews, the city reads
    ("OPERATOR", "OPERATOR", "filing:cases filing:start filing:case filing:precheck filing:section filing:class "
     "filing:materials filing:material filing:material-remove filing:pledge filing:check filing:done "
     "filing:corrections filing:step api:filing-section"),
    (f"OPERATOR {COUNTY_HEALTH} HEALTH_CITY LEGAL AUDITOR", "OPERATOR", "filing:letter filing:receipt"),
    (f"{COUNTY_HEALTH} LEGAL {CITY}", f"{COUNTY_HEALTH} LEGAL", "filing:queue filing:review"),
    (f"{COUNTY_HEALTH} LEGAL", f"{COUNTY_HEALTH} LEGAL", "filing:decide"),
    (COUNTY_HEALTH, COUNTY_HEALTH, "filing:verdict filing:notice"),
    ("REVIEWER", "REVIEWER", "filing:take-next filing:issue"),
    ("CHIEF", "CHIEF", "filing:assign filing:areas filing:waive"),
    ("INSPECTOR REVIEWER", "INSPECTOR REVIEWER", "filing:site-checks filing:site-check filing:contact"),
    (f"{COUNTY_HEALTH} {CITY}", "", "filing:board"),
    (f"{COUNTY_HEALTH} LEGAL {CITY} OPERATOR", "OPERATOR", "api:filings"),
    (f"{COUNTY_HEALTH} LEGAL {CITY} OPERATOR", "", "api:filing"),
    (f"{COUNTY_HEALTH} LEGAL OPERATOR", f"{COUNTY_HEALTH} LEGAL OPERATOR", "api:filing-step"),
    # --- people: kept by the institution, read by health
    (f"OPERATOR {COUNTY_HEALTH} HEALTH_CITY", "OPERATOR", "people:list people:detail"),
    ("OPERATOR", "OPERATOR", "people:new people:import people:paper people:training people:leave"),
    ("OPERATOR", "", "people:import-template"),
    (f"{COUNTY_HEALTH} HEALTH_CITY", "", "people:discrepancies"),
    (f"{COUNTY_HEALTH} HEALTH_CITY", COUNTY_HEALTH, "people:discrepancy"),
    (f"OPERATOR {COUNTY_HEALTH}", f"OPERATOR {COUNTY_HEALTH}", "people:reveal"),
    # --- inspections on the spot
    ("INSPECTOR", "INSPECTOR", "inspections:record"),
    # --- inspections: who may inspect and on what is the city's to enter, officers and ties those of a body
    (f"HEAD INSPECTOR PLANNER WITNESS LEGAL ADMIN JUSTICE {CITY}", "", "inspections:subjects inspections:matters"),
    (f"HEAD INSPECTOR PLANNER LEGAL JUSTICE {CITY}", "", "inspections:officers"),
    ("HEAD INSPECTOR JUSTICE AUDITOR", "", "inspections:ties"),
    ("LEGAL ADMIN", "LEGAL ADMIN", "inspections:subject-new inspections:matter-new inspections:subject-end "
     "inspections:matter-end"),
    ("HEAD", "HEAD", "inspections:officer-new inspections:officer-end inspections:tie-end"),
    ("HEAD INSPECTOR", "HEAD INSPECTOR", "inspections:tie-new"),
    ("JUSTICE HEALTH_CITY AUDITOR", "", "inspections:supervision"),
    # --- reports of the public
    (f"REGISTRAR {COUNTY_HEALTH}", f"REGISTRAR {COUNTY_HEALTH}", "public:report-contact"),
    # --- exchange
    (f"INTEGRATOR {COUNTY_HEALTH} POLICE {CITY} ADMIN", "INTEGRATOR ADMIN",
     "exchange:overview exchange:endpoint api:endpoints api:endpoint"),
    ("INTEGRATOR ADMIN", "INTEGRATOR ADMIN", "exchange:endpoint-create exchange:endpoint-edit exchange:endpoint-rotate "
     "exchange:endpoint-ping exchange:endpoint-switch exchange:endpoint-approve exchange:redeliver-range exchange:skip api:endpoint-rotate "
     "exchange:endpoint-close exchange:key-approve exchange:key-end api:endpoint-ping"),
    ("INTEGRATOR ADMIN", "", "exchange:keys"),
    ("INTEGRATOR", "INTEGRATOR", "exchange:key-create exchange:key-rotate"),
    ("ADMIN", "", "exchange:hosts"),
    ("ADMIN", "ADMIN", "exchange:host-propose exchange:host-end exchange:key-propose"),
    (f"INTEGRATOR REGISTRAR {COUNTY_HEALTH} POLICE {CITY} ADMIN", "",
     "exchange:deliveries exchange:delivery api:deliveries api:delivery"),
    ("INTEGRATOR HEALTH_CITY AUDITOR ADMIN", "", "exchange:deliveries-export"),
    ("INTEGRATOR REGISTRAR ADMIN", "INTEGRATOR REGISTRAR ADMIN", "exchange:redeliver api:delivery-redeliver"),
    (f"INTEGRATOR {COUNTY_HEALTH} HEALTH_CITY POLICE ADMIN", "", "api:events"),
    (f"INTEGRATOR {COUNTY_HEALTH} HEALTH_CITY POLICE", f"INTEGRATOR {COUNTY_HEALTH} HEALTH_CITY POLICE",
     "api:receipts"),
    # --- administration: every page below /admin/, whichever models are registered
    ("ADMIN", "ADMIN", "admin:"),
    ("ADMIN", "", "staff:people staff:person staff:approvals staff:calendar staff-table:template"),
    ("ADMIN", "ADMIN", "staff:new staff:grant staff:act staff:duty-end staff:identity-end staff:approval staff:approve-many staff:day-new "
     "staff:day staff:day-delete staff-table:tables staff-table:table"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Door:
    """Who may pass: `open_to` names a wider audience, else the roles by kind of method."""

    open_to: str = ""
    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()

    def roles(self, method: str) -> frozenset[str]:
        """The roles that may use this method (lower case)."""
        return self.read if method in SAFE else self.write

    def admits(self, roles: frozenset[str] | None, method: str) -> bool:
        """Whether somebody with these roles may enter; None = a visitor who is not signed in."""
        if self.open_to in {EVERYBODY, THIS_MACHINE}:
            return True
        return roles is not None and (self.open_to == SIGNED_IN or bool(roles & self.roles(method)))


def _doors() -> dict[str, Door]:
    doors: dict[str, Door] = {}
    lines = [
        *((name, Door(EVERYBODY)) for name in ONLY_EVERYBODY.split()),
        *((name, Door(SIGNED_IN)) for name in ONLY_SIGNED_IN.split()),
        *((name, Door(THIS_MACHINE)) for name in ONLY_THIS_MACHINE.split()),
        *((name, Door()) for name in NOBODYS.split()),
        *(
            (name, Door("", frozenset(read.split()), frozenset(write.split())))
            for read, write, names in GROUPS
            for name in names.split()
        ),
    ]
    for name, door in lines:
        assert name not in doors, f"{name} stands twice in the oracle"
        doors[name] = door
    return doors


DOORS = _doors()


def door_of(name: str) -> Door | None:
    """The line of a route; the pages of the administration share one."""
    return DOORS.get("admin:" if name.startswith("admin:") else name)
