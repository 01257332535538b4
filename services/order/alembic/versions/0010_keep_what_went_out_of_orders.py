"""Keep pieces that went out of orders after they were paid.

A table, and a column with a default, which the release before does not notice. Adding them takes no time, however many
orders there are.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column(
        "orders",
        sa.Column("rest_refunded", sa.Boolean, nullable=False, server_default=sa.false()),
        schema="orders",
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column(
            "order_id", sa.Uuid, sa.ForeignKey("orders.orders.id", name="changes_order_is_known"), nullable=False
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("items", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('cancellation', 'return')", name="changes_kind_is_known"),
        sa.CheckConstraint(
            "status IN ('INTENDED', 'AGREED', 'DROPPED', 'REQUESTED', 'RECEIVED', 'PAID_BACK')",
            name="changes_status_is_known",
        ),
        schema="orders",
    )
    op.create_index("changes_of_an_order", "changes", ["order_id", "id"], schema="orders")
    op.create_index(
        "changes_intended",
        "changes",
        ["created_at"],
        schema="orders",
        postgresql_where=sa.text("status = 'INTENDED'"),
    )


def downgrade() -> None:
    op.drop_table("changes", schema="orders")
    op.drop_column("orders", "rest_refunded", schema="orders")
