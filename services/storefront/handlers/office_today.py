"""What an admin sees first: what there is to do today."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from chassis.web.responses import Response
from generated.clients.catalog import CatalogClient
from generated.clients.notifications import NotificationsClient
from generated.clients.order import OrderClient
from generated.clients.shipping import ShippingClient
from generated.models.catalog import Product
from generated.models.notifications import NotificationStatus
from generated.models.order import OrderStatus
from generated.models.shipping import ShipmentStatus
from services.storefront.application.visits import Visit
from services.storefront.clients import unless_away

MOST = 100  # of each list: where there are more, the page says "100 or more"
NEWEST = 8  # orders on the page
MAX_SHELF_PAGES = 5  # of products that are looked through for those that are nearly gone
FEW = 6  # pieces: of a product with fewer, shoppers are told how many are left


class OfficeTodayHandlers:
    def __init__(
        self,
        *,
        catalog: CatalogClient,
        orders: OrderClient,
        shipments: ShippingClient,
        mails: NotificationsClient,
        now: Callable[[], datetime],
        time_zone: ZoneInfo,
    ) -> None:
        self._catalog, self._orders, self._shipments, self._mails = catalog, orders, shipments, mails
        self._now, self._time_zone = now, time_zone

    async def show_office(self, visit: Visit) -> Response:
        token, now = await visit.token(), self._now().astimezone(self._time_zone)
        midnight = datetime.combine(now.date(), time(), self._time_zone)
        orders, newest, parcels, mails, off_sale, few = await asyncio.gather(
            unless_away(self._orders.list_all_orders(created_from=midnight, limit=MOST, token=token)),
            unless_away(self._orders.list_all_orders(limit=NEWEST, token=token)),
            unless_away(
                self._shipments.list_all_shipments(status=ShipmentStatus.READY_TO_SHIP, limit=MOST, token=token)
            ),
            unless_away(self._mails.list_all_notifications(status=NotificationStatus.FAILED, limit=MOST, token=token)),
            unless_away(self._catalog.list_products(active=False, limit=MOST, token=token)),
            unless_away(self._nearly_gone(token)),
        )
        taken = Counter[str]()
        for order in orders.items if orders is not None else []:
            if order.status is OrderStatus.PAID:
                taken[order.currency] += order.total_cents
        return visit.page(
            "admin.html",
            now=now,
            orders=orders,
            by_status=Counter(str(order.status) for order in orders.items) if orders is not None else {},
            taken=taken,
            newest=newest,
            parcels=parcels,
            mails=mails,
            off_sale=off_sale,
            few=few,
        )

    async def _nearly_gone(self, token: str) -> list[Product]:
        """What is for sale and has few pieces left, of so many products as are looked through."""
        found, cursor = list[Product](), None
        for _page in range(MAX_SHELF_PAGES):
            page = await self._catalog.list_products(active=True, limit=MOST, cursor=cursor, token=token)
            found += [product for product in page.items if product.available < FEW]
            cursor = page.next_cursor
            if cursor is None:
                break
        return sorted(found, key=lambda product: product.available)
