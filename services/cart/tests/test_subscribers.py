"""The events the cart service consumes: once, twice, too late, and of shoppers and lines it does not know."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from chassis.events.delivery import Delivery
from chassis.events.messages import MessageContract
from chassis.events.subscriptions import build_subscriptions
from chassis.testing.deliveries import make_record
from generated.events import AccountDeletedData, OrderCreatedData, OrderedLine, account_deleted, order_created
from services import EVENT_CONTRACTS_FOLDER
from services.cart.domain import Cart
from services.cart.tests.conftest import CHAIR, LAMP
from tests.accounts import ASHA, BRAM

MESSAGES = EVENT_CONTRACTS_FOLDER / "cart.yaml"

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")


def make_order_created(*additions, shopper=ASHA):
    """The event order.created for those additions."""
    items = [
        OrderedLine(
            product_id=addition.product_id,
            title=addition.title,
            qty=addition.qty,
            unit_price_cents=addition.unit_price_cents,
            line_id=addition.id,
        )
        for addition in additions
    ]
    data = OrderCreatedData(amount_cents=Cart(additions).total_cents, currency="EUR", items=items)
    return order_created(order_id=ORDER, user_id=shopper.id, user_email=shopper.email, data=data)


@pytest.fixture
def deliver(subscribers):
    """Delivers an event as the consumer does: from bytes, validated by the contract."""
    messages = MessageContract.load(MESSAGES)
    handlers = build_subscriptions(messages, subscribers)

    async def deliver(event):
        delivery = Delivery.decode(make_record(msgspec.json.encode(event.event), event.topic), messages)
        await handlers[delivery.operation](delivery)

    return deliver


@pytest.fixture
async def lamp_addition(carts, make_addition):
    """Two lamps in Asha's cart."""
    addition = make_addition(LAMP, 2)
    await carts.add(ASHA.id, addition)
    return addition


@pytest.fixture
async def chair_addition(carts, make_addition):
    """A chair in Asha's cart."""
    addition = make_addition(CHAIR)
    await carts.add(ASHA.id, addition)
    return addition


async def test_what_was_ordered_is_taken_out(deliver, cart_contents, lamp_addition, chair_addition):
    await deliver(make_order_created(lamp_addition, chair_addition))

    assert await cart_contents() == {}


async def test_what_was_not_ordered_stays(deliver, cart_contents, lamp_addition, chair_addition):
    await deliver(make_order_created(lamp_addition))

    assert list(await cart_contents()) == [chair_addition.id]


async def test_the_lines_may_be_named_in_any_order(deliver, cart_contents, lamp_addition, chair_addition):
    await deliver(make_order_created(chair_addition, lamp_addition))

    assert await cart_contents() == {}


async def test_of_a_product_only_the_addition_that_was_ordered_is_taken_out(
    deliver, carts, make_addition, cart_contents, lamp_addition
):
    event, more = make_order_created(lamp_addition), make_addition(LAMP, 1)
    await carts.add(ASHA.id, more)

    await deliver(event)

    assert await cart_contents() == {more.id: (LAMP.id, 1, 12999)}


async def test_what_the_quantity_was_raised_by_since_the_order_stays(
    deliver, carts, make_addition, cart_contents, lamp_addition
):
    event, more = make_order_created(lamp_addition), make_addition(LAMP)
    await carts.set_quantity(ASHA.id, LAMP.id, 5, more)

    await deliver(event)

    assert await cart_contents() == {more.id: (LAMP.id, 3, 12999)}


async def test_an_order_of_more_than_is_left_of_an_addition_takes_out_what_is_left(
    deliver, carts, cart_contents, lamp_addition, chair_addition
):
    event = make_order_created(lamp_addition)
    await carts.set_quantity(ASHA.id, LAMP.id, 1)

    await deliver(event)

    assert list(await cart_contents()) == [chair_addition.id]


async def test_what_was_taken_out_and_put_in_again_stays(deliver, carts, make_addition, cart_contents, lamp_addition):
    await carts.clear(ASHA.id)
    again = make_addition(LAMP, 2)
    await carts.add(ASHA.id, again)

    await deliver(make_order_created(lamp_addition))

    assert await cart_contents() == {again.id: (LAMP.id, 2, 12999)}


async def test_an_event_received_twice_removes_nothing_more(
    deliver, carts, make_addition, cart_contents, lamp_addition
):
    event, again = make_order_created(lamp_addition), make_addition(LAMP, 2)
    await deliver(event)
    await carts.add(ASHA.id, again)

    await deliver(event)

    assert list(await cart_contents()) == [again.id]


async def test_the_same_event_from_many_consumers_at_once_counts_once(
    deliver, cart_contents, lamp_addition, chair_addition
):
    event = make_order_created(lamp_addition)

    await asyncio.gather(*(deliver(event) for _ in range(8)))

    assert list(await cart_contents()) == [chair_addition.id]


async def test_an_order_event_does_not_raise_the_revision(deliver, carts, lamp_addition, chair_addition):
    before = await carts.get(ASHA.id)

    await deliver(make_order_created(lamp_addition))

    assert (await carts.get(ASHA.id)).revision == before.revision


async def test_a_shopper_without_a_cart_has_nothing_to_lose(deliver, redis, make_addition):
    await deliver(make_order_created(make_addition(LAMP)))

    assert await redis.dbsize() == 0


async def test_an_order_takes_nothing_out_of_somebody_elses_cart(deliver, cart_contents, lamp_addition):
    await deliver(make_order_created(lamp_addition, shopper=BRAM))

    assert list(await cart_contents()) == [lamp_addition.id]


async def test_the_cart_of_a_deleted_account_is_emptied_and_no_other(deliver, carts, lamp_addition, make_addition):
    await carts.add(BRAM.id, make_addition(LAMP, 1))
    event = account_deleted(user_id=ASHA.id, user_email=ASHA.email, data=AccountDeletedData(email_verified=True))

    for _ in range(2):
        await deliver(event)

    assert (await carts.get(ASHA.id)).additions == ()
    assert len((await carts.get(BRAM.id)).additions) == 1
