"""Functions of the database that indexes are made of; `remake_migrations` writes them before the tables."""

from __future__ import annotations

# The pieces of a text are its pairs of characters; `@region` and `#grade` stand beside them, so that the index itself
# intersects a frequent word with a county and a grade. Immutable: the same row always gives the same pieces.
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
DATABASE_FUNCTIONS = ((PIECES, "DROP FUNCTION registry_pieces(text, text, text)"),)
