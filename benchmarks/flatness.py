"""Whether what the shop asks its tables costs the same in a million rows as in ten thousand.

    python -m benchmarks.flatness

Starts a PostgreSQL, and fills tables of catalog, order and notifications for each size, which takes some minutes.
Printed is the CPU time of PostgreSQL in ms for each statement as the services make it, the least of some rounds, and
how many times as much that is in the larger tables. Of a clean-up it is the time for one batch, at its begin and at its
end: it is done until nothing is left. Linux only.

Three quotients are more than one. What is not for sale is planned once and for all in the smaller table; in the
larger it is planned each time, as all other lists are in both (`pg_prepared_statements` tells): with a limit that is
not known yet, a plan for all times looks dearer. A search in the old category reads 4000 products where there are so
many, and all 1000 in the smaller tables. At the end of a clean-up the index is read past all that was deleted since
the last vacuum.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import psycopg

from chassis.data.database import Database
from chassis.data.retention import RetentionRule
from chassis.events import inbox, outbox
from chassis.testing.databases import TemporaryDatabase
from chassis.web import idempotency
from infra.test_servers.local import LocalServers
from services.catalog.repository import (
    PURGE_TOMBSTONES,
    STOCK_MOVEMENT_RETENTION_RULE,
    ProductRepository,
    ProductSearch,
    search_database,
)
from services.notifications.repository import MailRepository
from services.order.repository import REJECTED_ORDERS_RETENTION_RULE, OrderRepository

SIZES = 10_000, 1_000_000
ROUNDS, REPEATS = 15, 20
BATCHES = 4  # of a clean-up, at its begin and at its end
PAGE = 21
BIG_CATEGORY, OLD_CATEGORY, SMALL_CATEGORY = UUID(int=1), UUID(int=2), UUID(int=3)
NEW_SHOPPER, REGULAR_SHOPPER = UUID(int=4), UUID(int=5)
# The newest tenth of the products is not for sale. Of the others one in ten is in the big category, the oldest tenth in
# the old one, and ten in the small one. Every second is a lamp, and the oldest alone a zeppelin of Xq.
FILL_CATALOG = """
INSERT INTO categories (id, name, key, sort_key)
SELECT lpad(n::text, 32, '0')::uuid, n, n, n FROM generate_series(1, 3) n;
INSERT INTO products (id, title, description, search_text, price_cents, currency, sku, category_id, active)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'Product', text, text, 100, 'EUR', n,
    lpad(CASE WHEN n <= {size} / 10 THEN '2' WHEN n % ({size} / 10) = 5 THEN '3' WHEN n % 10 = 1 THEN '1' END, 32, '0')
    ::uuid, n <= {size} * 0.9
FROM generate_series(1, {size}) n, concat(
    CASE n % 2 WHEN 0 THEN 'lamp' ELSE 'desk' END, CASE n WHEN 1 THEN ' zeppelin xq' END,
    ' of fine wood that was turned by hand in a small shop by the sea, number ', n) text;
INSERT INTO reservations (order_id, pieces, status, created_at)
SELECT gen_random_uuid(), '{{}}', 'RELEASED', {then} FROM generate_series(1, {size}) n;
INSERT INTO stock_movements (product_id, qty, admin_id, moved_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, 1, gen_random_uuid(), {then} FROM generate_series(1, {size}) n;
INSERT INTO inbox (consumer, event_id, digest, received_at)
SELECT 'catalog', gen_random_uuid(), '', {then} FROM generate_series(1, {size}) n;
INSERT INTO idempotency_keys (caller, operation, key, fingerprint, created_at)
SELECT gen_random_uuid(), 'add_product', n, '', {then} FROM generate_series(1, {size}) n;
"""
# One shopper placed every hundredth order, another ten; half of the orders were rejected.
FILL_ORDERS = """
INSERT INTO orders (id, user_id, user_email, status, currency, address_line1, city, country, created_at, pay_by)
SELECT lpad(to_hex(n), 32, '0')::uuid,
    CASE WHEN n % ({size} / 10) = 7 THEN '{newcomer}' WHEN n % 100 = 1 THEN '{regular}'
        ELSE gen_random_uuid() END::uuid,
    'asha@example.com', CASE n % 2 WHEN 0 THEN 'REJECTED' ELSE 'PAID' END, 'EUR',
    'Canal 1', 'Utrecht', 'NL', {then}, {then}
FROM generate_series(1, {size}) n;
INSERT INTO lines (order_id, position, line_id, product_id, title, qty, unit_price_cents, priced_at, live)
SELECT id, 0, gen_random_uuid(), id, 'Walnut desk lamp', 1, 100, created_at, status = 'PAID' FROM orders;
INSERT INTO outbox (event_id, topic, key, value, headers, created_at, published_at)
SELECT gen_random_uuid(), 'order.events', n, '', '{{}}', {then}, {then} FROM generate_series(1, {size}) n;
"""
# The newest two hundred mails are still to be sent.
FILL_NOTIFICATIONS = """
INSERT INTO orders (order_id, currency, total_cents, lines)
SELECT lpad(to_hex(n), 32, '0')::uuid, 'EUR', 100, '[]' FROM generate_series(1, {size}) n;
INSERT INTO mails (id, order_id, kind, user_id, recipient, facts, happened_at, message_id, status, queued_at, sent_at)
SELECT order_id, order_id, 'payment.succeeded', order_id, 'asha@example.com', '{{}}', {then}, n,
    CASE WHEN n > {size} - 200 THEN 'QUEUED' ELSE 'SENT' END, {then}, CASE WHEN n <= {size} - 200 THEN {then} END
FROM generate_series(1, {size}) n, CAST(lpad(to_hex(n), 32, '0') AS uuid) order_id;
"""
INDEX = "products_by_word_endings"
FILL_STATEMENTS = {"catalog": FILL_CATALOG, "order": FILL_ORDERS, "notifications": FILL_NOTIFICATIONS}
PURGE_RULES = {
    "catalog": (
        inbox.RETENTION_RULE,
        idempotency.RETENTION_RULE,
        RetentionRule("tombstones", PURGE_TOMBSTONES, timedelta(days=30)),
        STOCK_MOVEMENT_RETENTION_RULE,
    ),
    "order": (outbox.RETENTION_RULE, REJECTED_ORDERS_RETENTION_RULE),
}
Query = Callable[[], Awaitable[object]]
MeasuredCalls = dict[str, tuple[Query, int]]  # by its name, and how often in a round


def fill_tables(url: str, statements: str, size: int) -> None:
    """Fill a service's tables; the index of words is built at the end, which is faster, as its migration does."""
    then = "timestamptz '2020-01-01' + n * interval '1 s'"
    with psycopg.connect(url, autocommit=True) as connection:
        definition = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname = %s", [INDEX]
        ).fetchone()
        connection.execute(f"DROP INDEX IF EXISTS {INDEX}")
        connection.execute(statements.format(size=size, then=then, newcomer=NEW_SHOPPER, regular=REGULAR_SHOPPER))
        if definition:
            connection.execute(definition[0])
            connection.execute(f"ALTER INDEX {INDEX} ALTER COLUMN 1 SET STATISTICS 0")
        connection.execute("VACUUM ANALYZE")


class CpuMeter:
    """The CPU time of all sessions that a database has now."""

    def __init__(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            sessions = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND usesysid IS NOT NULL"  # as that of autovacuum is
            ).fetchall()
        self._stats = [Path(f"/proc/{pid}/schedstat") for (pid,) in sessions]

    async def measure(self, ask: Query, repeats: int) -> float:
        """CPU ms of asking once."""
        before = self._spent()
        for _ in range(repeats):
            await ask()
        return (self._spent() - before) / repeats

    def _spent(self) -> float:
        return sum(int(stat.read_text("ascii").split()[0]) for stat in self._stats) / 1e6


def measured_queries(databases: dict[str, Database], searches: Database, size: int) -> dict[str, Query]:
    """What finds the same as often as it is asked."""
    products, search = ProductRepository(databases["catalog"]), ProductSearch(searches)
    orders, mails = OrderRepository(databases["order"]), MailRepository(databases["notifications"])
    middle, last = UUID(int=size // 2), UUID(int=size // 20)

    def find(text: str, category: UUID | None = None) -> Query:
        return lambda: search.list_page(text, category_id=category, active=True, before=None, limit=PAGE)

    def show(category: UUID | None = None, before: UUID | None = None, active: bool | None = True) -> Query:
        return lambda: products.list_page(category_id=category, active=active, before=before, limit=PAGE)

    def list_orders(shopper: UUID, before: UUID | None = None) -> Query:
        return lambda: orders.list_by_user(shopper, before=before, most=PAGE)

    return {
        "search: in every second product": find("lamp"),
        "search: in one, the oldest": find("zeppelin"),
        "search: in none": find("nosuchword"),
        "search: two letters of many": find("la"),
        "search: two letters of one": find("xq"),
        "search: two letters of none": find("qq"),
        "search: two words": find("eppelin xq of"),
        "search: one word of an old category": find("zeppelin", OLD_CATEGORY),
        "products: first page": show(),
        "products: page in the middle": show(before=middle),
        "products: not for sale": show(active=False),
        "products: for an admin": show(active=None),
        "category, big: first page": show(BIG_CATEGORY),
        "category, big: page in the middle": show(BIG_CATEGORY, middle),
        "category, small": show(SMALL_CATEGORY),
        "category, old: first page": show(OLD_CATEGORY),
        "category, old: one of the last pages": show(OLD_CATEGORY, last),
        "category, old: for an admin": show(OLD_CATEGORY, active=None),
        "orders of a newcomer": list_orders(NEW_SHOPPER),
        "orders of a regular: first page": list_orders(REGULAR_SHOPPER),
        "orders of a regular: page in the middle": list_orders(REGULAR_SHOPPER, middle),
        "mails of an order": lambda: mails.list_by_order(middle, None, None, PAGE),
    }


def measured_writes(databases: dict[str, Database]) -> dict[str, Query]:
    """What finds others the next time."""
    mails = MailRepository(databases["notifications"])
    return {"mails: claim ten": lambda: mails.claim(10, timedelta(), timedelta(minutes=1))}


async def measure_purge(meter: CpuMeter, database: Database, rule: RetentionRule) -> tuple[float, float]:
    """CPU ms of a batch, at the begin and at the end."""
    deleted, spent = rule.batch, list[float]()

    async def delete() -> None:
        nonlocal deleted
        deleted = await database.execute(rule.statement, retention=rule.retention, batch=rule.batch)

    while deleted == rule.batch:
        spent.append(await meter.measure(delete, repeats=1))
    full = spent[:-1]  # the last one found nothing, or less
    return min(full[:BATCHES]), min(full[-BATCHES:])


@asynccontextmanager
async def open_databases(
    urls: dict[str, str], size: int
) -> AsyncIterator[tuple[CpuMeter, dict[str, Database], MeasuredCalls]]:
    async with AsyncExitStack() as stack:
        databases = {
            service: await stack.enter_async_context(
                Database(url, name=service, connections=1, background_connections=0, transaction_timeout=60)
            )
            for service, url in urls.items()
        }
        searches = await stack.enter_async_context(search_database(urls["catalog"]))
        asks = measured_queries(databases, searches, size)
        for ask in asks.values():
            await ask()  # after which all sessions are there
        measured = {name: (ask, REPEATS) for name, ask in asks.items()}
        measured |= {name: (ask, 1) for name, ask in measured_writes(databases).items()}
        yield CpuMeter(urls["catalog"]), databases, measured


async def measure_statements(urls: Sequence[dict[str, str]]) -> AsyncIterator[tuple[str, list[float]]]:
    """CPU ms of each statement in the tables of each size, which take turns."""
    async with AsyncExitStack() as stack:
        sizes = [
            await stack.enter_async_context(open_databases(here, size)) for here, size in zip(urls, SIZES, strict=True)
        ]
        for name in sizes[0][2]:
            rounds = [[await meter.measure(*measured[name]) for meter, _, measured in sizes] for _ in range(ROUNDS)]
            yield name, [min(spent) for spent in zip(*rounds, strict=True)]
        for service, rules in PURGE_RULES.items():
            for rule in rules:
                purged = [await measure_purge(meter, databases[service], rule) for meter, databases, _ in sizes]
                begin, end = zip(*purged, strict=True)
                yield f"clean-up of {rule.name}: begin", list(begin)
                yield f"clean-up of {rule.name}: end", list(end)


async def main(admin_url: str) -> None:
    sys.stdout.write(f"{'CPU ms':48}" + "".join(f"{f'{size:,} rows':>16}" for size in SIZES) + f"{'quotient':>12}\n")
    with ExitStack() as stack:
        urls = list[dict[str, str]]()
        for size in SIZES:
            tables = TemporaryDatabase(admin_url, "services")
            stack.callback(tables.drop)
            urls.append({service: tables.migrated_url(service) for service in FILL_STATEMENTS})
            for service, statements in FILL_STATEMENTS.items():
                fill_tables(urls[-1][service], statements, size)
        async for name, (small, large) in measure_statements(urls):
            sys.stdout.write(f"{name:48}{small:16.3f}{large:16.3f}{large / small:12.2f}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's user has to enter it
        with LocalServers(Path(folder), own=True) as servers:
            asyncio.run(main(servers.start("postgres")["postgres"]["url"]))
