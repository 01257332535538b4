"""One method per operation of contracts/catalog.yaml, under its operationId."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from msgspec import UNSET
from msgspec.structs import asdict
from psycopg import OperationalError
from starlette.datastructures import UploadFile
from uuid_utils.compat import uuid7

from chassis.web.access import User
from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.problems import TooLarge, Unavailable
from chassis.web.responses import Response, created, no_content, ok
from generated.models import catalog as api
from generated.states import ReservationStatus
from services.catalog.domain import (
    MAX_IMAGES,
    Category,
    Image,
    Line,
    Product,
    Reservation,
    Stock,
    StockChange,
    StockMovement,
    check_availability,
    quantities_of,
)
from services.catalog.errors import (
    CategoryNotFound,
    ImageNotFound,
    ProductNotFound,
    ReservationNotFound,
    TooManyImages,
)
from services.catalog.ports import (
    CategoryRepository,
    ImageEncoder,
    ImageRepository,
    ImageStore,
    ProductRepository,
    StockRepository,
    UnitOfWork,
    UnitOfWorkFactory,
    UnlinkedImageRepository,
)

log = structlog.get_logger()
MAX_IMAGE_BYTES = 5 * 1024 * 1024  # bytes


class CategoryHandlers:
    def __init__(self, categories: CategoryRepository, unit_of_work: UnitOfWorkFactory) -> None:
        self._categories, self._unit_of_work = categories, unit_of_work

    async def list_categories(self) -> Response:
        return ok([_category(one) for one in await self._categories.all()])

    async def get_category(self, category_id: UUID) -> Response:
        category = await self._categories.find(category_id)
        if category is None:
            raise CategoryNotFound
        return ok(_category(category))

    async def add_category(self, body: api.CategoryDraft) -> Response:
        category = Category(uuid7(), body.name)
        async with self._unit_of_work() as work:
            await work.categories.add(category)
        return created(_category(category), location=f"/catalog/v1/categories/{category.id}")

    async def rename_category(self, category_id: UUID, body: api.CategoryDraft) -> Response:
        category = Category(category_id, body.name)
        if not await self._categories.rename(category):
            raise CategoryNotFound
        return ok(_category(category))

    async def remove_category(self, category_id: UUID) -> Response:
        if not await self._categories.remove(category_id):
            raise CategoryNotFound
        return no_content()


class ProductHandlers:
    def __init__(
        self,
        products: ProductRepository,
        unit_of_work: UnitOfWorkFactory,
        pictures: ImageStore,
        unlinked: UnlinkedImageRepository,
    ) -> None:
        self._products, self._unit_of_work = products, unit_of_work
        self._pictures, self._unlinked = pictures, unlinked

    async def list_products(
        self,
        *,
        user: User | None,
        limit: int,
        category_id: UUID | None = None,
        q: str | None = None,
        active: bool | None = None,
        cursor: str | None = None,
    ) -> Response:
        (before,) = decode_cursor(cursor, UUID) if cursor is not None else (None,)
        if not _is_admin(user):
            if active is False:
                return ok(api.ProductPage(items=[], next_cursor=None))
            active = True
        found = await self._products.page(
            category_id=category_id, text=q, active=active, before=before, limit=limit + 1
        )
        page = found[:limit]
        next_cursor = encode_cursor(page[-1].id) if len(found) > limit else None
        return ok(api.ProductPage(items=[_product(one) for one in page], next_cursor=next_cursor))

    async def get_product(self, product_id: UUID, user: User | None) -> Response:
        return ok(_product(await _visible(self._products, product_id, user)))

    async def add_product(self, body: api.ProductDraft) -> Response:
        product = Product(
            id=uuid7(),
            title=body.title,
            description="" if body.description is UNSET else body.description,
            price_cents=body.price_cents,
            currency=body.currency,
            sku=body.sku,
            category_id=body.category_id,
            active=body.active,
        )
        await self._products.add(product)
        return created(_product(product), location=f"/catalog/v1/products/{product.id}")

    async def change_product(self, product_id: UUID, body: api.ProductChange) -> Response:
        given = {name: value for name, value in asdict(body).items() if value is not UNSET}
        async with self._unit_of_work() as work:
            product = await work.products.locked(product_id)
            if product is None:
                raise ProductNotFound
            product = replace(product, **given)
            await work.products.save(product)
        return ok(_product(product))

    async def remove_product(self, product_id: UUID) -> Response:
        async with self._unit_of_work() as work:
            if not await work.products.remove(product_id):
                raise ProductNotFound
            images = await work.images.remove_all(product_id)
            for image_id in images:
                await work.unlinked.add(image_id)
        await _discard(self._pictures, self._unlinked, images)
        return no_content()


class ImageHandlers:
    """A picture is kept before its row and removed after it, so that no row is without its picture.

    While it has no row it stands among the unlinked ones. What a death in between leaves behind is swept from there.
    """

    def __init__(
        self,
        products: ProductRepository,
        images: ImageRepository,
        unit_of_work: UnitOfWorkFactory,
        *,
        encoder: ImageEncoder,
        pictures: ImageStore,
        unlinked: UnlinkedImageRepository,
    ) -> None:
        self._products, self._images, self._unit_of_work = products, images, unit_of_work
        self._encoder, self._pictures, self._unlinked = encoder, pictures, unlinked

    async def list_images(self, product_id: UUID, user: User | None) -> Response:
        await _visible(self._products, product_id, user)
        return ok([self._as_api(image) for image in await self._images.of(product_id)])

    async def add_image(self, product_id: UUID, body: Mapping[str, Any]) -> Response:
        upload: UploadFile = body["image"]
        raw = await upload.read(MAX_IMAGE_BYTES + 1)
        if len(raw) > MAX_IMAGE_BYTES:
            raise TooLarge
        if await self._products.find(product_id) is None:
            raise ProductNotFound
        webp, width, height = await self._encoder.encode(raw)
        image = Image(uuid7(), product_id, body.get("alt", ""), width, height)
        await self._unlinked.add(image.id)
        await self._pictures.put(image.id, webp)
        try:
            await self._add(image)
        except (ProductNotFound, TooManyImages):  # after any other fault the row may well be there
            await _discard(self._pictures, self._unlinked, [image.id])
            raise
        return Response(self._as_api(image), 201)

    async def remove_image(self, product_id: UUID, image_id: UUID) -> Response:
        async with self._unit_of_work() as work:
            if not await work.images.remove(product_id, image_id):
                raise ImageNotFound
            await work.unlinked.add(image_id)
        await _discard(self._pictures, self._unlinked, [image_id])
        return no_content()

    async def _add(self, image: Image) -> None:
        async with self._unit_of_work() as work:
            if await work.products.locked(image.product_id) is None:
                raise ProductNotFound
            if len(await work.images.of(image.product_id)) >= MAX_IMAGES:
                raise TooManyImages
            if not await work.unlinked.link(image.id):  # S3 took minutes
                raise Unavailable
            await work.images.add(image)

    def _as_api(self, image: Image) -> api.Image:
        return api.Image(
            id=image.id, url=self._pictures.link(image.id), alt=image.alt, width=image.width, height=image.height
        )


class InventoryHandlers:
    def __init__(self, stock: StockRepository, unit_of_work: UnitOfWorkFactory) -> None:
        self._stock, self._unit_of_work = stock, unit_of_work

    async def get_stock(self, product_id: UUID) -> Response:
        stock = await self._stock.find(product_id)
        if stock is None:
            raise ProductNotFound
        return ok(_stock(stock))

    async def restock_products(self, body: api.Restock, user: User) -> Response:
        pieces = quantities_of(Line(item.product_id, item.qty) for item in body.items)
        return await self._move(pieces, None, user)

    async def correct_stock(self, body: api.Correction, user: User) -> Response:
        pieces = quantities_of(Line(item.product_id, item.qty) for item in body.items)
        return await self._move(pieces, body.reason, user)

    async def _move(self, pieces: Mapping[UUID, int], reason: str | None, admin: User) -> Response:
        async with self._unit_of_work() as work:
            stock = await work.stock.locked(pieces)
            if stock.keys() != pieces.keys():
                raise ProductNotFound
            for product_id, qty in pieces.items():
                stock[product_id].ensure_capacity(qty)
            await work.stock.move(pieces, StockChange.ADD)
            await work.stock_movements.add([StockMovement(one, qty, reason, admin.id) for one, qty in pieces.items()])
        stocked = [replace(stock[one], in_stock=stock[one].in_stock + qty) for one, qty in pieces.items()]
        return ok(api.StockList(items=[_stock(one) for one in stocked]))

    async def reserve_stock(self, body: api.ReservationRequest) -> Response:
        lines = [_line(item) for item in body.items]
        wanted = Reservation(body.order_id, quantities_of(lines))
        async with self._unit_of_work() as work:
            # Every reservation's row before any product's, as everybody takes them: else two wait for each other.
            replaced = body.instead_of and await work.reservations.find_or_add(Reservation.tombstone(body.instead_of))
            reservation = await work.reservations.find_or_add(wanted)
            reservation.ensure_active()
            if replaced:
                await _release(work, replaced, wanted)
            if reservation is wanted:
                stock = await work.stock.reserve(wanted.order_id, wanted.pieces)
                check_availability(lines, stock)
                reservation.prices = {product_id: one.price_cents for product_id, one in stock.items()}
        return ok(_reservation(reservation))

    async def check_stock(self, body: api.ReservationRequest) -> Response:
        lines = [_line(item) for item in body.items]
        check_availability(lines, await self._stock.of(quantities_of(lines)))
        return no_content()

    async def commit_stock(self, body: api.Commitment) -> Response:
        async with self._unit_of_work() as work:
            reservation = await work.reservations.locked(body.order_id)
            if reservation is None:
                raise ReservationNotFound
            if move := reservation.commit():
                await work.reservations.save(reservation)
                await work.stock.move(reservation.pieces, move)
        return ok(_reservation(reservation))


async def _release(work: UnitOfWork, reservation: Reservation, wanted: Reservation) -> None:
    """Set free what is held for an order that was given up."""
    if reservation.status is ReservationStatus.HELD and (move := reservation.cancel()):
        # In the order of their ids those as well that are wanted next.
        await work.stock.lock({*reservation.pieces, *wanted.pieces})
        await work.reservations.save(reservation)
        await work.stock.move(reservation.pieces, move)


async def _visible(products: ProductRepository, product_id: UUID, user: User | None) -> Product:
    """The product, if it is for sale or an admin asks."""
    product = await products.find(product_id)
    if product is None or not (product.active or _is_admin(user)):
        raise ProductNotFound
    return product


def _is_admin(user: User | None) -> bool:
    return user is not None and user.is_admin


async def _discard(pictures: ImageStore, unlinked: UnlinkedImageRepository, images: Iterable[UUID]) -> None:
    """Remove pictures that have no row any more; whoever asked has what they asked for, whether S3 is there or not."""
    try:
        for image_id in images:
            await pictures.remove(image_id)
            await unlinked.forget(image_id)
    except (Unavailable, OperationalError) as away:
        log.warning("pictures left to be swept", fault=type(away).__name__)


def _category(category: Category) -> api.Category:
    return api.Category(id=category.id, name=category.name)


def _product(product: Product) -> api.Product:
    return api.Product(**vars(product))


def _stock(stock: Stock) -> api.Stock:
    return api.Stock(
        product_id=stock.product_id, in_stock=stock.in_stock, reserved=stock.reserved, available=stock.available
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
