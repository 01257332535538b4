"""Other services, behind the ports."""

from uuid import UUID

from generated.clients import order
from services.money import Money
from services.payment.domain import AmountDue, Order
from services.payment.errors import OrderNotFound


class OrderServiceClient:
    """`ports.OrderClient`, by the order service."""

    def __init__(self, client: order.OrderClient) -> None:
        self._client = client

    async def get(self, order_id: UUID) -> Order:
        try:
            payable = await self._client.get_payable(order_id=order_id)
        except order.OrderNotFound:
            raise OrderNotFound from None
        due = AmountDue(payable.user_id, payable.user_email, Money(payable.amount_cents, payable.currency))
        return Order(due, payable.status)
