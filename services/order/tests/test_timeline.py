"""What an order's timeline says: what order did, what it heard, and which mails were sent."""

import asyncio
import random
from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from chassis.data.retention import apply_retention_rules
from chassis.data.statement import Statement
from chassis.testing.deliveries import deliver
from chassis.testing.problems import assert_problem
from chassis.web.cursors import encode_cursor
from chassis.web.problems import Unavailable
from generated import events
from generated.states import OrderStatus
from services.order.application.timeline import to_timeline_entry
from services.order.domain import CancelReason, TimelineEntry
from services.order.errors import OrderNotFound
from services.order.repository import REJECTED_ORDERS_RETENTION_RULE
from services.order.tables import order_history
from services.order.tests.test_subscribers import refunded, succeeded
from tests.accounts import ADMIN, ASHA, BRAM

PARCEL = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f002")
LABEL = {"carrier": "An Post", "tracking_number": "AP123456789IE"}
CORRECTED = {"carrier": "DPD", "tracking_number": "DPD-42"}
MONEY = {"amount_cents": 25998, "currency": "EUR"}
DECLINED = {"code": "card_declined", "reason": "The card was declined"}
HISTORY = Statement(order_history.select())


def heard(order, kind, minutes, **data):
    """What another service tells of an order, so many minutes after it was placed."""
    name = kind.replace(".", "_")
    model = getattr(events, f"{name.title().replace('_', '')}Data")
    if kind.startswith("shipping"):
        data = {"shipment_id": PARCEL, **data}
    who = {"user_id": ASHA.id, "user_email": ASHA.email}
    time = order.created_at + timedelta(minutes=minutes)
    return getattr(events, name)(order_id=order.id, **who, data=model(**data), timestamp=time).event


def life_of(order):
    return [
        heard(order, "payment.failed", 1, **DECLINED),
        heard(order, "payment.failed", 2, **DECLINED),
        heard(order, "payment.succeeded", 3, **MONEY, provider="mock", payment_id=UUID(int=7)),
        heard(order, "shipping.ready", 4),
        heard(order, "shipping.dispatched", 5, **LABEL),
        heard(order, "shipping.corrected", 6, **CORRECTED),
        heard(order, "shipping.delivered", 7),
    ]


EXPECTED_LIFE = [
    ("order", "order.created", MONEY),
    ("payment", "payment.failed", DECLINED),
    ("payment", "payment.failed", DECLINED),
    ("payment", "payment.succeeded", MONEY),
    ("shipping", "shipping.ready", {}),
    ("shipping", "shipping.dispatched", LABEL),
    ("shipping", "shipping.corrected", CORRECTED),
    ("shipping", "shipping.delivered", {}),
]


async def read(client, order, caller=ASHA, **asked):
    return await client.get(f"/order/v1/orders/{order.id}/timeline", params=asked, headers=caller.headers)


async def timeline_of(client, order, **asked):
    """Source, kind and facts of each entry, whose times are in order."""
    answer = (await read(client, order, **asked)).json()
    times = [entry.pop("happened_at") for entry in answer["items"]]
    assert times == sorted(times)
    return [(entry.pop("source"), entry.pop("kind"), entry) for entry in answer["items"]]


def sent(order, minutes, kind):
    return TimelineEntry(order.created_at + timedelta(minutes=minutes), uuid7(), "mail.sent", {"mail": kind})


async def test_what_happened_to_an_order_is_told_in_its_order_however_often_and_late_it_is_heard(
    client, subscribers, an_order
):
    order, other = await an_order(), await an_order()
    told = [event for event in life_of(order) for _ in range(2)]
    await deliver(subscribers, *random.sample(told, len(told)), *life_of(other)[:2])

    assert await timeline_of(client, order) == EXPECTED_LIFE
    assert await timeline_of(client, order, caller=ADMIN) == EXPECTED_LIFE
    assert await timeline_of(client, other) == EXPECTED_LIFE[:3]


async def test_an_event_that_comes_again_after_its_delivery_was_forgotten_is_kept_once(
    unit_of_work, an_order, database
):
    order = await an_order()
    entry = to_timeline_entry(life_of(order)[3])

    for _ in range(2):
        async with unit_of_work() as work:
            await work.history.add(order.id, entry)

    assert len(await database.fetch_all(HISTORY)) == 1


async def test_a_cancelled_and_refunded_order_says_why_and_when(client, subscribers, an_order, cancellation, payments):
    order = await an_order()
    payments.state[order.id] = "succeeded"
    await deliver(subscribers, succeeded(order.id))
    for _ in range(2):
        await cancellation.request(order.id)
    await deliver(subscribers, refunded(order.id))

    assert await timeline_of(client, order) == [
        ("order", "order.created", MONEY),
        ("payment", "payment.succeeded", MONEY),
        ("order", "order.cancelled", {"reason": "requested"}),
        ("payment", "payment.refunded", MONEY),
    ]


async def test_a_payment_is_told_of_while_its_stock_cannot_be_had(client, subscribers, an_order, inventory):
    order = await an_order()
    inventory.trouble = Unavailable()
    await deliver(subscribers, succeeded(order.id))

    assert [kind for _, kind, _ in await timeline_of(client, order)] == ["order.created", "payment.succeeded"]


async def test_a_checkout_that_came_to_nothing_was_never_placed(client, an_order, checkout):
    order = await an_order(OrderStatus.PENDING)
    assert await timeline_of(client, order) == []

    for _ in range(2):
        await checkout.abandon(order.id, CancelReason.GIVEN_UP)

    assert await timeline_of(client, order) == [("order", "order.cancelled", {"reason": "given-up"})]


async def test_what_happened_to_rejected_orders_is_purged_with_them_and_no_other(
    client, an_order, checkout, subscribers, database
):
    rejected, kept = await an_order(OrderStatus.PENDING), await an_order()
    await checkout.abandon(rejected.id, CancelReason.GIVEN_UP)
    await deliver(subscribers, *life_of(kept))
    rule = REJECTED_ORDERS_RETENTION_RULE._replace(retention=timedelta(seconds=-1))

    await apply_retention_rules(database, [rule], asyncio.Event())

    assert_problem(await read(client, rejected), 404, "order-not-found")
    assert await timeline_of(client, kept) == EXPECTED_LIFE


async def test_mails_stand_where_they_were_sent(client, subscribers, an_order, mail_log):
    order = await an_order()
    await deliver(subscribers, *life_of(order)[2:4])
    mail_log.sent = [
        sent(order, minutes, kind) for minutes, kind in ((0.5, "order.created"), (3.5, "payment.succeeded"))
    ]

    assert [(source, kind, facts.get("mail")) for source, kind, facts in await timeline_of(client, order)] == [
        ("order", "order.created", None),
        ("notifications", "mail.sent", "order.created"),
        ("payment", "payment.succeeded", None),
        ("notifications", "mail.sent", "payment.succeeded"),
        ("shipping", "shipping.ready", None),
    ]


@pytest.mark.parametrize("trouble", [Unavailable(), TimeoutError()], ids=["away", "too slow"])
async def test_while_notifications_cannot_be_asked_the_rest_is_told_and_that_mails_are_missing(
    client, subscribers, an_order, mail_log, trouble
):
    order = await an_order()
    await deliver(subscribers, *life_of(order))
    assert (await read(client, order)).json()["missing_sources"] == []

    mail_log.trouble = trouble

    assert await timeline_of(client, order) == EXPECTED_LIFE
    assert (await read(client, order)).json()["missing_sources"] == ["notifications"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
async def test_pages_have_each_entry_once_wherever_it_comes_from(client, subscribers, an_order, mail_log, limit):
    order = await an_order()
    await deliver(subscribers, *life_of(order))
    mail_log.sent = [sent(order, minutes, "order.created") for minutes in (0.5, 3, 3, 9)]
    whole = (await read(client, order, limit=100)).json()["items"]

    seen, cursor = [], {}
    while cursor is not None:
        page = (await read(client, order, limit=limit, **cursor)).json()
        assert len(page["items"]) <= limit
        seen += page["items"]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

    assert seen == whole
    assert len(whole) == len(EXPECTED_LIFE) + 4


async def test_somebody_elses_timeline_is_answered_like_that_of_no_order(client, an_order, mail_log):
    order = await an_order()
    mail_log.trouble = KeyError("nobody who may not read it has notifications asked")
    missing = await client.get(f"/order/v1/orders/{UUID(int=9)}/timeline", headers=BRAM.headers)

    foreign = await read(client, order, BRAM)

    assert_problem(foreign, 404, "order-not-found")
    assert foreign.content == missing.content


async def test_a_cursor_of_another_list_is_refused_and_not_repeated(client, an_order):
    cursor = encode_cursor(UUID(int=9))

    answer = await read(client, await an_order(), cursor=cursor)

    assert_problem(answer, 400, "invalid-request")
    assert cursor not in answer.text


@pytest.mark.parametrize("number", range(7))
async def test_what_is_heard_of_an_order_that_there_is_not_is_not_kept(subscribers, an_order, database, number):
    order = await an_order()
    order.id = uuid7()

    with pytest.raises(OrderNotFound):
        await deliver(subscribers, life_of(order)[number])

    assert await database.fetch_all(HISTORY) == []


async def test_what_was_cancelled_and_that_it_was_are_kept_together_or_not_at_all(
    client, an_order, cancellation, unit_of_work, monkeypatch, read_outbox_types, orders
):
    order = await an_order()

    async def dies(*_):
        raise RuntimeError("died before the commit")

    with monkeypatch.context() as patched:
        patched.setattr("services.order.repository.OrderRepository.save", dies)
        with pytest.raises(RuntimeError, match="died"):
            await cancellation.expire(order.id)

    assert (await orders.find(order.id)).status is OrderStatus.CREATED
    assert await read_outbox_types() == []
    assert [kind for _, kind, _ in await timeline_of(client, order)] == ["order.created"]
