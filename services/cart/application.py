"""The use cases of the cart service."""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.web.idempotency import IdempotencyKey
from services.cart.domain import Addition, Cart
from services.cart.errors import LineNotFound, PriceRequired, ProductUnavailable
from services.cart.ports import CartStore, ProductClient


class CartService:
    """Every change answers the cart as it then is; what each refuses, the port `CartStore` says."""

    def __init__(self, carts: CartStore, products: ProductClient, now: Callable[[], datetime]) -> None:
        self._carts, self._products, self._now = carts, products, now

    async def get(self, user_id: UUID) -> Cart:
        return await self._carts.get(user_id)

    async def add(self, user_id: UUID, product_id: UUID, qty: int, key: IdempotencyKey | None) -> Cart:
        """Put pieces in at the price of now; with the same key once, whatever the product costs by then."""
        cart = await self._carts.find_by_key(user_id, key) if key else None
        if cart is not None:
            return cart
        try:
            addition = await self._price_addition(product_id, qty)
        except ProductUnavailable:
            addition = None  # refused by the cart, which keeps that with the key
        return await self._carts.add(user_id, addition, key)

    async def set_quantity(self, user_id: UUID, product_id: UUID, qty: int) -> Cart:
        """Only pieces beyond those in the cart have a price of now, which is asked for then; 0 removes the product."""
        try:
            return await self._carts.set_quantity(user_id, product_id, qty)
        except PriceRequired:
            addition = await self._price_addition(product_id, qty)
            return await self._carts.set_quantity(user_id, product_id, qty, addition)

    async def take_current_price(self, user_id: UUID, product_id: UUID, line_id: UUID) -> Cart:
        """Have all pieces of a product cost what it costs now, if `line_id` is still its newest addition.

        Raises: LineNotFound.
        """
        cart = await self._carts.get(user_id)
        newest = next((line.newest.id for line in cart.lines if line.newest.product_id == product_id), None)
        if newest is None:
            raise LineNotFound
        if newest != line_id:
            return cart
        addition = await self._price_addition(product_id, 1)  # of as many as there are, which the store knows
        return await self._carts.take_price(user_id, line_id, addition)

    async def clear(self, user_id: UUID) -> Cart:
        return await self._carts.clear(user_id)

    async def remove_ordered(self, user_id: UUID, addition_ids: Collection[UUID]) -> None:
        """What was added since the order was placed stays; a repeat changes nothing."""
        await self._carts.remove_ordered(user_id, addition_ids)

    async def _price_addition(self, product_id: UUID, qty: int) -> Addition:
        product = await self._products.get(product_id)
        return Addition.from_product(product, qty, addition_id=uuid7(), now=self._now())
