"""What the payment service needs from others, in its own words."""

from typing import Protocol
from uuid import UUID

from chassis import unit_of_work
from chassis.events.outbox import OutgoingEvent
from services.money import Money
from services.payment.domain import Attempt, AttemptResult, Order, Payment, Refund


class PaymentRepository(Protocol):
    async def find(self, order_id: UUID) -> Payment | None:
        """Read the payment of an order, as it was just now."""

    async def lock(self, order_id: UUID) -> Payment | None:
        """Read it, and keep it from everybody else until the transaction ends."""

    async def upsert(self, payment: Payment) -> None:
        """Insert the payment of an order that has none; in one that exists, only a missing amount due is filled in."""

    async def save(self, payment: Payment) -> None:
        """Write down what became of it."""


class AttemptRepository(Protocol):
    async def find(self, attempt_id: UUID) -> Attempt | None: ...

    async def find_by_ref(self, ref: str) -> Attempt | None: ...

    async def add(self, attempt: Attempt) -> None: ...

    async def close(self, attempt_id: UUID, result: AttemptResult) -> None:
        """Write down how it ended."""

    async def claim_due(self, limit: int) -> list[Attempt]:
        """Take those that are OPEN and whose turn it is to be looked up. Each is due again after a while that grows."""


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
    def attempts(self) -> AttemptRepository: ...

    @property
    def refunds(self) -> RefundRepository: ...

    async def publish(self, *events: OutgoingEvent) -> None: ...

    async def link_idempotency_key(self, resource_id: UUID) -> None:
        """What the request's key, if it has one, stands for from this transaction on."""


UnitOfWorkFactory = unit_of_work.UnitOfWorkFactory[UnitOfWork]


class OrderClient(Protocol):
    async def get(self, order_id: UUID) -> Order:
        """Ask whose an order is, what it costs and where it stands, when it has not been announced to us yet.

        Raises:
            OrderNotFound: There is no such order.
        """


class PaymentProvider(Protocol):
    """Who takes the money. No answer says nothing: each call may have done what it was asked for, now or later.

    Raises: UpstreamUnavailable by every method that asks the provider.
    """

    @property
    def name(self) -> str: ...

    async def begin(self, attempt_id: UUID, order_id: UUID, money: Money) -> str:
        """Have the provider know of an attempt, before any money moves; its ref there. A repeat begins none."""

    async def charge(self, ref: str, method: str) -> AttemptResult:
        """Take the money once, however often it is asked for; nothing of an attempt that has ended."""

    async def cancel(self, ref: str) -> AttemptResult:
        """End an attempt for good unless it has ended already, and say how it ended."""

    async def look_up(self, ref: str) -> AttemptResult: ...

    async def refund(self, ref: str, refund_id: UUID, money: Money) -> None:
        """Pay so much of it back. A repeat under the same id pays nothing more."""

    def read_webhook(self, body: bytes, signature: str) -> str | None:
        """The ref of the attempt that a webhook is about, or None for another matter.

        Raises:
            InvalidSignature: It is not the provider's, or too old.
        """
