"""The cart service on a real Valkey; the catalog is played here."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from services.cart.domain import Addition, Product
from services.cart.errors import ProductUnavailable
from services.cart.handlers import CartHandlers
from services.cart.main import CONTRACT, MESSAGES
from services.cart.repository import Carts, connected
from services.cart.subscribers import CartSubscribers
from services.chassis.testing.callers import ASHA, client_of
from services.chassis.testing.recording import heard

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LAMP = Product(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"), "Walnut desk lamp", 12999, "EUR")
CHAIR = Product(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b002"), "Oak chair", 8900, "EUR")
QUILT = Product(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b003"), "Patchwork quilt", 21000, "USD")


class FakeProducts(dict):
    """What the catalog would say is for sale."""

    async def get(self, product_id):
        if product_id not in self:
            raise ProductUnavailable
        return self[product_id]


@pytest.fixture
async def redis(valkey):
    async with connected(valkey) as redis:
        await redis.flushdb()
        yield redis


@pytest.fixture
def carts(redis):
    return Carts(redis)


@pytest.fixture
def products():
    return FakeProducts({product.id: product for product in (LAMP, CHAIR, QUILT)})


@pytest.fixture
def now():
    """A clock that goes on by a second each time it is asked."""
    seconds = count()
    return lambda: NOON + timedelta(seconds=next(seconds))


@pytest.fixture
def addition_of(now):
    """Some pieces of a product, as an addition that no other is."""
    ids = count(1)

    def addition_of(product=LAMP, qty=1):
        return Addition.of(product, qty, addition_id=UUID(int=next(ids)), now=now())

    return addition_of


@pytest.fixture
def contents(carts):
    """The additions in a shopper's cart, the oldest first: product, pieces and price of each, by its id."""

    async def contents(user_id=ASHA.id):
        cart = await carts.of(user_id)
        return {one.id: (one.product_id, one.qty, one.unit_price_cents) for one in cart.additions}

    return contents


@pytest.fixture
def subscribers(carts):
    return heard(CartSubscribers(carts), MESSAGES)


@pytest.fixture
async def client(carts, products, now):
    async with client_of(CONTRACT, CartHandlers(carts, products, now)) as client:
        yield client
