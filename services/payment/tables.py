"""The tables of the payment service, in its own schema."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.events.tables import dead_letters_table, inbox_table, outbox_table
from chassis.web.tables import idempotency_keys_table

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
    # Sums over its refunds: those that were asked for, and those of them that are done.
    sa.Column("refund_requested_cents", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column("refunded_cents", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    # The attempt that is OPEN while it is PROCESSING; after that the last one, by which it was paid.
    sa.Column("attempt_id", sa.Uuid),
    sa.Column("attempt_ref", sa.Text),
    sa.CheckConstraint(
        "status IN ('PENDING', 'PROCESSING', 'SUCCEEDED', 'REFUNDED', 'VOIDED')", name="payments_status_is_known"
    ),
    sa.CheckConstraint("status <> 'PROCESSING' OR attempt_id IS NOT NULL", name="payments_processed_have_an_attempt"),
    sa.CheckConstraint("status = 'VOIDED' OR user_id IS NOT NULL", name="payments_only_tombstones_lack_a_payer"),
    sa.CheckConstraint(
        "0 <= refunded_cents AND refunded_cents <= refund_requested_cents"
        " AND refund_requested_cents <= coalesce(amount_cents, 0)",
        name="payments_refund_no_more_than_was_paid",
    ),
    sa.Index("payments_tombstones", "created_at", postgresql_where=sa.text("user_id IS NULL")),
)
payment_attempts = sa.Table(
    "payment_attempts",
    metadata,
    sa.Column("attempt_id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("payment.payments.order_id"), nullable=False),
    sa.Column("ref", sa.Text, nullable=False, unique=True),
    sa.Column("amount_cents", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="OPEN"),
    sa.Column("code", sa.Text),
    sa.Column("lookups", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("next_lookup_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint(
        "status IN ('OPEN', 'CHARGED', 'DECLINED', 'CANCELLED')", name="payment_attempts_status_is_known"
    ),
    sa.Index("payment_attempts_by_order", "order_id"),
    sa.Index("payment_attempts_one_is_open", "order_id", unique=True, postgresql_where=sa.text("status = 'OPEN'")),
    sa.Index("payment_attempts_due", "next_lookup_at", postgresql_where=sa.text("status = 'OPEN'")),
)
refunds = sa.Table(
    "refunds",
    metadata,
    sa.Column("refund_id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey("payment.payments.order_id"), nullable=False),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("amount_cents", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False, server_default="ASKED"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
    sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("done_at", sa.DateTime(timezone=True)),
    # Of an attempt that was charged when it counted as ended: none of the payment's own money.
    sa.Column("is_stray", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.CheckConstraint("amount_cents >= 0", name="refunds_take_nothing"),
    sa.CheckConstraint("status IN ('ASKED', 'DONE')", name="refunds_status_is_known"),
    sa.Index("refunds_by_order", "order_id"),
    sa.Index("refunds_due", "next_try_at", postgresql_where=sa.text("status = 'ASKED'")),
)
# The mock provider's own books, which no other code reads: what it has heard of, and how that ends.
mock_charges = sa.Table(
    "mock_charges",
    metadata,
    sa.Column("ref", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("webhook_due_at", sa.DateTime(timezone=True)),
    sa.Index("mock_charges_by_age", "decided_at"),
    sa.Index("mock_charges_webhooks", "webhook_due_at", postgresql_where=sa.text("webhook_due_at IS NOT NULL")),
)
outbox_table(metadata)
inbox_table(metadata)
dead_letters_table(metadata)
idempotency_keys_table(metadata)
