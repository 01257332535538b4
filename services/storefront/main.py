"""What the storefront is made of."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from chassis.service import Service
from chassis.web.static_files import StaticFiles
from generated.clients.auth import AuthClient
from generated.clients.catalog import CatalogClient
from services.entrypoint import run
from services.storefront.application.sessions import Sessions
from services.storefront.application.visits import StorefrontPages
from services.storefront.clients import AuthServiceClient
from services.storefront.handlers.account import AccountHandlers
from services.storefront.handlers.files import FileHandlers
from services.storefront.handlers.sessions import SessionHandlers
from services.storefront.handlers.shop import ShopHandlers
from services.storefront.rendering import Renderer
from services.storefront.repository import SessionStore, connect
from services.storefront.settings import Settings

STATIC = Path(__file__).parent / "static"


async def assemble(service: Service, settings: Settings) -> None:
    store = SessionStore(await service.open(connect(settings.redis_url)))
    service.add_probe("redis", store.probe)
    catalog = await service.open(CatalogClient(settings.catalog_url))
    auth = await service.open(AuthClient(settings.auth_url, timeout=5.0))  # it hashes passwords

    now = partial(datetime.now, UTC)
    sessions = Sessions(store, AuthServiceClient(auth, now), now)
    static = StaticFiles(STATIC, "/static/")
    renderer = Renderer(static, shop_name=settings.shop_name, time_zone=settings.time_zone)
    service.add_pages(StorefrontPages(sessions, renderer, pictures_origin=settings.pictures_origin))
    service.add_handlers(
        ShopHandlers(catalog), SessionHandlers(sessions, auth), AccountHandlers(auth), FileHandlers(static)
    )


if __name__ == "__main__":
    run(Settings, assemble)
