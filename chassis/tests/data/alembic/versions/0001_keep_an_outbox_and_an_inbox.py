"""Keep an outbox and an inbox.

Every service that sends has the first, every one that receives the second, as
outbox_table() and inbox_table() of the chassis describe them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        # Not jsonb: what is sent twice must be the same bytes.
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("event_id", name="outbox_announces_an_event_once"),
        schema="ledger",
    )
    # The relay asks only for what is still unpublished, so only that is indexed.
    op.create_index(
        "outbox_unpublished", "outbox", ["id"], schema="ledger", postgresql_where=sa.text("published_at IS NULL")
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        # Tells a redelivery from another event under the same id.
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        schema="ledger",
    )
    op.create_index("inbox_by_age", "inbox", ["received_at"], schema="ledger")


def downgrade() -> None:
    op.drop_table("inbox", schema="ledger")
    op.drop_table("outbox", schema="ledger")
