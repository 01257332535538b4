"""What the shipping service needs from others, in its own words."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from chassis import unit_of_work
from chassis.events.outbox import OutgoingEvent
from generated.states import ShipmentStatus
from services.shipping.domain import Label, ListedShipment, Shipment


class ShipmentRepository(Protocol):
    async def find(self, shipment_id: UUID) -> Shipment | None:
        """Read one shipment, as it was just now."""

    async def find_by_order(self, order_id: UUID) -> Shipment | None:
        """Read the shipment of an order."""

    async def list_by_status(
        self, status: ShipmentStatus, *, after: UUID | None, limit: int
    ) -> Sequence[ListedShipment]:
        """Read shipments with a recipient in that state, the oldest first, from the one after `after`."""

    async def lock(self, shipment_id: UUID) -> Shipment | None:
        """Read one, and keep it from everybody else until the transaction ends."""

    async def lock_or_create(self, order_id: UUID) -> Shipment:
        """The same for an order's shipment; a new one, without a recipient, if the order has none yet."""

    async def save(self, shipment: Shipment) -> None:
        """Write down what became of it.

        Raises:
            Conflict: It is new, and the order has another by now.
        """


class UnitOfWork(Protocol):
    """One transaction: what is changed or announced inside is kept together or not at all."""

    @property
    def shipments(self) -> ShipmentRepository: ...

    async def publish(self, *events: OutgoingEvent) -> None: ...


UnitOfWorkFactory = unit_of_work.UnitOfWorkFactory[UnitOfWork]


class Carrier(Protocol):
    async def create_label(self, shipment_id: UUID) -> Label:
        """Number a parcel. A repeat for the same shipment gives the same number."""
