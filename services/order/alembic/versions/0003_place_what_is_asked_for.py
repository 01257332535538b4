"""Place what the cart holds and the address given now, once for an Idempotency-Key.

The columns are nullable: orders placed before carts had revisions have none, and do not count as the one checkout that
a shopper has under way, so that nothing has to be made good before the index. Requests by the first version's keys are
not carried over, since their fingerprints are of another kind: a repeat of one is a checkout like any other, which
answers with the order of the same cart. The indexes are built while nobody writes; the tables are small enough.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("orders", sa.Column("cart_revision", sa.BigInteger), schema="orders")
    op.add_column("orders", sa.Column("replaces", sa.Uuid), schema="orders")
    op.add_column("orders", sa.Column("refusal", JSONB), schema="orders")
    op.create_index("orders_from_a_cart", "orders", ["user_id", "cart_revision"], schema="orders")
    op.create_index(
        "orders_open",
        "orders",
        ["user_id"],
        schema="orders",
        postgresql_where=sa.text("status IN ('PENDING', 'CREATED')"),
    )
    op.create_index(
        "orders_one_checkout_at_a_time",
        "orders",
        ["user_id"],
        unique=True,
        schema="orders",
        postgresql_where=sa.text("status = 'PENDING' AND cart_revision IS NOT NULL"),
    )
    op.create_index(
        "orders_rejected", "orders", ["created_at"], schema="orders", postgresql_where=sa.text("status = 'REJECTED'")
    )
    op.drop_table("requests", schema="orders")
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("operation", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("resource_id", sa.Uuid),
        sa.Column("status", sa.SmallInteger),
        sa.Column("headers", JSONB),
        sa.Column("body", sa.LargeBinary),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="orders",
    )
    op.create_index("idempotency_keys_by_age", "idempotency_keys", ["created_at"], schema="orders")


def downgrade() -> None:
    op.drop_table("idempotency_keys", schema="orders")
    op.create_table(
        "requests",
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("outcome", sa.JSON),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="orders",
    )
    op.create_index("requests_by_age", "requests", ["created_at"], schema="orders")
    for index in "orders_rejected", "orders_one_checkout_at_a_time", "orders_open", "orders_from_a_cart":
        op.drop_index(index, "orders", schema="orders")
    for column in "refusal", "replaces", "cart_revision":
        op.drop_column("orders", column, schema="orders")
