"""Keep attempts to pay as rows, so that one that the provider is unsure of is looked up until it is decided.

Tables and columns that the release before does not notice. It knows no PROCESSING: a payment that is, is answered by
it with an error until both are of this release. The constraints read all payments, milliseconds for a thousand.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
KNOWN = "status IN ('PENDING', 'PROCESSING', 'SUCCEEDED', 'REFUNDED', 'VOIDED')"
KNOWN_BEFORE = "status IN ('PENDING', 'SUCCEEDED', 'REFUNDED', 'VOIDED')"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("payments", sa.Column("attempt_id", sa.Uuid), schema="payment")
    op.add_column("payments", sa.Column("attempt_ref", sa.Text), schema="payment")
    op.drop_constraint("payments_status_is_known", "payments", schema="payment")
    op.create_check_constraint("payments_status_is_known", "payments", KNOWN, schema="payment")
    op.create_check_constraint(
        "payments_processed_have_an_attempt",
        "payments",
        "status <> 'PROCESSING' OR attempt_id IS NOT NULL",
        schema="payment",
    )
    op.create_table(
        "payment_attempts",
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
        schema="payment",
    )
    op.create_index("payment_attempts_by_order", "payment_attempts", ["order_id"], schema="payment")
    is_open = sa.text("status = 'OPEN'")
    op.create_index(
        "payment_attempts_one_is_open",
        "payment_attempts",
        ["order_id"],
        unique=True,
        schema="payment",
        postgresql_where=is_open,
    )
    op.create_index(
        "payment_attempts_due", "payment_attempts", ["next_lookup_at"], schema="payment", postgresql_where=is_open
    )
    op.add_column(
        "refunds",
        sa.Column("is_stray", sa.Boolean, nullable=False, server_default=sa.false()),
        schema="payment",
    )
    op.create_table(
        "mock_charges",
        sa.Column("ref", sa.Text, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("webhook_due_at", sa.DateTime(timezone=True)),
        schema="payment",
    )
    op.create_index("mock_charges_by_age", "mock_charges", ["decided_at"], schema="payment")
    op.create_index(
        "mock_charges_webhooks",
        "mock_charges",
        ["webhook_due_at"],
        schema="payment",
        postgresql_where=sa.text("webhook_due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("mock_charges", schema="payment")
    op.drop_column("refunds", "is_stray", schema="payment")
    op.drop_table("payment_attempts", schema="payment")
    op.execute("UPDATE payment.payments SET status = 'PENDING' WHERE status = 'PROCESSING'")
    op.drop_constraint("payments_processed_have_an_attempt", "payments", schema="payment")
    op.drop_constraint("payments_status_is_known", "payments", schema="payment")
    op.create_check_constraint("payments_status_is_known", "payments", KNOWN_BEFORE, schema="payment")
    for column in "attempt_ref", "attempt_id":
        op.drop_column("payments", column, schema="payment")
