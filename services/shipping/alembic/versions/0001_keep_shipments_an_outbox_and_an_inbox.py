"""Keep shipments, an outbox and an inbox.

The first shape of the schema; nothing is locked, since nothing is there yet.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
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
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint(
            "status IN ('PENDING_PAYMENT', 'READY_TO_SHIP', 'DISPATCHED', 'DELIVERED', 'CANCELLED')",
            name="shipments_status_is_known",
        ),
        sa.CheckConstraint(
            "num_nulls(user_id, user_email, address_line1, city, country, postcode) IN (0, 6)",
            name="shipments_know_their_recipient_or_not",
        ),
        sa.CheckConstraint(
            "status NOT IN ('DISPATCHED', 'DELIVERED') OR num_nulls(user_id, carrier, tracking_number) = 0",
            name="shipments_leave_with_recipient_and_label",
        ),
        schema="shipping",
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
        schema="shipping",
    )
    # The relay asks only for what is still unpublished, so only that is indexed.
    op.create_index(
        "outbox_unpublished", "outbox", ["id"], schema="shipping", postgresql_where=sa.text("published_at IS NULL")
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="shipping",
    )


def downgrade() -> None:
    for table in "inbox", "outbox", "shipments":
        op.drop_table(table, schema="shipping")
