"""One method per operation of contracts/cart.yaml, under its operationId."""

from uuid import UUID

from chassis.web.access import User
from chassis.web.idempotency import IdempotencyKey
from chassis.web.responses import Response, created, ok
from generated.models import cart as api
from services.cart.application import CartService
from services.cart.domain import Cart


class CartHandlers:
    def __init__(self, carts: CartService) -> None:
        self._carts = carts

    async def get_cart(self, user: User) -> Response:
        return ok(_to_api_cart(await self._carts.get(user.id)))

    async def get_cart_of(self, user_id: UUID) -> Response:
        return ok(_to_checkout_cart(await self._carts.get(user_id)))

    async def add_line(
        self, body: api.LineAddition, user: User, idempotency_key: IdempotencyKey | None = None
    ) -> Response:
        return created(_to_api_cart(await self._carts.add(user.id, body.product_id, body.qty, idempotency_key)))

    async def change_line(self, product_id: UUID, body: api.LineChange, user: User) -> Response:
        return ok(_to_api_cart(await self._carts.set_quantity(user.id, product_id, body.qty)))

    async def remove_line(self, product_id: UUID, user: User) -> Response:
        return ok(_to_api_cart(await self._carts.set_quantity(user.id, product_id, 0)))

    async def take_current_price(self, product_id: UUID, body: api.LineWithOldPrice, user: User) -> Response:
        return ok(_to_api_cart(await self._carts.take_current_price(user.id, product_id, body.line_id)))

    async def clear_cart(self, user: User) -> Response:
        return ok(_to_api_cart(await self._carts.clear(user.id)))


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
