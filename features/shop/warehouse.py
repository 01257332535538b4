"""The warehouse: it hands parcels to the carrier, and hears that they arrived."""

from uuid import UUID

from features.shop.admin import Admin
from features.shop.gateway import Gateway
from generated.models.order import OrderChange, ReceivedReturn
from generated.models.shipping import Dispatch, Shipment


class Warehouse:
    def __init__(self, gateway: Gateway, admin: Admin) -> None:
        self._gateway, self._admin = gateway, admin

    async def find_shipment(self, order_id: UUID) -> Shipment:
        parcels = await self._gateway.shipping.list_shipments(order_id=order_id, token=self._admin.token)
        assert len(parcels) == 1, f"order {order_id} has {len(parcels)} parcels"
        return parcels[0]

    async def dispatch(self, order_id: UUID, number: str | None = None) -> Shipment:
        parcel = await self.find_shipment(order_id)
        label = None if number is None else Dispatch(carrier="An Post", tracking_number=number)
        return await self._gateway.shipping.dispatch_shipment(
            shipment_id=parcel.id, body=label, token=self._admin.token
        )

    async def correct(self, order_id: UUID, number: str) -> Shipment:
        parcel = await self.find_shipment(order_id)
        label = Dispatch(carrier="An Post", tracking_number=number)
        return await self._gateway.shipping.correct_shipment(shipment_id=parcel.id, body=label, token=self._admin.token)

    async def deliver(self, order_id: UUID) -> Shipment:
        parcel = await self.find_shipment(order_id)
        return await self._gateway.shipping.deliver_shipment(shipment_id=parcel.id, token=self._admin.token)

    async def receive_return(self, order_id: UUID, return_id: UUID, *, restock: bool = True) -> OrderChange:
        """Note that pieces were sent back, and whether they can be sold again."""
        return await self._gateway.order.receive_return(
            order_id=order_id, return_id=return_id, body=ReceivedReturn(restock=restock), token=self._admin.token
        )
