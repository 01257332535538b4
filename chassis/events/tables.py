"""The tables that a service has in its schema to send and to receive; its migrations spell out the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB


def inbox_table(metadata: sa.MetaData) -> sa.Table:
    """The table of a receiving service."""
    return sa.Table(
        "inbox", metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        # Tells a redelivery from another event under the same id.
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Index("inbox_by_age", "received_at"),
    )  # fmt: skip


def outbox_table(metadata: sa.MetaData) -> sa.Table:
    """The table of a sending service."""
    return sa.Table(
        "outbox", metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),  # not jsonb: what is sent twice must be the same bytes
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("event_id", name="outbox_announces_an_event_once"),
        # The relay asks only for what is still unpublished, so only that is indexed.
        sa.Index("outbox_unpublished", "id", postgresql_where=sa.text("published_at IS NULL")),
    )  # fmt: skip


def dead_letters_table(metadata: sa.MetaData) -> sa.Table:
    """The table of a receiving service for what it could not handle."""
    return sa.Table(
        "dead_letters", metadata,
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("operation", sa.Text),
        sa.Column("event_id", sa.Uuid),
        sa.Column("key", sa.Uuid),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redriven_at", sa.DateTime(timezone=True)),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Index("dead_letters_by_status", "status", "id"),
        sa.Index("dead_letters_by_age", "failed_at"),
    )  # fmt: skip


# Without a schema: every service finds its own by the search path of its role.
INBOX, OUTBOX = inbox_table(sa.MetaData()), outbox_table(sa.MetaData())
