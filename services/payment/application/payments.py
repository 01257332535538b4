"""What requests and events come down to."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from chassis.events.delivery import Delivery
from chassis.web.http_client import UpstreamUnavailable
from generated.states import PaymentStatus
from services.money import Money
from services.payment.application.attempts import AttemptSettlement
from services.payment.domain import NO_PROVIDER, AmountDue, Attempt, Payment
from services.payment.errors import (
    AlreadyPaid,
    OrderNotFound,
    PaymentInProgress,
    RefundExceedsPayment,
)
from services.payment.outgoing_events import payment_succeeded_event
from services.payment.ports import OrderClient, PaymentProvider, PaymentRepository, UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger()

# Seconds to wait for whoever makes the attempt that is OPEN, before each look at how it ended.
PAUSES = (0.02, 0.05, 0.1, 0.3, 0.6)


class PaymentService:
    """An `owner` is the shopper whose payments alone are found; None finds everybody's.

    Paying is three steps, of which the first and the last are transactions: an attempt is written down as OPEN, the
    provider is asked to charge it, and what it answers is taken over. Without an answer the attempt stays OPEN, and is
    looked up later (attempts.py).
    """

    def __init__(
        self,
        payments: PaymentRepository,
        unit_of_work: UnitOfWorkFactory,
        orders: OrderClient,
        provider: PaymentProvider,
        settlement: AttemptSettlement,
        *,
        refund_requested: Callable[[], None],
    ) -> None:
        self._payments, self._unit_of_work = payments, unit_of_work
        self._orders, self._provider, self._settlement = orders, provider, settlement
        self._refund_requested = refund_requested  # called once a refund is to be asked of the provider

    @property
    def provider_name(self) -> str:
        return self._provider.name

    async def find(self, order_id: UUID, owner: UUID | None) -> Payment | None:
        payment = await self._payments.find(order_id)
        return payment if payment and payment.is_visible_to(owner) else None

    async def get_attempt(self, attempt_id: UUID) -> Attempt:
        """Raises: OrderNotFound."""
        return await self._settlement.get_attempt(attempt_id)

    async def pay(
        self, order_id: UUID, paid: Money, method: str, owner: UUID | None, resumed_id: UUID | None = None
    ) -> Payment:
        """Have the order paid by this method, which is sure to succeed; a repeat takes no more money.

        Raises:
            OrderNotFound, OrderNotPayable, AmountDiffers, PaymentInProgress.
        """

        for pause in PAUSES:
            try:
                _, payment = await self._attempt(order_id, method, owner, resumed_id, paid)
            except PaymentInProgress:
                await self._settle_other(order_id, pause)
                continue
            if payment.status in (PaymentStatus.SUCCEEDED, PaymentStatus.PROCESSING):
                return payment
            resumed_id = None  # it was cancelled meanwhile, with its order or because it took so long
        raise PaymentInProgress

    async def attempt(
        self, order_id: UUID, method: str, owner: UUID | None, resumed_id: UUID | None = None
    ) -> tuple[UUID, Payment]:
        """Attempt to pay by this method; a repeat is another attempt, unless it resumes one. The attempt, and what is
        known of the payment then.

        Raises:
            OrderNotFound, OrderNotPayable, TooManyFailures, PaymentInProgress.
        """
        for pause in PAUSES:
            try:
                return await self._attempt(order_id, method, owner, resumed_id)
            except PaymentInProgress:
                await self._settle_other(order_id, pause)
        raise PaymentInProgress

    async def void(self, order_id: UUID) -> None:
        """Close the payment of an order, known or not, so that no money can come in; a repeat changes nothing.

        Raises:
            AlreadyPaid: The money was taken first.
            UpstreamUnavailable: An attempt is OPEN, and the provider does not say that it is cancelled.
        """
        while True:
            async with self._unit_of_work() as work:
                payment = await _lock_or_tombstone(work, order_id)
                attempt = payment.open_attempt
                if attempt is None:
                    await _void(work, payment)
                    return
            result = await self._provider.cancel(attempt.ref)
            if not result.is_final:
                raise UpstreamUnavailable(f"attempt {attempt.id} can be neither cancelled nor is it decided")
            await self._settlement.apply(order_id, attempt.id, result, then_void=True)

    async def record_amount_due(self, order_id: UUID, due: AmountDue, delivery: Delivery) -> None:
        """Create the pending payment of an order, unless it was cancelled already; one that is free succeeds."""
        await self._unit_of_work.run_for_delivery(delivery, partial(_record_amount_due, order_id=order_id, due=due))

    async def void_or_refund(self, order_id: UUID, delivery: Delivery) -> None:
        """Close the payment of a cancelled order, or have all that is left of it paid back, under the order's id.

        Raises: UpstreamUnavailable.
        """

        async def end(work: UnitOfWork) -> None:
            payment = await _lock_or_tombstone(work, order_id)
            with suppress(AlreadyPaid):
                await _void(work, payment)
            if (refund := payment.request_refund_of_rest(order_id)) is not None:
                await work.refunds.add(refund)
                await work.payments.save(payment)

        try:
            await self._unit_of_work.run_for_delivery(delivery, end)
        except PaymentInProgress:
            with suppress(AlreadyPaid):
                await self.void(order_id)
            await self._unit_of_work.run_for_delivery(delivery, end)
        self._refund_requested()

    async def refund(self, order_id: UUID, refund_id: UUID, money: Money, delivery: Delivery) -> None:
        """Have a part of what was paid for the order paid back, once under that id.

        Raises:
            RefundExceedsPayment: So much was not paid, or has been asked back already.
            RefundOfAnotherAmount: The id belongs to another refund.
        """

        async def request(work: UnitOfWork) -> None:
            payment = await work.payments.lock(order_id)
            if (known := await work.refunds.find(refund_id)) is not None:
                known.require_same(order_id, money)
                return
            if payment is None:
                raise RefundExceedsPayment(f"refund {refund_id} of {money}, order {order_id} was not paid")
            await work.refunds.add(payment.request_refund(refund_id, money))
            await work.payments.save(payment)

        await self._unit_of_work.run_for_delivery(delivery, request)
        self._refund_requested()

    async def _attempt(
        self, order_id: UUID, method: str, owner: UUID | None, resumed_id: UUID | None, paid: Money | None = None
    ) -> tuple[UUID, Payment]:
        """Attempt to pay by this method, or go on with an attempt that was begun.

        Raises: PaymentInProgress, and what `_begin` raises.
        """
        if resumed_id is None:
            attempt_id, payment = await self._begin(order_id, owner, paid)
        else:
            attempt_id, payment = resumed_id, await self._settlement.get_payment(order_id)
        attempt = payment.open_attempt
        if attempt is None or attempt.id != attempt_id:
            return attempt_id, payment
        try:
            result = await self._provider.charge(attempt.ref, method)
        except UpstreamUnavailable as error:
            log.warning("nobody knows how an attempt ended", attempt_id=str(attempt_id), error=repr(error))
            return attempt_id, payment
        return attempt_id, await self._settlement.apply(order_id, attempt_id, result)

    async def _begin(self, order_id: UUID, owner: UUID | None, paid: Money | None) -> tuple[UUID, Payment]:
        """Write an attempt down as OPEN, which the provider has known of before.

        With `paid`, which must be what is due, none is begun for an order that is paid: that is no refusal then.

        Raises:
            OrderNotFound: There is no such order, or it is not the owner's.
            OrderNotPayable: It waits for no payment.
            AmountDiffers, TooManyFailures, PaymentInProgress.
        """
        attempt_id = uuid7()
        due, payment = await self._find_due(order_id, owner)
        ref = None
        if not due.is_free and (payment is None or payment.status is PaymentStatus.PENDING):
            ref = await self._provider.begin(attempt_id, order_id, due.money)

        async def begin(work: UnitOfWork) -> Payment:
            if payment is None:
                await _record_amount_due(work, order_id, due)
            current = await work.payments.lock(order_id)
            if current is None:
                raise OrderNotFound
            if paid is not None:
                current.require_amount(paid)
                if current.status is PaymentStatus.SUCCEEDED:
                    return current
            current.require_attemptable()
            if ref is None:  # an attempt has ended since it was read
                raise PaymentInProgress
            attempt = current.begin_attempt(attempt_id, ref, limited=paid is None)
            await work.payments.save(current)
            await work.attempts.add(attempt)
            await work.link_idempotency_key(attempt_id)
            return current

        return attempt_id, await self._unit_of_work.run(begin)

    async def _find_due(self, order_id: UUID, owner: UUID | None) -> tuple[AmountDue, Payment | None]:
        """Learn who owes what, from order where it was not announced yet: its shopper may be faster than the event.

        Raises: OrderNotFound, OrderNotPayable.
        """
        payment = await self._payments.find(order_id)
        if payment is not None and payment.due is not None:
            if not payment.is_visible_to(owner):
                raise OrderNotFound
            return payment.due, payment
        order = await self._orders.get(order_id)
        if owner not in (None, order.due.user_id):
            raise OrderNotFound
        order.require_payable()
        if order.due.is_free:
            await self._unit_of_work.run(partial(_record_amount_due, order_id=order_id, due=order.due))
        return order.due, None

    async def _settle_other(self, order_id: UUID, pause: float) -> None:
        """Take over how the attempt that is OPEN ended, if the provider says so after a while."""
        await asyncio.sleep(pause)
        payment = await self._payments.find(order_id)
        if payment is not None and (attempt := payment.open_attempt) is not None:
            with suppress(UpstreamUnavailable):
                await self._settlement.settle(order_id, attempt)


async def _record_amount_due(work: UnitOfWork, order_id: UUID, due: AmountDue) -> None:
    """One that costs nothing is paid with that, and no provider is asked; one that was cancelled stays unpaid."""
    await work.payments.upsert(Payment(uuid7(), order_id, due))
    if not due.is_free:
        return
    payment = await work.payments.lock(order_id)
    if payment and payment.record_success_if_free():
        await work.payments.save(payment)
        await work.publish(payment_succeeded_event(payment, NO_PROVIDER))


async def _lock_or_tombstone(work: UnitOfWork, order_id: UUID) -> Payment:
    """The payment of an order, known or not."""
    tombstone = Payment(uuid7(), order_id, None, PaymentStatus.VOIDED)
    await work.payments.upsert(tombstone)
    return await work.payments.lock(order_id) or tombstone


async def _void(work: UnitOfWork, payment: Payment) -> None:
    """Raises: AlreadyPaid, PaymentInProgress."""
    if payment.void():
        await work.payments.save(payment)
