"""Keep orders, requests with an Idempotency-Key, an outbox and an inbox.

The first shape of the schema; nothing is locked, since nothing is there yet.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("user_email", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("address_line1", sa.Text, nullable=False),
        sa.Column("address_line2", sa.Text),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_again_at", sa.DateTime(timezone=True)),
        sa.Column("cancel_reason", sa.Text),
        sa.Column("cancelling_since", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "status IN ('PENDING', 'CREATED', 'PAID', 'CANCELLED', 'REFUNDED', 'REJECTED')",
            name="orders_status_is_known",
        ),
        schema="orders",
    )
    op.create_index("orders_of_a_shopper", "orders", ["user_id", "id"], schema="orders")
    # What the recovery looks for is a few of very many.
    op.create_index(
        "orders_unsettled",
        "orders",
        ["created_at"],
        schema="orders",
        postgresql_where=sa.text("status IN ('PENDING', 'CREATED')"),
    )
    op.create_index(
        "orders_to_cancel",
        "orders",
        ["cancelling_since"],
        schema="orders",
        postgresql_where=sa.text("cancelling_since IS NOT NULL"),
    )
    op.create_table(
        "lines",
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("orders.orders.id"), primary_key=True),
        sa.Column("position", sa.SmallInteger, primary_key=True),
        sa.Column("line_id", sa.Uuid, nullable=False),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("qty", sa.Integer, nullable=False),
        sa.Column("unit_price_cents", sa.BigInteger, nullable=False),
        sa.Column("priced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("live", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.CheckConstraint("qty > 0", name="lines_qty_is_positive"),
        schema="orders",
    )
    op.create_index(
        "lines_a_cart_line_is_ordered_once",
        "lines",
        ["line_id"],
        unique=True,
        schema="orders",
        postgresql_where=sa.text("live"),
    )
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
        schema="orders",
    )
    # The relay asks only for what is still unpublished, so only that is indexed.
    op.create_index(
        "outbox_unpublished", "outbox", ["id"], schema="orders", postgresql_where=sa.text("published_at IS NULL")
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="orders",
    )


def downgrade() -> None:
    for table in "inbox", "outbox", "requests", "lines", "orders":
        op.drop_table(table, schema="orders")
