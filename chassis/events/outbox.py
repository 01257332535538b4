"""Announce an event in the transaction of the change it tells of."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule
from chassis.data.statement import Statement
from chassis.events.messages import MessageContract
from chassis.runtime import tracing
from chassis.runtime.metrics import CACHE_SECONDS, Collector, GaugeSpec

# Without a schema: every service finds its own outbox by the search path of its role.
INSERT_EVENT = Statement("""
INSERT INTO outbox (event_id, topic, key, value, headers)
VALUES (%(event_id)s::uuid, %(topic)s::text, %(key)s::text, %(value)s::bytea, %(headers)s::jsonb)
""")
# The oldest rows come first in the primary key: no further index, and a batch costs the same in any table. One that
# cannot be published stays, and keeps no other.
DELETE_EXPIRED_EVENTS = Statement("""
DELETE FROM outbox WHERE published_at < now() - %(retention)s::interval AND id = ANY (ARRAY(
    SELECT id FROM outbox WHERE published_at IS NOT NULL ORDER BY id LIMIT %(batch)s::integer
))
""")
RETENTION_RULE = RetentionRule("outbox", DELETE_EXPIRED_EVENTS, timedelta(days=7))
# The index of what is unpublished makes it cheap to ask how many they are.
SELECT_BACKLOG = Statement("""
SELECT count(*) AS events, coalesce(extract(epoch FROM now() - min(created_at))::float, 0) AS age
FROM outbox WHERE published_at IS NULL
""")
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
