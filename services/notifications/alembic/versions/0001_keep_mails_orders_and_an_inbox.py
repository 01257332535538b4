"""Keep mails, what was ordered, and an inbox.

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
        sa.Column("order_id", sa.Uuid, primary_key=True),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("total_cents", sa.BigInteger, nullable=False),
        sa.Column("lines", JSONB, nullable=False),
        schema="notifications",
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False, server_default="QUEUED"),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("refusals", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("order_id", "kind", name="mails_tell_each_kind_of_news_once"),
        sa.CheckConstraint("status IN ('QUEUED', 'SENT', 'FAILED')", name="mails_status_is_known"),
        sa.CheckConstraint("(status = 'SENT') = (sent_at IS NOT NULL)", name="mails_sent_say_when"),
        schema="notifications",
    )
    # The sender asks only for what still waits, so only that is indexed.
    op.create_index(
        "mails_waiting",
        "mails",
        ["happened_at", "id"],
        schema="notifications",
        postgresql_where=sa.text("status = 'QUEUED'"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="notifications",
    )


def downgrade() -> None:
    for table in "inbox", "mails", "orders":
        op.drop_table(table, schema="notifications")
