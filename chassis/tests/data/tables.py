"""The tables of a service that only these tests have: a ledger of entries."""

import sqlalchemy as sa

from chassis.events.tables import dead_letters_table, inbox_table, outbox_table
from chassis.web.tables import idempotency_keys_table

metadata = sa.MetaData(schema="ledger")
outbox = outbox_table(metadata)
inbox = inbox_table(metadata)
dead_letters_table(metadata)
idempotency_keys_table(metadata)
entries = sa.Table(
    "entries", metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("account", sa.Uuid, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)  # fmt: skip
