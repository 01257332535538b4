"""What is for sale, and what is not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from services.catalog.application.image_cleanup import ImageCleanup
from services.catalog.domain import Product, ProductSort
from services.catalog.errors import ProductNotFound
from services.catalog.ports import ProductRepository, ProductSearch, UnitOfWorkFactory


class ProductService:
    """Products that are not for sale are found only with `include_inactive`."""

    def __init__(
        self,
        products: ProductRepository,
        product_search: ProductSearch,
        unit_of_work: UnitOfWorkFactory,
        cleanup: ImageCleanup,
    ) -> None:
        self._products, self._product_search = products, product_search
        self._unit_of_work, self._cleanup = unit_of_work, cleanup

    async def search(
        self,
        *,
        include_inactive: bool,
        active: bool | None,
        category_id: UUID | None,
        text: str | None,
        sort: ProductSort,
        before: UUID | None,
        limit: int,
    ) -> Sequence[Product]:
        """In that order, from the one after `before`; `active` says whether only those for sale, or only others."""
        if not include_inactive:
            if active is False:
                return []
            active = True
        list_page = self._products.list_page if text is None else partial(self._product_search.list_page, text)
        return await list_page(category_id=category_id, active=active, sort=sort, before=before, limit=limit)

    async def list_by_ids(
        self, product_ids: Sequence[UUID], *, include_inactive: bool, active: bool | None
    ) -> Sequence[Product]:
        """Those of the products that there are, the newest first; `active` as in `search`."""
        return [
            product
            for product in await self._products.list_by_ids(product_ids)
            if (product.active or include_inactive) and active in (None, product.active)
        ]

    async def get(self, product_id: UUID, *, include_inactive: bool) -> Product:
        """Raises: ProductNotFound."""
        product = await self._products.find(product_id)
        if product is None or not (product.active or include_inactive):
            raise ProductNotFound
        return product

    async def add(self, fields: Mapping[str, Any]) -> Product:
        """Raises: SkuTaken, CategoryUnknown."""
        product = Product(id=uuid7(), **fields)
        await self._products.add(product)
        return product

    async def change(self, product_id: UUID, changes: Mapping[str, Any]) -> Product:
        """Give its fields other values. Raises: ProductNotFound, SkuTaken, CategoryUnknown."""
        async with self._unit_of_work() as work:
            product = await work.products.lock(product_id)
            if product is None:
                raise ProductNotFound
            product = replace(product, **changes)
            await work.products.save(product)
        return product

    async def remove(self, product_id: UUID) -> None:
        """Take it from sale for good, with its images. Raises: ProductNotFound."""
        async with self._unit_of_work() as work:
            if not await work.products.soft_delete(product_id):
                raise ProductNotFound
            images = await work.images.delete_by_product(product_id)
            for image_id in images:
                await work.unlinked.add(image_id)
        await self._cleanup.discard(images)
