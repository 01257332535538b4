"""The books are only worth something if they find what is wrong: each of these is planted, found and taken back."""

import psycopg
import pytest

from tests import invariants

PLANTED_VIOLATIONS = {
    "an order is lost": (
        "DELETE FROM orders.order_history WHERE order_id = '{paid}';"
        "DELETE FROM orders.lines WHERE order_id = '{paid}'; DELETE FROM orders.orders WHERE id = '{paid}'",
        "order {paid}: promised, and lost",
    ),
    "a payment is forgotten": (
        "UPDATE orders.orders SET status = 'CREATED' WHERE id = '{paid}'",
        "order {paid}: CREATED, but stock COMMITTED and payment SUCCEEDED and shipment READY_TO_SHIP",
    ),
    "an order stays open": (
        "UPDATE orders.orders SET status = 'PENDING' WHERE id = '{created}'",
        "order {created}: left PENDING",
    ),
    "an intent is left": (
        "UPDATE orders.orders SET cancelling_since = now() WHERE id = '{paid}'",
        "order {paid}: an intent to cancel is left",
    ),
    "money is taken for a cancelled order": (
        "UPDATE payment.payments SET status = 'SUCCEEDED' WHERE order_id = '{refunded}'",
        "order {refunded}: REFUNDED, but payment SUCCEEDED",
    ),
    "an attempt to pay is left open": (
        "UPDATE payment.payment_attempts SET status = 'OPEN', next_lookup_at = now() + interval '1 day'"
        " WHERE order_id = '{paid}'",
        "an attempt to pay is not decided, or its money is not what was paid: {paid}",
    ),
    "a refund is not paid": (
        "UPDATE payment.refunds SET status = 'ASKED' WHERE order_id = '{refunded}'",
        "what went back is not what there is to pay back: {refunded}",
    ),
    "another amount is taken": (
        "UPDATE payment.payments SET amount_cents = amount_cents - 1 WHERE order_id = '{paid}'",
        "what was paid is not what the order asks for: {paid}",
    ),
    "the parcel of a cancelled order may leave": (
        "UPDATE shipping.shipments SET status = 'READY_TO_SHIP' WHERE order_id = '{cancelled}'",
        "order {cancelled}: CANCELLED, but shipment READY_TO_SHIP",
    ),
    "the parcel goes to somebody else": (
        "UPDATE shipping.shipments SET user_id = gen_random_uuid() WHERE order_id = '{paid}'",
        "somebody else is to get the parcel: {paid}",
    ),
    "a parcel is lost": (
        "DELETE FROM shipping.shipments WHERE order_id = '{paid}'",
        "order {paid}: PAID, but shipment -",
    ),
    "one piece more is set aside": (
        "UPDATE catalog.products SET reserved = reserved + 1 WHERE id = '{lamp}'",
        "the stock set aside is not what reservations hold: {lamp}, 3, 2",
    ),
    "less than nothing is set aside": (
        "ALTER TABLE catalog.products DROP CONSTRAINT products_reserve_only_what_is_in_stock;"
        "UPDATE catalog.products SET reserved = -1 WHERE id = '{lamp}'",
        "more is set aside than there is: {lamp}, 8, -1",
    ),
    "one piece is gone": (
        "UPDATE catalog.products SET in_stock = in_stock - 1 WHERE id = '{lamp}'",
        "product {lamp}: 7 in stock and 2 sold of 10",
    ),
    "stock is held for no order": (
        "INSERT INTO catalog.reservations VALUES ('{nobody}', '{{\"{lamp}\": 1}}', 'HELD')",
        "order {nobody}: -, but stock HELD",
    ),
    "other pieces are set aside than were ordered": (
        "UPDATE catalog.reservations SET pieces = '{{\"{lamp}\": 3}}' WHERE order_id = '{created}'",
        "a reservation is not what was ordered: {created}",
    ),
    "a line of a cart is ordered again": (
        "DROP INDEX orders.lines_a_cart_line_is_ordered_once; INSERT INTO orders.lines"
        " SELECT '{created}', 1, line_id, product_id, title, qty, unit_price_cents, priced_at"
        " FROM orders.lines WHERE order_id = '{paid}'",
        "a line of a cart is ordered twice",
    ),
    "an event waits for ever": (
        "UPDATE shipping.outbox SET published_at = NULL WHERE key = '{paid}'",
        "an event is not announced: shipping",
    ),
    "an event was never told": (
        "DELETE FROM payment.outbox WHERE key = '{paid}'",
        "order {paid}: no event payment.succeeded",
    ),
    "an event is told twice": (
        "INSERT INTO orders.outbox (event_id, topic, key, value, headers, published_at)"
        " SELECT gen_random_uuid(), topic, key, value, headers, now() FROM orders.outbox WHERE key = '{paid}'",
        "order {paid}: 2 times event order.created",
    ),
    "an event is told without cause": (
        "INSERT INTO orders.outbox (event_id, topic, key, value, headers, published_at)"
        " SELECT gen_random_uuid(), topic, '{created}', value, headers, now() FROM payment.outbox WHERE key = '{paid}'",
        "order {created}: event payment.succeeded without cause",
    ),
    "a mail is lost": (
        "DELETE FROM notifications.mails WHERE order_id = '{cancelled}' AND kind = 'order.cancelled'",
        "order {cancelled}: no mail order.cancelled",
    ),
    "a mail is queued twice": (
        "ALTER TABLE notifications.mails DROP CONSTRAINT mails_tell_all_news_once;"
        "INSERT INTO notifications.mails (id, order_id, kind, user_id, recipient, facts, happened_at, message_id)"
        " SELECT gen_random_uuid(), order_id, kind, user_id, recipient, facts, happened_at, message_id"
        " FROM notifications.mails WHERE order_id = '{paid}' AND kind = 'order.created'",
        "order {paid}: 2 times mail order.created",
    ),
    "a mail is never sent": (
        "UPDATE notifications.mails SET status = 'QUEUED', sent_at = NULL WHERE order_id = '{paid}'",
        "a mail is not sent: {paid}, order.created, QUEUED",
    ),
    "a mail goes to somebody else": (
        "UPDATE notifications.mails SET recipient = 'bram@example.com' WHERE order_id = '{paid}'",
        "a mail goes to somebody else: {paid}, order.created, bram@example.com",
    ),
}


@pytest.fixture(scope="module")
async def seeded_order_ids(shop):
    """One order of each kind, of a lamp of which there were ten."""
    asha, lamp = await shop.new_shopper("asha"), await shop.product(stock=10)
    orders = {
        status.lower(): (await shop.order_in_status(status, asha, lamp, qty=2)).order_id
        for status in ("CREATED", "PAID", "CANCELLED", "REFUNDED")
    }
    await shop.wait_until_invariants_hold()
    return {**orders, "lamp": lamp.id, "nobody": "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00f"}


@pytest.fixture
async def rolled_back_transaction(shop, seeded_order_ids):
    """A connection whose changes nobody else ever sees."""
    async with (
        await psycopg.AsyncConnection.connect(shop.manifest["postgres"], autocommit=True) as connection,
        connection.transaction(force_rollback=True),
    ):
        yield connection


@pytest.mark.parametrize(("corruption", "finding"), PLANTED_VIOLATIONS.values(), ids=PLANTED_VIOLATIONS)
async def test_a_violation_written_into_the_databases_is_found(
    shop, seeded_order_ids, rolled_back_transaction, corruption, finding
):
    assert await shop.violations() == []

    await rolled_back_transaction.execute(corruption.format(**seeded_order_ids))

    supplied = invariants.Expectations(shop.pieces, shop.promised)
    found = await invariants.violations(rolled_back_transaction, supplied)
    assert any(finding.format(**seeded_order_ids) in one for one in found), found


async def test_a_row_gone_from_any_table_changes_the_snapshot(rolled_back_transaction):
    before = await invariants.snapshot(rolled_back_transaction)

    await rolled_back_transaction.execute("SET LOCAL session_replication_role = replica")  # foreign keys look away
    for table in before:
        await rolled_back_transaction.execute(f"DELETE FROM {table} WHERE ctid = (SELECT max(ctid) FROM {table})")  # noqa: S608

    after = await invariants.snapshot(rolled_back_transaction)
    changed = {table for table in before if after[table] != before[table]}
    assert changed >= {"auth.accounts", "catalog.products", "catalog.reservations", "notifications.mails",
                       "orders.lines", "orders.orders", "payment.payments", "shipping.shipments"}  # fmt: skip
