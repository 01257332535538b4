"""What the catalog service asks its database, compiled when the project is generated."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ARRAY, Integer, Uuid, any_, bindparam, func
from sqlalchemy.dialects.postgresql import TSQUERY, distinct_on, insert

from chassis.data.clauses import (
    delete_with_dependents_statement,
    ids_older_than_retention,
    row_lock,
    seconds_since,
)
from chassis.data.keyset import keyset_page
from chassis.data.statement import Statement
from services.catalog.domain import (
    MAX_CATEGORIES,
    ProductSort,
)
from services.catalog.tables import (
    categories,
    images,
    products,
    reservations,
    stock_movements,
    unlinked_pictures,
)

COUNT_HELD_RESERVATIONS = Statement(
    sa.select(sa.func.count().label("held"), seconds_since(sa.func.min(reservations.c.created_at)).label("age")).where(
        sa.text("status = 'HELD'")  # in the words of the partial index, or a prepared statement cannot use it
    )
)
COUNT_UNREMOVABLE_IMAGES = Statement(
    sa.select(sa.func.count().label("postponed")).where(unlinked_pictures.c.failures > 0)
)
SELECT_CATEGORIES = sa.select(categories.c.id, categories.c.name, categories.c.product_count)
LIST_CATEGORIES = Statement(
    SELECT_CATEGORIES.order_by(categories.c.sort_key, categories.c.name, categories.c.id).limit(MAX_CATEGORIES),
)
FIND_CATEGORY = Statement(SELECT_CATEGORIES.where(categories.c.id == bindparam("id")))
LOCK_CATEGORIES = Statement(sa.select(func.pg_advisory_xact_lock(func.hashtext("categories"))))
CATEGORY_NAME_PARAMETERS: dict[str, Any] = {name: bindparam(name) for name in ("name", "key", "sort_key")}
INSERT_CATEGORY = Statement(sa.insert(categories).values(id=bindparam("id"), **CATEGORY_NAME_PARAMETERS))
COUNT_CATEGORIES = Statement(sa.select(func.count().label("number")).select_from(categories))
UPDATE_CATEGORY = Statement(
    sa.update(categories).where(categories.c.id == bindparam("category")).values(CATEGORY_NAME_PARAMETERS)
)
DELETE_CATEGORY = Statement(sa.delete(categories).where(categories.c.id == bindparam("id")))
PRODUCT_COLUMNS = ("id", "title", "description", "price_cents", "currency", "sku", "category_id", "active")
READ_PRODUCT_COLUMNS = [products.c[name] for name in (*PRODUCT_COLUMNS, "in_stock", "reserved")]
IS_NOT_DELETED = products.c.deleted_at.is_(None)
SELECT_PRODUCTS = sa.select(*READ_PRODUCT_COLUMNS).where(IS_NOT_DELETED)
FIND_PRODUCT = Statement(SELECT_PRODUCTS.where(products.c.id == bindparam("id")))
SELECT_PRODUCTS_BY_ID = Statement(
    SELECT_PRODUCTS.where(products.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))).order_by(products.c.id.desc())
)
LOCK_PRODUCT = Statement(SELECT_PRODUCTS.where(products.c.id == bindparam("id")).with_for_update(key_share=True))
# Of a title, the first part of the text that is searched, so many characters are compared.
LINE_BREAK: sa.ColumnElement[str] = sa.literal_column("chr(10)")
FIRST_LINE: sa.ColumnElement[int] = sa.literal_column("1")
TITLE_KEY_LENGTH: sa.ColumnElement[int] = sa.literal_column("60")
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
    choice: Statement(_without_key(_select_page(*choice, LIMIT_PARAMETER))) for choice in FILTER_COMBINATIONS
}
_product_values: dict[str, Any] = {name: bindparam(name) for name in (*PRODUCT_COLUMNS, "search_text")}
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
CONTAINS_TEXT = products.c.search_text.like(bindparam("pattern"))
WORD_ENDINGS = func.catalog.word_endings(products.c.search_text)
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


SEARCH_STATEMENTS = {choice: Statement(_select_search_page(*choice)) for choice in FILTER_COMBINATIONS}
IMAGE_COLUMNS = ("id", "product_id", "alt", "width", "height")
IS_OF_PRODUCT = images.c.product_id == bindparam("product_id")
SELECT_IMAGES_OF_PRODUCT = Statement(
    sa.select(*(images.c[name] for name in IMAGE_COLUMNS)).where(IS_OF_PRODUCT).order_by(images.c.id)
)
SELECT_FIRST_IMAGES = Statement(
    sa.select(*(images.c[name] for name in IMAGE_COLUMNS))
    .ext(distinct_on(images.c.product_id))
    .where(images.c.product_id == any_(bindparam("product_ids", type_=ARRAY(Uuid))))
    .order_by(images.c.product_id, images.c.id),
)
INSERT_IMAGE = Statement(sa.insert(images).values({name: bindparam(name) for name in IMAGE_COLUMNS}))
DELETE_IMAGE = Statement(sa.delete(images).where(IS_OF_PRODUCT, images.c.id == bindparam("id")))
DELETE_IMAGES_OF_PRODUCT = Statement(sa.delete(images).where(IS_OF_PRODUCT).returning(images.c.id))
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
SELECT_STOCK = sa.select(
    products.c.id.label("product_id"),
    products.c.in_stock,
    products.c.reserved,
    products.c.price_cents,
    products.c.currency,
    products.c.active,
).where(IS_NOT_DELETED)
FIND_STOCK = Statement(SELECT_STOCK.where(products.c.id == bindparam("product_id")))
_select_stock_of_products = SELECT_STOCK.where(products.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
SELECT_STOCK_OF_PRODUCTS = Statement(_select_stock_of_products)
LOCK_PRODUCTS = Statement(
    sa.select(products.c.id)
    .where(products.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(products.c.id)
    .with_for_update(key_share=True)
)
LOCK_STOCK = Statement(_select_stock_of_products.order_by(products.c.id).with_for_update(key_share=True))
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
)
INSERT_RESERVATION = Statement(
    insert(reservations)
    .values({name: bindparam(name) for name in ("order_id", "pieces", "status")})
    .on_conflict_do_nothing()
)
LOCK_RESERVATION = row_lock(
    sa.select(reservations).where(reservations.c.order_id == bindparam("order_id")), reservations
)
UPDATE_RESERVATION = Statement(
    sa.update(reservations)
    .where(reservations.c.order_id == bindparam("order"))
    .values(status=bindparam("status"), returned=bindparam("returned"))
)
# What is held is counted in the stock.
PURGE_SETTLED_RESERVATIONS = delete_with_dependents_statement(
    reservations.c.order_id,
    ids_older_than_retention(reservations.c.order_id, sa.text("reservations.status <> 'HELD'")),
)
