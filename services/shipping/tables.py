"""The tables of the shipping service, in its own schema."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.events.tables import dead_letters_table, inbox_table, outbox_table

metadata = sa.MetaData(schema="shipping")

shipments = sa.Table(
    "shipments",
    metadata,
    sa.Column("order_id", sa.Uuid, primary_key=True),
    sa.Column("id", sa.Uuid, nullable=False, unique=True),
    # Who gets it is not known of an order that was paid or cancelled before its draft.
    sa.Column("user_id", sa.Uuid),
    sa.Column("user_email", sa.Text),
    sa.Column("address_line1", sa.Text),
    sa.Column("address_line2", sa.Text),
    sa.Column("city", sa.Text),
    sa.Column("country", sa.Text),
    sa.Column("postcode", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("carrier", sa.Text),
    sa.Column("tracking_number", sa.Text),
    # What the order costs, unless it was drafted by the first version.
    sa.Column("amount_cents", sa.BigInteger),
    sa.Column("currency", sa.Text),
    # What goes into the parcel, unless it was drafted before that was told.
    sa.Column("items", JSONB),
    # Under which pieces were taken out of it: whoever asks again is told so, whatever has become of it since.
    sa.Column("change_ids", ARRAY(sa.Uuid), nullable=False, server_default="{}"),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint(
        "status IN ('PENDING_PAYMENT', 'READY_TO_SHIP', 'DISPATCHED', 'DELIVERED', 'CANCELLED')",
        name="shipments_status_is_known",
    ),
    sa.CheckConstraint(
        "num_nulls(user_id, user_email, address_line1, city, country) IN (0, 5)",
        name="shipments_know_their_recipient_or_not",
    ),
    sa.CheckConstraint("num_nulls(amount_cents, currency) IN (0, 2)", name="shipments_know_their_amount_or_not"),
    sa.CheckConstraint(
        "status NOT IN ('DISPATCHED', 'DELIVERED') OR num_nulls(user_id, carrier, tracking_number) = 0",
        name="shipments_leave_with_recipient_and_label",
    ),
    sa.Index("shipments_by_status", "status", "id", postgresql_where=sa.text("user_id IS NOT NULL")),
    sa.Index(
        "shipments_tombstones", "created_at", postgresql_where=sa.text("status = 'CANCELLED' AND user_id IS NULL")
    ),
)
outbox_table(metadata)
inbox_table(metadata)
dead_letters_table(metadata)
