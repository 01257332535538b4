"""One method per operation of contracts/cart.yaml, under its operationId."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.web.access import Shopper
from chassis.web.idempotency import IdempotencyKey
from chassis.web.responses import Response, created, ok
from generated.models import cart as api
from services.cart.domain import Addition, Cart
from services.cart.errors import ProductUnavailable
from services.cart.ports import Carts, PriceRequired, Products


class CartHandlers:
    def __init__(self, carts: Carts, products: Products, now: Callable[[], datetime]) -> None:
        self._carts, self._products, self._now = carts, products, now

    async def get_cart(self, shopper: Shopper) -> Response:
        return ok(_to_api_cart(await self._carts.get(shopper.id)))

    async def get_cart_of(self, user_id: UUID) -> Response:
        return ok(_to_checkout_cart(await self._carts.get(user_id)))

    async def add_line(
        self, body: api.LineAddition, shopper: Shopper, idempotency_key: IdempotencyKey | None = None
    ) -> Response:
        cart = await self._carts.find_by_key(shopper.id, idempotency_key) if idempotency_key else None
        if cart is None:
            try:
                addition = await self._price_addition(body.product_id, body.qty)
            except ProductUnavailable:
                addition = None  # refused by the cart, which keeps that with the key
            cart = await self._carts.add(shopper.id, addition, idempotency_key)
        return created(_to_api_cart(cart))

    async def change_line(self, product_id: UUID, body: api.LineChange, shopper: Shopper) -> Response:
        try:
            cart = await self._carts.set_quantity(shopper.id, product_id, body.qty)
        except PriceRequired:
            addition = await self._price_addition(product_id, body.qty)
            cart = await self._carts.set_quantity(shopper.id, product_id, body.qty, addition)
        return ok(_to_api_cart(cart))

    async def remove_line(self, product_id: UUID, shopper: Shopper) -> Response:
        return ok(_to_api_cart(await self._carts.set_quantity(shopper.id, product_id, 0)))

    async def clear_cart(self, shopper: Shopper) -> Response:
        return ok(_to_api_cart(await self._carts.clear(shopper.id)))

    async def _price_addition(self, product_id: UUID, qty: int) -> Addition:
        product = await self._products.get(product_id)
        return Addition.from_product(product, qty, addition_id=uuid7(), now=self._now())


def _to_api_cart(cart: Cart) -> api.Cart:
    return api.Cart(
        items=[
            api.CartLine(
                line_id=line.newest.id,
                product_id=line.newest.product_id,
                title=line.newest.title,
                unit_price_cents=line.newest.unit_price_cents,
                qty=line.qty,
                total_cents=line.total_cents,
                added_at=line.newest.added_at,
            )
            for line in cart.lines
        ],
        currency=cart.currency,
        total_cents=cart.total_cents,
    )


def _to_checkout_cart(cart: Cart) -> api.CheckoutCart:
    return api.CheckoutCart(
        items=[
            api.CartAddition(
                line_id=addition.id,
                product_id=addition.product_id,
                title=addition.title,
                unit_price_cents=addition.unit_price_cents,
                qty=addition.qty,
                added_at=addition.added_at,
            )
            for addition in cart.additions
        ],
        currency=cart.currency,
        total_cents=cart.total_cents,
        revision=cart.revision,
    )
