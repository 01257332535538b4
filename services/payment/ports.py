"""What the payment service needs from others, in its own words."""

from typing import Protocol
from uuid import UUID

from chassis import unit_of_work
from chassis.events.outbox import OutgoingEvent
from services.money import Money
from services.payment.domain import Order, Payment, Refund


class PaymentRepository(Protocol):
    async def find(self, order_id: UUID) -> Payment | None:
        """Read the payment of an order, as it was just now."""

    async def lock(self, order_id: UUID) -> Payment | None:
        """Read it, and keep it from everybody else until the transaction ends."""

    async def upsert(self, payment: Payment) -> None:
        """Insert the payment of an order that has none; in one that exists, only a missing amount due is filled in."""

    async def save(self, payment: Payment) -> None:
        """Write down what became of it."""


class RefundRepository(Protocol):
    async def find(self, refund_id: UUID) -> Refund | None: ...

    async def add(self, refund: Refund) -> None:
        """Keep it as asked for; the provider is to be asked at once."""

    async def claim_due(self, limit: int) -> list[Refund]:
        """Take those whose turn it is. Each counts as tried, and is due again after a while that grows."""

    async def complete(self, refund_id: UUID) -> bool:
        """Mark it as done; False if it was before."""


class UnitOfWork(Protocol):
    """One transaction: what is changed or announced inside is kept together or not at all."""

    @property
    def payments(self) -> PaymentRepository: ...

    @property
    def refunds(self) -> RefundRepository: ...

    async def publish(self, *events: OutgoingEvent) -> None: ...


UnitOfWorkFactory = unit_of_work.UnitOfWorkFactory[UnitOfWork]


class OrderClient(Protocol):
    async def get(self, order_id: UUID) -> Order:
        """Ask whose an order is, what it costs and where it stands, when it has not been announced to us yet.

        Raises:
            OrderNotFound: There is no such order.
        """


class PaymentProvider(Protocol):
    @property
    def name(self) -> str: ...

    async def refund(self, ref: str, refund_id: UUID, money: Money) -> None:
        """Pay so much of it back. A repeat under the same id pays nothing more.

        Raises:
            Exception: It may have been paid back or not; it is to be asked for again.
        """
