"""What is for sale, for how much, and how many there are."""

import httpx
from behave import given, then, when

from chassis.testing.eventually import eventually
from features.shop.photo import shows_its_colours, take_photo
from services.money import Money


@given("the catalog offers a {string} at {money} with {int} in stock")
async def the_catalog_offers(context, title, price, stock):
    await context.world.offer(title, price, stock)


@given("the price of the {string} has since become {money}")
async def the_price_has_become(context, title, price):
    await context.shop.admin.change_price(await context.world.product(title), price)


@given("the {string} is not sold any more")
async def it_is_not_sold_any_more(context, title):
    await context.shop.admin.withdraw(await context.world.product(title))


@when("an admin takes {int} of the {string} out of the stock, because they are {string}")
async def an_admin_takes_out(context, pieces, title, reason):
    await context.shop.admin.correct(await context.world.product(title), -pieces, reason)


@when("an admin adds {int} of the {string} to the stock, because it was {string}")
async def an_admin_adds(context, pieces, title, reason):
    await context.shop.admin.correct(await context.world.product(title), pieces, reason)


@when("an admin tries to take {int} of the {string} out of the stock, because they are {string}")
async def an_admin_tries_to_take_out(context, pieces, title, reason):
    await context.world.expect_problem(context.shop.admin.correct(await context.world.product(title), -pieces, reason))


@when("an admin notes the same delivery of {int} of the {string} twice")
async def an_admin_notes_a_delivery_twice(context, pieces, title):
    product = await context.world.product(title)
    for _ in range(2):
        await context.shop.admin.restock(product, pieces, key=f"delivery-of-{product.id}")


@when("an admin adds a camera's photo to the {string}")
async def an_admin_adds_a_photo(context, title):
    await context.shop.admin.add_image(await context.world.product(title), take_photo())


@when("somebody looks for {string}")
async def somebody_looks_for(context, words):
    context.found = (await context.shop.gateway.catalog.list_products(q=words, limit=100)).items


@when("an admin looks for {string}")
async def an_admin_looks_for(context, words):
    context.found = await context.shop.admin.list_products(words)


@then("they find the {string} at {money}")
async def they_find(context, title, price):
    wanted = await context.world.product(title)
    prices = {found.id: Money(found.price_cents, found.currency) for found in context.found}
    assert prices.get(wanted.id) == price, f"found were {prices}, looked for was {wanted}"


@then("they do not find the {string}")
async def they_do_not_find(context, title):
    wanted = await context.world.product(title)
    assert wanted.id not in [found.id for found in context.found], f"{wanted} was found"


@then("everybody sees the photo of the {string} in its colours")
async def everybody_sees_the_photo(context, title):
    product = await context.world.product(title)
    (image,) = await context.shop.gateway.catalog.list_images(product_id=product.id)
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert shows_its_colours((await browser.get(image.url)).content), image


async def so_many_are_for_sale(context, pieces, title):
    stock = await context.shop.admin.get_stock(await context.world.product(title))
    assert stock.available == pieces, stock
    return True


@then("{int} of the {string} are still for sale")
async def so_many_are_still_for_sale(context, pieces, title):
    await so_many_are_for_sale(context, pieces, title)


@then("{int} of the {string} come to be for sale")
async def so_many_come_to_be_for_sale(context, pieces, title):
    await eventually(lambda: so_many_are_for_sale(context, pieces, title))
