"""What the order service needs from others, in its own words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from chassis import unit_of_work
from chassis.events.outbox import OutgoingEvent
from services.order.domain import Cart, Change, Order, OrderFilter, PriorOrders, Shopper, TimelineEntry


class OrderRepository(Protocol):
    async def find(self, order_id: UUID) -> Order | None:
        """Read an order, as it was just now."""

    async def list_by_user(self, user_id: UUID, *, before: UUID | None, most: int) -> Sequence[Order]:
        """Read a shopper's orders, the newest first, that are older than `before`; not those that never became one."""

    async def list_by_filter(self, wanted: OrderFilter, *, before: UUID | None, limit: int) -> Sequence[Order]:
        """Read everybody's orders, the newest first, that are older than `before`."""

    async def lock(self, order_id: UUID) -> Order | None:
        """Read an order, and keep it from everybody else until the transaction ends."""

    async def lock_prior_orders(self, shopper: Shopper, lines: Collection[UUID]) -> PriorOrders:
        """Read what there is of the shopper's orders, and of these cart lines in them; its pending ones are locked.

        Other checkouts of the shopper wait until the transaction ends.
        """

    async def find_latest(self, order_ids: Collection[UUID]) -> Order:
        """Read the one of these that was placed last."""

    async def add(self, order: Order) -> None:
        """Keep a new order."""

    async def save(self, order: Order) -> None:
        """Write down what became of it, and of its changes."""

    async def save_prices(self, order: Order) -> None:
        """Write down what its lines cost."""

    async def list_abandoned(self, after: timedelta) -> Sequence[UUID]:
        """Find orders whose checkout began so long ago and has not ended."""

    async def list_cancellation_requested_ids(self, after: timedelta) -> Sequence[UUID]:
        """Find orders that somebody wanted to cancel so long ago, and that have not come to an end."""

    async def list_change_intended_ids(self, after: timedelta) -> Sequence[UUID]:
        """Find orders of which somebody wanted to cancel a part so long ago, and it is not decided."""

    async def list_overdue_ids(self) -> Sequence[UUID]:
        """Find orders that were not paid in time; those that cost nothing have all the time there is."""

    async def list_payment_received(self) -> Sequence[UUID]:
        """Find orders whose payment has come in, and whose stock is not sold yet."""

    async def postpone(self, order_id: UUID) -> None:
        """Leave an order alone that could not be brought to an end, for longer each time it could not."""

    async def record_payment_received(self, order_id: UUID) -> None:
        """Write down that the payment of an order has come in."""


class OrderHistory(Protocol):
    async def add(self, order_id: UUID, entry: TimelineEntry) -> None:
        """Keep what happened to an order; a repeat keeps it once.

        Raises:
            OrderNotFound: There is no such order.
        """

    async def contains(self, order_id: UUID, kind: str) -> bool:
        """Whether that has happened to an order."""

    async def list_by_order(
        self, order_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[TimelineEntry]:
        """Read what happened to an order, the first first, from the one after that position."""


class DeletedAccountRepository(Protocol):
    async def add(self, user_id: UUID) -> None:
        """Remember the account, until its address is erased from its orders; a repeat changes nothing."""


class UnitOfWork(Protocol):
    """One transaction: what is changed or announced inside is kept together or not at all."""

    @property
    def orders(self) -> OrderRepository: ...

    @property
    def history(self) -> OrderHistory: ...

    @property
    def deleted_accounts(self) -> DeletedAccountRepository: ...

    async def link_idempotency_key(self, resource_id: UUID) -> None: ...

    async def publish(self, *events: OutgoingEvent) -> None: ...


UnitOfWorkFactory = unit_of_work.UnitOfWorkFactory[UnitOfWork]


class CartClient(Protocol):
    async def get_cart(self, user_id: UUID) -> Cart:
        """Read what is in a shopper's cart."""


class InventoryClient(Protocol):
    async def check_availability(self, order: Order, honoured: Collection[UUID]) -> None:
        """Ask whether that could be set aside just now; changes nothing, and promises nothing.

        Raises:
            OutOfStock, ProductUnavailable, PriceChanged: As for `reserve`.
        """

    async def reserve(self, order: Order, honoured: Collection[UUID]) -> Mapping[UUID, int]:
        """Set the stock of every line aside, or of none; what a piece of each product costs just now.

        Lines that are `honoured` keep their price where the product has become dearer. Repeating it for the same order
        sets nothing more aside, and the prices are those of the first time.

        Raises:
            OutOfStock: There is too little of a product.
            ProductUnavailable: A product is not sold any more.
            PriceChanged: A product has become dearer than a line that is not honoured, or is sold in another currency.
            OrderCancelled: The order was cancelled before.
        """

    async def commit(self, order_id: UUID) -> None:
        """Turn what was set aside into a sale; a repeat changes nothing.

        Raises:
            OrderCancelled: The order was cancelled before.
        """


class ShipmentClient(Protocol):
    async def create_draft(self, order: Order) -> None:
        """Open a draft shipment; a repeat opens no other.

        Raises:
            OrderCancelled: The order was cancelled before.
        """

    async def cancel(self, order_id: UUID) -> None:
        """Stop the parcel for good; a repeat changes nothing.

        Raises:
            AlreadyDispatched: It has left.
        """

    async def take_out(self, order_id: UUID, change: Change) -> None:
        """Take the pieces of a change out of the parcel; a repeat for the same change takes no more.

        Raises:
            AlreadyDispatched: It has left.
            OrderCancelled: It does not leave at all.
        """


class PaymentClient(Protocol):
    async def void(self, order_id: UUID) -> None:
        """Close the payment, so that it cannot succeed; a repeat changes nothing.

        Raises:
            AlreadyPaid: It has succeeded.
        """


class MailLog(Protocol):
    async def list_sent(self, order_id: UUID) -> Sequence[TimelineEntry]:
        """Read which mails were sent about an order, and when.

        Raises:
            TransientError: It is not known just now.
        """
