# Generated from services/catalog/statements.py by scripts/generate.py. Do not edit.

"""What the catalog service asks its database, compiled when the project is generated."""

from typing import Any

from chassis.data.statement import RowLock, Statement

COUNT_HELD_RESERVATIONS = Statement(
    """SELECT count(*) AS held, coalesce(CAST(EXTRACT(epoch FROM now() - min(catalog.reservations.created_at)) AS FLOAT), %(coalesce_1)s) AS age
FROM catalog.reservations
WHERE status = 'HELD'""",
    {"coalesce_1": 0.0},
)
COUNT_UNREMOVABLE_IMAGES = Statement(
    """SELECT count(*) AS postponed
FROM catalog.unlinked_pictures
WHERE catalog.unlinked_pictures.failures > %(failures_1)s::INTEGER""",
    {"failures_1": 0},
)
LIST_CATEGORIES = Statement(
    """SELECT catalog.categories.id, catalog.categories.name, catalog.categories.product_count
FROM catalog.categories ORDER BY catalog.categories.sort_key, catalog.categories.name, catalog.categories.id
 LIMIT %(param_1)s::INTEGER""",
    {"param_1": 1000},
)
FIND_CATEGORY = Statement("""SELECT catalog.categories.id, catalog.categories.name, catalog.categories.product_count
FROM catalog.categories
WHERE catalog.categories.id = %(id)s::UUID""")
LOCK_CATEGORIES = Statement(
    """SELECT pg_advisory_xact_lock(hashtext(%(hashtext_1)s::VARCHAR)) AS pg_advisory_xact_lock_1""",
    {"hashtext_1": "categories"},
)
INSERT_CATEGORY = Statement(
    """INSERT INTO catalog.categories (id, name, key, sort_key) VALUES (%(id)s::UUID, %(name)s::VARCHAR, %(key)s::VARCHAR, %(sort_key)s::VARCHAR COLLATE "C")"""
)
COUNT_CATEGORIES = Statement("""SELECT count(*) AS number
FROM catalog.categories""")
UPDATE_CATEGORY = Statement(
    """UPDATE catalog.categories SET name=%(name)s::VARCHAR, key=%(key)s::VARCHAR, sort_key=%(sort_key)s::VARCHAR COLLATE "C" WHERE catalog.categories.id = %(category)s::UUID"""
)
DELETE_CATEGORY = Statement("""DELETE FROM catalog.categories WHERE catalog.categories.id = %(id)s::UUID""")
PRODUCT_COLUMNS = (
    "id",
    "title",
    "description",
    "price_cents",
    "currency",
    "sku",
    "category_id",
    "active",
)
FIND_PRODUCT = Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id = %(id)s::UUID""")
SELECT_PRODUCTS_BY_ID = Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id = ANY (%(ids)s::UUID[]) ORDER BY catalog.products.id DESC""")
LOCK_PRODUCT = Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id = %(id)s::UUID FOR NO KEY UPDATE""")
FILTER_COMBINATIONS = [
    (
        False,
        None,
        "newest",
    ),
    (
        False,
        None,
        "price_asc",
    ),
    (
        False,
        None,
        "price_desc",
    ),
    (
        False,
        None,
        "name",
    ),
    (
        False,
        True,
        "newest",
    ),
    (
        False,
        True,
        "price_asc",
    ),
    (
        False,
        True,
        "price_desc",
    ),
    (
        False,
        True,
        "name",
    ),
    (
        False,
        False,
        "newest",
    ),
    (
        False,
        False,
        "price_asc",
    ),
    (
        False,
        False,
        "price_desc",
    ),
    (
        False,
        False,
        "name",
    ),
    (
        True,
        None,
        "newest",
    ),
    (
        True,
        None,
        "price_asc",
    ),
    (
        True,
        None,
        "price_desc",
    ),
    (
        True,
        None,
        "name",
    ),
    (
        True,
        True,
        "newest",
    ),
    (
        True,
        True,
        "price_asc",
    ),
    (
        True,
        True,
        "price_desc",
    ),
    (
        True,
        True,
        "name",
    ),
    (
        True,
        False,
        "newest",
    ),
    (
        True,
        False,
        "price_asc",
    ),
    (
        True,
        False,
        "price_desc",
    ),
    (
        True,
        False,
        "name",
    ),
]
PAGE_STATEMENTS: dict[Any, Statement[dict[str, Any]]] = {
    (
        False,
        None,
        "newest",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        None,
        "price_asc",
    ): Statement("""SELECT products.id, products.title, products.description, products.price_cents, products.currency, products.sku, products.category_id, products.active, products.in_stock, products.reserved
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_2) AS products ORDER BY products.price_cents, products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        None,
        "price_desc",
    ): Statement("""SELECT products.id, products.title, products.description, products.price_cents, products.currency, products.sku, products.category_id, products.active, products.in_stock, products.reserved
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER) AS anon_2) AS products ORDER BY products.price_cents DESC, products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        None,
        "name",
    ): Statement("""SELECT products.id, products.title, products.description, products.price_cents, products.currency, products.sku, products.category_id, products.active, products.in_stock, products.reserved
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_2) AS products ORDER BY left(split_part(products.search_text COLLATE "C", chr(10), 1), 60), products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        True,
        "newest",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        True,
        "price_asc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        True,
        "price_desc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        True,
        "name",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        False,
        "newest",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        False,
        "price_asc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        False,
        "price_desc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        False,
        False,
        "name",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        None,
        "newest",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        None,
        "price_asc",
    ): Statement("""SELECT products.id, products.title, products.description, products.price_cents, products.currency, products.sku, products.category_id, products.active, products.in_stock, products.reserved
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_2) AS products ORDER BY products.category_id, products.price_cents, products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        None,
        "price_desc",
    ): Statement("""SELECT products.id, products.title, products.description, products.price_cents, products.currency, products.sku, products.category_id, products.active, products.in_stock, products.reserved
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER) AS anon_2) AS products ORDER BY products.category_id DESC, products.price_cents DESC, products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        None,
        "name",
    ): Statement("""SELECT products.id, products.title, products.description, products.price_cents, products.currency, products.sku, products.category_id, products.active, products.in_stock, products.reserved
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER) AS anon_2) AS products ORDER BY products.category_id, left(split_part(products.search_text COLLATE "C", chr(10), 1), 60), products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        True,
        "newest",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        True,
        "price_asc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        True,
        "price_desc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        True,
        "name",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        False,
        "newest",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        False,
        "price_asc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        False,
        "price_desc",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(limit)s::INTEGER"""),
    (
        True,
        False,
        "name",
    ): Statement("""SELECT catalog.products.id, catalog.products.title, catalog.products.description, catalog.products.price_cents, catalog.products.currency, catalog.products.sku, catalog.products.category_id, catalog.products.active, catalog.products.in_stock, catalog.products.reserved
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(limit)s::INTEGER"""),
}
INSERT_PRODUCT = Statement(
    """INSERT INTO catalog.products (id, title, description, search_text, price_cents, currency, sku, category_id, active) VALUES (%(id)s::UUID, %(title)s::VARCHAR, %(description)s::VARCHAR, %(search_text)s::VARCHAR, %(price_cents)s::INTEGER, %(currency)s::VARCHAR, %(sku)s::VARCHAR, %(category_id)s::UUID, %(active)s)"""
)
UPDATE_PRODUCT = Statement(
    """UPDATE catalog.products SET title=%(title)s::VARCHAR, description=%(description)s::VARCHAR, search_text=%(search_text)s::VARCHAR, price_cents=%(price_cents)s::INTEGER, currency=%(currency)s::VARCHAR, sku=%(sku)s::VARCHAR, category_id=%(category_id)s::UUID, active=%(active)s WHERE catalog.products.id = %(product)s::UUID"""
)
SOFT_DELETE_PRODUCT = Statement(
    """UPDATE catalog.products SET category_id=NULL, deleted_at=now() WHERE catalog.products.id = %(product)s::UUID AND catalog.products.deleted_at IS NULL"""
)
MAX_RECENT_PRODUCTS = 4000
SEARCH_STATEMENTS: dict[Any, Statement[dict[str, Any]]] = {
    (
        False,
        None,
        "newest",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.id) <= (next_older.id)) AS page ORDER BY page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        None,
        "price_asc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS anon_2) AS products ORDER BY products.price_cents, products.id
 LIMIT %(param_3)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_3.id AS id, anon_3.title AS title, anon_3.description AS description, anon_3.search_text AS search_text, anon_3.price_cents AS price_cents, anon_3.currency AS currency, anon_3.sku AS sku, anon_3.category_id AS category_id, anon_3.active AS active, anon_3.in_stock AS in_stock, anon_3.reserved AS reserved, anon_3.created_at AS created_at, anon_3.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_4)s::INTEGER) AS anon_3 UNION ALL SELECT anon_4.id AS id, anon_4.title AS title, anon_4.description AS description, anon_4.search_text AS search_text, anon_4.price_cents AS price_cents, anon_4.currency AS currency, anon_4.sku AS sku, anon_4.category_id AS category_id, anon_4.active AS active, anon_4.in_stock AS in_stock, anon_4.reserved AS reserved, anon_4.created_at AS created_at, anon_4.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_5)s::INTEGER) AS anon_4) AS products ORDER BY products.price_cents, products.id
 LIMIT %(param_6)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_7)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents, page.id
 LIMIT %(limit)s::INTEGER""",
        {
            "param_1": 4000,
            "param_2": 4000,
            "param_3": 4000,
            "param_4": 4001,
            "param_5": 4001,
            "param_6": 4001,
            "param_7": 4000,
        },
    ),
    (
        False,
        None,
        "price_desc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS anon_2) AS products ORDER BY products.price_cents DESC, products.id DESC
 LIMIT %(param_3)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_3.id AS id, anon_3.title AS title, anon_3.description AS description, anon_3.search_text AS search_text, anon_3.price_cents AS price_cents, anon_3.currency AS currency, anon_3.sku AS sku, anon_3.category_id AS category_id, anon_3.active AS active, anon_3.in_stock AS in_stock, anon_3.reserved AS reserved, anon_3.created_at AS created_at, anon_3.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_4)s::INTEGER) AS anon_3 UNION ALL SELECT anon_4.id AS id, anon_4.title AS title, anon_4.description AS description, anon_4.search_text AS search_text, anon_4.price_cents AS price_cents, anon_4.currency AS currency, anon_4.sku AS sku, anon_4.category_id AS category_id, anon_4.active AS active, anon_4.in_stock AS in_stock, anon_4.reserved AS reserved, anon_4.created_at AS created_at, anon_4.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_5)s::INTEGER) AS anon_4) AS products ORDER BY products.price_cents DESC, products.id DESC
 LIMIT %(param_6)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_7)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) <= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents DESC, page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {
            "param_1": 4000,
            "param_2": 4000,
            "param_3": 4000,
            "param_4": 4001,
            "param_5": 4001,
            "param_6": 4001,
            "param_7": 4000,
        },
    ),
    (
        False,
        None,
        "name",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS anon_2) AS products ORDER BY left(split_part(products.search_text COLLATE "C", chr(10), 1), 60), products.id
 LIMIT %(param_3)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT left(split_part(others.search_text COLLATE "C", chr(10), 1), 60) AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_3.id AS id, anon_3.title AS title, anon_3.description AS description, anon_3.search_text AS search_text, anon_3.price_cents AS price_cents, anon_3.currency AS currency, anon_3.sku AS sku, anon_3.category_id AS category_id, anon_3.active AS active, anon_3.in_stock AS in_stock, anon_3.reserved AS reserved, anon_3.created_at AS created_at, anon_3.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_3
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_4)s::INTEGER) AS anon_3 UNION ALL SELECT anon_4.id AS id, anon_4.title AS title, anon_4.description AS description, anon_4.search_text AS search_text, anon_4.price_cents AS price_cents, anon_4.currency AS currency, anon_4.sku AS sku, anon_4.category_id AS category_id, anon_4.active AS active, anon_4.in_stock AS in_stock, anon_4.reserved AS reserved, anon_4.created_at AS created_at, anon_4.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_4
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_5)s::INTEGER) AS anon_4) AS products ORDER BY left(split_part(products.search_text COLLATE "C", chr(10), 1), 60), products.id
 LIMIT %(param_6)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_7)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (left(split_part(older_candidates.search_text COLLATE "C", chr(10), 1), 60), older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY left(split_part(page.search_text COLLATE "C", chr(10), 1), 60), page.id
 LIMIT %(limit)s::INTEGER""",
        {
            "param_1": 4000,
            "param_2": 4000,
            "param_3": 4000,
            "param_4": 4001,
            "param_5": 4001,
            "param_6": 4001,
            "param_7": 4000,
        },
    ),
    (
        False,
        True,
        "newest",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.id) <= (next_older.id)) AS page ORDER BY page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        True,
        "price_asc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents, page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        True,
        "price_desc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) <= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents DESC, page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        True,
        "name",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT left(split_part(others.search_text COLLATE "C", chr(10), 1), 60) AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (left(split_part(older_candidates.search_text COLLATE "C", chr(10), 1), 60), older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY left(split_part(page.search_text COLLATE "C", chr(10), 1), 60), page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        False,
        "newest",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.id < %(before)s::UUID ORDER BY catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.id) <= (next_older.id)) AS page ORDER BY page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        False,
        "price_asc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) > (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.price_cents, catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents, page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        False,
        "price_desc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.products.price_cents, catalog.products.id) < (coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) <= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents DESC, page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        False,
        False,
        "name",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT left(split_part(others.search_text COLLATE "C", chr(10), 1), 60) AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (left(split_part(older_candidates.search_text COLLATE "C", chr(10), 1), 60), older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY left(split_part(page.search_text COLLATE "C", chr(10), 1), 60), page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        None,
        "newest",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.id) <= (next_older.id)) AS page ORDER BY page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        None,
        "price_asc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS anon_2) AS products ORDER BY products.category_id, products.price_cents, products.id
 LIMIT %(param_3)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_3.id AS id, anon_3.title AS title, anon_3.description AS description, anon_3.search_text AS search_text, anon_3.price_cents AS price_cents, anon_3.currency AS currency, anon_3.sku AS sku, anon_3.category_id AS category_id, anon_3.active AS active, anon_3.in_stock AS in_stock, anon_3.reserved AS reserved, anon_3.created_at AS created_at, anon_3.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_4)s::INTEGER) AS anon_3 UNION ALL SELECT anon_4.id AS id, anon_4.title AS title, anon_4.description AS description, anon_4.search_text AS search_text, anon_4.price_cents AS price_cents, anon_4.currency AS currency, anon_4.sku AS sku, anon_4.category_id AS category_id, anon_4.active AS active, anon_4.in_stock AS in_stock, anon_4.reserved AS reserved, anon_4.created_at AS created_at, anon_4.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_5)s::INTEGER) AS anon_4) AS products ORDER BY products.category_id, products.price_cents, products.id
 LIMIT %(param_6)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_7)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents, page.id
 LIMIT %(limit)s::INTEGER""",
        {
            "param_1": 4000,
            "param_2": 4000,
            "param_3": 4000,
            "param_4": 4001,
            "param_5": 4001,
            "param_6": 4001,
            "param_7": 4000,
        },
    ),
    (
        True,
        None,
        "price_desc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS anon_2) AS products ORDER BY products.category_id DESC, products.price_cents DESC, products.id DESC
 LIMIT %(param_3)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_3.id AS id, anon_3.title AS title, anon_3.description AS description, anon_3.search_text AS search_text, anon_3.price_cents AS price_cents, anon_3.currency AS currency, anon_3.sku AS sku, anon_3.category_id AS category_id, anon_3.active AS active, anon_3.in_stock AS in_stock, anon_3.reserved AS reserved, anon_3.created_at AS created_at, anon_3.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_4)s::INTEGER) AS anon_3 UNION ALL SELECT anon_4.id AS id, anon_4.title AS title, anon_4.description AS description, anon_4.search_text AS search_text, anon_4.price_cents AS price_cents, anon_4.currency AS currency, anon_4.sku AS sku, anon_4.category_id AS category_id, anon_4.active AS active, anon_4.in_stock AS in_stock, anon_4.reserved AS reserved, anon_4.created_at AS created_at, anon_4.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_5)s::INTEGER) AS anon_4) AS products ORDER BY products.category_id DESC, products.price_cents DESC, products.id DESC
 LIMIT %(param_6)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_7)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) <= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents DESC, page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {
            "param_1": 4000,
            "param_2": 4000,
            "param_3": 4000,
            "param_4": 4001,
            "param_5": 4001,
            "param_6": 4001,
            "param_7": 4000,
        },
    ),
    (
        True,
        None,
        "name",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_1.id AS id, anon_1.title AS title, anon_1.description AS description, anon_1.search_text AS search_text, anon_1.price_cents AS price_cents, anon_1.currency AS currency, anon_1.sku AS sku, anon_1.category_id AS category_id, anon_1.active AS active, anon_1.in_stock AS in_stock, anon_1.reserved AS reserved, anon_1.created_at AS created_at, anon_1.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.title AS title, anon_2.description AS description, anon_2.search_text AS search_text, anon_2.price_cents AS price_cents, anon_2.currency AS currency, anon_2.sku AS sku, anon_2.category_id AS category_id, anon_2.active AS active, anon_2.in_stock AS in_stock, anon_2.reserved AS reserved, anon_2.created_at AS created_at, anon_2.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS anon_2) AS products ORDER BY products.category_id, left(split_part(products.search_text COLLATE "C", chr(10), 1), 60), products.id
 LIMIT %(param_3)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT left(split_part(others.search_text COLLATE "C", chr(10), 1), 60) AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT anon_3.id AS id, anon_3.title AS title, anon_3.description AS description, anon_3.search_text AS search_text, anon_3.price_cents AS price_cents, anon_3.currency AS currency, anon_3.sku AS sku, anon_3.category_id AS category_id, anon_3.active AS active, anon_3.in_stock AS in_stock, anon_3.reserved AS reserved, anon_3.created_at AS created_at, anon_3.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_3
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_4)s::INTEGER) AS anon_3 UNION ALL SELECT anon_4.id AS id, anon_4.title AS title, anon_4.description AS description, anon_4.search_text AS search_text, anon_4.price_cents AS price_cents, anon_4.currency AS currency, anon_4.sku AS sku, anon_4.category_id AS category_id, anon_4.active AS active, anon_4.in_stock AS in_stock, anon_4.reserved AS reserved, anon_4.created_at AS created_at, anon_4.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_4
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_5)s::INTEGER) AS anon_4) AS products ORDER BY products.category_id, left(split_part(products.search_text COLLATE "C", chr(10), 1), 60), products.id
 LIMIT %(param_6)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_7)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (left(split_part(older_candidates.search_text COLLATE "C", chr(10), 1), 60), older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY left(split_part(page.search_text COLLATE "C", chr(10), 1), 60), page.id
 LIMIT %(limit)s::INTEGER""",
        {
            "param_1": 4000,
            "param_2": 4000,
            "param_3": 4000,
            "param_4": 4001,
            "param_5": 4001,
            "param_6": 4001,
            "param_7": 4000,
        },
    ),
    (
        True,
        True,
        "newest",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.id) <= (next_older.id)) AS page ORDER BY page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        True,
        "price_asc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents, page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        True,
        "price_desc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) <= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents DESC, page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        True,
        "name",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT left(split_part(others.search_text COLLATE "C", chr(10), 1), 60) AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (left(split_part(older_candidates.search_text COLLATE "C", chr(10), 1), 60), older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY left(split_part(page.search_text COLLATE "C", chr(10), 1), 60), page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        False,
        "newest",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.id) < (%(category_id)s::UUID, %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.id) <= (next_older.id)) AS page ORDER BY page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        False,
        "price_asc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), -1), %(before)s::UUID) ORDER BY catalog.products.category_id, catalog.products.price_cents, catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents, page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        False,
        "price_desc",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT others.price_cents AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id >= %(category_id)s::UUID AND (catalog.products.category_id, catalog.products.price_cents, catalog.products.id) < (%(category_id)s::UUID, coalesce((SELECT before.price_cents
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), 2147483647), %(before)s::UUID) ORDER BY catalog.products.category_id DESC, catalog.products.price_cents DESC, catalog.products.id DESC
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (older_candidates.price_cents, older_candidates.id) <= (next_older.sort_key, next_older.id)) AS page ORDER BY page.price_cents DESC, page.id DESC
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
    (
        True,
        False,
        "name",
    ): Statement(
        """WITH recent_matches AS
(SELECT products.id AS id, products.title AS title, products.description AS description, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_1
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_1)s::INTEGER) AS products
WHERE products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT %(limit)s::INTEGER),
next_older AS
(SELECT left(split_part(others.search_text COLLATE "C", chr(10), 1), 60) AS sort_key, others.id AS id
FROM (SELECT products.id AS id, products.title AS title, products.description AS description, products.search_text AS search_text, products.price_cents AS price_cents, products.currency AS currency, products.sku AS sku, products.category_id AS category_id, products.active AS active, products.in_stock AS in_stock, products.reserved AS reserved, products.created_at AS created_at, products.deleted_at AS deleted_at
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.search_text AS search_text, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.created_at AS created_at, catalog.products.deleted_at AS deleted_at
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND NOT catalog.products.active AND catalog.products.category_id <= %(category_id)s::UUID AND (catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id) > (%(category_id)s::UUID, coalesce((SELECT left(split_part(before.search_text COLLATE "C", chr(10), 1), 60) AS left_2
FROM catalog.products AS before
WHERE before.id = %(before)s::UUID), ''), %(before)s::UUID) ORDER BY catalog.products.category_id, left(split_part(catalog.products.search_text COLLATE "C", chr(10), 1), 60), catalog.products.id
 LIMIT %(param_2)s::INTEGER) AS products
 LIMIT ALL OFFSET %(param_3)s::INTEGER) AS others)
 SELECT page.id, page.title, page.description, page.price_cents, page.currency, page.sku, page.category_id, page.active, page.in_stock, page.reserved
FROM (SELECT recent_matches.id AS id, recent_matches.title AS title, recent_matches.description AS description, recent_matches.price_cents AS price_cents, recent_matches.currency AS currency, recent_matches.sku AS sku, recent_matches.category_id AS category_id, recent_matches.active AS active, recent_matches.in_stock AS in_stock, recent_matches.reserved AS reserved, recent_matches.search_text AS search_text
FROM recent_matches UNION ALL SELECT older_candidates.id AS id, older_candidates.title AS title, older_candidates.description AS description, older_candidates.price_cents AS price_cents, older_candidates.currency AS currency, older_candidates.sku AS sku, older_candidates.category_id AS category_id, older_candidates.active AS active, older_candidates.in_stock AS in_stock, older_candidates.reserved AS reserved, older_candidates.search_text AS search_text
FROM (SELECT catalog.products.id AS id, catalog.products.title AS title, catalog.products.description AS description, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.sku AS sku, catalog.products.category_id AS category_id, catalog.products.active AS active, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.search_text AS search_text
FROM catalog.products
WHERE (SELECT count(*) AS count_1
FROM recent_matches) < %(limit)s::INTEGER AND (EXISTS (SELECT *
FROM next_older)) AND catalog.products.deleted_at IS NULL AND catalog.products.category_id = %(category_id)s::UUID AND NOT catalog.products.active AND (catalog.word_endings(catalog.products.search_text) @@ CAST(%(endings)s AS TSQUERY)) AND catalog.products.search_text LIKE %(pattern)s::VARCHAR
 LIMIT ALL OFFSET 0) AS older_candidates, next_older
WHERE (left(split_part(older_candidates.search_text COLLATE "C", chr(10), 1), 60), older_candidates.id) >= (next_older.sort_key, next_older.id)) AS page ORDER BY left(split_part(page.search_text COLLATE "C", chr(10), 1), 60), page.id
 LIMIT %(limit)s::INTEGER""",
        {"param_1": 4000, "param_2": 4001, "param_3": 4000},
    ),
}
IMAGE_COLUMNS = (
    "id",
    "product_id",
    "alt",
    "width",
    "height",
)
SELECT_IMAGES_OF_PRODUCT = Statement("""SELECT catalog.images.id, catalog.images.product_id, catalog.images.alt, catalog.images.width, catalog.images.height
FROM catalog.images
WHERE catalog.images.product_id = %(product_id)s::UUID ORDER BY catalog.images.id""")
SELECT_FIRST_IMAGES = Statement("""SELECT DISTINCT ON (catalog.images.product_id) catalog.images.id, catalog.images.product_id, catalog.images.alt, catalog.images.width, catalog.images.height
FROM catalog.images
WHERE catalog.images.product_id = ANY (%(product_ids)s::UUID[]) ORDER BY catalog.images.product_id, catalog.images.id""")
INSERT_IMAGE = Statement(
    """INSERT INTO catalog.images (id, product_id, alt, width, height) VALUES (%(id)s::UUID, %(product_id)s::UUID, %(alt)s::VARCHAR, %(width)s::INTEGER, %(height)s::INTEGER)"""
)
DELETE_IMAGE = Statement(
    """DELETE FROM catalog.images WHERE catalog.images.product_id = %(product_id)s::UUID AND catalog.images.id = %(id)s::UUID"""
)
DELETE_IMAGES_OF_PRODUCT = Statement(
    """DELETE FROM catalog.images WHERE catalog.images.product_id = %(product_id)s::UUID RETURNING catalog.images.id"""
)
INSERT_UNLINKED_IMAGE = Statement("""INSERT INTO catalog.unlinked_pictures (image_id) VALUES (%(id)s::UUID)""")
DELETE_RECENT_UNLINKED_IMAGE = Statement(
    """DELETE FROM catalog.unlinked_pictures WHERE catalog.unlinked_pictures.image_id = %(id)s::UUID AND catalog.unlinked_pictures.since > now() - interval '5 minutes'"""
)
DELETE_UNLINKED_IMAGE = Statement(
    """DELETE FROM catalog.unlinked_pictures WHERE catalog.unlinked_pictures.image_id = %(id)s::UUID"""
)
POSTPONE_UNLINKED_IMAGE = Statement(
    """UPDATE catalog.unlinked_pictures SET failures=(catalog.unlinked_pictures.failures + %(failures_1)s::INTEGER), retry_at=(now() + least(power(%(power_1)s::INTEGER, least(catalog.unlinked_pictures.failures, %(least_1)s::INTEGER)) * interval '1 minute', interval '1 day')) WHERE catalog.unlinked_pictures.image_id = %(id)s::UUID""",
    {"failures_1": 1, "power_1": 2, "least_1": 11},
)
SELECT_DUE_UNLINKED_IMAGES = Statement(
    """SELECT catalog.unlinked_pictures.image_id
FROM catalog.unlinked_pictures
WHERE catalog.unlinked_pictures.since < now() - interval '10 minutes' AND (catalog.unlinked_pictures.retry_at IS NULL OR catalog.unlinked_pictures.retry_at < now()) ORDER BY catalog.unlinked_pictures.since
 LIMIT %(param_1)s::INTEGER""",
    {"param_1": 100},
)
FIND_STOCK = Statement("""SELECT catalog.products.id AS product_id, catalog.products.in_stock, catalog.products.reserved, catalog.products.price_cents, catalog.products.currency, catalog.products.active
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id = %(product_id)s::UUID""")
SELECT_STOCK_OF_PRODUCTS = Statement("""SELECT catalog.products.id AS product_id, catalog.products.in_stock, catalog.products.reserved, catalog.products.price_cents, catalog.products.currency, catalog.products.active
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id = ANY (%(ids)s::UUID[])""")
LOCK_PRODUCTS = Statement("""SELECT catalog.products.id
FROM catalog.products
WHERE catalog.products.id = ANY (%(ids)s::UUID[]) ORDER BY catalog.products.id FOR NO KEY UPDATE""")
LOCK_STOCK = Statement("""SELECT catalog.products.id AS product_id, catalog.products.in_stock, catalog.products.reserved, catalog.products.price_cents, catalog.products.currency, catalog.products.active
FROM catalog.products
WHERE catalog.products.deleted_at IS NULL AND catalog.products.id = ANY (%(ids)s::UUID[]) ORDER BY catalog.products.id FOR NO KEY UPDATE""")
RESERVE_STOCK = Statement("""WITH locked AS
(SELECT catalog.products.id AS product_id, catalog.products.in_stock AS in_stock, catalog.products.reserved AS reserved, catalog.products.price_cents AS price_cents, catalog.products.currency AS currency, catalog.products.active AS active, anon_1.qty AS qty
FROM catalog.products JOIN unnest(%(ids)s::UUID[], %(qtys)s::INTEGER[]) AS anon_1(id, qty) ON catalog.products.id = anon_1.id
WHERE catalog.products.deleted_at IS NULL ORDER BY catalog.products.id FOR NO KEY UPDATE OF products),
taken AS
(UPDATE catalog.products SET reserved=(catalog.products.reserved + locked.qty) FROM locked WHERE catalog.products.id = locked.product_id AND locked.in_stock - locked.reserved >= locked.qty),
priced AS
(UPDATE catalog.reservations SET prices=coalesce((SELECT jsonb_object_agg(locked.product_id, locked.price_cents) AS jsonb_object_agg_1
FROM locked), '{}'::jsonb) WHERE catalog.reservations.order_id = %(order_id)s::UUID)
 SELECT locked.product_id, locked.in_stock, locked.reserved, locked.price_cents, locked.currency, locked.active
FROM locked""")
CHANGE_STOCK = Statement("""WITH locked AS
(SELECT catalog.products.id AS id, anon_1.qty AS qty
FROM catalog.products JOIN unnest(%(ids)s::UUID[], %(qtys)s::INTEGER[]) AS anon_1(id, qty) ON catalog.products.id = anon_1.id ORDER BY catalog.products.id FOR NO KEY UPDATE OF products)
 UPDATE catalog.products SET in_stock=(catalog.products.in_stock + %(in_stock)s::INTEGER * locked.qty), reserved=(catalog.products.reserved + %(reserved)s::INTEGER * locked.qty) FROM locked WHERE catalog.products.id = locked.id""")
STOCK_MOVEMENT_COLUMNS = (
    "product_id",
    "qty",
    "reason",
    "admin_id",
)
INSERT_STOCK_MOVEMENTS = Statement("""INSERT INTO catalog.stock_movements (product_id, qty, reason, admin_id) SELECT anon_1.product_id, anon_1.qty, anon_1.reason, anon_1.admin_id
FROM unnest(%(product_ids)s::UUID[], %(qtys)s::INTEGER[], %(reasons)s::TEXT[], %(admin_ids)s::UUID[]) AS anon_1(product_id, qty, reason, admin_id)""")
SELECT_MOVEMENTS_OF_PRODUCT = Statement("""SELECT catalog.stock_movements.id, catalog.stock_movements.product_id, catalog.stock_movements.qty, catalog.stock_movements.reason, catalog.stock_movements.admin_id, catalog.stock_movements.moved_at
FROM catalog.stock_movements
WHERE (catalog.stock_movements.product_id, catalog.stock_movements.id) < (%(product_id)s::UUID, %(before)s::BIGINT) AND catalog.stock_movements.product_id >= %(product_id)s::UUID ORDER BY catalog.stock_movements.product_id DESC, catalog.stock_movements.id DESC
 LIMIT %(limit)s::INTEGER""")
INSERT_RESERVATION = Statement(
    """INSERT INTO catalog.reservations (order_id, pieces, status) VALUES (%(order_id)s::UUID, %(pieces)s::JSONB, %(status)s::VARCHAR) ON CONFLICT DO NOTHING"""
)
LOCK_RESERVATION = RowLock(
    locked=Statement("""SELECT catalog.reservations.order_id, catalog.reservations.pieces, catalog.reservations.prices, catalog.reservations.returned, catalog.reservations.status, catalog.reservations.created_at
FROM catalog.reservations
WHERE catalog.reservations.order_id = %(order_id)s::UUID FOR UPDATE OF reservations"""),
    unlocked=Statement("""SELECT catalog.reservations.order_id, catalog.reservations.pieces, catalog.reservations.prices, catalog.reservations.returned, catalog.reservations.status, catalog.reservations.created_at, catalog.reservations.xmin AS row_version
FROM catalog.reservations
WHERE catalog.reservations.order_id = %(order_id)s::UUID"""),
    unchanged=Statement("""SELECT 1
FROM catalog.reservations
WHERE catalog.reservations.order_id = %(order_id)s::UUID AND catalog.reservations.xmin = %(row_version)s FOR UPDATE OF reservations"""),
)
UPDATE_RESERVATION = Statement(
    """UPDATE catalog.reservations SET returned=%(returned)s::JSONB, status=%(status)s::VARCHAR WHERE catalog.reservations.order_id = %(order)s::UUID"""
)
PURGE_SETTLED_RESERVATIONS = Statement(
    """WITH expired AS
(SELECT catalog.reservations.order_id AS id
FROM catalog.reservations
WHERE catalog.reservations.order_id < CAST(rpad(lpad(to_hex(CAST(EXTRACT(epoch FROM now() - %(retention)s::INTERVAL) * %(param_1)s::INTEGER AS BIGINT)), %(lpad_1)s::INTEGER, %(lpad_2)s::VARCHAR), %(rpad_1)s::INTEGER, %(rpad_2)s::VARCHAR) AS UUID) AND substr(CAST(catalog.reservations.order_id AS TEXT), %(substr_1)s::INTEGER, %(substr_2)s::INTEGER) >= %(substr_3)s::VARCHAR AND reservations.status <> 'HELD' ORDER BY catalog.reservations.order_id
 LIMIT %(batch)s::INTEGER)
 DELETE FROM catalog.reservations WHERE catalog.reservations.order_id = ANY (array((SELECT expired.id
FROM expired)))""",
    {
        "param_1": 1000,
        "lpad_1": 12,
        "lpad_2": "0",
        "rpad_1": 32,
        "rpad_2": "0",
        "substr_1": 15,
        "substr_2": 1,
        "substr_3": "7",
    },
)
