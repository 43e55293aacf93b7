"""The function the search index is made of. Immutable: the same row always gives the same pieces.

The pieces of a text are its pairs of characters; `@region` and `#grade` stand beside them, so that the index itself
intersects a frequent word with a county and a grade.
"""

from django.db import migrations

PIECES = """
CREATE FUNCTION registry_pieces(content text, region text, grade text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  letters text[] := string_to_array(content, NULL);
  pieces text[] := ARRAY['@' || region, '#' || grade];
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
    operations = [migrations.RunSQL(PIECES, "DROP FUNCTION registry_pieces(text, text, text)")]
