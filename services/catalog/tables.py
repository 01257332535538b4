"""The tables of the catalog service, in its own schema."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.events.tables import dead_letters_table, inbox_table
from chassis.web.tables import idempotency_keys_table

metadata = sa.MetaData(schema="catalog")

categories = sa.Table(
    "categories",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    # What two spellings of one name have in common, and what names are sorted by; naming.py makes both.
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
    # How many of its products are for sale: a trigger of products keeps it (migration 0013), whoever writes them.
    sa.Column("product_count", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.UniqueConstraint("key", name="categories_name_is_taken_once"),
)

# The beginning of the folded title, as people sort by it.
TITLE_KEY = 'left(split_part(search_text COLLATE "C", chr(10), 1), 60)'
products = sa.Table(
    "products",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    # Title and description as naming.py folds them.
    sa.Column("search_text", sa.Text, nullable=False),
    sa.Column("price_cents", sa.Integer, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("sku", sa.Text, nullable=False),
    sa.Column("category_id", sa.Uuid, sa.ForeignKey(categories.c.id, name="products_category_is_known")),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("in_stock", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("reserved", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # Removed from sale for good; the row stays, because reservations speak of it.
    sa.Column("deleted_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("0 <= reserved AND reserved <= in_stock", name="products_reserve_only_what_is_in_stock"),
)
sa.Index(
    "products_sku_is_taken_once",
    sa.text('lower(sku COLLATE "C")'),
    unique=True,
    postgresql_where=products.c.deleted_at.is_(None),
    _table=products,
)
sa.Index("products_of_a_category", products.c.category_id, products.c.id)
# Whoever lists only what is for sale, or only what is not, reads past nothing else, however much of that there is.
for _name, _active in ("for_sale", products.c.active), ("not_for_sale", ~products.c.active):
    _listed = _active & products.c.deleted_at.is_(None)
    sa.Index(f"products_{_name}", products.c.id, postgresql_where=_listed)
    sa.Index(f"products_of_a_category_{_name}", products.c.category_id, products.c.id, postgresql_where=_listed)
    for _order, _key in ("price", "price_cents"), ("name", TITLE_KEY):
        for _of, _group in ("", []), ("_of_a_category", [products.c.category_id]):
            _columns: list[Any] = [*_group, sa.text(_key), products.c.id]
            sa.Index(f"products{_of}_{_name}_by_{_order}", *_columns, postgresql_where=_listed, _table=products)
# By every character that a word can be found from. What is inserted is in the index at once, since what is still to
# come is read by each search.
sa.Index(
    "products_by_word_endings",
    sa.text("catalog.word_endings(search_text)"),
    postgresql_using="gin",
    postgresql_with={"fastupdate": "off"},
    _table=products,
)

images = sa.Table(
    "images",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("product_id", sa.Uuid, sa.ForeignKey(products.c.id, name="images_product_is_known"), nullable=False),
    sa.Column("alt", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
sa.Index("images_of_a_product", images.c.product_id, images.c.id)

# Pictures in the bucket that no image names, or none yet.
unlinked_pictures = sa.Table(
    "unlinked_pictures",
    metadata,
    sa.Column("image_id", sa.Uuid, primary_key=True),
    sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    # How often it could not be removed, and until when it is left alone for that.
    sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("retry_at", sa.DateTime(timezone=True)),
)
sa.Index("unlinked_pictures_by_age", unlinked_pictures.c.since)

reservations = sa.Table(
    "reservations",
    metadata,
    sa.Column("order_id", sa.Uuid, primary_key=True),
    # Product and quantity; empty for an order that was cancelled before it was met.
    sa.Column("pieces", JSONB, nullable=False),
    # Product and price, as it was then.
    sa.Column("prices", JSONB, nullable=False, server_default=sa.text("'{}'")),
    # Change of the order, product and quantity, of what came back since it was sold.
    sa.Column("returned", JSONB, nullable=False, server_default=sa.text("'{}'")),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("status IN ('HELD', 'COMMITTED', 'RETURNED', 'RELEASED')", name="reservations_status_is_known"),
    sa.CheckConstraint("status = 'RELEASED' OR pieces <> '{}'", name="reservations_only_tombstones_are_empty"),
    # What is held is a few of very many; Prometheus asks how many, and since when.
    sa.Index("reservations_held", "created_at", postgresql_where=sa.text("status = 'HELD'")),
    sa.Index("reservations_released", "created_at", postgresql_where=sa.text("status = 'RELEASED'")),
)
stock_movements = sa.Table(
    "stock_movements",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column(
        "product_id", sa.Uuid, sa.ForeignKey(products.c.id, name="stock_movements_product_is_known"), nullable=False
    ),
    sa.Column("qty", sa.Integer, nullable=False),
    # What was delivered needs none.
    sa.Column("reason", sa.Text),
    sa.Column("admin_id", sa.Uuid, nullable=False),
    sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Index("stock_movements_of_a_product", "product_id", "id"),
    sa.Index("stock_movements_by_age", "moved_at"),
)
idempotency_keys_table(metadata)
inbox_table(metadata)
dead_letters_table(metadata)
