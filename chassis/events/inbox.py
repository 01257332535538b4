"""Recognise an event that has been handled before, in the transaction that handles it."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.data.database import Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.data.statement import Statement
from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage

# Without a schema: every service finds its own inbox by the search path of its role.
RECORD_DELIVERY = Statement("""
INSERT INTO inbox (consumer, event_id, digest) VALUES (%(consumer)s::text, %(event_id)s::uuid, %(digest)s::bytea)
ON CONFLICT DO NOTHING
""")
FIND_DIGEST = Statement("""
SELECT digest FROM inbox WHERE consumer = %(consumer)s::text AND event_id = %(event_id)s::uuid
""")
# Longer than topics and dead letters keep what might come again.
RETENTION_RULE = RetentionRule("inbox", delete_expired_statement("inbox", "received_at"), timedelta(days=30))


def delivery_row(consumer: str, delivery: Delivery) -> dict[str, Any]:
    """The values of RECORD_DELIVERY."""
    # Of the bytes that came: an event encoded again would differ after a release that knows more of its fields.
    digest = hashlib.blake2b(delivery.record.value, digest_size=16).digest()
    return {"consumer": consumer, "event_id": UUID(delivery.event_id), "digest": digest}


async def record_delivery(transaction: Transaction, consumer: str, delivery: Delivery) -> bool:
    """Whether this consumer has not handled the event before; if so, it has once this transaction commits.

    To be asked before anything is changed. A second transaction with the same event waits here for the first.

    Raises:
        InvalidMessage: Another event was handled under this id.
    """
    row = delivery_row(consumer, delivery)
    if await transaction.execute(RECORD_DELIVERY, **row):
        return True
    seen = await transaction.fetch_one(FIND_DIGEST, consumer=consumer, event_id=row["event_id"])
    if seen and bytes(seen["digest"]) != row["digest"]:
        raise InvalidMessage("another event has this event_id")
    return False
