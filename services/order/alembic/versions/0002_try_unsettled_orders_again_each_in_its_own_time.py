"""Try orders that cannot be brought to an end again, each in its own time, and note payments whose stock is not sold.

One step: the columns are nullable or have a constant default, so the running release keeps writing and no row is
rewritten; the partial indexes have nothing in them yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "orders", sa.Column("sweep_failures", sa.Integer, nullable=False, server_default="0"), schema="orders"
    )
    op.add_column("orders", sa.Column("payment_received_at", sa.DateTime(timezone=True)), schema="orders")
    op.create_index(
        "orders_to_complete",
        "orders",
        ["payment_received_at"],
        schema="orders",
        postgresql_where=sa.text("status = 'CREATED' AND payment_received_at IS NOT NULL"),
    )
    op.create_index(
        "orders_postponed",
        "orders",
        ["look_again_at"],
        schema="orders",
        postgresql_where=sa.text("sweep_failures > 0"),
    )


def downgrade() -> None:
    op.drop_index("orders_postponed", "orders", schema="orders")
    op.drop_index("orders_to_complete", "orders", schema="orders")
    op.drop_column("orders", "payment_received_at", schema="orders")
    op.drop_column("orders", "sweep_failures", schema="orders")
