"""From where to where a registration may go: read by the workflow table and by the database guard alike."""

ACTIVE, CANCELLED, REVOKED, RESCINDED = "ACTIVE", "CANCELLED", "REVOKED", "RESCINDED"

# 注销, 吊销, 撤销 are final (domain.md §1.4).
STATUS_CHANGES = ((ACTIVE, CANCELLED), (ACTIVE, REVOKED), (ACTIVE, RESCINDED))
