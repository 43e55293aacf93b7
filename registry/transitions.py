"""From where to where a registration may go: read by the workflow table and by the database guard alike."""

ACTIVE, CANCELLED, REVOKED, RESCINDED = "ACTIVE", "CANCELLED", "REVOKED", "RESCINDED"

# 注销, 吊销, 撤销 are final (domain.md §1.4).
STATUS_CHANGES = ((ACTIVE, CANCELLED), (ACTIVE, REVOKED), (ACTIVE, RESCINDED))

# domain.md §2.5; CHANGE_SUBMITTED and SUSPENDED are the portal's own states ([A], decision 6).
LIVE = ("RECEIPTED", "VERIFYING", "FILED", "NONCONFORMING", "CHANGING", "CHANGE_SUBMITTED", "SUSPENDED")
OPEN = ("DRAFT", "SUBMITTED", "SUPPLEMENT")
FILING_CHANGES = (
    ("DRAFT", "SUBMITTED"),
    ("SUBMITTED", "DRAFT"),
    ("SUBMITTED", "SUPPLEMENT"),
    ("SUBMITTED", "REJECTED"),
    ("SUBMITTED", "RECEIPTED"),
    ("SUPPLEMENT", "SUBMITTED"),
    ("SUPPLEMENT", "DRAFT"),
    ("RECEIPTED", "VERIFYING"),
    ("VERIFYING", "FILED"),
    ("VERIFYING", "NONCONFORMING"),
    ("NONCONFORMING", "VERIFYING"),
    ("FILED", "CHANGING"),
    ("CHANGING", "FILED"),
    ("CHANGING", "CHANGE_SUBMITTED"),
    ("CHANGE_SUBMITTED", "CHANGING"),
    ("CHANGE_SUBMITTED", "FILED"),
    ("FILED", "SUSPENDED"),
    ("SUSPENDED", "FILED"),
    *((state, "CANCELLED") for state in (*OPEN, *LIVE)),
    *((state, "RESCINDED") for state in LIVE),
)

# A report of the public: answered once; a transfer keeps it open.
REPORT_CHANGES = (("OPEN", "ANSWERED"),)
