"""The whole state of the shop, read behind its back, and what is wrong with it once all is quiet.

What every test of the whole shop ends with: whoever died, came twice or came too late, the books must balance.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row

from tests.consistent_states import UNKNOWN_STATE, expected_events, find_inconsistency

STATES = f"""
SELECT id, coalesce(o.status, '{UNKNOWN_STATE}') AS order, coalesce(r.status, '{UNKNOWN_STATE}') AS stock,
       coalesce(p.status, '{UNKNOWN_STATE}') AS payment, coalesce(s.status, '{UNKNOWN_STATE}') AS shipment,
       o.cancelling_since IS NOT NULL AS cancelling, coalesce(jsonb_array_length(p.failures), 0) AS failures,
       coalesce(p.amount_cents = 0, false) AS free, coalesce(reduced, 0) AS reduced, coalesce(paid_back, 0) AS paid_back
FROM orders.orders o
LEFT JOIN (
    SELECT order_id AS id, count(*) AS reduced, count(*) FILTER (WHERE status = 'PAID_BACK' AND EXISTS (
        SELECT FROM jsonb_array_elements(items) i WHERE i ->> 'unit_price_cents' <> '0')) AS paid_back
    FROM orders.changes WHERE status IN ('AGREED', 'RECEIVED', 'PAID_BACK') GROUP BY 1) c USING (id)
FULL JOIN (SELECT order_id AS id, status FROM catalog.reservations) r USING (id)
FULL JOIN (SELECT order_id AS id, status, failures, amount_cents FROM payment.payments) p USING (id)
FULL JOIN (SELECT order_id AS id, status FROM shipping.shipments) s USING (id)
"""  # noqa: S608 - the only value is ours
# Each finds what breaks it: one row is one violation, whose columns say where.
INVARIANTS = {
    "more is set aside than there is": """
        SELECT id, in_stock, reserved FROM catalog.products WHERE NOT (0 <= reserved AND reserved <= in_stock)""",
    "the stock set aside is not what reservations hold": """
        SELECT id, reserved, held FROM catalog.products JOIN LATERAL (
            SELECT coalesce(sum((pieces ->> products.id::text)::int), 0) AS held FROM catalog.reservations
            WHERE status = 'HELD') h ON true
        WHERE reserved <> held""",
    "a reservation is not what was ordered": """
        SELECT id, pieces, ordered FROM orders.orders JOIN catalog.reservations ON order_id = id JOIN LATERAL (
            SELECT jsonb_object_agg(product_id, qty) AS ordered FROM (
                SELECT product_id, sum(qty) AS qty FROM orders.lines WHERE lines.order_id = id GROUP BY 1) o) l ON true
        WHERE pieces <> ordered AND pieces <> '{}'""",
    "what was paid is not what the order asks for": """
        SELECT o.id, amount_cents, p.currency, total, o.currency AS of_order FROM orders.orders o
        JOIN payment.payments p ON p.order_id = o.id JOIN LATERAL (
            SELECT sum(qty * unit_price_cents) AS total FROM orders.lines WHERE order_id = o.id) l ON true
        WHERE amount_cents IS NOT NULL AND (amount_cents, p.currency) IS DISTINCT FROM (total, o.currency)""",
    "an attempt to pay is not decided, or its money is not what was paid": """
        SELECT p.order_id, p.status, a.status AS attempt FROM payment.payments p
        LEFT JOIN payment.payment_attempts a ON a.order_id = p.order_id
        WHERE a.status = 'OPEN' OR p.status = 'PROCESSING'
        OR a.status = 'CHARGED' AND (a.attempt_id <> p.attempt_id OR p.status NOT IN ('SUCCEEDED', 'REFUNDED'))
        AND NOT EXISTS (SELECT FROM payment.refunds r WHERE r.refund_id = a.attempt_id AND r.status = 'DONE')""",
    "what went back is not what there is to pay back": """
        SELECT p.order_id, refund_requested_cents, asked, refunded_cents, done FROM payment.payments p JOIN LATERAL (
            SELECT coalesce(sum(r.amount_cents), 0) AS asked,
                   coalesce(sum(r.amount_cents) FILTER (WHERE r.status = 'DONE'), 0) AS done
            FROM payment.refunds r WHERE r.order_id = p.order_id AND NOT is_stray) r ON true
        WHERE refund_requested_cents <> asked OR refunded_cents <> done OR asked <> done
        OR p.status = 'REFUNDED' AND done <> amount_cents""",
    "a change of an order is left open": """
        SELECT order_id, id, status FROM orders.changes WHERE status IN ('INTENDED', 'AGREED', 'RECEIVED')""",
    "what was paid and kept is not what is left of the order": """
        SELECT o.id, amount_cents - refunded_cents AS kept, total - gone AS left_cents FROM orders.orders o
        JOIN payment.payments p ON p.order_id = o.id
        JOIN LATERAL (SELECT sum(qty * unit_price_cents) AS total FROM orders.lines WHERE order_id = o.id) l ON true
        JOIN LATERAL (
            SELECT coalesce(sum((i ->> 'qty')::int * (i ->> 'unit_price_cents')::bigint), 0) AS gone
            FROM orders.changes c, jsonb_array_elements(c.items) i
            WHERE c.order_id = o.id AND c.status NOT IN ('DROPPED', 'REQUESTED')) g ON true
        WHERE o.status = 'PAID' AND amount_cents - refunded_cents <> total - gone""",
    "what came back in parts is not what went out of the order": """
        SELECT r.order_id, gone, back FROM catalog.reservations r
        JOIN LATERAL (
            SELECT jsonb_object_agg(id, items) AS gone FROM (
                SELECT c.id, jsonb_object_agg(product_id, qty) AS items FROM (
                    SELECT c.id, i ->> 'product_id' AS product_id, sum((i ->> 'qty')::int) AS qty
                    FROM orders.changes c, jsonb_array_elements(c.items) i
                    WHERE c.order_id = r.order_id AND c.status NOT IN ('DROPPED', 'REQUESTED')
                    AND (c.kind = 'cancellation' OR r.returned ? c.id::text) -- what can be sold again
                    GROUP BY 1, 2) c GROUP BY 1) c) g ON true
        JOIN LATERAL (SELECT nullif(r.returned, '{}') AS back) b ON true
        WHERE gone IS DISTINCT FROM back""",
    "what is in a parcel is not what is left of the order": """
        SELECT s.order_id, packed, left_items FROM shipping.shipments s
        JOIN LATERAL (
            SELECT jsonb_object_agg(product_id, qty) AS packed FROM (
                SELECT i ->> 'product_id' AS product_id, sum((i ->> 'qty')::int) AS qty
                FROM jsonb_array_elements(s.items) i GROUP BY 1) i) p ON true
        JOIN LATERAL (
            SELECT jsonb_object_agg(product_id, qty) AS left_items FROM (
                SELECT product_id, sum(qty) AS qty FROM (
                    SELECT product_id::text, qty FROM orders.lines WHERE order_id = s.order_id
                    UNION ALL SELECT i ->> 'product_id', -(i ->> 'qty')::int
                    FROM orders.changes c, jsonb_array_elements(c.items) i
                    WHERE c.order_id = s.order_id AND c.status <> 'DROPPED' AND c.kind = 'cancellation') a
                GROUP BY 1 HAVING sum(qty) <> 0) l) o ON true
        WHERE s.items IS NOT NULL AND s.status <> 'CANCELLED' AND packed IS DISTINCT FROM left_items""",
    "a line of a cart is ordered twice": """
        SELECT line_id, count(*) FROM orders.lines WHERE live GROUP BY 1 HAVING count(*) > 1""",
    "somebody else is to get the parcel": """
        SELECT o.id, o.user_id, s.user_id AS of_parcel
        FROM orders.orders o JOIN shipping.shipments s ON s.order_id = o.id WHERE s.user_id <> o.user_id""",
    "an event is not announced": """
        SELECT 'order' AS service, event_id FROM orders.outbox WHERE published_at IS NULL
        UNION ALL SELECT 'payment', event_id FROM payment.outbox WHERE published_at IS NULL
        UNION ALL SELECT 'shipping', event_id FROM shipping.outbox WHERE published_at IS NULL""",
    "a mail is not sent": "SELECT order_id, kind, status FROM notifications.mails WHERE status <> 'SENT'",
    "a mail goes to somebody else": """
        SELECT o.id, kind, recipient FROM notifications.mails m JOIN orders.orders o ON o.id = m.order_id
        WHERE recipient <> user_email""",
}
PUBLISHED_EVENTS = """
SELECT key::uuid, convert_from(value, 'UTF8')::jsonb ->> 'type' AS kind FROM orders.outbox
UNION ALL SELECT key::uuid, convert_from(value, 'UTF8')::jsonb ->> 'type' FROM payment.outbox
UNION ALL SELECT key::uuid, convert_from(value, 'UTF8')::jsonb ->> 'type' FROM shipping.outbox
"""
SENT_MAILS = "SELECT order_id, kind FROM notifications.mails WHERE order_id IS NOT NULL"
# Of each order, by what it says itself and has heard.
TIMELINES = """
SELECT order_id, kind FROM orders.order_history
UNION ALL SELECT id, 'order.created' FROM orders.orders WHERE status NOT IN ('PENDING', 'REJECTED')
"""
TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname IN ('auth', 'catalog', 'orders', 'payment', 'shipping', 'notifications')
AND tablename NOT IN ('alembic_version', 'attempts', 'dead_letters', 'inbox', 'outbox', 'requests', 'reset_requests',
'link_tokens')
ORDER BY 1
"""


class Expectations(NamedTuple):
    """What tests know by themselves: pieces put in stock by product, and orders that a shopper was promised."""

    pieces: Mapping[str, int]
    promised: Collection[str]


async def violations(connection: AsyncConnection, supplied: Expectations = Expectations({}, ())) -> list[str]:  # noqa: B008
    """Say all that is wrong; nothing is, once nothing goes on any more."""
    orders = await _rows(connection, STATES)
    found = [f"order {one.id}: {wrong}" for one in orders if (wrong := find_inconsistency(*one[1:5]))]
    found += [f"order {one.id}: an intent to cancel is left" for one in orders if one.cancelling]
    for rule, statement in INVARIANTS.items():
        found += [f"{rule}: {', '.join(map(str, row))}" for row in await _rows(connection, statement)]
    found += _check_announcements(orders, Counter(await _rows(connection, PUBLISHED_EVENTS)), "event")
    found += _check_announcements(orders, Counter(await _rows(connection, TIMELINES)), "timeline entry")
    # Whoever checked out in vain was told so at once.
    mailed = [one._replace(order=UNKNOWN_STATE) if one.order == "REJECTED" else one for one in orders]
    found += _check_announcements(mailed, Counter(await _rows(connection, SENT_MAILS)), "mail")
    known = {str(one.id) for one in orders if one.order != UNKNOWN_STATE}
    found += [f"order {lost}: promised, and lost" for lost in supplied.promised if lost not in known]
    return found + await _check_stock(connection, supplied.pieces)


async def states(connection: AsyncConnection, order_id: UUID) -> tuple[str, str, str, str]:
    """Where order, stock, payment and shipment of one order stand."""
    (row,) = await _rows(connection, f"{STATES} WHERE id = %s", order_id) or [(None, *[UNKNOWN_STATE] * 4)]
    return tuple(row[1:5])


async def snapshot(connection: AsyncConnection) -> dict[str, str]:
    """A digest of every table that shoppers' deeds change, so that two of them tell whether anything was changed."""
    tables = [name for (name,) in await _rows(connection, TABLES)]
    digest = "SELECT md5(coalesce(string_agg(row::text, ',' ORDER BY row::text), '')) FROM {} row"
    return {name: (await _rows(connection, digest.format(name)))[0][0] for name in tables}


def _check_announcements(orders: list[Any], told: Counter[tuple[Any, str]], what: str) -> list[str]:
    kinds: dict[Any, Counter[str]] = defaultdict(Counter)
    for (order_id, kind), times in told.items():
        kinds[order_id][kind] = times
    wrong = []
    for one in orders:
        must, may = (
            expected_events(one.order, one.payment, one.shipment) if one.order != UNKNOWN_STATE else (set(), set())
        )
        if one.free and what == "mail":  # what the mails about the order say: there is nothing to pay
            must -= {"payment.succeeded", "payment.refunded"}
        if one.failures and one.order != UNKNOWN_STATE:
            must.add("payment.failed")
        if one.reduced:
            must.add("order.reduced")
        if one.paid_back:
            must.add("payment.refunded")
        heard = kinds.pop(one.id, Counter())
        wrong += [f"order {one.id}: no {what} {kind}" for kind in sorted(must - heard.keys())]
        wrong += [f"order {one.id}: {what} {kind} without cause" for kind in sorted(heard.keys() - must - may)]
        once = {
            "payment.failed": 1 if what == "mail" else one.failures,
            "order.reduced": one.reduced,
            "payment.refunded": one.paid_back + (one.order == "REFUNDED" and one.shipment == "CANCELLED"),
        }
        wrong += [f"order {one.id}: {n} times {what} {kind}" for kind, n in heard.items() if n > once.get(kind, 1)]
    return wrong + [f"{what} {', '.join(left)} of an unknown order {order_id}" for order_id, left in kinds.items()]


async def _check_stock(connection: AsyncConnection, supplied: Mapping[str, int]) -> list[str]:
    counted = """
    SELECT id::text, in_stock, sold FROM catalog.products JOIN LATERAL (
        SELECT coalesce(sum((pieces ->> products.id::text)::int - back), 0) AS sold FROM catalog.reservations
        JOIN LATERAL (
            SELECT coalesce(sum((value ->> products.id::text)::int), 0) AS back FROM jsonb_each(returned)) b ON true
        WHERE status = 'COMMITTED') s ON true"""
    kept = {row.id: row for row in await _rows(connection, counted)}
    wrong = [f"product {lost}: gone" for lost in supplied.keys() - kept.keys()]
    for product, pieces in supplied.items():
        row = kept.get(product)
        if row and row.in_stock + row.sold != pieces:
            wrong.append(f"product {product}: {row.in_stock} in stock and {row.sold} sold of {pieces}")
    return wrong


async def _rows(connection: AsyncConnection, statement: str, *values: object) -> list[Any]:
    async with connection.cursor(row_factory=namedtuple_row) as cursor:
        await cursor.execute(statement, values or None)
        return await cursor.fetchall()
