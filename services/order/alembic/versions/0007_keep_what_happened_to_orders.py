"""Keep what happened to each order, for its timeline.

A table of its own: the release before writes nothing into it, and what it hears meanwhile is missing. Its reference to
orders locks them against changes of their table alone, for an instant.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "order_history",
        sa.Column(
            "order_id",
            sa.Uuid,
            sa.ForeignKey("orders.orders.id", name="order_history_order_is_known"),
            primary_key=True,
        ),
        sa.Column("happened_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        schema="orders",
    )


def downgrade() -> None:
    op.drop_table("order_history", schema="orders")
