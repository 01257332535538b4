"""Keep payments, an outbox and an inbox.

The first shape of the schema; nothing is locked, since nothing is there yet.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        sa.Column("user_id", sa.Uuid),
        sa.Column("user_email", sa.Text),
        sa.Column("amount_cents", sa.BigInteger),
        sa.Column("currency", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("failures", JSONB, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("status IN ('PENDING', 'SUCCEEDED', 'REFUNDED', 'VOIDED')", name="payments_status_is_known"),
        sa.CheckConstraint("status = 'VOIDED' OR user_id IS NOT NULL", name="payments_only_tombstones_lack_a_payer"),
        schema="payment",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("event_id", name="outbox_announces_an_event_once"),
        schema="payment",
    )
    # The relay asks only for what is still unpublished, so only that is indexed.
    op.create_index(
        "outbox_unpublished", "outbox", ["id"], schema="payment", postgresql_where=sa.text("published_at IS NULL")
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="payment",
    )


def downgrade() -> None:
    for table in "inbox", "outbox", "payments":
        op.drop_table(table, schema="payment")
