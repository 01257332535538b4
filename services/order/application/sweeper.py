"""Ends what a crash, a neighbour that was away, or a shopper who changed their mind left open."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import chain, zip_longest
from time import monotonic
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.runtime.errors import describe_error
from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import is_transient
from services.order.application.cancellation import Cancellation
from services.order.application.checkout import Checkout
from services.order.application.completion import Completion
from services.order.application.reduction import Reduction
from services.order.domain import CancelReason
from services.order.errors import AlreadyDispatched
from services.order.ports import OrderRepository

log = structlog.get_logger()

REQUEST_GRACE = timedelta(seconds=10)  # how long a request may take to cancel before the sweeper finishes it
CONCURRENCY = 8  # orders at a time; each may wait for a neighbour that hangs
MAX_RUN_SECONDS = 10.0  # after this no other order is begun, so that the next run sees what is new
SWEEP_STEPS = ("abandoned", "cancellation", "change", "payment", "deadline")
SWEEP_FAILURES_COUNTER = Counter(
    "order_sweep_failures",
    "Orders that could not be brought to an end when it was tried.",
    ["step"],
    registry=REGISTRY,
)
for _step in SWEEP_STEPS:
    SWEEP_FAILURES_COUNTER.labels(_step)  # none yet, rather than nothing known

SweepAction = Callable[[UUID], Awaitable[None]]


class Sweeper:
    """Deadlines are judged by the database's clock, and by one process at a time (leader_election.py); each step may be
    repeated, so a second one would do no harm.

    An order that cannot be brought to an end, whatever the reason, is tried again after a while that grows, by itself:
    it neither keeps the others waiting nor is ever given up.
    """  # fmt: skip

    def __init__(
        self, orders: OrderRepository, checkout: Checkout, cancellation: Cancellation, reduction: Reduction,
        completion: Completion, *, abandoned_after: timedelta,
    ) -> None:  # fmt: skip
        self._orders, self._abandoned_after = orders, abandoned_after
        self._checkout, self._cancellation, self._completion = checkout, cancellation, completion
        self._reduction = reduction

    async def run_once(self, stopping: asyncio.Event) -> None:
        """Do all there is to do just now, until it is time to stop; what cannot be done is tried again later."""
        steps = (
            self._abandon,
            self._cancel,
            self._reduction.finish_all,
            self._completion.complete,
            self._cancellation.expire,
        )
        actions: Mapping[str, SweepAction] = dict(zip(SWEEP_STEPS, steps, strict=True))
        found = (
            await self._orders.list_abandoned(self._abandoned_after),
            await self._orders.list_cancellation_requested_ids(REQUEST_GRACE),
            await self._orders.list_change_intended_ids(REQUEST_GRACE),
            await self._orders.list_payment_received(),
            await self._orders.list_overdue_ids(),
        )
        # A step in turn, so that one whose neighbour hangs does not keep the other steps waiting.
        each = ([(step, order_id) for order_id in orders] for step, orders in zip(SWEEP_STEPS, found, strict=True))
        due = filter(None, chain.from_iterable(zip_longest(*each)))
        until = monotonic() + MAX_RUN_SECONDS

        async def work() -> None:
            for step, order_id in due:
                await self._attempt(step, actions[step], order_id)
                if stopping.is_set() or monotonic() > until:
                    return

        outcomes = await asyncio.gather(*(work() for _ in range(CONCURRENCY)), return_exceptions=True)
        for failure in filter(None, outcomes):
            raise failure

    async def _attempt(self, step: str, action: SweepAction, order_id: UUID) -> None:
        try:
            await action(order_id)
        except Exception as error:  # noqa: BLE001 (whatever is the matter with one order, the others go on)
            report = log.warning if is_transient(error) else log.exception
            report("order is tried again later", step=step, order_id=str(order_id), error=describe_error(error))
            SWEEP_FAILURES_COUNTER.labels(step).inc()
            await self._orders.postpone(order_id)

    async def _abandon(self, order_id: UUID) -> None:
        await self._checkout.abandon(order_id, CancelReason.GIVEN_UP)

    async def _cancel(self, order_id: UUID) -> None:
        try:
            await self._cancellation.finish(order_id)
        except AlreadyDispatched:
            log.info("cancelled too late", order_id=str(order_id))
