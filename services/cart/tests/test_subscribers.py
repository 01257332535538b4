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


def created(*lines, shopper=ASHA):
    """The news that those lines were ordered."""
    items = [
        OrderedLine(
            product_id=line.product_id,
            title=line.title,
            qty=line.qty,
            unit_price_cents=line.unit_price_cents,
            line_id=line.id,
        )
        for line in lines
    ]
    data = OrderCreatedData(amount_cents=Cart(lines).total_cents, currency="EUR", items=items)
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
async def lamps(carts, line_of):
    """Two lamps in Asha's cart."""
    line = line_of(LAMP, 2)
    await carts.add(ASHA.id, line)
    return line


@pytest.fixture
async def chair(carts, line_of):
    """A chair in Asha's cart."""
    line = line_of(CHAIR)
    await carts.add(ASHA.id, line)
    return line


async def test_what_was_ordered_is_taken_out(hear, carts, lamps, chair):
    await hear(created(lamps, chair))

    assert await carts.of(ASHA.id) == Cart()


async def test_what_was_not_ordered_stays(hear, carts, lamps, chair):
    await hear(created(lamps))

    assert await carts.of(ASHA.id) == Cart((chair,))


async def test_the_lines_may_be_named_in_any_order(hear, carts, lamps, chair):
    await hear(created(chair, lamps))

    assert await carts.of(ASHA.id) == Cart()


async def test_what_was_added_to_since_the_order_stays(hear, carts, line_of, lamps):
    news = created(lamps)
    changed = await carts.add(ASHA.id, line_of(LAMP, 1))

    await hear(news)

    assert await carts.of(ASHA.id) == changed
    assert changed.lines[0].qty == 3


async def test_what_was_changed_since_the_order_stays(hear, carts, lamps):
    news = created(lamps)
    changed = await carts.change(ASHA.id, LAMP.id, 5, line_id=UUID(int=99))

    await hear(news)

    assert await carts.of(ASHA.id) == changed


async def test_what_was_taken_out_and_put_in_again_stays(hear, carts, line_of, lamps):
    await carts.clear(ASHA.id)
    again = line_of(LAMP, 2)
    await carts.add(ASHA.id, again)

    await hear(created(lamps))

    assert await carts.of(ASHA.id) == Cart((again,))


async def test_news_that_come_twice_count_once(hear, carts, lamps):
    news = created(lamps)
    await hear(news)
    await carts.add(ASHA.id, lamps)  # under the id it was ordered by, as no shopper could

    await hear(news)

    assert await carts.of(ASHA.id) == Cart((lamps,))


async def test_the_same_news_from_two_consumers_at_once_count_once(hear, carts, lamps, chair):
    news = created(lamps)

    await asyncio.gather(*(hear(news) for _ in range(8)))

    assert await carts.of(ASHA.id) == Cart((chair,))


async def test_a_shopper_without_a_cart_has_nothing_to_lose(hear, carts, line_of):
    await hear(created(line_of(LAMP)))

    assert await carts.of(ASHA.id) == Cart()


async def test_an_order_takes_nothing_out_of_somebody_elses_cart(hear, carts, lamps):
    await hear(created(lamps, shopper=BRAM))

    assert await carts.of(ASHA.id) == Cart((lamps,))
