"""Count the products of each category that are for sale, so that nobody counts a million to list a few categories.

A trigger keeps the number, so that it is right whichever release writes a product. It looks only at changes of what it
counts, which a change of the stock is none of. Products wait to be written while they are counted the first time, less
than a second for a million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

# Categories are locked in the order of their ids, so that two that move products the other way round wait in no circle.
COUNT_PRODUCTS = """
CREATE FUNCTION catalog.count_products() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_category uuid;
    new_category uuid;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.active AND OLD.deleted_at IS NULL THEN old_category = OLD.category_id; END IF;
    IF TG_OP <> 'DELETE' AND NEW.active AND NEW.deleted_at IS NULL THEN new_category = NEW.category_id; END IF;
    IF old_category IS DISTINCT FROM new_category THEN
        PERFORM FROM catalog.categories WHERE id IN (old_category, new_category) ORDER BY id FOR NO KEY UPDATE;
        UPDATE catalog.categories SET product_count = product_count + CASE id WHEN new_category THEN 1 ELSE -1 END
        WHERE id IN (old_category, new_category);
    END IF;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER products_are_counted AFTER INSERT OR DELETE OR UPDATE OF category_id, active, deleted_at
ON catalog.products FOR EACH ROW EXECUTE FUNCTION catalog.count_products()
"""
COUNT_ALL = """
UPDATE catalog.categories SET product_count = counted.number
FROM (
    SELECT category_id, count(*) AS number FROM catalog.products
    WHERE active AND deleted_at IS NULL GROUP BY category_id
) counted
WHERE counted.category_id = categories.id
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "categories",
        sa.Column("product_count", sa.Integer, nullable=False, server_default=sa.text("0")),
        schema="catalog",
    )
    op.execute(sa.text(COUNT_PRODUCTS))
    op.execute(sa.text(TRIGGER))
    op.execute(sa.text(COUNT_ALL))


def downgrade() -> None:
    op.execute("DROP TRIGGER products_are_counted ON catalog.products")
    op.execute("DROP FUNCTION catalog.count_products")
    op.drop_column("categories", "product_count", schema="catalog")
