"""Takes over how attempts to pay ended, whoever says so: the answer to a charge, a webhook, or a look."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from prometheus_client import Counter

from chassis.runtime.metrics import REGISTRY
from chassis.runtime.retry import is_transient
from generated.states import AttemptStatus, PaymentStatus
from services.payment.domain import Attempt, AttemptRef, AttemptResult, Payment, Refund
from services.payment.errors import OrderNotFound
from services.payment.outgoing_events import payment_failed_event, payment_succeeded_event
from services.payment.ports import (
    AttemptRepository,
    PaymentProvider,
    PaymentRepository,
    UnitOfWork,
    UnitOfWorkFactory,
)

log = structlog.get_logger()

BATCH_SIZE = 50
CONCURRENCY = 8  # attempts at a time; each may wait for a provider that hangs
LOOKUP_FAILURES_COUNTER = Counter(
    "payment_lookup_failures", "Times that the provider did not say how an attempt ended.", registry=REGISTRY
)
STRAY_CHARGES_COUNTER = Counter(
    "payment_stray_charges", "Attempts that were charged after they counted as ended; paid back.", registry=REGISTRY
)


class AttemptSettlement:
    def __init__(
        self,
        payments: PaymentRepository,
        attempts: AttemptRepository,
        unit_of_work: UnitOfWorkFactory,
        provider: PaymentProvider,
        now: Callable[[], datetime],
        *,
        refund_requested: Callable[[], None],
    ) -> None:
        self._payments, self._attempts, self._unit_of_work = payments, attempts, unit_of_work
        self._provider, self._now, self._refund_requested = provider, now, refund_requested

    async def get_payment(self, order_id: UUID) -> Payment:
        """Raises: OrderNotFound."""
        payment = await self._payments.find(order_id)
        if payment is None:
            raise OrderNotFound
        return payment

    async def get_attempt(self, attempt_id: UUID) -> Attempt:
        """Raises: OrderNotFound."""
        attempt = await self._attempts.find(attempt_id)
        if attempt is None:
            raise OrderNotFound
        return attempt

    async def apply(
        self, order_id: UUID, attempt_id: UUID, result: AttemptResult, *, then_void: bool = False
    ) -> Payment:
        """Take over how an attempt ended, once, if it is OPEN; with `then_void` one that took no money closes the
        payment. What was charged of one that had ended otherwise is paid back.

        Raises: OrderNotFound.
        """  # fmt: skip

        async def end(work: UnitOfWork) -> Payment:
            payment = await work.payments.lock(order_id)
            if payment is None:
                raise OrderNotFound
            if payment.end_attempt(attempt_id, result, self._now()):
                if then_void and payment.status is PaymentStatus.PENDING:
                    payment.void()
                await work.payments.save(payment)
                await work.attempts.close(attempt_id, result)
                if result.status is AttemptStatus.CHARGED:
                    await work.publish(payment_succeeded_event(payment, self._provider.name))
                elif result.status is AttemptStatus.DECLINED:
                    await work.publish(payment_failed_event(payment))
            elif result.status is AttemptStatus.CHARGED and not payment.is_paid_by(attempt_id):
                await _pay_back_stray(work, attempt_id, result)
            return payment

        payment = await self._unit_of_work.run(end)
        if result.status is AttemptStatus.CHARGED and not payment.is_paid_by(attempt_id):
            self._refund_requested()
        return payment

    async def settle(self, order_id: UUID, attempt: AttemptRef | Attempt, *, cancel: bool = False) -> bool:
        """Ask the provider how an attempt ended, or to end it, and take that over; False if it is not decided.

        Raises: UpstreamUnavailable.
        """
        ask = self._provider.cancel if cancel else self._provider.look_up
        result = await ask(attempt.ref)
        if result.is_final:
            await self.apply(order_id, attempt.id, result)
        return result.is_final

    async def hear(self, ref: str) -> None:
        """Look an attempt up since the provider has hinted at it; one that is not known here is passed over.

        Raises: UpstreamUnavailable.
        """
        if (attempt := await self._attempts.find_by_ref(ref)) is not None:
            await self.settle(attempt.order_id, attempt)


class AttemptRecovery:
    """Looks up what stayed OPEN because an answer was lost, or whoever waited for it died. What the shopper has left
    at the provider for too long is cancelled there, so that another attempt may follow.
    """  # fmt: skip

    def __init__(self, attempts: AttemptRepository, settlement: AttemptSettlement) -> None:
        self._attempts, self._settlement = attempts, settlement

    async def run_once(self, stopping: asyncio.Event) -> bool:
        """Look those up that are due; whether there may be more of them."""
        due = await self._attempts.claim_due(BATCH_SIZE)
        attempts = iter(due)

        async def work() -> None:
            for attempt in attempts:
                await self._look_up(attempt)
                if stopping.is_set():  # what is left was claimed in vain, and is due again
                    return

        await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
        return len(due) == BATCH_SIZE

    async def _look_up(self, attempt: Attempt) -> None:
        try:
            await self._settlement.settle(attempt.order_id, attempt, cancel=attempt.is_overdue)
        except Exception as error:  # noqa: BLE001 (whatever is the matter with one attempt, the others go on)
            report = log.warning if is_transient(error) else log.exception
            report(
                "attempt is looked up again later",
                attempt_id=str(attempt.id),
                lookups=attempt.lookups,
                error=repr(error),
            )
            LOOKUP_FAILURES_COUNTER.inc()


async def _pay_back_stray(work: UnitOfWork, attempt_id: UUID, result: AttemptResult) -> None:
    attempt = await work.attempts.find(attempt_id)
    if attempt is None or attempt.status not in (AttemptStatus.DECLINED, AttemptStatus.CANCELLED):
        return
    await work.attempts.close(attempt_id, result)
    await work.refunds.add(Refund(attempt_id, attempt.order_id, attempt.ref, attempt.money, is_stray=True))
    log.error("an attempt was charged after it had ended", attempt_id=str(attempt_id))
    STRAY_CHARGES_COUNTER.inc()
