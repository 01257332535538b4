"""What a shopper is about to buy."""

from datetime import UTC, datetime, timedelta

from behave import given, then, when

from chassis.testing.eventually import eventually
from services.money import Money


@given("{shopper} has {int} of the {string} in {whose} cart")
@when("{shopper} puts {int} of the {string} in {whose} cart")
async def puts_in_cart(context, who, pieces, title, _whose):
    shopper = await context.world.shopper(who)
    await shopper.add_to_cart(await context.world.product(title), pieces)


@when("{shopper} tries to put {int} of the {string} in {whose} cart")
async def tries_to_put_in_cart(context, who, pieces, title, _whose):
    shopper, product = await context.world.shopper(who), await context.world.product(title)
    await context.world.expect_problem(shopper.add_to_cart(product, pieces))


@given("{shopper} has had {int} of the {string} in {whose} cart for too long")
async def has_had_in_cart_for_too_long(context, who, pieces, title, _whose):
    shopper = await context.world.shopper(who)
    (line,) = (await shopper.add_to_cart(await context.world.product(title), pieces)).items
    until = line.added_at + timedelta(seconds=context.timeouts["PRICE_HONOURED_SECONDS"])
    await eventually(lambda: datetime.now(UTC) > until)


@when("{shopper} wants {int} of the {string} instead")
async def wants_instead(context, who, pieces, title):
    shopper = await context.world.shopper(who)
    await shopper.set_quantity(await context.world.product(title), pieces)


async def the_cart_holds(context, whose, pieces, title):
    product = await context.world.product(title)
    cart = await (await context.world.shopper(whose)).get_cart()
    assert {line.product_id: line.qty for line in cart.items} == {product.id: pieces}, cart
    return True


@then("{whose} cart still holds {int} of the {string}")
async def the_cart_still_holds(context, whose, pieces, title):
    await the_cart_holds(context, whose, pieces, title)


@then("{whose} cart comes to hold nothing but {int} of the {string}")
async def the_cart_comes_to_hold(context, whose, pieces, title):
    await eventually(lambda: the_cart_holds(context, whose, pieces, title))


@given("{whose} cart has become empty")
@then("{whose} cart becomes empty")
async def the_cart_becomes_empty(context, whose):
    await (await context.world.shopper(whose)).wait_for_empty_cart()


@then("{whose} cart comes to {money}")
async def the_cart_comes_to(context, whose, total):
    cart = await (await context.world.shopper(whose)).get_cart()
    assert Money(cart.total_cents, cart.currency) == total, cart
