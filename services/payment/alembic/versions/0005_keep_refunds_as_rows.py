"""Keep each refund as a row, so that it is asked of the provider until it is done.

A table and two columns with defaults, which the release before does not notice; what it paid back until now becomes
rows that are done. Payments wait to be written while the index of their ids is read, milliseconds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in "refund_requested_cents", "refunded_cents":
        op.add_column(
            "payments",
            sa.Column(column, sa.BigInteger, nullable=False, server_default=sa.text("0")),
            schema="payment",
        )
    op.create_table(
        "refunds",
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
        sa.CheckConstraint("amount_cents >= 0", name="refunds_take_nothing"),
        sa.CheckConstraint("status IN ('ASKED', 'DONE')", name="refunds_status_is_known"),
        schema="payment",
    )
    op.create_index("refunds_by_order", "refunds", ["order_id"], schema="payment")
    # The dispatcher asks only for what is not done, so only that is indexed.
    op.create_index(
        "refunds_due", "refunds", ["next_try_at"], schema="payment", postgresql_where=sa.text("status = 'ASKED'")
    )
    op.execute(
        "INSERT INTO payment.refunds (refund_id, order_id, ref, amount_cents, currency, status, done_at)"
        " SELECT order_id, order_id, id::text, amount_cents, currency, 'DONE', now()"
        " FROM payment.payments WHERE status = 'REFUNDED'"
    )
    op.execute(
        "UPDATE payment.payments SET refund_requested_cents = amount_cents, refunded_cents = amount_cents"
        " WHERE status = 'REFUNDED'"
    )
    op.create_check_constraint(
        "payments_refund_no_more_than_was_paid",
        "payments",
        "0 <= refunded_cents AND refunded_cents <= refund_requested_cents"
        " AND refund_requested_cents <= coalesce(amount_cents, 0)",
        schema="payment",
    )


def downgrade() -> None:
    op.drop_table("refunds", schema="payment")
    op.drop_constraint("payments_refund_no_more_than_was_paid", "payments", schema="payment")
    for column in "refunded_cents", "refund_requested_cents":
        op.drop_column("payments", column, schema="payment")
