"""A city for the nightly run: the mass institutions, a third of them with copies of the lived-through filings and people."""

from __future__ import annotations

import os

from django.core.management import call_command
from django.db import connection, transaction

# No trigger and no foreign key is asked: the rows are copies of good ones.
PAIRS = """
SET LOCAL statement_timeout = 0;
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE pair ON COMMIT DROP AS
SELECT i.number * 1000000 AS shift, i.id AS place, f.id AS filing, f.institution_id AS source
FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM registry_institution
      WHERE channel = 'DEMO' AND created_by_id IS NULL AND filed_on IS NOT NULL AND status = 'ACTIVE' AND id % 3 = 0) i
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS many FROM registry_filing
      WHERE receipt_no <> '' AND status IN ('FILED', 'VERIFYING')) f ON i.number % f.many = f.number - 1;
"""
# (table, which rows of the pair's source, what is different in the copy)
COPIES = (
    ("registry_filing", "t.id = pair.filing", "'institution_id', place, 'no', 'C' || t.id + shift, 'receipt_no', 'R' || t.id + shift"),
    ("registry_filingversion", "t.filing_id = pair.filing", "'filing_id', filing + shift"),
    ("registry_filingreceipt", "t.filing_id = pair.filing", "'filing_id', filing + shift, 'receipt_no', 'R' || filing + shift"),
    ("registry_sitecheck", "t.filing_id = pair.filing", "'filing_id', filing + shift"),
    ("registry_closureplan", "t.filing_id = pair.filing", "'filing_id', filing + shift"),
    ("registry_person", "t.id IN (SELECT person_id FROM registry_post WHERE institution_id = source)", "'id_index', t.id + shift"),
    ("registry_post", "t.institution_id = source", "'institution_id', place, 'person_id', t.person_id + shift"),
    ("registry_credential", "t.institution_id = source", "'institution_id', place, 'person_id', t.person_id + shift"),
    ("registry_training", "t.institution_id = source", "'institution_id', place, 'person_id', t.person_id + shift"),
)  # fmt: skip
COPY = """
INSERT INTO {table} SELECT made.* FROM pair JOIN {table} t ON {of},
LATERAL jsonb_populate_record(t, jsonb_build_object('id', t.id + shift, {different})) made
"""
STATES = """
UPDATE registry_institution i SET filing_state = f.status FROM pair JOIN registry_filing f ON f.id = filing + shift
WHERE i.id = place
"""


def build(institutions: int) -> None:
    """So many institutions in an empty database; everything that was filed has its entry afterwards, up to the day."""
    from registry.register.daily import refresh_all

    with open(os.devnull, "w") as nowhere:
        call_command("seed_demo", institutions=institutions, stdout=nowhere)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PAIRS)
        for table, of, different in COPIES:
            cursor.execute(COPY.format(table=table, of=of, different=different))
        cursor.execute(STATES)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    refresh_all()
