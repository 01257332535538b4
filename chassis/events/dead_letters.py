"""Keep records that a consumer gave up on `<topic>.dlq`, from where redrive.py sends them back."""

import structlog
from aiokafka import AIOKafkaProducer
from prometheus_client import Counter

from chassis.events.delivery import NO_OPERATION_LABEL, Delivery
from chassis.events.messages import MessageContract
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import with_timeout

log = structlog.get_logger(__name__)
DEAD_LETTERS_COUNTER = Counter("dead_letters", "Events that were put aside.", ["topic", "operation"], registry=REGISTRY)


class DeadLetters:
    """The dead letters of one service, whose `dead-…` headers say where they come from and why."""

    def __init__(self, service: str, messages: MessageContract) -> None:
        self._service = service
        for operation, message in messages.receives.items():  # zero from the start, rather than absent
            DEAD_LETTERS_COUNTER.labels(message.topic, operation)
            DEAD_LETTERS_COUNTER.labels(message.topic, NO_OPERATION_LABEL)

    async def send(self, delivery: Delivery, error: Exception, attempts: int, producer: AIOKafkaProducer) -> None:
        """Send the record, as it came; only then may its offset be committed."""
        record = delivery.record
        facts = {**delivery.coordinates, "timestamp": record.timestamp, "consumer": self._service, "tries": attempts,
                 "error": f"{type(error).__name__}: {error}"[:500], "event-id": delivery.event_id}  # fmt: skip
        original = [(name, value) for name, value in record.headers if not name.startswith("dead-")]
        headers = [*original, *((f"dead-{name}", str(fact).encode()) for name, fact in facts.items())]
        await with_timeout(
            producer.send_and_wait(f"{record.topic}.dlq", record.value, key=record.key, headers=headers), 6
        )
        log.error("event is dead-lettered", **delivery.coordinates, tries=attempts, trouble=type(error).__name__)
        DEAD_LETTERS_COUNTER.labels(record.topic, delivery.operation).inc()
