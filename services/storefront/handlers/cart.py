"""What a visitor is about to buy."""

import asyncio
from uuid import UUID

from chassis.web.responses import Response
from generated.models.storefront import CartAdditionForm, CartChangeForm, PriceForm
from services.storefront.application.carts import Carts
from services.storefront.application.visits import Visit
from services.storefront.ports import ProductClient


class CartHandlers:
    def __init__(self, carts: Carts, products: ProductClient) -> None:
        self._carts, self._products = carts, products

    async def add_to_cart(self, visit: Visit, product_id: UUID, body: CartAdditionForm) -> Response:
        await self._carts.add(visit, product_id, body.qty, body.key)
        return visit.see_other("/cart")

    async def show_cart(self, visit: Visit) -> Response:
        cart = await self._carts.get(visit)
        left_over = await self._carts.get_left_over(visit)
        ids = {line.product_id for line in cart.lines} | {line.product_id for line in left_over}
        products, pictures = await asyncio.gather(
            self._products.products(ids - cart.products.keys()), self._products.pictures(ids)
        )
        return visit.page(
            "cart.html",
            cart=cart,
            left_over=left_over,
            products={**cart.products, **products},
            pictures=pictures,
        )

    async def change_cart(self, visit: Visit, body: CartChangeForm) -> Response:
        await self._carts.change(visit, body.product_id, body.qty)
        return visit.see_other("/cart")

    async def accept_price(self, visit: Visit, body: PriceForm) -> Response:
        await self._carts.accept_price(visit, body.line_id, body.product_id)
        return visit.see_other("/checkout")
