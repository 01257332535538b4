"""The tables of the payment service, in its own schema."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.events.inbox import inbox_table
from chassis.events.outbox import outbox_table
from chassis.web.idempotency import idempotency_keys_table

metadata = sa.MetaData(schema="payment")

payments = sa.Table(
    "payments",
    metadata,
    sa.Column("order_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    # Who owes how much is not known of an order that was cancelled before it was met.
    sa.Column("user_id", sa.Uuid),
    sa.Column("user_email", sa.Text),
    sa.Column("amount_cents", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("failures", JSONB, nullable=False, server_default=sa.text("'[]'")),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("status IN ('PENDING', 'SUCCEEDED', 'REFUNDED', 'VOIDED')", name="payments_status_is_known"),
    sa.CheckConstraint("status = 'VOIDED' OR user_id IS NOT NULL", name="payments_only_tombstones_lack_a_payer"),
    sa.Index("payments_tombstones", "created_at", postgresql_where=sa.text("user_id IS NULL")),
)
outbox_table(metadata)
inbox_table(metadata)
idempotency_keys_table(metadata)
