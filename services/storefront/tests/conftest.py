"""The storefront on a real Valkey, with the other services over real HTTP."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chassis.web.static_files import StaticFiles
from generated.clients.auth import AuthClient
from generated.clients.cart import CartClient
from generated.clients.catalog import CatalogClient
from generated.clients.notifications import NotificationsClient
from generated.clients.order import OrderClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient
from services import CONTRACTS_FOLDER
from services.redis_client import connect
from services.storefront.application.carts import Carts
from services.storefront.application.sessions import Sessions
from services.storefront.application.visits import StorefrontPages
from services.storefront.clients import AuthServiceClient, CartServiceClient, CatalogServiceClient
from services.storefront.handlers.account import AccountHandlers
from services.storefront.handlers.cart import CartHandlers
from services.storefront.handlers.checkout import CheckoutHandlers
from services.storefront.handlers.files import FileHandlers
from services.storefront.handlers.language import LanguageHandlers
from services.storefront.handlers.office_accounts import OfficeAccountHandlers
from services.storefront.handlers.office_letters import OfficeLetterHandlers
from services.storefront.handlers.office_orders import OfficeOrderHandlers
from services.storefront.handlers.office_products import OfficeProductHandlers
from services.storefront.handlers.office_today import OfficeTodayHandlers
from services.storefront.handlers.orders import OrderHandlers
from services.storefront.handlers.sessions import SessionHandlers
from services.storefront.handlers.shop import ShopHandlers
from services.storefront.main import STATIC
from services.storefront.rendering import Renderer
from services.storefront.repository import GuestCartStore, SessionStore
from services.storefront.tests.neighbours import ACCOUNT, PASSWORD, Neighbours
from tooling.conformance.callers import contract_test_client

CONTRACT = CONTRACTS_FOLDER / "storefront.yaml"
ORIGIN = {"Origin": "http://service"}  # of the shop's own pages, for the client of these tests
ZONE = ZoneInfo("UTC")
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Clock:
    """`now` of the storefront, which a test moves."""

    def __init__(self):
        self.time = NOON

    def __call__(self):
        return self.time

    def pass_(self, **duration):
        self.time += timedelta(**duration)


@pytest.fixture
async def redis(valkey):
    """Whatever a test did, nothing stays there for ever."""
    async with connect(valkey) as redis:
        await redis.flushdb()
        yield redis
        endless = [key async for key in redis.scan_iter() if await redis.ttl(key) == -1]
        assert endless == []


@pytest.fixture
def store(redis):
    return SessionStore(redis)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def neighbours():
    neighbours = Neighbours()
    server = await asyncio.start_server(neighbours.serve, "127.0.0.1")
    neighbours.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield neighbours
    server.close()


@pytest.fixture
def static():
    return StaticFiles(STATIC, "/static/")


@pytest.fixture
async def auth(neighbours):
    async with AuthClient(neighbours.url) as auth:
        yield auth


@pytest.fixture
async def catalog(neighbours):
    async with CatalogClient(neighbours.url) as catalog:
        yield catalog


@pytest.fixture
async def others(neighbours):
    """Clients of the services that whoever only looks does not need."""
    async with (
        CartClient(neighbours.url) as cart,
        OrderClient(neighbours.url) as orders,
        PaymentClient(neighbours.url) as payments,
        ShippingClient(neighbours.url) as shipments,
        NotificationsClient(neighbours.url) as mails,
    ):
        yield cart, orders, payments, shipments, mails


@pytest.fixture
def guest_carts(redis):
    return GuestCartStore(redis)


@pytest.fixture
def sessions(store, auth, clock):
    return Sessions(store, AuthServiceClient(auth, clock), clock)


@pytest.fixture
def pages(sessions, static):
    return StorefrontPages(sessions, Renderer(static, shop_name="Kiln & Grain", time_zone="UTC"))


@pytest.fixture
def client_on(catalog, auth, others, static, clock, redis):
    """Makes a client of the storefront on a store."""
    cart, orders, payments, shipments, mails = others

    def client_on(store, shop_name="Kiln & Grain", redis=redis, is_secure=False):
        sessions = Sessions(store, AuthServiceClient(auth, clock), clock)
        pages = StorefrontPages(sessions, Renderer(static, shop_name=shop_name, time_zone="UTC"), is_secure=is_secure)
        products = CatalogServiceClient(catalog)
        carts = Carts(sessions, GuestCartStore(redis), CartServiceClient(cart), products, clock)
        handlers = (
            ShopHandlers(catalog),
            CartHandlers(carts, products),
            CheckoutHandlers(carts, products, sessions, orders, auth),
            OrderHandlers(products, orders, payments, shipments, clock),
            SessionHandlers(sessions, auth, carts),
            AccountHandlers(auth, sessions),
            LanguageHandlers(),
            OfficeTodayHandlers(
                catalog=catalog, orders=orders, shipments=shipments, mails=mails, now=clock, time_zone=ZONE
            ),
            OfficeOrderHandlers(
                products=products,
                orders=orders,
                payments=payments,
                shipments=shipments,
                mails=mails,
                time_zone=ZONE,
            ),
            OfficeProductHandlers(catalog, catalog),
            OfficeAccountHandlers(auth, sessions, mails),
            OfficeLetterHandlers(
                cart=cart, catalog=catalog, notifications=mails, order=orders, payment=payments, shipping=shipments
            ),
            FileHandlers(static),
        )
        return contract_test_client(CONTRACT, *handlers, pages=pages)

    return client_on


@pytest.fixture
async def client(client_on, store):
    async with client_on(store) as client:
        yield client


def csrf_of(page):
    """The token in the forms of a page."""
    return re.search(r'name="csrf" value="([^"]*)"', page.text)[1]


def field_of(page, name):
    """What a page has in the first hidden field of a name."""
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


async def sign_in(client, **form):
    """Sign in as the account that auth knows."""
    page = await client.get("/sign-in")
    form = {"csrf": csrf_of(page), "email": ACCOUNT["email"], "password": PASSWORD, **form}
    return await client.post("/sign-in", data=form, headers=ORIGIN)
