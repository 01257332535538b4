"""Find products by any part of a word, and those for sale without reading past the others.

Indexes that the release before does not notice, built while products are read and written: some minutes of CPU for a
million, until which the next release is not ready. What was added to full pages before is moved once when its stock
changes, which takes the indexes a millisecond or two; a tenth of each page that is filled from now on is left for that.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

# Of each word the eight characters from its first, from its second, and so on: what contains "lamp" has an ending that
# begins with it. Eight keep the longest description that there can be below the megabyte that a tsvector may take.
# Words of scripts without blanks are as long as a sentence, and cut up first: the n-th character is n steps away.
WORD_ENDINGS = r"""
CREATE OR REPLACE FUNCTION catalog.word_endings(words text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 2000
RETURN (
    WITH word AS (SELECT word FROM string_to_table(replace(words, E'\n', ' '), ' ') AS word),
    part AS (
        SELECT word AS part, length(word) AS endings FROM word WHERE length(word) <= 64
        UNION ALL
        SELECT substr(word, start, 71), least(64, length(word) - start + 1)
        FROM word, generate_series(1, length(word), 64) AS start WHERE length(word) > 64
    )
    SELECT array_to_tsvector(array_agg(substr(part, first, 8))) FROM part, generate_series(1, endings) AS first
)
"""
INDEXES = {
    "products_for_sale": "(id) WHERE active AND deleted_at IS NULL",
    "products_not_for_sale": "(id) WHERE NOT active AND deleted_at IS NULL",
    "products_of_a_category_for_sale": "(category_id, id) WHERE active AND deleted_at IS NULL",
    "products_of_a_category_not_for_sale": "(category_id, id) WHERE NOT active AND deleted_at IS NULL",
    "products_by_word_endings": "USING gin (catalog.word_endings(search_text)) WITH (fastupdate = off)",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(sa.text(WORD_ENDINGS))
    op.execute("ALTER TABLE catalog.products SET (fillfactor = 90)")
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS catalog.{name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON catalog.products {definition}")
        # Nobody plans by how often an ending occurs, and to count them would take ANALYZE seconds.
        op.execute("ALTER INDEX catalog.products_by_word_endings ALTER COLUMN 1 SET STATISTICS 0")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS catalog.{name}")
    op.execute("ALTER TABLE catalog.products RESET (fillfactor)")
    op.execute("DROP FUNCTION catalog.word_endings")
