"""One method per operation of contracts/catalog.yaml, under its operationId."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict
from starlette.datastructures import UploadFile

from chassis.web.access import User
from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.problems import TooLarge
from chassis.web.responses import Response, created, no_content, ok
from generated.models import catalog as api
from services.catalog.application.categories import CategoryService
from services.catalog.application.images import ImageService
from services.catalog.application.inventory import InventoryService
from services.catalog.application.products import ProductService
from services.catalog.domain import (
    Category,
    Image,
    Line,
    Product,
    ProductSort,
    RecordedMovement,
    Reservation,
    Stock,
    sum_quantities,
)

MAX_IMAGE_BYTES = 5 * 1024 * 1024  # bytes
MAX_AVAILABLE = 99  # of what is told of the stock: more can be ordered by nobody


class CategoryHandlers:
    def __init__(self, categories: CategoryService) -> None:
        self._categories = categories

    async def list_categories(self) -> Response:
        return ok([_category(one) for one in await self._categories.list_all()])

    async def get_category(self, category_id: UUID) -> Response:
        return ok(_category(await self._categories.get(category_id)))

    async def add_category(self, body: api.CategoryDraft) -> Response:
        category = await self._categories.add(body.name)
        return created(_category(category), location=f"/catalog/v1/categories/{category.id}")

    async def rename_category(self, category_id: UUID, body: api.CategoryDraft) -> Response:
        return ok(_category(await self._categories.rename(Category(category_id, body.name))))

    async def remove_category(self, category_id: UUID) -> Response:
        await self._categories.remove(category_id)
        return no_content()


class ProductHandlers:
    def __init__(self, products: ProductService, images: ImageService) -> None:
        self._products, self._images = products, images

    async def list_products(
        self,
        *,
        user: User | None,
        limit: int,
        category_id: UUID | None = None,
        ids: str | None = None,
        q: str | None = None,
        active: bool | None = None,
        sort: ProductSort = ProductSort.NEWEST,
        cursor: str | None = None,
    ) -> Response:
        if ids is not None:
            wanted = [UUID(one) for one in ids.split(",")]
            return await self._page(
                await self._products.list_by_ids(wanted, include_inactive=_is_admin(user), active=active), None
            )
        (before,) = decode_cursor(cursor, UUID) if cursor is not None else (None,)
        found = await self._products.search(
            include_inactive=_is_admin(user),
            active=active,
            category_id=category_id,
            text=q,
            sort=sort,
            before=before,
            limit=limit + 1,
        )
        page = found[:limit]
        return await self._page(page, encode_cursor(page[-1].id) if len(found) > limit else None)

    async def _page(self, page: Sequence[Product], next_cursor: str | None) -> Response:
        """Products with the first of their images."""
        images = await self._images.list_first(product.id for product in page)
        shown = {product_id: _image(image, self._images) for product_id, image in images.items()}
        items = [_product(one, shown.get(one.id, UNSET)) for one in page]
        return ok(api.ProductPage(items=items, next_cursor=next_cursor))

    async def get_product(self, product_id: UUID, user: User | None) -> Response:
        return ok(_product(await self._products.get(product_id, include_inactive=_is_admin(user))))

    async def add_product(self, body: api.ProductDraft) -> Response:
        product = await self._products.add({**asdict(body), "description": body.description or ""})
        return created(_product(product), location=f"/catalog/v1/products/{product.id}")

    async def change_product(self, product_id: UUID, body: api.ProductChange) -> Response:
        changes = {name: value for name, value in asdict(body).items() if value is not UNSET}
        return ok(_product(await self._products.change(product_id, changes)))

    async def remove_product(self, product_id: UUID) -> Response:
        await self._products.remove(product_id)
        return no_content()


class ImageHandlers:
    def __init__(self, images: ImageService) -> None:
        self._images = images

    async def list_images(self, product_id: UUID, user: User | None) -> Response:
        images = await self._images.list_by_product(product_id, include_inactive=_is_admin(user))
        return ok([_image(image, self._images) for image in images])

    async def add_image(self, product_id: UUID, body: Mapping[str, Any]) -> Response:
        upload: UploadFile = body["image"]
        raw = await upload.read(MAX_IMAGE_BYTES + 1)
        if len(raw) > MAX_IMAGE_BYTES:
            raise TooLarge
        image = await self._images.add(product_id, raw, body.get("alt", ""))
        return Response(_image(image, self._images), 201)

    async def remove_image(self, product_id: UUID, image_id: UUID) -> Response:
        await self._images.remove(product_id, image_id)
        return no_content()


class InventoryHandlers:
    def __init__(self, inventory: InventoryService) -> None:
        self._inventory = inventory

    async def get_stock(self, product_id: UUID) -> Response:
        return ok(_stock(await self._inventory.get(product_id)))

    async def list_stock_movements(self, product_id: UUID, limit: int, cursor: str | None = None) -> Response:
        (before,) = decode_cursor(cursor, int) if cursor else (None,)
        found = await self._inventory.list_movements(product_id, before=before, limit=limit + 1)
        page = found[:limit]
        next_cursor = encode_cursor(page[-1].id) if len(found) > limit else None
        return ok(api.StockMovementPage(items=[_movement(one) for one in page], next_cursor=next_cursor))

    async def restock_products(self, body: api.Restock, user: User) -> Response:
        return await self._adjust(body, None, user)

    async def correct_stock(self, body: api.Correction, user: User) -> Response:
        return await self._adjust(body, body.reason, user)

    async def reserve_stock(self, body: api.ReservationRequest) -> Response:
        lines = [_line(item) for item in body.items]
        return ok(_reservation(await self._inventory.reserve(body.order_id, lines, body.instead_of or None)))

    async def check_stock(self, body: api.ReservationRequest) -> Response:
        await self._inventory.check_availability([_line(item) for item in body.items])
        return no_content()

    async def commit_stock(self, body: api.Commitment) -> Response:
        return ok(_reservation(await self._inventory.commit(body.order_id)))

    async def _adjust(self, body: api.Restock | api.Correction, reason: str | None, admin: User) -> Response:
        quantities = sum_quantities(Line(item.product_id, item.qty) for item in body.items)
        stock = await self._inventory.adjust(quantities, reason, admin.id)
        return ok(api.StockList(items=[_stock(one) for one in stock]))


def _is_admin(user: User | None) -> bool:
    return user is not None and user.is_admin


def _category(category: Category) -> api.Category:
    return api.Category(id=category.id, name=category.name, product_count=category.product_count)


def _product(product: Product, image: api.Image | UnsetType = UNSET) -> api.Product:
    fields = {name: value for name, value in vars(product).items() if name not in ("in_stock", "reserved")}
    return api.Product(**fields, available=min(product.available, MAX_AVAILABLE), image=image)


def _image(image: Image, images: ImageService) -> api.Image:
    url = images.presigned_url(image)
    return api.Image(id=image.id, url=url, alt=image.alt, width=image.width, height=image.height)


def _stock(stock: Stock) -> api.Stock:
    return api.Stock(
        product_id=stock.product_id, in_stock=stock.in_stock, reserved=stock.reserved, available=stock.available
    )


def _movement(movement: RecordedMovement) -> api.StockMovement:
    return api.StockMovement(
        qty=movement.qty, reason=movement.reason, admin_id=movement.admin_id, moved_at=movement.moved_at
    )


def _line(item: api.ReservedLine) -> Line:
    price = None if item.unit_price_cents is UNSET else item.unit_price_cents
    currency = None if item.currency is UNSET else item.currency
    return Line(item.product_id, item.qty, price, currency, item.price_honoured is True)


def _reservation(reservation: Reservation) -> api.Reservation:
    prices = [
        api.ReservedPrice(product_id=product_id, unit_price_cents=cents)
        for product_id, cents in sorted(reservation.prices.items())
    ]
    return api.Reservation(
        order_id=reservation.order_id, status=api.ReservationStatus(reservation.status), prices=prices
    )
