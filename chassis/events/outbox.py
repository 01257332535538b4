"""Announce an event in the transaction of the change it tells of."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, is_any_of
from chassis.data.statement import Statement, seconds_since
from chassis.events.messages import MessageContract
from chassis.runtime import tracing
from chassis.runtime.metrics import CACHE_SECONDS, Collector, GaugeSpec


def outbox_table(metadata: sa.MetaData) -> sa.Table:
    """The table a sending service has in its schema; its migration spells out the same."""
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


# Without a schema: every service finds its own outbox by the search path of its role.
OUTBOX = outbox_table(sa.MetaData())
INSERT_EVENT = Statement(
    sa.insert(OUTBOX)
    .values({name: bindparam(name) for name in ("event_id", "topic", "key", "value", "headers")})
    .inline()
)
# The oldest rows come first in the primary key: no further index, and a batch costs the same in any table. One that
# cannot be published stays, and keeps no other.
SELECT_OLDEST_PUBLISHED_IDS = (
    sa.select(OUTBOX.c.id)
    .where(OUTBOX.c.published_at.is_not(None))
    .order_by(OUTBOX.c.id)
    .limit(bindparam("batch", type_=sa.Integer))
)
DELETE_EXPIRED_EVENTS = Statement(
    sa.delete(OUTBOX).where(
        is_any_of(OUTBOX.c.id, SELECT_OLDEST_PUBLISHED_IDS),
        OUTBOX.c.published_at < sa.func.now() - bindparam("retention", type_=INTERVAL),
    )
)
RETENTION_RULE = RetentionRule("outbox", DELETE_EXPIRED_EVENTS, timedelta(days=7))
# The index of what is unpublished makes it cheap to ask how many they are.
SELECT_BACKLOG = Statement(
    sa.select(sa.func.count().label("events"), seconds_since(sa.func.min(OUTBOX.c.created_at)).label("age")).where(
        OUTBOX.c.published_at.is_(None)
    )
)
UNPUBLISHED_EVENTS_GAUGE = GaugeSpec("outbox_events", "Announced events that have not been sent yet.")
OLDEST_UNPUBLISHED_AGE_GAUGE = GaugeSpec(
    "outbox_oldest_event_age_seconds", "How long ago the oldest of them was announced."
)


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event of the generated types, the topic it belongs to, and the key of all events that must stay in order."""

    topic: str
    event: object
    key: str


class Outbox:
    """Where a service puts what it has to tell, by its contract."""

    def __init__(self, messages: MessageContract) -> None:
        self._messages = messages

    async def append(self, transaction: Transaction, *outgoing_events: OutgoingEvent) -> None:
        """Write the events into the caller's transaction: they leave if it commits, and only then.

        The caller already holds the lock of the row that the key names, so that ids of one key are in commit order.

        Raises:
            MessageContractViolation: The contract says that this service does not send such an event.
        """
        for outgoing in outgoing_events:
            value, event = self._messages.encode(outgoing.topic, outgoing.event)
            await transaction.write(
                INSERT_EVENT, event_id=UUID(event["event_id"]), topic=outgoing.topic, key=outgoing.key, value=value,
                headers={"traceparent": tracing.current_traceparent()},
            )  # fmt: skip


def backlog_collector(database: Database, *, cache_seconds: float = CACHE_SECONDS) -> Collector:
    """What is announced and not sent, for Prometheus; it is read again after `cache_seconds`."""

    async def collect() -> tuple[int, float]:
        row = await database.fetch_one(SELECT_BACKLOG)
        return (row["events"], row["age"]) if row else (0, 0.0)

    return Collector(collect, UNPUBLISHED_EVENTS_GAUGE, OLDEST_UNPUBLISHED_AGE_GAUGE, cache_seconds=cache_seconds)
