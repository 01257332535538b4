"""From a cart to an order."""

import asyncio
from contextlib import suppress
from uuid import UUID, uuid4

from chassis.web.http_client import UndeclaredProblem
from chassis.web.problems import InvalidRequest
from chassis.web.responses import Response
from generated.clients.auth import AuthClient, TooManyAddresses
from generated.clients.order import OrderClient
from generated.models.auth import DeliveryAddress
from generated.models.order import CheckOut
from generated.models.storefront import CheckoutForm
from services.storefront.application.carts import Carts
from services.storefront.application.sessions import Sessions
from services.storefront.application.visits import Visit
from services.storefront.clients import unless_away
from services.storefront.ports import ProductClient

KEY_REUSED = "/problems/idempotency-key-reused"


class CheckoutHandlers:
    def __init__(
        self, carts: Carts, products: ProductClient, sessions: Sessions, orders: OrderClient, auth: AuthClient
    ) -> None:
        self._carts, self._products, self._sessions = carts, products, sessions
        self._orders, self._auth = orders, auth

    async def show_checkout(self, visit: Visit) -> Response:
        session, token = await visit.begin_session(), await visit.token()
        cart, addresses = await asyncio.gather(
            self._carts.get(visit), unless_away(self._auth.list_addresses(token=token))
        )
        pictures = await self._products.pictures([line.product_id for line in cart.lines])
        return visit.page(
            "checkout.html",
            cart=cart,
            addresses=addresses.items if addresses is not None else [],
            pictures=pictures,
            key=await self._sessions.checkout_key(session, cart, renew=visit.refusal is not None),
        )

    async def place_order(self, visit: Visit, body: CheckoutForm) -> Response:
        token = await visit.token()
        address = await self._address(body, token)
        try:
            placed = await self._orders.check_out(body=address, idempotency_key=body.key, token=token)
        except UndeclaredProblem as fault:
            if fault.type != KEY_REUSED:
                raise
            # The form was sent to another address before: the cart says what of it is still to be ordered.
            placed = await self._orders.check_out(body=address, idempotency_key=uuid4().hex, token=token)
        if body.save is True and not body.address_id:
            await unless_away(self._save(address, token))
        await self._carts.empty(visit)
        return visit.see_other(f"/orders/{placed.order_id}{'/pay' if placed.total_cents else ''}")

    async def _address(self, body: CheckoutForm, token: str) -> CheckOut:
        if not body.address_id:
            return CheckOut(
                address_line1=body.address_line1 or "",
                address_line2=body.address_line2,
                city=body.city or "",
                country=body.country or "",
                postcode=body.postcode,
            )
        if body.address_line1 or body.address_line2 or body.city or body.postcode:  # which of them is meant?
            raise InvalidRequest(errors=[{"pointer": "/body/address_id", "rule": "not"}])
        saved = await self._auth.list_addresses(token=token)
        address = next((one for one in saved.items if one.id == UUID(body.address_id)), None)
        if address is None:
            raise InvalidRequest(errors=[{"pointer": "/body/address_id", "rule": "required"}])
        return CheckOut(
            address_line1=address.address_line1,
            address_line2=address.address_line2,
            city=address.city,
            country=address.country,
            postcode=address.postcode,
        )

    async def _save(self, address: CheckOut, token: str) -> None:
        saved = DeliveryAddress(
            address_line1=address.address_line1,
            address_line2=address.address_line2,
            city=address.city,
            country=address.country,
            postcode=address.postcode,
        )
        with suppress(TooManyAddresses):  # which one goes is chosen on the account's page; the order counts
            await self._auth.save_address(body=saved, token=token)
