"""The neighbours, behind the ports. What only reads for a page calls the generated clients by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from msgspec import UNSET

from chassis.runtime.errors import describe_error
from chassis.web.http_client import UndeclaredProblem
from chassis.web.problems import Unavailable
from generated.clients import auth, cart, catalog
from generated.models import catalog as catalog_models
from generated.models.auth import Credentials, SessionToken
from generated.models.auth import Tokens as IssuedTokens
from generated.models.cart import Cart as CartResponse
from generated.models.cart import LineAddition, LineChange, LineWithOldPrice
from generated.models.catalog import Image
from services.storefront.domain import Account, Cart, CartLine, Product, Tokens
from services.storefront.errors import SessionEnded

T = TypeVar("T")
log = structlog.get_logger()

MAX_IDS = 50  # of products that catalog lists at once


class AuthServiceClient:
    """`AuthClient`, by the auth service."""

    def __init__(self, client: auth.AuthClient, now: Callable[[], datetime]) -> None:
        self._client, self._now = client, now

    async def log_in(self, email: str, password: str, address: str | None) -> Tokens:
        credentials = Credentials(email=email, password=password)
        return self._tokens(await self._client.log_in(body=credentials, x_real_ip=address))

    async def get_account(self, tokens: Tokens) -> Account:
        account = await self._client.get_own_account(token=tokens.access_token)
        return Account(account.id, account.email, account.role)

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

    async def take_price(self, token: str, product_id: UUID, line_id: UUID) -> Cart:
        body = LineWithOldPrice(line_id=line_id)
        try:
            changed = await self._client.take_current_price(product_id=product_id, body=body, token=token)
        except cart.LineNotFound:
            return await self.get(token)
        return _cart(changed)


class CatalogServiceClient:
    """`ProductClient`, by the catalog service."""

    def __init__(self, client: catalog.CatalogClient) -> None:
        self._client = client

    async def products(self, ids: Collection[UUID]) -> Mapping[UUID, Product]:
        return {
            it.id: Product(it.id, it.title, it.price_cents, it.currency, it.available) for it in await self._listed(ids)
        }

    async def pictures(self, ids: Collection[UUID]) -> Mapping[UUID, Image]:
        listed = await unless_away(self._listed(ids)) or []
        return {it.id: it.image for it in listed if it.image is not UNSET}

    async def _listed(self, ids: Collection[UUID]) -> list[catalog_models.Product]:
        """Those that are for sale; so many at a time as catalog names."""
        pages = [
            self._client.list_products(ids=",".join(map(str, some))) for some in _batches(sorted(set(ids)), MAX_IDS)
        ]
        return [it for page in await asyncio.gather(*pages) for it in page.items]


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


def _batches(ids: list[UUID], size: int) -> list[list[UUID]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
