"""How often, and how long apart, a delivery that failed is tried again."""

from typing import NamedTuple

from chassis.events.delivery import Delivery
from chassis.events.messages import InvalidMessage
from chassis.runtime.retry import backoff_seconds, is_transient

MAX_FAILURES = 5


class Decision(NamedTuple):
    """What to do after a failed attempt: try again after `delay` seconds, or, when it is None, give the record up."""

    attempts: int
    delay: float | None


class RetryPolicy:
    """Transient errors are retried for ever, others up to MAX_FAILURES times, invalid messages never."""

    def __init__(self, max_delay: float) -> None:
        self._max_delay = max_delay
        self._failed: dict[tuple[str, int, int], tuple[int, int]] = {}  # attempts, and failures that were not transient

    def reset(self) -> None:
        """Forget all failures: the partitions may have gone to another member meanwhile."""
        self._failed.clear()

    def record_success(self, delivery: Delivery) -> None:
        self._failed.pop(_key(delivery), None)

    def record_failure(self, delivery: Delivery, error: Exception) -> Decision:
        """Count a failed attempt."""
        attempts, failures = self._failed.pop(_key(delivery), (0, 0))
        attempts, failures = attempts + 1, failures + (not is_transient(error))
        if isinstance(error, InvalidMessage) or failures >= MAX_FAILURES:
            return Decision(attempts, None)
        self._failed[_key(delivery)] = attempts, failures
        return Decision(attempts, backoff_seconds(attempts, most=self._max_delay))


def _key(delivery: Delivery) -> tuple[str, int, int]:
    return delivery.record.topic, delivery.record.partition, delivery.record.offset
