"""Keep categories, products with their images and stock, reservations and an inbox.

The first shape of the schema; nothing is locked, since nothing is there yet.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.UniqueConstraint("name", name="categories_name_is_taken_once"),
        schema="catalog",
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("price_cents", sa.Integer, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("category_id", sa.Uuid, sa.ForeignKey("catalog.categories.id", name="products_category_is_known")),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("in_stock", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("reserved", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("0 <= reserved AND reserved <= in_stock", name="products_reserve_only_what_is_in_stock"),
        schema="catalog",
    )
    # What was removed gives its SKU free.
    op.create_index(
        "products_sku_is_taken_once",
        "products",
        ["sku"],
        unique=True,
        schema="catalog",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("products_of_a_category", "products", ["category_id", "id"], schema="catalog")
    op.create_table(
        "images",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "product_id",
            sa.Uuid,
            sa.ForeignKey("catalog.products.id", name="images_product_is_known"),
            nullable=False,
        ),
        sa.Column("alt", sa.Text, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="catalog",
    )
    op.create_index("images_of_a_product", "images", ["product_id", "id"], schema="catalog")
    op.create_table(
        "reservations",
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("pieces", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint(
            "status IN ('HELD', 'COMMITTED', 'RETURNED', 'RELEASED')", name="reservations_status_is_known"
        ),
        sa.CheckConstraint("status = 'RELEASED' OR pieces <> '{}'", name="reservations_only_tombstones_are_empty"),
        schema="catalog",
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="catalog",
    )


def downgrade() -> None:
    for table in "inbox", "reservations", "images", "products", "categories":
        op.drop_table(table, schema="catalog")
