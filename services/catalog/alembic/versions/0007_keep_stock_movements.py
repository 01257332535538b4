"""Keep what admins add to the stock and take out of it, with the reason.

A table of its own: the release before writes nothing into it. Its reference to products locks them against changes of
their table alone, for an instant.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column(
            "product_id",
            sa.Uuid,
            sa.ForeignKey("catalog.products.id", name="stock_movements_product_is_known"),
            nullable=False,
        ),
        sa.Column("qty", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("admin_id", sa.Uuid, nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="catalog",
    )
    op.create_index("stock_movements_of_a_product", "stock_movements", ["product_id", "id"], schema="catalog")
    op.create_index("stock_movements_by_age", "stock_movements", ["moved_at"], schema="catalog")


def downgrade() -> None:
    op.drop_table("stock_movements", schema="catalog")
