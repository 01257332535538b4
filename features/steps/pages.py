"""What people do on the shop's pages, in a browser."""

from behave import then, when


async def visitor(context):
    """Whoever looks at pages in this scenario."""
    return await context.world.visitor(context.browser)


@when("{shopper} comes by on the pages")
async def comes_by(context, who):
    await (await visitor(context)).go_to("/")


@when("{shopper} finds the {string} on the pages")
async def finds(context, who, title):
    context.world.newcomer(who)
    await (await visitor(context)).find(await context.world.product(title))


@when("{shopper} puts {int} of them in her/his cart on the pages")
async def puts_in_cart(context, who, pieces):
    await (await visitor(context)).put_in_cart(pieces)


@when("{shopper} opens an account on the pages")
async def opens_an_account(context, who):
    shopper = await context.world.shopper(who)
    await (await visitor(context)).register(shopper.email)
    await shopper.log_in()


@when("{shopper} signs in on the pages with {string}")
async def signs_in(context, who, password):
    await (await visitor(context)).sign_in((await context.world.shopper(who)).email, password)


@when("{shopper} orders to {string} on the pages")
async def orders(context, who, address):
    pages = await visitor(context)
    await pages.order(address)
    await pages.reads("Pay for your order")
    await (await context.world.shopper(who)).remember_order(pages.order_id())


@when("{shopper} tries to order to {string} on the pages")
async def tries_to_order(context, who, address):
    await (await visitor(context)).order(address)


@when("{shopper} pays on the pages")
async def pays(context, who):
    await (await visitor(context)).pay()


@when("{shopper} opens the link of the mail that says {string}")
async def opens_the_link(context, who, subject):
    shopper = await context.world.shopper(who)
    await (await visitor(context)).go_to(await shopper.wait_for_link(subject))


@when("{shopper} presses {string}")
async def presses(context, who, button):
    await (await visitor(context)).press(button)


@when("{shopper} follows {string}")
async def follows(context, who, link):
    await (await visitor(context)).follow(link)


@when("{shopper} writes her/his address and presses {string}")
async def writes_the_address(context, who, button):
    pages = await visitor(context)
    await pages.write({"email": (await context.world.shopper(who)).email})
    await pages.press(button)


@when("{shopper} writes {string} as her/his password of now")
async def writes_the_password_of_now(context, who, password):
    await (await visitor(context)).write({"current_password": password})


@when("{shopper} writes {string} as her/his password and presses {string}")
async def writes_a_password(context, who, password, button):
    pages = await visitor(context)
    await pages.write({"password": password})
    await pages.press(button)


@then("{shopper} reads {string}")
async def reads(context, who, text):
    await (await visitor(context)).reads(text)
