"""The events the notifications service consumes: once, twice, too early, and such as nobody is to be told."""

from uuid import UUID

import pytest
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from chassis.data.statement import Statement
from chassis.events.messages import InvalidMessage
from chassis.testing.deliveries import deliver, make_delivery
from generated.events import ReducedItem
from services.money import Money
from services.notifications.domain import Order
from services.notifications.tables import metadata, orders
from services.notifications.tests.event_factory import KINDS, REFERENCE, make_event
from tests.accounts import ASHA

pytestmark = pytest.mark.both_ways

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
ORDERS = Statement(orders.select())
SEEN = Statement(metadata.tables["notifications.inbox"].select())


@pytest.mark.parametrize("kind", KINDS)
async def test_news_is_queued_once_however_often_it_comes(subscribers, mail_rows, kind):
    event = make_event(kind, ORDER)

    await deliver(subscribers, event, event)

    [row] = await mail_rows()
    assert (row["order_id"], row["kind"], row["recipient"]) == (ORDER, kind, ASHA.email)
    repeatable = {"shipping.corrected": f".{event.event_id}", "order.reduced": f".{REFERENCE}"}.get(kind, "")
    assert (row["status"], row["message_id"]) == ("QUEUED", f"<{ORDER}.{kind}{repeatable}@shop.example>")


async def test_a_second_failed_attempt_is_not_mailed_again(subscribers, mail_rows):
    await deliver(
        subscribers, make_event("payment.failed", ORDER), make_event("payment.failed", ORDER, reason="No money")
    )

    [row] = await mail_rows()
    assert row["facts"]["reason"] == "The card was declined"


async def test_what_was_ordered_is_kept_with_the_mail_and_stays_as_it_is(subscribers, database):
    await deliver(
        subscribers, make_event("order.created", ORDER), make_event("order.created", ORDER, title="Something else")
    )

    [order] = await database.fetch_all(ORDERS)
    assert (order["total_cents"], order["currency"]) == (25998, "EUR")
    assert order["lines"] == [{"title": "Walnut desk lamp", "qty": 2, "unit_price_cents": 12999}]


async def test_a_product_that_was_added_twice_is_mailed_as_one_line_where_it_costs_the_same(subscribers, database):
    event = make_event("order.created", ORDER)
    [lamps] = event.data.items
    items = [lamps, replace(lamps, unit_price_cents=14999), replace(lamps, qty=3)]

    await deliver(subscribers, replace(event, data=replace(event.data, items=items)))

    [order] = await database.fetch_all(ORDERS)
    assert [(line["qty"], line["unit_price_cents"]) for line in order["lines"]] == [(5, 12999), (2, 14999)]


@pytest.mark.parametrize("kind", ["payment.succeeded", "payment.refunded"])
async def test_money_that_never_moved_is_not_mailed_about_and_only_remembered(subscribers, mail_rows, database, kind):
    nothing = make_event(kind, ORDER, amount_cents=0, provider="none")

    await deliver(subscribers, nothing, nothing)

    assert await mail_rows() == []
    assert [row["event_id"] for row in await database.fetch_all(SEEN)] == [nothing.event_id]


@pytest.mark.parametrize("reason", ["rejected", "given-up"])
async def test_an_order_that_was_never_confirmed_is_not_mailed_about_and_only_remembered(
    subscribers, mail_rows, database, reason
):
    event = make_event("order.cancelled", ORDER, reason=reason)

    await deliver(subscribers, event, event)

    assert await mail_rows() == []
    assert [row["event_id"] for row in await database.fetch_all(SEEN)] == [event.event_id]


@pytest.mark.parametrize(
    "email",
    ["asha@example.com, eve@example.com", "asha@example.com\r\nBcc: eve@example.com", "Eve <asha@example.com>"],
    ids=["two addresses", "a header", "a name"],
)
@pytest.mark.parametrize("kind", KINDS)
async def test_news_for_what_is_not_one_address_is_put_aside(subscribers, mail_rows, database, kind, email):
    with pytest.raises(InvalidMessage):
        await deliver(subscribers, make_event(kind, ORDER, email=email))

    assert await mail_rows() == await database.fetch_all(SEEN) == await database.fetch_all(ORDERS) == []


async def test_a_mail_its_order_and_the_inbox_are_kept_together_or_not_at_all(unit_of_work, mail_rows, database):
    class Dying(Exception):
        pass

    async def die(work):
        await work.orders.add(Order(ORDER, Money(1, "EUR"), ()))
        raise Dying

    with pytest.raises(Dying):
        await unit_of_work.run_for_delivery(make_delivery(make_event("order.created", ORDER)), die)

    assert await mail_rows() == await database.fetch_all(SEEN) == await database.fetch_all(ORDERS) == []


async def test_the_dispatcher_is_woken_when_a_mail_is_queued_and_for_nothing_else(make_subscribers):
    woken = []
    subscribers = make_subscribers(lambda: woken.append(True))

    await deliver(subscribers, created := make_event("order.created", ORDER))
    await deliver(subscribers, created, make_event("order.cancelled", uuid7(), reason="rejected"))

    assert woken == [True]


async def test_each_correction_is_mailed_once_however_often_it_is_heard_of(subscribers, mails):
    first, second = (make_event("shipping.corrected", ORDER, tracking_number=number) for number in ("LX-2", "LX-3"))

    await deliver(subscribers, first, second, first, second)

    queued = await mails.list_by_order(ORDER, None, None, 10)
    assert [mail.notification.payload["tracking_number"] for mail in queued] == ["LX-2", "LX-3"]
    assert [mail.message_id for mail in queued] == [
        f"<{ORDER}.shipping.corrected.{correction.event_id}@shop.example>" for correction in (first, second)
    ]


def reduced(qty=1, change_id=REFERENCE):
    item = ReducedItem(product_id=uuid7(), title="Walnut desk lamp", qty=qty, unit_price_cents=12999)
    return make_event("order.reduced", ORDER, change_id=change_id, items=[item], amount_cents=qty * 12999)


async def test_each_change_of_an_order_is_mailed_and_what_is_left_is_kept_for_later_mails(
    subscribers, mail_rows, database
):
    other = UUID(int=3)
    await deliver(subscribers, make_event("order.created", ORDER), reduced())
    await deliver(subscribers, reduced())  # told again, long after

    [order] = await database.fetch_all(ORDERS)
    assert (order["total_cents"], [line["qty"] for line in order["lines"]]) == (12999, [1])
    await deliver(subscribers, reduced(change_id=other))
    [order] = await database.fetch_all(ORDERS)
    assert (order["total_cents"], order["lines"]) == (0, [])
    kinds = [(row["kind"], row["occurrence"]) for row in await mail_rows()]
    assert kinds == [("order.created", ""), ("order.reduced", str(REFERENCE)), ("order.reduced", str(other))]


async def test_a_change_of_an_order_of_which_nothing_is_kept_is_mailed_all_the_same(subscribers, mail_rows, database):
    await deliver(subscribers, reduced())

    assert [row["kind"] for row in await mail_rows()] == ["order.reduced"]
    assert await database.fetch_all(ORDERS) == []


async def test_each_refund_of_an_order_is_mailed_once(subscribers, mail_rows):
    change, rest = (make_event("payment.refunded", ORDER, refund_id=one) for one in (REFERENCE, ORDER))

    await deliver(subscribers, change, rest)
    await deliver(subscribers, make_event("payment.refunded", ORDER, refund_id=REFERENCE))

    assert [row["occurrence"] for row in await mail_rows()] == [str(REFERENCE), ""]
