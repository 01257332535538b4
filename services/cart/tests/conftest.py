"""The cart service on a real Valkey, with a fake catalog."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest

from services import CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER
from services.cart.application import CartService
from services.cart.domain import Addition, Product
from services.cart.errors import ProductUnavailable
from services.cart.handlers import CartHandlers
from services.cart.repository import CartStore
from services.cart.subscribers import CartSubscribers
from services.redis_client import connect
from tests.accounts import ASHA
from tooling.conformance.callers import contract_test_client
from tooling.conformance.contract_recorder import record_received

CONTRACT, MESSAGES = CONTRACTS_FOLDER / "cart.yaml", EVENT_CONTRACTS_FOLDER / "cart.yaml"

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LAMP = Product(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"), "Walnut desk lamp", 12999, "EUR")
CHAIR = Product(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b002"), "Oak chair", 8900, "EUR")
QUILT = Product(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b003"), "Patchwork quilt", 21000, "USD")


class FakeCatalog(dict):
    """`ports.ProductClient` from a dict: what is in it is for sale."""

    async def get(self, product_id):
        if product_id not in self:
            raise ProductUnavailable
        return self[product_id]


@pytest.fixture
async def redis(valkey):
    """Whatever a test did, nothing stays there for ever but the list of dead letters, which has a length."""
    async with connect(valkey) as redis:
        await redis.flushdb()
        yield redis
        endless = [key async for key in redis.scan_iter() if await redis.ttl(key) == -1]
        assert [key for key in endless if not key.startswith(b"{dead-letters}:")] == []


@pytest.fixture
def carts(redis):
    return CartStore(redis)


@pytest.fixture
def products():
    return FakeCatalog({product.id: product for product in (LAMP, CHAIR, QUILT)})


@pytest.fixture
def now():
    """A clock that advances a second per call."""
    seconds = count()
    return lambda: NOON + timedelta(seconds=next(seconds))


@pytest.fixture
def make_addition(now):
    """Makes additions with ids of their own."""
    ids = count(1)

    def make_addition(product=LAMP, qty=1):
        return Addition.from_product(product, qty, addition_id=UUID(int=next(ids)), now=now())

    return make_addition


@pytest.fixture
def cart_contents(carts):
    """Reads a shopper's additions, the oldest first: {id: (product id, quantity, unit price in cents)}."""

    async def cart_contents(user_id=ASHA.id):
        cart = await carts.get(user_id)
        return {
            addition.id: (addition.product_id, addition.qty, addition.unit_price_cents) for addition in cart.additions
        }

    return cart_contents


@pytest.fixture
def cart_service(carts, products, now):
    return CartService(carts, products, now)


@pytest.fixture
def subscribers(cart_service):
    return record_received(CartSubscribers(cart_service), MESSAGES)


@pytest.fixture
async def client(cart_service):
    async with contract_test_client(CONTRACT, CartHandlers(cart_service)) as client:
        yield client
