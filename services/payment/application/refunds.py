"""Asks the provider for what is to go back, until it has."""

import asyncio

import structlog
from prometheus_client import Counter

from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import is_transient
from services.payment.domain import Refund
from services.payment.outgoing_events import payment_refunded_event
from services.payment.ports import PaymentProvider, RefundRepository, UnitOfWorkFactory

log = structlog.get_logger()

BATCH_SIZE = 50
CONCURRENCY = 8  # refunds at a time; each may wait for a provider that hangs
REFUND_FAILURES_COUNTER = Counter(
    "payment_refund_failures", "Times that a refund was asked of the provider in vain.", registry=REGISTRY
)


class RefundDispatcher:
    """A refund is asked for under its id as often as it takes, so that one whose answer was lost is paid once. What
    the provider does not do is tried again after a while that grows, by itself, and never given up.
    """  # fmt: skip

    def __init__(self, refunds: RefundRepository, unit_of_work: UnitOfWorkFactory, provider: PaymentProvider) -> None:
        self._refunds, self._unit_of_work, self._provider = refunds, unit_of_work, provider

    async def run_once(self, stopping: asyncio.Event) -> bool:
        """Ask for those that are due; whether there may be more of them."""
        due = await self._refunds.claim_due(BATCH_SIZE)
        refunds = iter(due)

        async def work() -> None:
            for refund in refunds:
                await self._attempt(refund)
                if stopping.is_set():  # what is left was claimed in vain, and is due again
                    return

        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return len(due) == BATCH_SIZE

    async def _attempt(self, refund: Refund) -> None:
        try:
            if refund.money.amount_cents:
                await self._provider.refund(refund.ref, refund.id, refund.money)
            await self._complete(refund)
        except Exception as error:  # noqa: BLE001 (whatever is the matter with one refund, the others go on)
            report = log.warning if is_transient(error) else log.exception
            report("refund is tried again later", refund_id=str(refund.id), tries=refund.attempts, error=repr(error))
            REFUND_FAILURES_COUNTER.inc()

    async def _complete(self, refund: Refund) -> None:
        async with self._unit_of_work() as work:
            payment = await work.payments.lock(refund.order_id)
            if payment is None or not await work.refunds.complete(refund.id):
                return
            if refund.is_stray:  # the payment has nothing to do with it, and nobody was told of its money
                return
            payment.complete_refund(refund)
            await work.payments.save(payment)
            await work.publish(payment_refunded_event(payment, refund, self._provider.name))
