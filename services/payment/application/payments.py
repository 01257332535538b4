"""What requests and events come down to."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.events.delivery import Delivery
from generated.states import PaymentStatus
from services.money import Money
from services.payment.domain import NO_PROVIDER, AmountDue, Failure, Payment
from services.payment.errors import AlreadyPaid, OrderNotAnnounced, OrderNotFound, RefundExceedsPayment
from services.payment.outgoing_events import payment_failed_event, payment_succeeded_event
from services.payment.ports import OrderClient, PaymentProvider, PaymentRepository, UnitOfWork, UnitOfWorkFactory


class PaymentService:
    """An `owner` is the shopper whose payments alone are found; None finds everybody's."""

    def __init__(
        self,
        payments: PaymentRepository,
        unit_of_work: UnitOfWorkFactory,
        orders: OrderClient,
        provider: PaymentProvider,
        now: Callable[[], datetime],
        *,
        refund_requested: Callable[[], None],
    ) -> None:
        self._payments, self._unit_of_work = payments, unit_of_work
        self._orders, self._provider, self._now = orders, provider, now
        self._refund_requested = refund_requested  # called once a refund is to be asked of the provider

    @property
    def provider_name(self) -> str:
        return self._provider.name

    async def find(self, order_id: UUID, owner: UUID | None) -> Payment | None:
        payment = await self._payments.find(order_id)
        return payment if payment and payment.is_visible_to(owner) else None

    async def record_success(self, order_id: UUID, paid: Money, owner: UUID | None) -> Payment:
        """Take the money; a repeat takes no more.

        Raises:
            OrderNotFound, OrderNotPayable, AmountDiffers.
        """

        async def succeed(work: UnitOfWork) -> Payment:
            payment = await _lock_owned(work, order_id, owner)
            if payment.record_success(paid):
                await work.payments.save(payment)
                await work.publish(payment_succeeded_event(payment, self._provider.name))
            return payment

        return await self._run_announced(order_id, owner, succeed)

    async def record_failure(self, order_id: UUID, code: str, owner: UUID | None) -> Payment:
        """Record an attempt that failed; a repeat records another.

        Raises:
            OrderNotFound, OrderNotPayable, TooManyFailures.
        """

        async def fail(work: UnitOfWork) -> Payment:
            payment = await _lock_owned(work, order_id, owner)
            payment.record_failure(Failure(code, self._now()))
            await work.payments.save(payment)
            await work.publish(payment_failed_event(payment))
            return payment

        return await self._run_announced(order_id, owner, fail)

    async def void(self, order_id: UUID) -> None:
        """Close the payment of an order, known or not, so that no money can come in; a repeat changes nothing.

        Raises:
            AlreadyPaid: The money was taken first.
        """
        async with self._unit_of_work() as work:
            await _void(work, await _lock_or_tombstone(work, order_id))

    async def record_amount_due(self, order_id: UUID, due: AmountDue, delivery: Delivery) -> None:
        """Create the pending payment of an order, unless it was cancelled already; one that is free succeeds."""
        await self._unit_of_work.run_for_delivery(delivery, partial(_record_amount_due, order_id=order_id, due=due))

    async def void_or_refund(self, order_id: UUID, delivery: Delivery) -> None:
        """Close the payment of a cancelled order, or have all that is left of it paid back, under the order's id."""

        async def end(work: UnitOfWork) -> None:
            payment = await _lock_or_tombstone(work, order_id)
            with suppress(AlreadyPaid):
                await _void(work, payment)
            if (refund := payment.request_refund_of_rest(order_id)) is not None:
                await work.refunds.add(refund)
                await work.payments.save(payment)

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

    async def _run_announced(
        self, order_id: UUID, owner: UUID | None, do: Callable[[UnitOfWork], Awaitable[Payment]]
    ) -> Payment:
        """Do it; before that, learn who owes what for an order that was not announced yet.

        For its shopper may be faster than the event.

        Raises:
            OrderNotFound: There is no such order, or it is not the owner's.
            OrderNotPayable: It waits for no payment.
        """
        with suppress(OrderNotAnnounced):
            return await self._unit_of_work.run(do)
        order = await self._orders.get(order_id)
        if owner not in (None, order.due.user_id):
            raise OrderNotFound
        order.require_payable()
        await self._unit_of_work.run(partial(_record_amount_due, order_id=order_id, due=order.due))
        return await self._unit_of_work.run(do)


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
    """Raises: AlreadyPaid."""
    if payment.void():
        await work.payments.save(payment)


async def _lock_owned(work: UnitOfWork, order_id: UUID, owner: UUID | None) -> Payment:
    """Raises: OrderNotAnnounced, OrderNotFound."""
    payment = await work.payments.lock(order_id)
    if payment is None or payment.due is None:
        raise OrderNotAnnounced
    if not payment.is_visible_to(owner):
        raise OrderNotFound
    return payment
