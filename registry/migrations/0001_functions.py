"""The function the search index is made of. Immutable: the same text always gives the same pieces."""

from django.db import migrations

BIGRAMS = """
CREATE FUNCTION registry_bigrams(content text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  letters text[] := string_to_array(content, NULL);
  pieces text[] := '{}';
BEGIN
  FOR i IN 1 .. cardinality(letters) - 1 LOOP
    pieces := pieces || (letters[i] || letters[i + 1]);
  END LOOP;
  RETURN pieces;
END $$
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(BIGRAMS, "DROP FUNCTION registry_bigrams(text)")]
