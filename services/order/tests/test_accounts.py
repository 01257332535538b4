"""What accounts have to do with orders: whose address is verified, and whose account was deleted."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL

from chassis.data.retention import RetentionRule, apply_retention_rules
from chassis.data.statement import Statement
from chassis.testing.deliveries import deliver
from chassis.testing.problems import assert_problem
from chassis.web.idempotency import IdempotencyKeyStore
from generated.events import AccountDeletedData, account_deleted
from generated.statements.order import ERASE_EMAILS
from generated.states import OrderStatus
from services.order.handlers import OrderHandlers
from services.order.tables import deleted_accounts
from services.order.tables import orders as order_rows
from services.order.tests.conftest import CONTRACT, HOME, lamps
from services.order.tests.test_checkout import OLD_ROAD
from services.order.tests.test_subscribers import succeeded
from tests.accounts import ADMIN, ASHA, BRAM
from tooling.conformance.callers import contract_test_client

DELETED_ACCOUNTS = Statement(deleted_accounts.select())
AGE_DELETIONS = Statement(
    deleted_accounts.update().values(deleted_at=deleted_accounts.c.deleted_at - sa.bindparam("by", type_=INTERVAL))
)
AGE_ORDER = Statement(
    order_rows.update()
    .where(order_rows.c.id == sa.bindparam("order"))
    .values(created_at=order_rows.c.created_at - sa.bindparam("by", type_=INTERVAL))
)
ERASURE = RetentionRule("addresses of deleted accounts", ERASE_EMAILS, timedelta(days=30))


@pytest.fixture
async def strict_client(orders, checkout, cancellation, reduction, timeline, database):
    """Of a shop that takes orders from verified addresses only."""
    handlers = OrderHandlers(orders, checkout, cancellation, reduction, timeline, verified_email_required=True)
    async with contract_test_client(CONTRACT, handlers, idempotency=IdempotencyKeyStore(database)) as client:
        yield client


def deletion():
    return account_deleted(user_id=ASHA.id, user_email=ASHA.email, data=AccountDeletedData(email_verified=True)).event


async def check_out(client, caller, key=None):
    headers = {**caller.headers, **({"Idempotency-Key": key} if key else {})}
    return await client.post("/order/v1/orders/checkout", json=OLD_ROAD, headers=headers)


@pytest.mark.parametrize("key", [None, "once"])
async def test_where_the_shop_wants_it_only_verified_addresses_order(strict_client, carts, inventory, orders, key):
    carts.put(ASHA.id, lamps())

    refused = await check_out(strict_client, ASHA, key)

    assert_problem(refused, 403, "email-not-verified")
    assert inventory.state == {}
    assert await orders.list_by_user(ASHA.id, before=None, most=10) == []
    assert (await check_out(strict_client, replace(ASHA, email_verified=True), key)).status_code == 201


async def test_where_the_shop_does_not_ask_for_it_unverified_addresses_order_too(client, carts):
    carts.put(ASHA.id, lamps())

    assert (await check_out(client, ASHA)).status_code == 201


async def test_of_an_unverified_address_five_orders_a_day_may_come_to_nothing_whatever_account_they_are_of(
    client, carts, an_order, inventory, orders, database
):
    former = replace(BRAM, email=ASHA.email)  # the account that the address had before
    for status in (OrderStatus.CANCELLED, OrderStatus.CREATED, OrderStatus.REFUNDED):
        await an_order(status, shopper=former)
    await an_order(OrderStatus.PAID, price=0)
    await an_order(OrderStatus.PAID)
    old = await an_order(OrderStatus.CANCELLED)
    await database.execute(AGE_ORDER, order=old.id, by=timedelta(days=1))
    await an_order(OrderStatus.REJECTED)
    await an_order(OrderStatus.CANCELLED, shopper=BRAM)
    carts.put(ASHA.id, lamps())
    assert (await check_out(client, ASHA)).status_code == 201
    carts.put(ASHA.id, lamps())
    before = [order.id for order in await orders.list_by_user(ASHA.id, before=None, most=100)], dict(inventory.state)

    refused = await check_out(client, ASHA)

    assert_problem(refused, 403, "email-not-verified")
    after = [order.id for order in await orders.list_by_user(ASHA.id, before=None, most=100)], dict(inventory.state)
    assert after == before
    assert (await check_out(client, replace(ASHA, email_verified=True))).status_code == 201


@pytest.mark.parametrize("pays", [False, True])
async def test_who_orders_and_cancels_again_and_again_is_asked_to_verify_the_address(client, carts, subscribers, pays):
    answers = []
    for _ in range(6):
        carts.put(ASHA.id, lamps())
        answers.append(await check_out(client, ASHA))
        if answers[-1].status_code == 201:
            order = answers[-1].json()
            if pays:
                await deliver(subscribers, succeeded(UUID(order["order_id"])))
            path = f"/order/v1/orders/{order['order_id']}/cancel"
            assert (await client.post(path, headers=ASHA.headers)).status_code == 200

    assert [answer.status_code for answer in answers] == [*[201] * 5, 403]


async def test_no_order_is_found_by_the_address_of_all_that_were_erased(client, an_order, database):
    await an_order(shopper=replace(ASHA, email="erased@account.invalid"))

    for params in {"email": "Erased@Account.invalid"}, {"email": "erased@account.invalid", "status": "CREATED"}:
        answer = await client.get("/order/v1/admin/orders", params=params, headers=ADMIN.headers)
        assert answer.json() == {"items": [], "next_cursor": None}


async def test_orders_of_a_deleted_account_lose_its_address_after_thirty_days_and_keep_what_the_books_need(
    subscribers, an_order, orders, database
):
    kept = [await an_order(status) for status in (OrderStatus.CREATED, OrderStatus.PAID, OrderStatus.REFUNDED)]
    others = await an_order(shopper=BRAM)
    event = deletion()
    await deliver(subscribers, event, event, deletion())
    late = await an_order(OrderStatus.PAID)  # by an access token that was still good
    await database.execute(AGE_DELETIONS, by=timedelta(days=29, hours=23))
    await apply_retention_rules(database, [ERASURE], asyncio.Event())
    assert {(await orders.find(order.id)).shopper.email for order in [*kept, late]} == {ASHA.email}

    await database.execute(AGE_DELETIONS, by=timedelta(hours=1))
    for _ in range(2):
        await apply_retention_rules(database, [ERASURE], asyncio.Event())

    for order in [*kept, late]:
        found = await orders.find(order.id)
        assert (found.shopper.id, found.shopper.email) == (ASHA.id, "erased@account.invalid")
        assert (found.details, found.lines, found.status) == (HOME, order.lines, order.status)
    assert (await orders.find(others.id)).shopper.email == BRAM.email
    assert await database.fetch_all(DELETED_ACCOUNTS) == []


async def test_a_process_that_dies_while_it_erases_forgets_no_account(subscribers, an_order, orders, database):
    order = await an_order()
    await deliver(subscribers, deletion())
    await database.execute(AGE_DELETIONS, by=timedelta(days=30))

    with pytest.raises(RuntimeError, match="died"):
        async with database.transaction() as transaction:
            await transaction.execute(ERASE_EMAILS, retention=timedelta(days=30), batch=1000)
            raise RuntimeError("died before the commit")
    assert (await orders.find(order.id)).shopper.email == ASHA.email

    await apply_retention_rules(database, [ERASURE], asyncio.Event())

    assert (await orders.find(order.id)).shopper.email == "erased@account.invalid"


async def test_a_deletion_and_the_inbox_are_kept_together_or_not_at_all(subscribers, database, monkeypatch):
    async def die(*_):
        raise RuntimeError("died before the commit")

    event = deletion()
    with monkeypatch.context() as dying, pytest.raises(RuntimeError, match="died"):
        dying.setattr("services.order.repository.DeletedAccountRepository.add", die)
        await deliver(subscribers, event)
    assert await database.fetch_all(DELETED_ACCOUNTS) == []

    await deliver(subscribers, event)

    assert [row["user_id"] for row in await database.fetch_all(DELETED_ACCOUNTS)] == [ASHA.id]
