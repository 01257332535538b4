"""Turning a cart into an order."""

import asyncio
from uuid import uuid4

from behave import given, then, when
from msgspec.structs import replace

from chassis.web.http_client import Problem
from features.shop.shopper import address
from generated.models.order import OrderStatus
from services.money import Money


@when("{shopper} checks out to {string}")
async def checks_out(context, who, where):
    await (await context.world.shopper(who)).check_out(address(where))


@when("{shopper} checks out to {string} on a form whose second line is empty")
async def checks_out_on_a_form(context, who, where):
    await (await context.world.shopper(who)).check_out(replace(address(where), address_line2=""))


@when("{shopper} tries to check out to {string}")
async def tries_to_check_out(context, who, where):
    await context.world.expect_problem((await context.world.shopper(who)).check_out(address(where)))


@given("{shopper} has ordered {int} of the {string}")
async def has_ordered(context, who, pieces, title):
    shopper = await context.world.shopper(who)
    await shopper.add_to_cart(await context.world.product(title), pieces)
    await shopper.check_out()


@when("{shopper} and {shopper} check out at the same moment")
async def both_check_out(context, one, other):
    buyers = [await context.world.shopper(one), await context.world.shopper(other)]
    ends = await asyncio.gather(*(buyer.check_out() for buyer in buyers), return_exceptions=True)
    context.ends = [end.title if isinstance(end, Problem) else end for end in ends]


@then("one of them has the {string} and the other is told {string}")
async def one_of_them_has_it(context, title, told):
    product = await context.world.product(title)
    ends = {end if isinstance(end, str) else end.items[0].product_id for end in context.ends}
    assert ends == {product.id, told}, context.ends


@when("{shopper} clicks twice to check out")
async def clicks_twice(context, who):
    shopper = await context.world.shopper(who)
    # The clicks of one form carry one key; without it, the later one may well find the cart emptied by the earlier.
    key = str(uuid4())
    context.ends = await asyncio.gather(shopper.check_out(key=key), shopper.check_out(key=key))


@then("both clicks made the same order")
def both_made_the_same_order(context):
    one, other = context.ends
    assert one.order_id == other.order_id, context.ends


@when("{shopper} checks out and at once puts {int} of the {string} in {whose} cart")
async def checks_out_and_goes_on(context, who, pieces, title, _whose):
    shopper, product = await context.world.shopper(who), await context.world.product(title)
    await shopper.check_out()
    await shopper.add_to_cart(product, pieces)


@then("{whose} order of {money} awaits payment")
async def the_order_awaits_payment_of(context, whose, total):
    order = await (await context.world.shopper(whose)).get_order()
    assert order.status is OrderStatus.CREATED, order
    assert Money(order.total_cents, order.currency) == total, order


@then("{whose} order still awaits payment")
async def the_order_still_awaits_payment(context, whose):
    order = await (await context.world.shopper(whose)).get_order()
    assert order.status is OrderStatus.CREATED, order


@then("{shopper} has {int} order(s)")
async def has_so_many_orders(context, who, number):
    orders = await (await context.world.shopper(who)).list_orders()
    assert len(orders) == number, orders


@given("{shopper} has {int} orders that await payment")
async def has_orders_that_await_payment(context, who, number):
    shopper, product = await context.world.shopper(who), await context.world.product("Walnut desk lamp")
    for _ in range(number):
        await shopper.add_to_cart(product)
        await shopper.check_out()
        await shopper.wait_for_empty_cart()  # before the next order, which would take what is still in it, too


@then("{shopper} is shown that it goes to {string}")
async def is_shown_where_it_goes(context, who, where):
    placed, to = (await context.world.shopper(who)).placed_order, address(where)
    assert (placed.address_line1, placed.city, placed.postcode) == (to.address_line1, to.city, to.postcode), placed


@then("{shopper} is shown that the {string} was {money} and is {money}")
def is_shown_both_prices(context, _who, title, old, new):
    prices = [
        (line.title, Money(line.old_price_cents, line.old_currency), Money(line.new_price_cents, line.new_currency))
        for line in context.world.last_problem().members.lines
    ]
    assert prices == [(title, old, new)], prices
