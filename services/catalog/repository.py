"""What the catalog service keeps, as rows."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg import IntegrityError
from psycopg.types.json import Jsonb

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.data.statement import Statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.statements import catalog as statements
from generated.states import ReservationStatus
from services.catalog.domain import (
    MAX_CATEGORIES,
    Category,
    Image,
    Product,
    ProductSort,
    RecordedMovement,
    Reservation,
    Stock,
    StockChange,
    StockMovement,
)
from services.catalog.errors import (
    CategoryNameTaken,
    CategoryNotEmpty,
    CategoryUnknown,
    SkuTaken,
    TooManyCategories,
)
from services.catalog.naming import fold_text, name_key
from services.order_retention import ORDER_RETENTION


@contextmanager
def translate_integrity_errors(**refusals: type[Exception]) -> Iterator[None]:
    """Say what it means that a constraint is broken, by the constraint's name."""
    try:
        yield
    except IntegrityError as broken:
        refusal = refusals.get(broken.diag.constraint_name or "")
        if refusal is None:
            raise
        raise refusal from None


LIST_CATEGORIES = statements.LIST_CATEGORIES.into(Category)
FIND_CATEGORY = statements.FIND_CATEGORY.into(Category)


class CategoryRepository:
    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_all(self) -> Sequence[Category]:
        return await self._rows.fetch_all(LIST_CATEGORIES)

    async def find(self, category_id: UUID) -> Category | None:
        return await self._rows.fetch_one(FIND_CATEGORY, id=category_id)

    async def add(self, category: Category) -> None:
        """Only within a transaction: until it ends nobody else adds one, so that they are counted right."""
        await self._rows.fetch_one(statements.LOCK_CATEGORIES)
        with translate_integrity_errors(categories_name_is_taken_once=CategoryNameTaken):
            await self._rows.execute(statements.INSERT_CATEGORY, id=category.id, **_category_name_values(category))
        counted = await self._rows.fetch_one(statements.COUNT_CATEGORIES)
        if counted and counted["number"] > MAX_CATEGORIES:
            raise TooManyCategories

    async def rename(self, category: Category) -> bool:
        with translate_integrity_errors(categories_name_is_taken_once=CategoryNameTaken):
            return (
                await self._rows.execute(
                    statements.UPDATE_CATEGORY, category=category.id, **_category_name_values(category)
                )
                == 1
            )

    async def delete(self, category_id: UUID) -> bool:
        with translate_integrity_errors(products_category_is_known=CategoryNotEmpty):
            return await self._rows.execute(statements.DELETE_CATEGORY, id=category_id) == 1


def _category_name_values(category: Category) -> dict[str, str]:
    return {"name": category.name, "key": name_key(category.name), "sort_key": fold_text(category.name)}


FIND_PRODUCT = statements.FIND_PRODUCT.into(Product)
SELECT_PRODUCTS_BY_ID = statements.SELECT_PRODUCTS_BY_ID.into(Product)
LOCK_PRODUCT = statements.LOCK_PRODUCT.into(Product)
MIN_UUID, MAX_UUID = UUID(int=0), UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
MAX_INT = 2**63 - 1
PAGE_STATEMENTS, SEARCH_STATEMENTS = (
    {
        (by_category, active, ProductSort(sort)): statement.into(Product)
        for (by_category, active, sort), statement in of_each_choice.items()
    }
    for of_each_choice in (statements.PAGE_STATEMENTS, statements.SEARCH_STATEMENTS)
)

PRODUCT_ERRORS: dict[str, type[Exception]] = {
    "products_sku_is_taken_once": SkuTaken,
    "products_category_is_known": CategoryUnknown,
}


async def _fetch_page(
    rows: Database | Transaction, of_each_choice: Mapping[tuple[bool, bool | None, ProductSort], Statement[Product]], *,
    category_id: UUID | None, active: bool | None, sort: ProductSort, before: UUID | None, limit: int, **values: str,
) -> Sequence[Product]:  # fmt: skip
    """Run the statement for these filters; the values are its others."""
    category = {} if category_id is None else {"category_id": category_id}
    statement, start = of_each_choice[bool(category), active, sort], MAX_UUID if sort.is_descending else MIN_UUID
    return await rows.fetch_all(statement, **category, before=before or start, limit=limit, **values)


class ProductRepository:
    """Those that were not removed."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_page(
        self,
        *,
        category_id: UUID | None,
        active: bool | None,
        sort: ProductSort = ProductSort.NEWEST,
        before: UUID | None,
        limit: int,
    ) -> Sequence[Product]:
        return await _fetch_page(
            self._rows, PAGE_STATEMENTS, category_id=category_id, active=active, sort=sort, before=before, limit=limit
        )

    async def find(self, product_id: UUID) -> Product | None:
        return await self._rows.fetch_one(FIND_PRODUCT, id=product_id)

    async def list_by_ids(self, product_ids: Collection[UUID]) -> Sequence[Product]:
        return await self._rows.fetch_all(SELECT_PRODUCTS_BY_ID, ids=list(product_ids))

    async def lock(self, product_id: UUID) -> Product | None:
        return await self._rows.fetch_one(LOCK_PRODUCT, id=product_id)

    async def add(self, product: Product) -> None:
        with translate_integrity_errors(**PRODUCT_ERRORS):
            await self._rows.execute(statements.INSERT_PRODUCT, **_to_row(product))

    async def save(self, product: Product) -> None:
        fields = _to_row(product)
        with translate_integrity_errors(**PRODUCT_ERRORS):
            await self._rows.execute(statements.UPDATE_PRODUCT, product=fields.pop("id"), **fields)

    async def soft_delete(self, product_id: UUID) -> bool:
        return await self._rows.execute(statements.SOFT_DELETE_PRODUCT, product=product_id) == 1


def _to_row(product: Product) -> dict[str, Any]:
    """All but its stock, which is changed by itself."""
    search_text = f"{fold_text(product.title)}\n{fold_text(product.description)}"
    return {
        **{name: getattr(product, name) for name in statements.PRODUCT_COLUMNS},
        "search_text": search_text,
    }


WORD_ENDING_LENGTH = 8  # characters of a word, from each of them, that word_endings keeps


def search_database(url: str) -> Database:
    """A small pool for searches alone: no number of them keeps anything else waiting.

    Each is planned for what it looks for, and for one processor. The recent products are read in the order of an index,
    however few PostgreSQL believes them to be.
    """
    return Database(
        url,
        name="catalog-searches",
        connections=2,
        background_connections=0,
        pool="searches",
        pool_timeout=1.0,
        plan_cache_mode="force_custom_plan",
        max_parallel_workers_per_gather="0",
        enable_sort="off",
        jit="off",
    )


class ProductSearch:
    def __init__(self, rows: Database) -> None:
        self._rows = rows

    async def list_page(
        self,
        text: str,
        *,
        category_id: UUID | None,
        active: bool | None,
        sort: ProductSort = ProductSort.NEWEST,
        before: UUID | None,
        limit: int,
    ) -> Sequence[Product]:
        of_each_choice, values = PAGE_STATEMENTS, dict[str, str]()
        if text := fold_text(text):
            of_each_choice = SEARCH_STATEMENTS
            values = {"pattern": f"%{_literal_pattern(text)}%", "endings": _endings(text)}
        return await _fetch_page(
            self._rows,
            of_each_choice,
            category_id=category_id,
            active=active,
            sort=sort,
            before=before,
            limit=limit,
            **values,
        )


def _literal_pattern(text: str) -> str:
    """The text as a pattern that matches nothing but itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _endings(text: str) -> str:
    """What the endings of its words must be, as a query: the last word goes on, and the others end as they do here.

    A last word of one or two letters would be found in nearly everything, to be intersected with what the others find.
    """
    *whole, last = text.split(" ")
    wanted = [_quoted(word[-WORD_ENDING_LENGTH:]) for word in whole]
    if not whole or len(last) > 2:
        wanted.append(_quoted(last[:WORD_ENDING_LENGTH]) + ":*")
    return " & ".join(wanted)


def _quoted(lexeme: str) -> str:
    doubled = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


SELECT_IMAGES_OF_PRODUCT = statements.SELECT_IMAGES_OF_PRODUCT.into(Image)
SELECT_FIRST_IMAGES = statements.SELECT_FIRST_IMAGES.into(Image)


class ImageRepository:
    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_by_product(self, product_id: UUID) -> Sequence[Image]:
        return await self._rows.fetch_all(SELECT_IMAGES_OF_PRODUCT, product_id=product_id)

    async def list_first(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Image]:
        rows = await self._rows.fetch_all(SELECT_FIRST_IMAGES, product_ids=list(product_ids))
        return {image.product_id: image for image in rows}

    async def add(self, image: Image) -> None:
        await self._rows.execute(statements.INSERT_IMAGE, **vars(image))

    async def delete(self, product_id: UUID, image_id: UUID) -> bool:
        return await self._rows.execute(statements.DELETE_IMAGE, product_id=product_id, id=image_id) == 1

    async def delete_by_product(self, product_id: UUID) -> Sequence[UUID]:
        return [
            row["id"] for row in await self._rows.fetch_all(statements.DELETE_IMAGES_OF_PRODUCT, product_id=product_id)
        ]


class UnlinkedImageRepository:
    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add(self, image_id: UUID) -> None:
        await self._rows.execute(statements.INSERT_UNLINKED_IMAGE, id=image_id)

    async def mark_linked(self, image_id: UUID) -> bool:
        return await self._rows.execute(statements.DELETE_RECENT_UNLINKED_IMAGE, id=image_id) == 1

    async def delete(self, image_id: UUID) -> None:
        await self._rows.execute(statements.DELETE_UNLINKED_IMAGE, id=image_id)

    async def list_due(self) -> Sequence[UUID]:
        return [row["image_id"] for row in await self._rows.fetch_all(statements.SELECT_DUE_UNLINKED_IMAGES)]

    async def postpone(self, image_id: UUID) -> None:
        await self._rows.execute(statements.POSTPONE_UNLINKED_IMAGE, id=image_id)


FIND_STOCK = statements.FIND_STOCK.into(Stock)
SELECT_STOCK_OF_PRODUCTS = statements.SELECT_STOCK_OF_PRODUCTS.into(Stock)
LOCK_STOCK = statements.LOCK_STOCK.into(Stock)
RESERVE_STOCK = statements.RESERVE_STOCK.into(Stock)


class StockRepository:
    """The stock, which stands in the row of its product."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def find(self, product_id: UUID) -> Stock | None:
        return await self._rows.fetch_one(FIND_STOCK, product_id=product_id)

    async def find_many(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Stock]:
        rows = await self._rows.fetch_all(SELECT_STOCK_OF_PRODUCTS, ids=list(product_ids))
        return {stock.product_id: stock for stock in rows}

    async def lock(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Stock]:
        rows = await self._rows.fetch_all(LOCK_STOCK, ids=list(product_ids))
        return {stock.product_id: stock for stock in rows}

    async def lock_including_deleted(self, product_ids: Iterable[UUID]) -> None:
        await self._rows.fetch_all(statements.LOCK_PRODUCTS, ids=list(product_ids))

    async def reserve(self, order_id: UUID, pieces: Mapping[UUID, int]) -> Mapping[UUID, Stock]:
        rows = await self._rows.fetch_all(
            RESERVE_STOCK, order_id=order_id, ids=list(pieces), qtys=list(pieces.values())
        )
        return {stock.product_id: stock for stock in rows}

    async def apply_change(self, quantities: Mapping[UUID, int], change: StockChange) -> None:
        in_stock, reserved = change.value
        await self._rows.write(
            statements.CHANGE_STOCK,
            ids=list(quantities),
            qtys=list(quantities.values()),
            in_stock=in_stock,
            reserved=reserved,
        )


SELECT_MOVEMENTS_OF_PRODUCT = statements.SELECT_MOVEMENTS_OF_PRODUCT.into(RecordedMovement)
STOCK_MOVEMENT_RETENTION_RULE = RetentionRule(
    "stock movements", delete_expired_statement("catalog.stock_movements", "moved_at"), timedelta(days=730)
)


class StockMovementRepository:
    """What admins added to the stock and took out of it; what orders do to it stands in the reservations."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add_all(self, movements: Sequence[StockMovement]) -> None:
        columns = {f"{name}s": [getattr(one, name) for one in movements] for name in statements.STOCK_MOVEMENT_COLUMNS}
        await self._rows.execute(statements.INSERT_STOCK_MOVEMENTS, **columns)

    async def list_by_product(self, product_id: UUID, *, before: int | None, limit: int) -> Sequence[RecordedMovement]:
        return await self._rows.fetch_all(
            SELECT_MOVEMENTS_OF_PRODUCT, product_id=product_id, before=before or MAX_INT, limit=limit
        )


def _to_reservation(**row: Any) -> Reservation:
    pieces, prices = (convert(row[name], dict[UUID, int]) for name in ("pieces", "prices"))
    returned = convert(row["returned"], dict[UUID, dict[UUID, int]])
    return Reservation(row["order_id"], pieces, ReservationStatus(row["status"]), prices, returned)


LOCK_RESERVATION = statements.LOCK_RESERVATION.into(_to_reservation)
PURGE_TOMBSTONES = delete_expired_statement("catalog.reservations", "created_at", "status = 'RELEASED'")
SETTLED_RESERVATIONS_RETENTION_RULE = RetentionRule(
    "settled reservations", statements.PURGE_SETTLED_RESERVATIONS, ORDER_RETENTION
)


class ReservationRepository:
    """The row of an order decides between all that want to do something about it."""

    def __init__(self, rows: Transaction) -> None:
        self._rows = rows

    async def find_or_add(self, reservation: Reservation) -> Reservation:
        pieces = {str(product_id): qty for product_id, qty in reservation.pieces.items()}
        while not await self._rows.execute(
            statements.INSERT_RESERVATION,
            order_id=reservation.order_id,
            pieces=Jsonb(pieces),
            status=reservation.status,
        ):
            # One that is not there any more was purged in between.
            if known := await self.lock(reservation.order_id):
                return known
        return reservation

    async def lock(self, order_id: UUID) -> Reservation | None:
        return await self._rows.lock(LOCK_RESERVATION, order_id=order_id)

    async def save(self, reservation: Reservation) -> None:
        await self._rows.require(
            statements.UPDATE_RESERVATION,
            order=reservation.order_id,
            status=reservation.status,
            returned=Jsonb(to_builtins(reservation.returned, str_keys=True)),
        )


class CatalogUnitOfWork(UnitOfWork):
    """One transaction of the catalog service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.categories = CategoryRepository(transaction)
        self.products = ProductRepository(transaction)
        self.images = ImageRepository(transaction)
        self.unlinked = UnlinkedImageRepository(transaction)
        self.stock = StockRepository(transaction)
        self.stock_movements = StockMovementRepository(transaction)
        self.reservations = ReservationRepository(transaction)
