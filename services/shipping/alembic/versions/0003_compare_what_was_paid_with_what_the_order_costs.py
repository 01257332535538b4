"""Compare what was paid with what the order costs, before its parcel leaves.

The columns are empty for shipments that the release before has drafted, whose payments are not compared. The table is
locked while the constraint is checked, less than a second for a million rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("shipments", sa.Column("amount_cents", sa.BigInteger), schema="shipping")
    op.add_column("shipments", sa.Column("currency", sa.Text), schema="shipping")
    op.create_check_constraint(
        "shipments_know_their_amount_or_not",
        "shipments",
        "num_nulls(amount_cents, currency) IN (0, 2)",
        schema="shipping",
    )


def downgrade() -> None:
    op.drop_constraint("shipments_know_their_amount_or_not", "shipments", schema="shipping")
    for column in "currency", "amount_cents":
        op.drop_column("shipments", column, schema="shipping")
