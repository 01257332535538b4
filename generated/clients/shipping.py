# Generated from contracts/shipping.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Shipping 2.0.0, for whoever needs something from it."""

from uuid import UUID

from chassis.web.http_client import Client, Problem
from generated.models.common import (
    DeadLetter,
    DeadLetterContent,
    DeadLetterPage,
    DeadLetterStatus,
    Health,
    Info,
    Readiness,
)
from generated.models.shipping import (
    CancelledShipment,
    Dispatch,
    DispatchedDifferentlyProblem,
    Shipment,
    ShipmentCancellation,
    ShipmentDraft,
    ShipmentPage,
    ShipmentStatus,
    TakenOut,
    TakeOut,
)


class AlreadyDispatched(Problem):
    """The parcel is already on its way."""


class DeadLetterNotFound(Problem):
    """There is no such dead letter."""


class DispatchedDifferently(Problem):
    """The parcel has left with another carrier or number."""

    schema = DispatchedDifferentlyProblem
    members: DispatchedDifferentlyProblem


class ItemsNotInParcel(Problem):
    """The parcel does not hold that and something else."""


class OrderCancelled(Problem):
    """The order is cancelled."""


class ShipmentNotFound(Problem):
    """There is no such shipment."""


class ShipmentNotReady(Problem):
    """The shipment is not in a state that allows this."""


class ShippingClient(Client):
    """One method per operation of contracts/shipping.yaml, under its operationId."""

    async def list_shipments(self, *, order_id: UUID, token: str | None = None) -> list[Shipment]:
        """List the shipments of an order."""
        answer: list[Shipment] = await self._call(
            "list_shipments",
            "GET",
            "/shipping/v1/shipments",
            {200: list[Shipment]},
            {},
            query={"order_id": order_id},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def draft_shipment(self, *, body: ShipmentDraft) -> Shipment:
        """Open a draft shipment for an order.

        Raises:
            OrderCancelled: The order is cancelled.
        """
        answer: Shipment = await self._call(
            "draft_shipment",
            "POST",
            "/shipping/v1/shipments",
            {201: Shipment},
            {"/problems/order-cancelled": OrderCancelled},
            body=body,
            safe=True,
        )
        return answer

    async def list_all_shipments(
        self, *, status: ShipmentStatus, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> ShipmentPage:
        """List the shipments of everybody that are in one state."""
        answer: ShipmentPage = await self._call(
            "list_all_shipments",
            "GET",
            "/shipping/v1/admin/shipments",
            {200: ShipmentPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_shipment(self, *, shipment_id: UUID, token: str | None = None) -> Shipment:
        """Read one shipment.

        Raises:
            ShipmentNotFound: There is no such shipment.
        """
        answer: Shipment = await self._call(
            "get_shipment",
            "GET",
            f"/shipping/v1/shipments/{shipment_id}",
            {200: Shipment},
            {"/problems/shipment-not-found": ShipmentNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def dispatch_shipment(
        self, *, shipment_id: UUID, body: Dispatch | None = None, token: str | None = None
    ) -> Shipment:
        """Hand a parcel to the carrier.

        Raises:
            ShipmentNotFound: There is no such shipment.
            ShipmentNotReady: The shipment is not in a state that allows this.
            DispatchedDifferently: The parcel has left with another carrier or number.
        """
        answer: Shipment = await self._call(
            "dispatch_shipment",
            "POST",
            f"/shipping/v1/shipments/{shipment_id}/dispatch",
            {200: Shipment},
            {
                "/problems/shipment-not-found": ShipmentNotFound,
                "/problems/shipment-not-ready": ShipmentNotReady,
                "/problems/dispatched-differently": DispatchedDifferently,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def correct_shipment(self, *, shipment_id: UUID, body: Dispatch, token: str | None = None) -> Shipment:
        """Correct the carrier or number of a parcel.

        Raises:
            ShipmentNotFound: There is no such shipment.
            ShipmentNotReady: The shipment is not in a state that allows this.
        """
        answer: Shipment = await self._call(
            "correct_shipment",
            "POST",
            f"/shipping/v1/shipments/{shipment_id}/correct",
            {200: Shipment},
            {"/problems/shipment-not-found": ShipmentNotFound, "/problems/shipment-not-ready": ShipmentNotReady},
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def deliver_shipment(self, *, shipment_id: UUID, token: str | None = None) -> Shipment:
        """Note that a parcel has arrived.

        Raises:
            ShipmentNotFound: There is no such shipment.
            ShipmentNotReady: The shipment is not in a state that allows this.
        """
        answer: Shipment = await self._call(
            "deliver_shipment",
            "POST",
            f"/shipping/v1/shipments/{shipment_id}/deliver",
            {200: Shipment},
            {"/problems/shipment-not-found": ShipmentNotFound, "/problems/shipment-not-ready": ShipmentNotReady},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def cancel_shipment(self, *, body: ShipmentCancellation) -> CancelledShipment:
        """Stop the parcel of an order that is to be cancelled.

        Raises:
            AlreadyDispatched: The parcel is already on its way.
        """
        answer: CancelledShipment = await self._call(
            "cancel_shipment",
            "POST",
            "/shipping/v1/shipments/cancel",
            {200: CancelledShipment},
            {"/problems/already-dispatched": AlreadyDispatched},
            body=body,
            safe=True,
        )
        return answer

    async def list_shipping_dead_letters(
        self, *, status: DeadLetterStatus, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> DeadLetterPage:
        """List the events that this service could not handle."""
        answer: DeadLetterPage = await self._call(
            "list_shipping_dead_letters",
            "GET",
            "/shipping/v1/admin/dead-letters",
            {200: DeadLetterPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_shipping_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetterContent:
        """Read an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetterContent = await self._call(
            "get_shipping_dead_letter",
            "GET",
            f"/shipping/v1/admin/dead-letters/{letter_id}",
            {200: DeadLetterContent},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def redrive_shipping_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Send back an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "redrive_shipping_dead_letter",
            "POST",
            f"/shipping/v1/admin/dead-letters/{letter_id}/redrive",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def dismiss_shipping_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Give an event up that this service cannot handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "dismiss_shipping_dead_letter",
            "POST",
            f"/shipping/v1/admin/dead-letters/{letter_id}/dismiss",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def take_out_items(self, *, body: TakeOut) -> TakenOut:
        """Take pieces out of a parcel that has not left.

        Raises:
            ShipmentNotFound: There is no such shipment.
            AlreadyDispatched: The parcel is already on its way.
            OrderCancelled: The order is cancelled.
            ItemsNotInParcel: The parcel does not hold that and something else.
        """
        answer: TakenOut = await self._call(
            "take_out_items",
            "POST",
            "/shipping/v1/shipments/take-out",
            {200: TakenOut},
            {
                "/problems/shipment-not-found": ShipmentNotFound,
                "/problems/already-dispatched": AlreadyDispatched,
                "/problems/order-cancelled": OrderCancelled,
                "/problems/items-not-in-parcel": ItemsNotInParcel,
            },
            body=body,
            safe=True,
        )
        return answer

    async def get_shipping_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call(
            "get_shipping_health", "GET", "/shipping/health", {200: Health}, {}, safe=True
        )
        return answer

    async def get_shipping_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_shipping_readiness", "GET", "/shipping/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_shipping_info(self) -> Info:
        """Say which service and version this is."""
        answer: Info = await self._call("get_shipping_info", "GET", "/shipping/v1/_info", {200: Info}, {}, safe=True)
        return answer
