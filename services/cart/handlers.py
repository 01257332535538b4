"""One method per operation of contracts/cart.yaml, under its operationId."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from generated.models import cart as api
from services.cart.domain import Cart, Line
from services.cart.ports import Carts, Products
from services.chassis.access import Shopper
from services.chassis.answers import Answer, created, ok


class CartHandlers:
    def __init__(self, carts: Carts, products: Products, now: Callable[[], datetime]) -> None:
        self._carts, self._products, self._now = carts, products, now

    async def get_cart(self, shopper: Shopper) -> Answer:
        return ok(_as_api(await self._carts.of(shopper.id)))

    async def get_cart_of(self, user_id: UUID) -> Answer:
        return ok(_as_api(await self._carts.of(user_id)))

    async def add_line(self, body: api.NewLine, shopper: Shopper) -> Answer:
        product = await self._products.get(body.product_id)
        line = Line.of(product, body.qty, line_id=uuid7(), now=self._now())
        return created(_as_api(await self._carts.add(shopper.id, line)))

    async def change_line(self, product_id: UUID, body: api.LineChange, shopper: Shopper) -> Answer:
        return ok(_as_api(await self._carts.change(shopper.id, product_id, body.qty, line_id=uuid7())))

    async def remove_line(self, product_id: UUID, shopper: Shopper) -> Answer:
        return ok(_as_api(await self._carts.change(shopper.id, product_id, 0, line_id=uuid7())))

    async def clear_cart(self, shopper: Shopper) -> Answer:
        return ok(_as_api(await self._carts.clear(shopper.id)))


def _as_api(cart: Cart) -> api.Cart:
    return api.Cart(
        items=[
            api.CartLine(
                line_id=line.id,
                product_id=line.product_id,
                title=line.title,
                unit_price_cents=line.unit_price_cents,
                qty=line.qty,
                added_at=line.added_at,
            )
            for line in cart.lines
        ],
        currency=cart.currency,
        total_cents=cart.total_cents,
    )
