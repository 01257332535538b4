"""Shipments: where the parcel of an order goes, and what may become of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from generated.states import IllegalTransition, ShipmentStatus
from services.money import Money
from services.shipping.errors import (
    AlreadyDispatched,
    DispatchedDifferently,
    ItemsNotInParcel,
    OrderCancelled,
    ShipmentNotReady,
)

DISPATCHED_STATES = (ShipmentStatus.DISPATCHED, ShipmentStatus.DELIVERED)


@dataclass(frozen=True)
class Recipient:
    """Who gets the parcel, and where."""

    user_id: UUID
    user_email: str
    address_line1: str
    address_line2: str | None
    city: str
    country: str
    postcode: str | None  # not every country has them


@dataclass(frozen=True)
class Item:
    """Pieces of a product that go into the parcel."""

    product_id: UUID
    title: str
    qty: int


@dataclass(frozen=True)
class Label:
    """Who carries the parcel, and by which number it is found."""

    carrier: str
    tracking_number: str


@dataclass
class Shipment:
    """The shipment of one order. It has no `recipient` when only a payment or a cancellation is known of the order.

    `amount` is what its order costs or, until it is drafted, what was paid for it; those drafted by the first version
    have none. `items` is empty where nobody said what goes into the parcel. `change_ids` are those under which pieces
    were taken out of it.
    """

    id: UUID
    order_id: UUID
    recipient: Recipient | None = None
    status: ShipmentStatus = ShipmentStatus.PENDING_PAYMENT
    label: Label | None = None
    amount: Money | None = None
    items: Sequence[Item] = ()
    change_ids: Sequence[UUID] = ()

    def draft(self, recipient: Recipient, amount: Money, items: Sequence[Item] = ()) -> bool:
        """Learn who gets what and what its order costs; False if that was known before, and it stays as it was.

        What was paid before counts only if it was that amount.

        Raises:
            OrderCancelled: Nothing is to be sent for this order.
        """
        if self.status is ShipmentStatus.CANCELLED:
            raise OrderCancelled
        if self.recipient is not None:
            return False
        if self.amount not in (None, amount):
            self.status = ShipmentStatus.PENDING_PAYMENT
        self.recipient, self.amount, self.items = recipient, amount, items
        return True

    def is_visible_to(self, owner: UUID | None) -> bool:
        """Whether it is drafted, and the owner's; None sees everybody's."""
        return self.recipient is not None and owner in (None, self.recipient.user_id)

    def is_paid_by(self, paid: Money) -> bool:
        """Whether that is what its order costs, as far as that is known."""
        return self.recipient is None or self.amount in (None, paid)

    def make_ready(self, paid: Money) -> bool:
        """Let it leave, as it is paid for; False if it was before, or does not leave any more."""
        if self.recipient is None:
            self.amount = paid
        if self.status is not ShipmentStatus.PENDING_PAYMENT:
            return False
        return self._become(ShipmentStatus.READY_TO_SHIP)

    def needs_label(self) -> bool:
        """Whether a carrier is to be asked to take it; False if one has it already.

        Raises:
            ShipmentNotReady: It is not paid for, or it is cancelled.
        """
        if self.status in DISPATCHED_STATES:
            return False
        self._next(ShipmentStatus.DISPATCHED)
        return True

    def dispatch(self, label: Label) -> bool:
        """Hand it to the carrier; False if that one has it already, under that number.

        Raises:
            DispatchedDifferently: It has left with another carrier or number.
            ShipmentNotReady: It is not paid for, or it is cancelled.
        """
        if self.label is not None:
            if self.label != label:
                raise DispatchedDifferently(self.label.carrier, self.label.tracking_number)
            return False
        self._become(ShipmentStatus.DISPATCHED)
        self.label = label
        return True

    def correct(self, label: Label) -> bool:
        """Put right who carries it or under which number; False if that is how it is known already.

        Raises:
            ShipmentNotReady: It has not left, or it has arrived.
        """
        if self.status in DISPATCHED_STATES and self.label == label:
            return False
        if self.status is not ShipmentStatus.DISPATCHED:
            raise ShipmentNotReady(f"The shipment is {self.status}")
        self.label = label
        return True

    def deliver(self) -> bool:
        """Note that it has arrived; False if that is known already.

        Raises:
            ShipmentNotReady: It has not left.
        """
        return self.status is not ShipmentStatus.DELIVERED and self._become(ShipmentStatus.DELIVERED)

    def cancel(self) -> bool:
        """Keep it from leaving; False if it is kept already.

        Raises:
            AlreadyDispatched: It has left.
        """
        if self.status in DISPATCHED_STATES:
            raise AlreadyDispatched(f"The shipment is {self.status}")
        return self.status is not ShipmentStatus.CANCELLED and self._become(ShipmentStatus.CANCELLED)

    def take_out(self, change_id: UUID, pieces: Mapping[UUID, int]) -> bool:
        """Keep so many pieces of each product from leaving; False if they were taken out under that id before.

        Raises:
            AlreadyDispatched: It has left.
            OrderCancelled: It does not leave at all.
            ItemsNotInParcel: It does not hold them and something else.
        """
        if change_id in self.change_ids:
            return False
        if self.status in DISPATCHED_STATES:
            raise AlreadyDispatched(f"The shipment is {self.status}")
        if self.status is ShipmentStatus.CANCELLED:
            raise OrderCancelled
        if self.items:
            self.items = _without(self.items, pieces)
        self.change_ids = (*self.change_ids, change_id)
        return True

    def _become(self, status: ShipmentStatus) -> bool:
        self.status = self._next(status)
        return True

    def _next(self, status: ShipmentStatus) -> ShipmentStatus:
        try:
            return self.status.transition_to(status)
        except IllegalTransition:
            raise ShipmentNotReady(f"The shipment is {self.status}") from None


def _without(items: Sequence[Item], pieces: Mapping[UUID, int]) -> list[Item]:
    """Raises: ItemsNotInParcel."""
    wanted = Counter(pieces)

    def left() -> Iterator[Item]:
        for item in items:
            taken = min(item.qty, wanted[item.product_id])
            wanted[item.product_id] -= taken
            if taken < item.qty:
                yield replace(item, qty=item.qty - taken)

    remaining = list(left())
    if +wanted or not remaining:
        raise ItemsNotInParcel
    return remaining


class ListedShipment(NamedTuple):
    """A shipment with a recipient, who that is, and since when there is one for the order."""

    shipment: Shipment
    user_email: str
    created_at: datetime
