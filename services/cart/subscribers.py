"""One method per message the cart service receives, under its operation in asyncapi/cart.yaml."""

from generated.events import AccountDeleted, OrderCreated
from services.cart.application import CartService


class CartSubscribers:
    def __init__(self, carts: CartService) -> None:
        self._carts = carts

    async def on_order_created(self, event: OrderCreated) -> None:
        await self._carts.remove_ordered(event.user_id, [line.line_id for line in event.data.items])

    async def on_account_deleted(self, event: AccountDeleted) -> None:
        """What is left is a revision under the id of nobody, which expires as every cart does."""
        await self._carts.clear(event.user_id)
