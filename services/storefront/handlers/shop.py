"""What is for sale."""

import asyncio
from urllib.parse import urlencode
from uuid import UUID, uuid4

from chassis.web.problems import NotFound
from chassis.web.responses import Response
from generated.clients.catalog import CatalogClient
from generated.models.catalog import Product, ProductPage, ProductSort
from generated.models.storefront import SortOrder
from services.storefront.application.visits import Visit

PAGE_SIZE = 24
BESIDE = 4  # products below another one


class ShopHandlers:
    def __init__(self, catalog: CatalogClient) -> None:
        self._catalog = catalog

    async def show_home(self, visit: Visit, sort: SortOrder | None = None, cursor: str | None = None) -> Response:
        page, categories = await asyncio.gather(
            self._products(sort=sort, cursor=cursor), self._catalog.list_categories()
        )
        return visit.page(
            "home.html", products=page.items, categories=categories, here="all", sort=sort, more=_next("/", page, sort)
        )

    async def show_category(
        self, visit: Visit, category_id: UUID, sort: SortOrder | None = None, cursor: str | None = None
    ) -> Response:
        page, categories = await asyncio.gather(
            self._products(category_id=category_id, sort=sort, cursor=cursor), self._catalog.list_categories()
        )
        category = next((one for one in categories if one.id == category_id), None)
        if category is None:
            raise NotFound
        return visit.page(
            "category.html",
            category=category,
            products=page.items,
            categories=categories,
            here=category_id,
            sort=sort,
            more=_next(f"/categories/{category_id}", page, sort),
        )

    async def show_search(
        self, visit: Visit, q: str | None = None, sort: SortOrder | None = None, cursor: str | None = None
    ) -> Response:
        page, categories = await asyncio.gather(
            self._products(q=q, sort=sort, cursor=cursor), self._catalog.list_categories()
        )
        newest = page if page.items else await self._products(limit=BESIDE)
        return visit.page(
            "search.html",
            q=q or "",
            products=page.items,
            newest=newest.items,
            categories=categories,
            here=None,
            sort=sort,
            more=_next("/search", page, sort, q=q or ""),
        )

    async def show_product(self, visit: Visit, product_id: UUID) -> Response:
        product, images, categories = await asyncio.gather(
            self._catalog.get_product(product_id=product_id),
            self._catalog.list_images(product_id=product_id),
            self._catalog.list_categories(),
        )
        same_shelf: list[Product] = []
        if product.category_id is not None:
            same_shelf = (await self._products(category_id=product.category_id, limit=BESIDE + 1)).items
        return visit.page(
            "product.html",
            product=product,
            images=images,
            category=next((one for one in categories if one.id == product.category_id), None),
            beside=[one for one in same_shelf if one.id != product.id][:BESIDE],
            key=uuid4().hex,
        )

    async def _products(
        self,
        *,
        category_id: UUID | None = None,
        q: str | None = None,
        sort: SortOrder | None = None,
        cursor: str | None = None,
        limit: int = PAGE_SIZE,
    ) -> ProductPage:
        category = str(category_id) if category_id is not None else None
        order = ProductSort(sort.value) if sort is not None else None
        return await self._catalog.list_products(category_id=category, q=q, sort=order, cursor=cursor, limit=limit)


def _next(path: str, page: ProductPage, sort: SortOrder | None, **query: str) -> str | None:
    """The address of the page after this one, if there is one."""
    sorted_by = {"sort": sort.value} if sort is not None else {}
    return f"{path}?{urlencode({**query, **sorted_by, 'cursor': page.next_cursor})}" if page.next_cursor else None
