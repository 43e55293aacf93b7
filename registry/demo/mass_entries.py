"""The public register of a large city: entries for the institutions of `mass.py`, made by one statement.

Grades, fees and places are spread by the number of the row: nobody said them, they only make a search do its work.
"""

from __future__ import annotations

from django.db import connection, transaction

TABLE = "registry_publicentry"
INDEXES = ("public_words", "public_latin")
INSERT = f"""
INSERT INTO {TABLE} (institution_id, uscc, name, words, latin, listed, order_key, status, nature, region_id, town_id,
  grade, months_mask, service_modes, inclusive, meal_mode, fee_month, capacity_total, places_free, last_checked_on,
  card, content, version, changed_at)
SELECT i.id, i.uscc, i.name, lower(i.name || E'\\n' || i.registered_address),
  i.name_initials || E'\\n' || i.name_pinyin || E'\\n' || lower(i.uscc), true,
  g.place || '0' || reverse(i.uscc), 'FILED', i.nature, i.region_id, i.town_id, g.grade, 68719472640,
  CASE i.id % 3 WHEN 0 THEN '{{FULL_DAY}}'::varchar[] ELSE '{{FULL_DAY,HALF_DAY}}'::varchar[] END, i.id % 4 = 0,
  'CANTEEN', 900 + i.id % 28 * 100, 20 + i.id % 80, i.id % 9, i.filed_on,
  jsonb_build_object('uscc', i.uscc, 'name', i.name, 'former_names', '[]'::jsonb, 'status', 'FILED',
    'status_text', '已备案', 'nature', i.nature, 'region_code', i.region_id, 'region', r.name, 'town_code', i.town_id,
    'town', t.name, 'address', i.registered_address, 'phone', '', 'opening_hours', '', 'filed_on', i.filed_on, 'plans', '[]'::jsonb,
     'grade', g.grade, 'grade_until', null,
    'age_from', 12, 'age_to', 36, 'service_modes', '["FULL_DAY"]'::jsonb, 'inclusive_applied', i.id % 4 = 0,
    'meal_mode', 'CANTEEN', 'fee_month', (900 + i.id % 28 * 100)::text || '.00', 'capacity_total', 20 + i.id % 80,
    'places_free', i.id % 9, 'reported_on', i.filed_on, 'last_checked_on', i.filed_on,
    'links', jsonb_build_object('self', '/api/v1/institutions/' || i.uscc || '/', 'page', '/institutions/' || i.uscc || '/')),
  '{{}}'::jsonb, 1, i.updated_at
FROM registry_institution i
JOIN yancheng_childcare_region r ON r.code = i.region_id
JOIN yancheng_childcare_region t ON t.code = i.town_id
CROSS JOIN LATERAL (SELECT (ARRAY['A', 'B', 'C', '', 'D', ''])[1 + i.id % 6] AS grade,
                           (ARRAY['0', '1', '2', '3', '4', '3'])[1 + i.id % 6] AS place) g
WHERE i.status = 'ACTIVE' AND i.filed_on IS NOT NULL AND i.channel = 'DEMO' AND i.created_by_id IS NULL
ON CONFLICT DO NOTHING
"""


def load_entries() -> int:
    """Write the missing entries of mass institutions; returns how many. Foreign keys hold by construction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(INSERT)
        written = int(cursor.rowcount)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {TABLE}")
    return written
