"""How PostgreSQL reads a page of each list, in each service's schema as its migrations make it."""

import re
from uuid import UUID

import psycopg
import pytest

from chassis.events import dead_letter_table
from services.catalog import repository as catalog
from services.catalog.domain import ProductSort
from services.notifications import repository as notifications
from services.order import repository as order
from services.shipping import repository as shipping
from tests.retention.test_plans import RESTRICTIONS, fill_table

ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
# The statement, its parameters but for the limit, the table, and the index in whose order it is read.
LISTS = {
    "movements of a product": (
        "catalog",
        catalog.SELECT_MOVEMENTS_OF_PRODUCT,
        {"product_id": ID, "before": 7},
        "stock_movements",
        "stock_movements_of_a_product",
    ),
    "mails in a state": (
        "notifications",
        notifications.LIST_MAILS,
        {"status": "7", "before": ID},
        "mails",
        "mails_by_status",
    ),
    "shipments in a state": (
        "shipping",
        shipping.LIST_SHIPMENTS,
        {"status": "7", "after": ID},
        "shipments",
        "shipments_by_status",
    ),
}
LISTS["what happened to an order"] = (
    "order",
    order.SELECT_HISTORY,
    {"order_id": ID, "after_time": order.MIN_TIME, "after_id": ID},
    "order_history",
    "order_history_pkey",
)
LISTS["dead letters in a state"] = (
    "payment",
    dead_letter_table.LIST_LETTERS,
    {"of_status": "7", "before": ID},
    "dead_letters",
    "dead_letters_by_status",
)
PERIOD = {"not_before": ID, "created_from": order.MIN_TIME, "created_before": order.MAX_TIME}
for what, choice, values, index in (
    ("", (False, False), {}, "orders_pkey"),
    (" in a state", (False, True), {"status": "7"}, "orders_by_status"),
    (" under an address", (True, False), {"email": "7"}, "orders_by_email"),
    (" under an address in a state", (True, True), {"email": "7", "status": "7"}, "orders_by_email"),
):
    listed = {**values, **PERIOD, "before": ID}
    LISTS[f"orders{what}"] = ("order", order.LIST_ORDERS[choice], listed, "orders", index)


@pytest.mark.parametrize(("service", "statement", "values", "table", "index"), LISTS.values(), ids=LISTS)
def test_a_page_is_read_in_the_order_of_an_index(service, statement, values, table, index, empty_database_for):
    with psycopg.connect(empty_database_for(service)) as connection:
        for restricted, name in connection.execute(RESTRICTIONS).fetchall():
            connection.execute(f"ALTER TABLE {restricted} DROP CONSTRAINT {name}")
        fill_table(connection, table)
        if "status" in values:  # of which there are few
            connection.execute(f"UPDATE {table} SET status = left(status, 1)")  # noqa: S608 (a name of ours)
            connection.execute(f"ANALYZE {table}")
        parameters = statement.parameters({**values, "limit": 21})
        plan = [line.strip() for (line,) in connection.execute(f"EXPLAIN {statement.sql}", parameters)]
        connection.rollback()

    assert plan[0].startswith("Limit")
    assert f" using {index} on " in plan[1], plan
    assert "Seq Scan" not in str(plan)


FILL_IN_PRODUCTS = """
UPDATE products SET deleted_at = NULL, active = in_stock % 10 > 0, price_cents = in_stock % 100,
category_id = lpad((in_stock % 7)::text, 32, '0')::uuid"""


def test_a_page_of_sorted_products_is_read_in_the_order_of_indexes(empty_database_for):
    plans = {}
    with psycopg.connect(empty_database_for("catalog")) as connection:
        for restricted, name in connection.execute(RESTRICTIONS).fetchall():
            connection.execute(f"ALTER TABLE {restricted} DROP CONSTRAINT {name}")
        fill_table(connection, "products")
        connection.execute(FILL_IN_PRODUCTS)
        connection.execute("ANALYZE products")
        for choice, statement in catalog.PAGE_STATEMENTS.items():
            if choice[2] is ProductSort.NEWEST:  # which services/catalog/tests look at
                continue
            category = {"category_id": UUID(int=3)} if choice[0] else {}
            parameters = statement.parameters({**category, "before": ID, "limit": 21})
            rows = connection.execute(f"EXPLAIN ANALYZE {statement.sql}", parameters).fetchall()
            plans[choice] = "\n".join(line for (line,) in rows)
        connection.rollback()

    assert plans
    for (by_category, active, sort), plan in plans.items():
        of, order = "_of_a_category" * by_category, "name" if sort is ProductSort.NAME else "price"
        for listed in ("for_sale", "not_for_sale"):
            is_read = f" using products{of}_{listed}_by_{order} on " in plan
            assert is_read is (active is not (listed == "not_for_sale")), plan
        # Of two pages that are merged, those few are sorted.
        assert not re.search("Seq Scan|Rows Removed|Bitmap" + "|->  Sort" * (active is not None), plan), plan
