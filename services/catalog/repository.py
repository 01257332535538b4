"""What the catalog service keeps, as rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import convert
from psycopg import IntegrityError
from psycopg.types.json import Jsonb
from sqlalchemy import ARRAY, Integer, Uuid, any_, bindparam, func
from sqlalchemy.dialects.postgresql import TSQUERY, distinct_on, insert

from chassis.data.database import Database, Transaction
from chassis.data.keyset import keyset_page
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.data.statement import RowLock, Statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
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
from services.catalog.tables import (
    categories,
    images,
    products,
    reservations,
    stock_movements,
    unlinked_pictures,
)


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


SELECT_CATEGORIES = sa.select(categories.c.id, categories.c.name, categories.c.product_count)
LIST_CATEGORIES = Statement(
    SELECT_CATEGORIES.order_by(categories.c.sort_key, categories.c.name, categories.c.id).limit(MAX_CATEGORIES),
    into=Category,
)
FIND_CATEGORY = Statement(SELECT_CATEGORIES.where(categories.c.id == bindparam("id")), into=Category)
LOCK_CATEGORIES = Statement(sa.select(func.pg_advisory_xact_lock(func.hashtext("categories"))))
CATEGORY_NAME_PARAMETERS: dict[str, Any] = {name: bindparam(name) for name in ("name", "key", "sort_key")}
INSERT_CATEGORY = Statement(sa.insert(categories).values(id=bindparam("id"), **CATEGORY_NAME_PARAMETERS))
COUNT_CATEGORIES = Statement(sa.select(func.count().label("number")).select_from(categories))
UPDATE_CATEGORY = Statement(
    sa.update(categories).where(categories.c.id == bindparam("category")).values(CATEGORY_NAME_PARAMETERS)
)
DELETE_CATEGORY = Statement(sa.delete(categories).where(categories.c.id == bindparam("id")))


class CategoryRepository:
    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_all(self) -> Sequence[Category]:
        return await self._rows.fetch_all(LIST_CATEGORIES)

    async def find(self, category_id: UUID) -> Category | None:
        return await self._rows.fetch_one(FIND_CATEGORY, id=category_id)

    async def add(self, category: Category) -> None:
        """Only within a transaction: until it ends nobody else adds one, so that they are counted right."""
        await self._rows.fetch_one(LOCK_CATEGORIES)
        with translate_integrity_errors(categories_name_is_taken_once=CategoryNameTaken):
            await self._rows.execute(INSERT_CATEGORY, id=category.id, **_category_name_values(category))
        counted = await self._rows.fetch_one(COUNT_CATEGORIES)
        if counted and counted["number"] > MAX_CATEGORIES:
            raise TooManyCategories

    async def rename(self, category: Category) -> bool:
        with translate_integrity_errors(categories_name_is_taken_once=CategoryNameTaken):
            return (
                await self._rows.execute(UPDATE_CATEGORY, category=category.id, **_category_name_values(category)) == 1
            )

    async def delete(self, category_id: UUID) -> bool:
        with translate_integrity_errors(products_category_is_known=CategoryNotEmpty):
            return await self._rows.execute(DELETE_CATEGORY, id=category_id) == 1


def _category_name_values(category: Category) -> dict[str, str]:
    return {"name": category.name, "key": name_key(category.name), "sort_key": fold_text(category.name)}


PRODUCT_COLUMNS = [
    products.c[name]
    for name in ("id", "title", "description", "price_cents", "currency", "sku", "category_id", "active")
]
READ_PRODUCT_COLUMNS = [*PRODUCT_COLUMNS, products.c.in_stock, products.c.reserved]
IS_NOT_DELETED = products.c.deleted_at.is_(None)
SELECT_PRODUCTS = sa.select(*READ_PRODUCT_COLUMNS).where(IS_NOT_DELETED)
FIND_PRODUCT = Statement(SELECT_PRODUCTS.where(products.c.id == bindparam("id")), into=Product)
LOCK_PRODUCT = Statement(
    SELECT_PRODUCTS.where(products.c.id == bindparam("id")).with_for_update(key_share=True), into=Product
)
# Of a title, the first part of the text that is searched, so many characters are compared.
LINE_BREAK: sa.ColumnElement[str] = sa.literal_column("chr(10)")
FIRST_LINE: sa.ColumnElement[int] = sa.literal_column("1")
TITLE_KEY_LENGTH: sa.ColumnElement[int] = sa.literal_column("60")
MIN_UUID, MAX_UUID = UUID(int=0), UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
MAX_INT = 2**63 - 1
LIMIT_PARAMETER = bindparam("limit", type_=Integer)


# The least and the greatest of all keys: where a list begins.
FIRST_KEYS: Mapping[ProductSort, sa.ColumnElement[Any]] = {
    ProductSort.PRICE_ASC: sa.literal_column("-1"),
    ProductSort.PRICE_DESC: sa.literal_column("2147483647"),
    ProductSort.NAME: sa.literal_column("''"),
}


def _sort_key(row: Any, sort: ProductSort) -> list[sa.ColumnElement[Any]]:
    """What rows are sorted by before their ids; of a title, the beginning, which any index can hold."""
    if sort is ProductSort.NEWEST:
        return []
    if sort is not ProductSort.NAME:
        return [row.price_cents]
    title = func.split_part(sa.collate(row.search_text, "C"), LINE_BREAK, FIRST_LINE)
    return [func.left(title, TITLE_KEY_LENGTH)]


def _in_order(columns: Sequence[sa.ColumnElement[Any]], sort: ProductSort) -> list[sa.ColumnElement[Any]]:
    return [column.desc() if sort.is_descending else column for column in columns]


def _select_page(by_category: bool, active: bool | None, sort: ProductSort, limit: Any) -> sa.Select[Any]:
    """So many products from the one after another, in the order of an index that has no others; only that of all
    products by their age, active or not and of any category, has the removed ones too. In another order those for sale
    and those that are not are merged where both are asked for.

    Were the category compared by an equals sign, the other columns alone would be an order, for which PostgreSQL might
    read through all products that come before any of the category.
    """
    rows: Any
    if active is None and sort is not ProductSort.NEWEST:
        each = [_select_page(by_category, one, sort, limit).subquery() for one in (True, False)]
        rows = sa.union_all(*(sa.select(one) for one in each)).subquery("products").c
        page = sa.select(*rows)
    else:
        rows, page = products.c, sa.select(products).where(IS_NOT_DELETED, *_activity_filter(active))
        columns, start = [*_sort_key(rows, sort), rows.id], [*_start_key(sort), bindparam("before", type_=Uuid)]
        if by_category:
            wanted = bindparam("category_id", type_=Uuid)
            columns, start = [rows.category_id, *columns], [wanted, *start]
            page = page.where(columns[0] >= wanted if sort.is_descending else columns[0] <= wanted)
        key, after = (columns[0], start[0]) if len(columns) == 1 else (sa.tuple_(*columns), sa.tuple_(*start))
        page = page.where(key < after if sort.is_descending else key > after)
    category = [rows.category_id] if by_category else []
    return page.order_by(*_in_order([*category, *_sort_key(rows, sort), rows.id], sort)).limit(limit)


def _start_key(sort: ProductSort) -> list[sa.ColumnElement[Any]]:
    """What the product before the page has for a key just now, removed or not."""
    before = products.alias("before")
    return [
        func.coalesce(sa.select(key).where(before.c.id == bindparam("before", type_=Uuid)).scalar_subquery(), first)
        for key, first in zip(_sort_key(before.c, sort), [FIRST_KEYS.get(sort)], strict=False)
    ]


def _activity_filter(active: bool | None) -> list[sa.ColumnElement[bool]]:
    """In the words of the partial indexes."""
    return [] if active is None else [products.c.active if active else ~products.c.active]


def _without_key(page: sa.Select[Any]) -> sa.Select[Any]:
    """The columns of a product alone."""
    columns = {column.name: column for column in page.selected_columns}
    return page.with_only_columns(*(columns[column.name] for column in READ_PRODUCT_COLUMNS))


# One of each statement for each choice of filters and order.
FILTER_COMBINATIONS = [
    (by_category, active, sort)
    for by_category in (False, True)
    for active in (None, True, False)
    for sort in ProductSort
]
PAGE_STATEMENTS = {
    choice: Statement(_without_key(_select_page(*choice, LIMIT_PARAMETER)), into=Product)
    for choice in FILTER_COMBINATIONS
}
_product_values: dict[str, Any] = {
    column.name: bindparam(column.name) for column in (*PRODUCT_COLUMNS, products.c.search_text)
}
INSERT_PRODUCT = Statement(sa.insert(products).values(_product_values))
UPDATE_PRODUCT = Statement(
    sa.update(products)
    .where(products.c.id == bindparam("product"))
    .values({name: value for name, value in _product_values.items() if name != "id"})
)
# A category is not kept by products that nobody can buy any more.
SOFT_DELETE_PRODUCT = Statement(
    sa.update(products)
    .where(products.c.id == bindparam("product"), IS_NOT_DELETED)
    .values(deleted_at=func.now(), category_id=sa.null())
)

PRODUCT_ERRORS: dict[str, type[Exception]] = {
    "products_sku_is_taken_once": SkuTaken,
    "products_category_is_known": CategoryUnknown,
}


async def _fetch_page(
    rows: Database | Transaction, statements: Mapping[tuple[bool, bool | None, ProductSort], Statement[Product]], *,
    category_id: UUID | None, active: bool | None, sort: ProductSort, before: UUID | None, limit: int, **values: str,
) -> Sequence[Product]:  # fmt: skip
    """Run the statement for these filters; the values are its others."""
    category = {} if category_id is None else {"category_id": category_id}
    statement, start = statements[bool(category), active, sort], MAX_UUID if sort.is_descending else MIN_UUID
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

    async def lock(self, product_id: UUID) -> Product | None:
        return await self._rows.fetch_one(LOCK_PRODUCT, id=product_id)

    async def add(self, product: Product) -> None:
        with translate_integrity_errors(**PRODUCT_ERRORS):
            await self._rows.execute(INSERT_PRODUCT, **_to_row(product))

    async def save(self, product: Product) -> None:
        fields = _to_row(product)
        with translate_integrity_errors(**PRODUCT_ERRORS):
            await self._rows.execute(UPDATE_PRODUCT, product=fields.pop("id"), **fields)

    async def soft_delete(self, product_id: UUID) -> bool:
        return await self._rows.execute(SOFT_DELETE_PRODUCT, product=product_id) == 1


def _to_row(product: Product) -> dict[str, Any]:
    """All but its stock, which is changed by itself."""
    search_text = f"{fold_text(product.title)}\n{fold_text(product.description)}"
    return {**{column.name: getattr(product, column.name) for column in PRODUCT_COLUMNS}, "search_text": search_text}


CONTAINS_TEXT = products.c.search_text.like(bindparam("pattern"))
WORD_ENDINGS = func.catalog.word_endings(products.c.search_text)
WORD_ENDING_LENGTH = 8  # characters of a word, from each of them, that word_endings keeps
MAX_RECENT_PRODUCTS = 4000  # products are read faster than an index says which ones of very many are the newest


def _select_search_page(by_category: bool, active: bool | None, sort: ProductSort) -> sa.Select[Any]:
    """The first products with the text: among the first of all, and only if these are too few, by the index."""
    columns = [*READ_PRODUCT_COLUMNS, products.c.search_text]
    recent = _select_page(by_category, active, sort, MAX_RECENT_PRODUCTS).subquery("products")
    recent_matches = (
        sa.select(*(recent.c[column.name] for column in columns))
        .where(recent.c.search_text.like(bindparam("pattern")))
        .limit(LIMIT_PARAMETER)
        .cte("recent_matches")
    )
    one_more = _select_page(by_category, active, sort, MAX_RECENT_PRODUCTS + 1).subquery("products")
    others = sa.select(one_more).offset(MAX_RECENT_PRODUCTS).subquery("others")
    next_older = sa.select(*_position(others.c, sort)).cte("next_older")
    too_few = sa.select(func.count()).select_from(recent_matches).scalar_subquery() < LIMIT_PARAMETER
    are_others = sa.exists().select_from(next_older)
    of_category = [products.c.category_id == bindparam("category_id")] if by_category else []
    older_candidates = (
        sa.select(*columns)
        .where(too_few, are_others, IS_NOT_DELETED, *of_category, *_activity_filter(active))
        .where(WORD_ENDINGS.bool_op("@@")(sa.cast(bindparam("endings"), TSQUERY)), CONTAINS_TEXT)
        # Keeps the order and its limit outside: by the order, everything would be read until enough are found.
        .offset(sa.literal_column("0"))
        .subquery("older_candidates")
    )
    position, first = sa.tuple_(*_position(older_candidates.c, sort)), sa.tuple_(*next_older.c)
    older = sa.select(older_candidates).where(position <= first if sort.is_descending else position >= first)
    page = sa.union_all(sa.select(recent_matches), older).subquery("page")
    return _without_key(sa.select(page).order_by(*_in_order(_position(page.c, sort), sort)).limit(LIMIT_PARAMETER))


def _position(row: Any, sort: ProductSort) -> list[sa.ColumnElement[Any]]:
    """What says where a row stands among all."""
    return [*(key.label("sort_key") for key in _sort_key(row, sort)), row.id]


SEARCH_STATEMENTS = {choice: Statement(_select_search_page(*choice), into=Product) for choice in FILTER_COMBINATIONS}


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
        statements, values = PAGE_STATEMENTS, dict[str, str]()
        if text := fold_text(text):
            statements = SEARCH_STATEMENTS
            values = {"pattern": f"%{_literal_pattern(text)}%", "endings": _endings(text)}
        return await _fetch_page(
            self._rows,
            statements,
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


IMAGE_COLUMNS = ("id", "product_id", "alt", "width", "height")
IS_OF_PRODUCT = images.c.product_id == bindparam("product_id")
SELECT_IMAGES_OF_PRODUCT = Statement(
    sa.select(*(images.c[name] for name in IMAGE_COLUMNS)).where(IS_OF_PRODUCT).order_by(images.c.id), into=Image
)
SELECT_FIRST_IMAGES = Statement(
    sa.select(*(images.c[name] for name in IMAGE_COLUMNS))
    .ext(distinct_on(images.c.product_id))
    .where(images.c.product_id == any_(bindparam("product_ids", type_=ARRAY(Uuid))))
    .order_by(images.c.product_id, images.c.id),
    into=Image,
)
INSERT_IMAGE = Statement(sa.insert(images).values({name: bindparam(name) for name in IMAGE_COLUMNS}))
DELETE_IMAGE = Statement(sa.delete(images).where(IS_OF_PRODUCT, images.c.id == bindparam("id")))
DELETE_IMAGES_OF_PRODUCT = Statement(sa.delete(images).where(IS_OF_PRODUCT).returning(images.c.id))


class ImageRepository:
    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_by_product(self, product_id: UUID) -> Sequence[Image]:
        return await self._rows.fetch_all(SELECT_IMAGES_OF_PRODUCT, product_id=product_id)

    async def list_first(self, product_ids: Iterable[UUID]) -> Mapping[UUID, Image]:
        rows = await self._rows.fetch_all(SELECT_FIRST_IMAGES, product_ids=list(product_ids))
        return {image.product_id: image for image in rows}

    async def add(self, image: Image) -> None:
        await self._rows.execute(INSERT_IMAGE, **vars(image))

    async def delete(self, product_id: UUID, image_id: UUID) -> bool:
        return await self._rows.execute(DELETE_IMAGE, product_id=product_id, id=image_id) == 1

    async def delete_by_product(self, product_id: UUID) -> Sequence[UUID]:
        return [row["id"] for row in await self._rows.fetch_all(DELETE_IMAGES_OF_PRODUCT, product_id=product_id)]


INSERT_UNLINKED_IMAGE = Statement(sa.insert(unlinked_pictures).values(image_id=bindparam("id")))
# Long before it is swept, whichever of the two looks at the clock first.
DELETE_RECENT_UNLINKED_IMAGE = Statement(
    sa.delete(unlinked_pictures).where(
        unlinked_pictures.c.image_id == bindparam("id"),
        unlinked_pictures.c.since > func.now() - sa.text("interval '5 minutes'"),
    )
)
DELETE_UNLINKED_IMAGE = Statement(sa.delete(unlinked_pictures).where(unlinked_pictures.c.image_id == bindparam("id")))
_backoff = func.power(2, func.least(unlinked_pictures.c.failures, 11)) * sa.text("interval '1 minute'")
POSTPONE_UNLINKED_IMAGE = Statement(
    sa.update(unlinked_pictures)
    .where(unlinked_pictures.c.image_id == bindparam("id"))
    .values(
        failures=unlinked_pictures.c.failures + 1,
        retry_at=func.now() + func.least(_backoff, sa.text("interval '1 day'")),
    )
)
SELECT_DUE_UNLINKED_IMAGES = Statement(
    sa.select(unlinked_pictures.c.image_id)
    .where(
        unlinked_pictures.c.since < func.now() - sa.text("interval '10 minutes'"),
        unlinked_pictures.c.retry_at.is_(None) | (unlinked_pictures.c.retry_at < func.now()),
    )
    .order_by(unlinked_pictures.c.since)
    .limit(100)
)


class UnlinkedImageRepository:
    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add(self, image_id: UUID) -> None:
        await self._rows.execute(INSERT_UNLINKED_IMAGE, id=image_id)

    async def mark_linked(self, image_id: UUID) -> bool:
        return await self._rows.execute(DELETE_RECENT_UNLINKED_IMAGE, id=image_id) == 1

    async def delete(self, image_id: UUID) -> None:
        await self._rows.execute(DELETE_UNLINKED_IMAGE, id=image_id)

    async def list_due(self) -> Sequence[UUID]:
        return [row["image_id"] for row in await self._rows.fetch_all(SELECT_DUE_UNLINKED_IMAGES)]

    async def postpone(self, image_id: UUID) -> None:
        await self._rows.execute(POSTPONE_UNLINKED_IMAGE, id=image_id)


SELECT_STOCK = sa.select(
    products.c.id.label("product_id"),
    products.c.in_stock,
    products.c.reserved,
    products.c.price_cents,
    products.c.currency,
    products.c.active,
).where(IS_NOT_DELETED)
FIND_STOCK = Statement(SELECT_STOCK.where(products.c.id == bindparam("product_id")), into=Stock)
_select_stock_of_products = SELECT_STOCK.where(products.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
SELECT_STOCK_OF_PRODUCTS = Statement(_select_stock_of_products, into=Stock)
LOCK_PRODUCTS = Statement(
    sa.select(products.c.id)
    .where(products.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(products.c.id)
    .with_for_update(key_share=True)
)
LOCK_STOCK = Statement(_select_stock_of_products.order_by(products.c.id).with_for_update(key_share=True), into=Stock)
_wanted_quantities = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid)), bindparam("qtys", type_=ARRAY(Integer)))
    .table_valued("id", "qty", name="wanted")
    .render_derived()
)


def _lock_wanted(rows: sa.Select[Any]) -> sa.CTE:
    """These rows of products and how many pieces are wanted of each, locked in the order of their ids."""
    wanted = rows.add_columns(_wanted_quantities.c.qty).join(
        _wanted_quantities, _wanted_quantities.c.id == products.c.id
    )
    return wanted.order_by(products.c.id).with_for_update(of=products, key_share=True).cte("locked")


_locked_stock = _lock_wanted(SELECT_STOCK)
_reserved_stock = (
    sa.update(products)
    .where(
        products.c.id == _locked_stock.c.product_id,
        _locked_stock.c.in_stock - _locked_stock.c.reserved >= _locked_stock.c.qty,
    )
    .values(reserved=products.c.reserved + _locked_stock.c.qty)
    .cte("taken")
)
_prices = sa.select(func.jsonb_object_agg(_locked_stock.c.product_id, _locked_stock.c.price_cents)).scalar_subquery()
_priced_reservation = (
    sa.update(reservations)
    .where(reservations.c.order_id == bindparam("order_id", type_=Uuid))
    .values(prices=func.coalesce(_prices, sa.literal_column("'{}'::jsonb")))
    .cte("priced")
)
RESERVE_STOCK = Statement(
    sa.select(*(_locked_stock.c[one.name] for one in SELECT_STOCK.selected_columns)).add_cte(
        _reserved_stock, _priced_reservation
    ),
    into=Stock,
)
_locked_products = _lock_wanted(sa.select(products.c.id))
CHANGE_STOCK = Statement(
    sa.update(products)
    .where(products.c.id == _locked_products.c.id)
    .values(
        in_stock=products.c.in_stock + bindparam("in_stock", type_=Integer) * _locked_products.c.qty,
        reserved=products.c.reserved + bindparam("reserved", type_=Integer) * _locked_products.c.qty,
    )
)


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
        await self._rows.fetch_all(LOCK_PRODUCTS, ids=list(product_ids))

    async def reserve(self, order_id: UUID, pieces: Mapping[UUID, int]) -> Mapping[UUID, Stock]:
        rows = await self._rows.fetch_all(
            RESERVE_STOCK, order_id=order_id, ids=list(pieces), qtys=list(pieces.values())
        )
        return {stock.product_id: stock for stock in rows}

    async def apply_change(self, quantities: Mapping[UUID, int], change: StockChange) -> None:
        in_stock, reserved = change.value
        await self._rows.write(
            CHANGE_STOCK, ids=list(quantities), qtys=list(quantities.values()), in_stock=in_stock, reserved=reserved
        )


STOCK_MOVEMENT_COLUMNS = ("product_id", "qty", "reason", "admin_id")
_new_movements = (
    func.unnest(*(bindparam(f"{name}s", type_=ARRAY(stock_movements.c[name].type)) for name in STOCK_MOVEMENT_COLUMNS))
    .table_valued(*STOCK_MOVEMENT_COLUMNS, name="moved")
    .render_derived()
)
INSERT_STOCK_MOVEMENTS = Statement(
    sa.insert(stock_movements).from_select(STOCK_MOVEMENT_COLUMNS, sa.select(_new_movements))
)
SELECT_MOVEMENTS_OF_PRODUCT = Statement(
    keyset_page(
        sa.select(stock_movements),
        {"before": stock_movements.c.id},
        group={"product_id": stock_movements.c.product_id},
        descending=True,
    ).limit(LIMIT_PARAMETER),
    into=RecordedMovement,
)
STOCK_MOVEMENT_RETENTION_RULE = RetentionRule(
    "stock movements", delete_expired_statement(stock_movements.c.moved_at), timedelta(days=730)
)


class StockMovementRepository:
    """What admins added to the stock and took out of it; what orders do to it stands in the reservations."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add_all(self, movements: Sequence[StockMovement]) -> None:
        columns = {f"{name}s": [getattr(one, name) for one in movements] for name in STOCK_MOVEMENT_COLUMNS}
        await self._rows.execute(INSERT_STOCK_MOVEMENTS, **columns)

    async def list_by_product(self, product_id: UUID, *, before: int | None, limit: int) -> Sequence[RecordedMovement]:
        return await self._rows.fetch_all(
            SELECT_MOVEMENTS_OF_PRODUCT, product_id=product_id, before=before or MAX_INT, limit=limit
        )


def _to_reservation(**row: Any) -> Reservation:
    pieces, prices = (convert(row[name], dict[UUID, int]) for name in ("pieces", "prices"))
    return Reservation(row["order_id"], pieces, ReservationStatus(row["status"]), prices)


INSERT_RESERVATION = Statement(
    insert(reservations)
    .values({name: bindparam(name) for name in ("order_id", "pieces", "status")})
    .on_conflict_do_nothing()
)
LOCK_RESERVATION = RowLock(
    sa.select(reservations).where(reservations.c.order_id == bindparam("order_id")), reservations, into=_to_reservation
)
UPDATE_RESERVATION = Statement(
    sa.update(reservations).where(reservations.c.order_id == bindparam("order")).values(status=bindparam("status"))
)

# In the words of the partial index.
PURGE_TOMBSTONES = delete_expired_statement(reservations.c.created_at, sa.text("reservations.status = 'RELEASED'"))


class ReservationRepository:
    """The row of an order decides between all that want to do something about it."""

    def __init__(self, rows: Transaction) -> None:
        self._rows = rows

    async def find_or_add(self, reservation: Reservation) -> Reservation:
        pieces = {str(product_id): qty for product_id, qty in reservation.pieces.items()}
        while not await self._rows.execute(
            INSERT_RESERVATION, order_id=reservation.order_id, pieces=Jsonb(pieces), status=reservation.status
        ):
            # One that is not there any more was purged in between.
            if known := await self.lock(reservation.order_id):
                return known
        return reservation

    async def lock(self, order_id: UUID) -> Reservation | None:
        return await self._rows.lock(LOCK_RESERVATION, order_id=order_id)

    async def save(self, reservation: Reservation) -> None:
        await self._rows.require(UPDATE_RESERVATION, order=reservation.order_id, status=reservation.status)


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
