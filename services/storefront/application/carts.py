"""The cart of whoever visits: a shopper's is at the cart service, a guest's here until somebody signs in."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

import structlog

from chassis.web.http_client import Problem, UndeclaredProblem
from chassis.web.pages import FormExpired
from chassis.web.problems import NotFound, Unavailable
from services.storefront.application.sessions import Sessions
from services.storefront.application.visits import Visit
from services.storefront.domain import Cart, CartLine, GuestLine, Session
from services.storefront.ports import CartClient, GuestCartStore, ProductClient

log = structlog.get_logger()

MERGE_NAMESPACE = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be29001")
# Cart knows a key for 48 hours: what may or may not have been added is not added again later than this.
MERGE_WINDOW = timedelta(hours=40)
MERGE_SECONDS = 2.0  # that somebody who signs in is kept waiting for it
OUTCOME_UNKNOWN = "outcome-unknown"


class Carts:
    def __init__(
        self,
        sessions: Sessions,
        guests: GuestCartStore,
        carts: CartClient,
        products: ProductClient,
        now: Callable[[], datetime],
    ) -> None:
        self._sessions, self._guests, self._carts, self._products = sessions, guests, carts, products
        self._now = now

    async def get(self, visit: Visit) -> Cart:
        """The visitor's cart as it is now, with whatever a guest had in theirs before."""
        if visit.session is None:
            return Cart()
        if visit.user is None:
            return await self._guest_cart(visit)
        await self._merge(visit.user.id, await visit.token())
        return await self._noted(visit, await self._carts.get(await visit.token()))

    async def add(self, visit: Visit, product_id: UUID, qty: int, key: str) -> None:
        """Put pieces of a product in, once for each key and quantity.

        Raises:
            Problem: As cart refuses it, a guest's as well.
            NotFound: The product is not for sale to guests.
            FormExpired: The guest has signed in meanwhile.
        """
        if visit.user is not None:
            await self._noted(visit, await self._carts.add(await visit.token(), product_id, qty, f"{key}-{qty}"))
            return
        product = (await self._products.products([product_id])).get(product_id)
        if product is None:
            raise NotFound
        session = await visit.begin_session()
        line, cart_id = GuestLine(product_id, qty, product.currency), self._guests.cart_id(session)
        code = await self._guests.add(cart_id, line, f"{key}-{qty}", is_new=session.is_new)
        await self._changed(visit, session, code)

    async def change(self, visit: Visit, product_id: UUID, qty: int) -> None:
        """Have so many pieces of a product that is in the cart, or none; then nothing of it is left over, either.

        Raises: as `add`.
        """
        if visit.session is None:
            return
        if visit.user is None:
            cart_id = self._guests.cart_id(visit.session)
            await self._changed(visit, visit.session, await self._guests.set_quantity(cart_id, product_id, qty))
            return
        await self._noted(visit, await self._carts.set_quantity(await visit.token(), product_id, qty))
        if qty == 0:
            for cart_id in await self._guests.handed_over(visit.user.id):
                await self._guests.remove(cart_id, product_id)

    async def accept_price(self, visit: Visit, line_id: UUID, product_id: UUID) -> None:
        """Take the price that a product has now, once for each line that was shown.

        Raises:
            Problem: As cart refuses it.
        """
        await self._noted(visit, await self._carts.take_price(await visit.token(), product_id, line_id))

    async def get_left_over(self, visit: Visit) -> list[GuestLine]:
        """What could not go along from a guest's cart to the account's."""
        if visit.user is None:
            return []
        carts = [await self._guests.read(cart_id) for cart_id in await self._guests.handed_over(visit.user.id)]
        return [line for lines in carts for line in lines if line.refusal is not None]

    async def welcome(self, visit: Visit) -> None:
        """Have a guest's cart go along to the account that was just signed in to; at the next look, if cart is slow."""
        try:
            async with asyncio.timeout(MERGE_SECONDS):
                await self.get(visit)
        except (Unavailable, UndeclaredProblem, TimeoutError) as error:
            log.warning("cart not merged yet", fault=type(error).__name__)

    async def empty(self, visit: Visit) -> None:
        """Note that everything was ordered, which cart hears of in a moment."""
        await self._note(visit, 0)

    async def _guest_cart(self, visit: Visit) -> Cart:
        session = await visit.begin_session()
        lines = await self._guests.read(self._guests.cart_id(session))
        products = await self._products.products([line.product_id for line in lines])
        present = [(line, products[line.product_id]) for line in lines if line.product_id in products]
        cart = Cart(
            tuple(
                CartLine(product.id, product.title, product.price_cents, line.qty, line.qty * product.price_cents)
                for line, product in present
            ),
            present[0][1].currency if present else None,
            products,
        )
        return await self._noted(visit, cart)

    async def _merge(self, account_id: UUID, token: str) -> None:
        """Each line goes along under a key of its own, then out of the guest's cart, which takes nothing any more."""
        for cart_id in await self._guests.handed_over(account_id):
            closed_at, lines = await self._guests.close(cart_id, self._now())
            is_late = self._now() - closed_at > MERGE_WINDOW
            for line in lines:
                if line.refusal is not None:
                    continue
                refusal = OUTCOME_UNKNOWN if is_late else await self._move(cart_id, line, token)
                if refusal is not None:
                    await self._guests.refuse(cart_id, replace(line, refusal=refusal))
            if not await self._guests.read(cart_id):
                await self._guests.forget(account_id, cart_id)

    async def _move(self, cart_id: str, line: GuestLine, token: str) -> str | None:
        key = uuid5(MERGE_NAMESPACE, f"{cart_id} {line.product_id}").hex
        try:
            await self._carts.add(token, line.product_id, line.qty, key)
        except UndeclaredProblem:
            raise
        except Problem as refused:
            return refused.type.rpartition("/")[2]
        await self._guests.remove(cart_id, line.product_id)
        return None

    async def _changed(self, visit: Visit, session: Session, code: str | None) -> None:
        """Keep a guest's session for as long as the cart that was changed, unless a code says why it was not."""
        if code == "cart-closed":
            await self._sessions.end(session)
            raise FormExpired
        if code is not None:
            raise Problem(409, {"type": f"/problems/{code}"})
        if not session.is_new:
            await self._sessions.extend(session)
            visit.extend_cookie = True
        await self._note(visit, sum(line.qty for line in await self._guests.read(self._guests.cart_id(session))))

    async def _noted(self, visit: Visit, cart: Cart) -> Cart:
        await self._note(visit, cart.pieces)
        return cart

    async def _note(self, visit: Visit, pieces: int) -> None:
        if visit.session is not None:
            visit.session = await self._sessions.note_cart(visit.session, pieces)
