"""The table that a service has in its schema to execute requests once; its migration spells out the same."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB


def idempotency_keys_table(metadata: sa.MetaData) -> sa.Table:
    """The table of a service with operations that take an `Idempotency-Key`."""
    return sa.Table(
        "idempotency_keys", metadata,
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("operation", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        # What the request has begun, where its outcome is another row's to say.
        sa.Column("resource_id", sa.Uuid),
        # The outcome, to the byte.
        sa.Column("status", sa.SmallInteger),
        sa.Column("headers", JSONB),
        sa.Column("body", sa.LargeBinary),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Index("idempotency_keys_by_age", "created_at"),
    )  # fmt: skip


# Without a schema: every service finds its own keys by the search path of its role.
IDEMPOTENCY_KEYS = idempotency_keys_table(sa.MetaData())
