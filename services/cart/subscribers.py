"""One method per message the cart service receives, under its operation in asyncapi/cart.yaml."""

from generated.events import OrderCreated
from services.cart.ports import Carts


class CartSubscribers:
    def __init__(self, carts: Carts) -> None:
        self._carts = carts

    async def on_order_created(self, event: OrderCreated) -> None:
        """Take out what was ordered; what was added since then stays."""
        await self._carts.remove_ordered(event.user_id, [line.line_id for line in event.data.items])
