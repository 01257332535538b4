"""The neighbours, behind the ports. What only reads for a page calls the generated clients by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog

from chassis.runtime.errors import describe_error
from chassis.web.http_client import UndeclaredProblem
from chassis.web.problems import Unavailable
from generated.clients import auth, cart, catalog
from generated.models.auth import Credentials, SessionToken
from generated.models.auth import Tokens as IssuedTokens
from generated.models.cart import Cart as CartResponse
from generated.models.cart import LineAddition, LineChange
from generated.models.catalog import Image
from services.storefront.domain import Account, Cart, CartLine, Product, Tokens
from services.storefront.errors import SessionEnded

T = TypeVar("T")
log = structlog.get_logger()

MAX_CALLS = 8  # to catalog, for one page at a time


class AuthServiceClient:
    """`AuthClient`, by the auth service."""

    def __init__(self, client: auth.AuthClient, now: Callable[[], datetime]) -> None:
        self._client, self._now = client, now

    async def log_in(self, email: str, password: str, address: str | None) -> tuple[Account, Tokens]:
        credentials = Credentials(email=email, password=password)
        tokens = self._tokens(await self._client.log_in(body=credentials, x_real_ip=address))
        account = await self._client.get_own_account(token=tokens.access_token)
        return Account(account.id, account.email, account.role), tokens

    async def refresh(self, tokens: Tokens) -> Tokens:
        try:
            issued = await self._client.refresh_tokens(body=SessionToken(refresh_token=tokens.refresh_token))
        except auth.RefreshTokenRefused:
            raise SessionEnded from None
        return self._tokens(issued)

    async def log_out(self, tokens: Tokens) -> None:
        await self._client.log_out(body=SessionToken(refresh_token=tokens.refresh_token), token=tokens.access_token)

    def _tokens(self, issued: IssuedTokens) -> Tokens:
        expires_at = self._now() + timedelta(seconds=issued.expires_in)
        return Tokens(issued.access_token, issued.refresh_token, expires_at)


class CartServiceClient:
    """`CartClient`, by the cart service."""

    def __init__(self, client: cart.CartClient) -> None:
        self._client = client

    async def get(self, token: str) -> Cart:
        return _cart(await self._client.get_cart(token=token))

    async def add(self, token: str, product_id: UUID, qty: int, key: str) -> Cart:
        body = LineAddition(product_id=product_id, qty=qty)
        return _cart(await self._client.add_line(body=body, idempotency_key=key, token=token))

    async def set_quantity(self, token: str, product_id: UUID, qty: int) -> Cart:
        try:
            changed = await self._client.change_line(product_id=product_id, body=LineChange(qty=qty), token=token)
        except cart.LineNotFound:
            return await self.get(token)
        return _cart(changed)


class CatalogServiceClient:
    """`ProductClient`, by the catalog service, which is asked for one product at a time."""

    def __init__(self, client: catalog.CatalogClient) -> None:
        self._client = client

    async def products(self, ids: Collection[UUID]) -> Mapping[UUID, Product]:
        async def product(product_id: UUID) -> Product | None:
            try:
                it = await self._client.get_product(product_id=product_id)
            except catalog.ProductNotFound:
                return None
            return Product(it.id, it.title, it.price_cents, it.currency, it.available)

        return await _of_each(ids, product)

    async def pictures(self, ids: Collection[UUID]) -> Mapping[UUID, Image]:
        async def picture(product_id: UUID) -> Image | None:
            try:
                images = await self._client.list_images(product_id=product_id)
            except catalog.ProductNotFound:
                return None
            return images[0] if images else None

        return await unless_away(_of_each(ids, picture)) or {}


async def unless_away(call: Awaitable[T]) -> T | None:
    """What a service answers, or nothing while it is away: for what a page can do without."""
    try:
        return await call
    except (Unavailable, UndeclaredProblem) as error:
        log.warning("page goes without", fault=describe_error(error))
        return None


def _cart(it: CartResponse) -> Cart:
    lines = (
        CartLine(line.product_id, line.title, line.unit_price_cents, line.qty, line.total_cents, line.line_id)
        for line in it.items
    )
    return Cart(tuple(lines), it.currency)


async def _of_each(ids: Collection[UUID], ask: Callable[[UUID], Awaitable[T | None]]) -> dict[UUID, T]:
    """What there is for each id, by a few calls at a time."""
    free, found = asyncio.Semaphore(MAX_CALLS), dict[UUID, T]()

    async def ask_for(product_id: UUID) -> None:
        async with free:
            if (answer := await ask(product_id)) is not None:
                found[product_id] = answer

    await asyncio.gather(*map(ask_for, set(ids)))
    return found
