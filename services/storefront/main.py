"""What the storefront is made of."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from chassis.service import Service
from chassis.web.static_files import StaticFiles
from generated.clients.auth import AuthClient
from generated.clients.cart import CartClient
from generated.clients.catalog import CatalogClient
from generated.clients.notifications import NotificationsClient
from generated.clients.order import OrderClient
from generated.clients.payment import PaymentClient
from generated.clients.shipping import ShippingClient
from services.entrypoint import run
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
from services.storefront.rendering import Renderer
from services.storefront.repository import GuestCartStore, SessionStore
from services.storefront.settings import Settings

STATIC = Path(__file__).parent / "static"
# Catalog reads one picture at a time, and has others wait for 20 seconds; the gateway waits for 30.
UPLOAD_TIMEOUT = 28.0


async def assemble(service: Service, settings: Settings) -> None:
    redis = await service.open(connect(settings.redis_url))
    store = SessionStore(redis)
    service.add_probe("redis", store.probe)
    catalog = await service.open(CatalogClient(settings.catalog_url))
    auth = await service.open(AuthClient(settings.auth_url, timeout=5.0))  # it hashes passwords
    cart = await service.open(CartClient(settings.cart_url))
    orders = await service.open(OrderClient(settings.order_url, timeout=10.0))  # a checkout calls three others
    payments = await service.open(PaymentClient(settings.payment_url))
    shipments = await service.open(ShippingClient(settings.shipping_url))
    mails = await service.open(NotificationsClient(settings.notifications_url))
    shelves = await service.open(CatalogClient(settings.catalog_url, key=settings.internal_key))
    uploads = await service.open(CatalogClient(settings.catalog_url, timeout=UPLOAD_TIMEOUT))

    now, time_zone = partial(datetime.now, UTC), ZoneInfo(settings.time_zone)
    sessions = Sessions(store, AuthServiceClient(auth, now), now)
    products = CatalogServiceClient(catalog)
    carts = Carts(sessions, GuestCartStore(redis), CartServiceClient(cart), products, now)
    static = StaticFiles(STATIC, "/static/")
    renderer = Renderer(
        static,
        shop_name=settings.shop_name,
        time_zone=settings.time_zone,
        catalog_language=settings.catalog_language,
    )
    is_secure = settings.shop_url.startswith("https:")
    service.add_pages(
        StorefrontPages(sessions, renderer, pictures_origin=settings.pictures_origin, is_secure=is_secure)
    )
    service.add_handlers(
        ShopHandlers(catalog),
        CartHandlers(carts, products),
        CheckoutHandlers(carts, products, sessions, orders, auth),
        OrderHandlers(products, orders, payments, shipments, now),
        SessionHandlers(sessions, auth, carts),
        AccountHandlers(auth, sessions),
        LanguageHandlers(),
        OfficeTodayHandlers(
            catalog=catalog, orders=orders, shipments=shipments, mails=mails, now=now, time_zone=time_zone
        ),
        OfficeOrderHandlers(
            products=products,
            orders=orders,
            payments=payments,
            shipments=shipments,
            mails=mails,
            time_zone=time_zone,
        ),
        OfficeProductHandlers(shelves, uploads),
        OfficeAccountHandlers(auth, sessions, mails),
        OfficeLetterHandlers(
            cart=cart, catalog=catalog, notifications=mails, order=orders, payment=payments, shipping=shipments
        ),
        FileHandlers(static),
    )


if __name__ == "__main__":
    run(Settings, assemble)
