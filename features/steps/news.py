"""News between the services that arrives a second time."""

from behave import when


async def redeliver(context, kind, whose):
    await context.shop.events.redeliver(kind, (await context.world.shopper(whose)).order_id)


@when("the news of {whose} payment is delivered again")
async def the_payment_news_again(context, whose):
    await redeliver(context, "payment.succeeded", whose)


@when("the news of {whose} order is delivered again")
async def the_order_news_again(context, whose):
    await redeliver(context, "order.created", whose)


@when("the news of {whose} cancellation is delivered again")
async def the_cancellation_news_again(context, whose):
    await redeliver(context, "order.cancelled", whose)
