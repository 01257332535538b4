"""The news the cart service hears: once, twice, too late, and of shoppers and lines it does not know."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from generated.events import OrderCreatedData, OrderedLine, order_created
from services.cart.domain import Cart
from services.cart.main import MESSAGES
from services.cart.tests.conftest import CHAIR, LAMP
from services.chassis.consuming import subscriptions
from services.chassis.messages import Messages
from services.chassis.testing.callers import ASHA, BRAM

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")


def created(*additions, shopper=ASHA):
    """The news that those additions were ordered."""
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
def hear(subscribers):
    """Hear news as they come off Kafka: as bytes, by the contract."""
    messages = Messages.read(MESSAGES)
    subscribed = subscriptions(messages, subscribers)

    async def hear(news):
        operation, body = messages.decoded(news.topic, msgspec.json.encode(news.event))
        await subscribed[operation](body)

    return hear


@pytest.fixture
async def lamps(carts, addition_of):
    """Two lamps in Asha's cart."""
    addition = addition_of(LAMP, 2)
    await carts.add(ASHA.id, addition)
    return addition


@pytest.fixture
async def chair(carts, addition_of):
    """A chair in Asha's cart."""
    addition = addition_of(CHAIR)
    await carts.add(ASHA.id, addition)
    return addition


async def test_what_was_ordered_is_taken_out(hear, contents, lamps, chair):
    await hear(created(lamps, chair))

    assert await contents() == {}


async def test_what_was_not_ordered_stays(hear, contents, lamps, chair):
    await hear(created(lamps))

    assert list(await contents()) == [chair.id]


async def test_the_lines_may_be_named_in_any_order(hear, contents, lamps, chair):
    await hear(created(chair, lamps))

    assert await contents() == {}


async def test_of_a_product_only_the_addition_that_was_ordered_is_taken_out(hear, carts, addition_of, contents, lamps):
    news, more = created(lamps), addition_of(LAMP, 1)
    await carts.add(ASHA.id, more)

    await hear(news)

    assert await contents() == {more.id: (LAMP.id, 1, 12999)}


async def test_what_the_quantity_was_raised_by_since_the_order_stays(hear, carts, addition_of, contents, lamps):
    news, more = created(lamps), addition_of(LAMP)
    await carts.change(ASHA.id, LAMP.id, 5, more)

    await hear(news)

    assert await contents() == {more.id: (LAMP.id, 3, 12999)}


async def test_an_order_of_more_than_is_left_of_an_addition_takes_out_what_is_left(hear, carts, contents, lamps, chair):
    news = created(lamps)
    await carts.change(ASHA.id, LAMP.id, 1)

    await hear(news)

    assert list(await contents()) == [chair.id]


async def test_what_was_taken_out_and_put_in_again_stays(hear, carts, addition_of, contents, lamps):
    await carts.clear(ASHA.id)
    again = addition_of(LAMP, 2)
    await carts.add(ASHA.id, again)

    await hear(created(lamps))

    assert await contents() == {again.id: (LAMP.id, 2, 12999)}


async def test_news_that_come_twice_take_nothing_more_out(hear, carts, addition_of, contents, lamps):
    news, again = created(lamps), addition_of(LAMP, 2)
    await hear(news)
    await carts.add(ASHA.id, again)

    await hear(news)

    assert list(await contents()) == [again.id]


async def test_the_same_news_from_many_consumers_at_once_count_once(hear, contents, lamps, chair):
    news = created(lamps)

    await asyncio.gather(*(hear(news) for _ in range(8)))

    assert list(await contents()) == [chair.id]


async def test_news_of_an_order_are_no_change_by_the_shopper(hear, carts, lamps, chair):
    before = await carts.of(ASHA.id)

    await hear(created(lamps))

    assert (await carts.of(ASHA.id)).revision == before.revision


async def test_a_shopper_without_a_cart_has_nothing_to_lose(hear, redis, addition_of):
    await hear(created(addition_of(LAMP)))

    assert await redis.dbsize() == 0


async def test_an_order_takes_nothing_out_of_somebody_elses_cart(hear, contents, lamps):
    await hear(created(lamps, shopper=BRAM))

    assert list(await contents()) == [lamps.id]
