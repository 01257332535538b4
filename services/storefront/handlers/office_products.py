"""Products, their pictures and their stock, as admins keep them."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import msgspec
from starlette.datastructures import UploadFile

from chassis.web.problems import InvalidRequest, TooLarge
from chassis.web.responses import Response
from generated.clients.catalog import CatalogClient
from generated.currencies import DECIMALS
from generated.models.catalog import (
    Correction,
    CorrectionLine,
    ImageUpload,
    ProductChange,
    ProductDraft,
    Restock,
    RestockLine,
)
from generated.models.storefront import (
    ArrivalForm,
    ProductAdditionForm,
    ProductEditForm,
    SaleForm,
    StockCorrectionForm,
    SureForm,
)
from services.storefront.application.visits import Visit
from services.storefront.handlers.paging import next_page

PAGE_SIZE = 25
MAX_PICTURE_BYTES = 5 * 1024 * 1024  # as catalog takes them


class OfficeProductHandlers:
    """`catalog` knows us by our key; `uploads` is catalog too, and waits for as long as a picture may take."""

    def __init__(self, catalog: CatalogClient, uploads: CatalogClient) -> None:
        self._catalog, self._uploads = catalog, uploads

    async def show_all_products(
        self, visit: Visit, q: str | None = None, active: bool | None = None, cursor: str | None = None
    ) -> Response:
        page = await self._catalog.list_products(
            q=q, active=active, limit=PAGE_SIZE, cursor=cursor, token=await visit.token()
        )
        said = None if active is None else str(active).lower()
        more = next_page("/admin/products", page.next_cursor, q=q, active=said)
        return visit.page("admin-products.html", products=page.items, q=q or "", active=active, more=more)

    async def show_product_draft(self, visit: Visit) -> Response:
        categories = await self._catalog.list_categories()
        return visit.page("admin-add-product.html", categories=categories)

    async def offer_product(self, visit: Visit, body: ProductAdditionForm) -> Response:
        draft = ProductDraft(
            title=body.title,
            description=body.description,
            price_cents=_cents(body.price, body.currency),
            currency=body.currency,
            sku=body.sku,
            category_id=UUID(body.category_id) if body.category_id else None,
            active=body.active is True,
        )
        product = await self._catalog.add_product(body=draft, idempotency_key=_key(body), token=await visit.token())
        return visit.see_other(f"/admin/products/{product.id}")

    async def show_product_details(self, visit: Visit, product_id: UUID, cursor: str | None = None) -> Response:
        token = await visit.token()
        product, images, stock, movements, categories = await asyncio.gather(
            self._catalog.get_product(product_id=product_id, token=token),
            self._catalog.list_images(product_id=product_id, token=token),
            self._catalog.get_stock(product_id=product_id, token=token),
            self._catalog.list_stock_movements(product_id=product_id, limit=PAGE_SIZE, cursor=cursor, token=token),
            self._catalog.list_categories(),
        )
        decimals = DECIMALS[product.currency]
        return visit.page(
            "admin-product.html",
            product=product,
            price=f"{Decimal(product.price_cents).scaleb(-decimals):.{decimals}f}",
            images=images,
            stock=stock,
            movements=movements.items,
            more=next_page(f"/admin/products/{product_id}", movements.next_cursor),
            categories=categories,
            key=uuid4().hex,
        )

    async def edit_product(self, visit: Visit, product_id: UUID, body: ProductEditForm) -> Response:
        change = ProductChange(
            title=body.title,
            description=body.description,
            price_cents=_cents(body.price, body.currency),
            currency=body.currency,
            sku=body.sku,
            category_id=UUID(body.category_id) if body.category_id else None,
        )
        await self._catalog.change_product(product_id=product_id, body=change, token=await visit.token())
        return visit.see_other(f"/admin/products/{product_id}")

    async def switch_sale(self, visit: Visit, product_id: UUID, body: SaleForm) -> Response:
        change = ProductChange(active=body.active)
        await self._catalog.change_product(product_id=product_id, body=change, token=await visit.token())
        return visit.see_other(f"/admin/products/{product_id}")

    async def add_picture(self, visit: Visit, product_id: UUID, body: Mapping[str, Any]) -> Response:
        file: UploadFile = body["picture"]
        raw = await file.read(MAX_PICTURE_BYTES + 1)
        if len(raw) > MAX_PICTURE_BYTES:
            raise TooLarge
        upload = ImageUpload(image=raw, alt=body.get("alt", msgspec.UNSET))
        await self._uploads.add_image(product_id=product_id, body=upload, token=await visit.token())
        return visit.see_other(f"/admin/products/{product_id}")

    async def remove_picture(self, visit: Visit, product_id: UUID, image_id: UUID, body: SureForm) -> Response:
        await self._catalog.remove_image(product_id=product_id, image_id=image_id, token=await visit.token())
        return visit.see_other(f"/admin/products/{product_id}")

    async def note_arrival(self, visit: Visit, product_id: UUID, body: ArrivalForm) -> Response:
        arrived = Restock(items=[RestockLine(product_id=product_id, qty=body.arrived)])
        await self._catalog.restock_products(body=arrived, idempotency_key=_key(body), token=await visit.token())
        return visit.see_other(f"/admin/products/{product_id}")

    async def note_correction(self, visit: Visit, product_id: UUID, body: StockCorrectionForm) -> Response:
        line = CorrectionLine(product_id=product_id, qty=body.change)
        correction = Correction(reason=body.reason, items=[line])
        await self._catalog.correct_stock(body=correction, idempotency_key=_key(body), token=await visit.token())
        return visit.see_other(f"/admin/products/{product_id}")


def _key(form: msgspec.Struct) -> str:
    """What makes a form count once, but counts it again when it was changed after going back to it."""
    return sha256(msgspec.json.encode(form)).hexdigest()


def _cents(price: str, currency: str) -> int:
    """An amount as it was typed, in the smallest unit of its currency.

    Raises:
        InvalidRequest: It has more decimals than its currency.
    """
    cents = Decimal(price.replace(",", ".")).scaleb(DECIMALS[currency])
    if cents != int(cents):
        raise InvalidRequest(errors=[{"pointer": "/body/price", "rule": "decimals"}])
    return int(cents)
