"""The tables of the order service, in its own schema."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.events.tables import dead_letters_table, inbox_table, outbox_table
from chassis.web.tables import idempotency_keys_table

metadata = sa.MetaData(schema="orders")

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("user_email", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("address_line1", sa.Text, nullable=False),
    sa.Column("address_line2", sa.Text),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("country", sa.Text, nullable=False),
    sa.Column("postcode", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("pay_by", sa.DateTime(timezone=True), nullable=False),
    # How often the sweeper has tried in vain to bring it to an end, and until when it leaves it alone.
    sa.Column("sweep_failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("look_again_at", sa.DateTime(timezone=True)),
    # Since when a payment is known while its stock cannot be had.
    sa.Column("payment_received_at", sa.DateTime(timezone=True)),
    sa.Column("cancel_reason", sa.Text),
    # The intent to cancel, and since when: the recovery finishes what is older than a request can be.
    sa.Column("cancelling_since", sa.DateTime(timezone=True)),
    # Of the cart that the order was placed from; null in orders from before carts had one.
    sa.Column("cart_revision", sa.BigInteger),
    # The order that was given up for this one, and may hold what this one needs.
    sa.Column("replaces", sa.Uuid),
    # Whether the money for what was left went back, when it was cancelled.
    sa.Column("rest_refunded", sa.Boolean, nullable=False, server_default=sa.false()),
    # What the checkout was refused for: the outcome of whoever asks again under the same Idempotency-Key.
    sa.Column("refusal", JSONB),
    sa.CheckConstraint(
        "status IN ('PENDING', 'CREATED', 'PAID', 'CANCELLED', 'REFUNDED', 'REJECTED')", name="orders_status_is_known"
    ),
    sa.Index("orders_of_a_shopper", "user_id", "id"),
    sa.Index("orders_by_status", "status", "id"),
    sa.Index("orders_by_email", "user_email", "id"),
    sa.Index("orders_from_a_cart", "user_id", "cart_revision"),
    sa.Index("orders_open", "user_id", postgresql_where=sa.text("status IN ('PENDING', 'CREATED')")),
    sa.Index(
        "orders_one_checkout_at_a_time",
        "user_id",
        unique=True,
        postgresql_where=sa.text("status = 'PENDING' AND cart_revision IS NOT NULL"),
    ),
    sa.Index("orders_rejected", "created_at", postgresql_where=sa.text("status = 'REJECTED'")),
    # What the recovery looks for is a few of very many.
    sa.Index("orders_unsettled", "created_at", postgresql_where=sa.text("status IN ('PENDING', 'CREATED')")),
    sa.Index("orders_to_cancel", "cancelling_since", postgresql_where=sa.text("cancelling_since IS NOT NULL")),
    sa.Index(
        "orders_to_complete",
        "payment_received_at",
        postgresql_where=sa.text("status = 'CREATED' AND payment_received_at IS NOT NULL"),
    ),
    sa.Index("orders_postponed", "look_again_at", postgresql_where=sa.text("sweep_failures > 0")),
)
lines = sa.Table(
    "lines",
    metadata,
    sa.Column("order_id", sa.Uuid, sa.ForeignKey(orders.c.id), primary_key=True),
    sa.Column("position", sa.SmallInteger, primary_key=True),
    sa.Column("line_id", sa.Uuid, nullable=False),
    sa.Column("product_id", sa.Uuid, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("qty", sa.Integer, nullable=False),
    sa.Column("unit_price_cents", sa.BigInteger, nullable=False),
    sa.Column("priced_at", sa.DateTime(timezone=True), nullable=False),
    # A rejected order gives its lines back to the cart: they may be ordered again.
    sa.Column("live", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.CheckConstraint("qty > 0", name="lines_qty_is_positive"),
    sa.Index("lines_a_cart_line_is_ordered_once", "line_id", unique=True, postgresql_where=sa.text("live")),
)
# Pieces that went out of orders after they were paid. Who writes one writes the row of its order, which decides.
changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("order_id", sa.Uuid, sa.ForeignKey(orders.c.id, name="changes_order_is_known"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    # Product, title, quantity and price of a piece.
    sa.Column("items", JSONB, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('cancellation', 'return')", name="changes_kind_is_known"),
    sa.CheckConstraint(
        "status IN ('INTENDED', 'AGREED', 'DROPPED', 'REQUESTED', 'RECEIVED', 'PAID_BACK')",
        name="changes_status_is_known",
    ),
    sa.Index("changes_of_an_order", "order_id", "id"),
    # What the recovery finishes is a few of very many.
    sa.Index("changes_intended", "created_at", postgresql_where=sa.text("status = 'INTENDED'")),
)
# What order has said of its orders, and has heard of them; when they were placed stands in their own rows.
order_history = sa.Table(
    "order_history",
    metadata,
    sa.Column("order_id", sa.Uuid, sa.ForeignKey(orders.c.id, name="order_history_order_is_known"), primary_key=True),
    sa.Column("happened_at", sa.DateTime(timezone=True), primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("facts", JSONB, nullable=False),
)
# Whose address for mails is to be erased, and since when.
deleted_accounts = sa.Table(
    "deleted_accounts",
    metadata,
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now(), index=True),
)
idempotency_keys_table(metadata)
outbox_table(metadata)
inbox_table(metadata)
dead_letters_table(metadata)
