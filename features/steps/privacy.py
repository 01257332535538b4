"""What is nobody else's business."""

from uuid import uuid4

from behave import then, when

from features.shop.intruder import find_reachable_internal_operations


@when("{shopper} looks for {whose} order")
async def looks_for(context, who, whose):
    context.order_id = (await context.world.shopper(whose)).order_id
    await context.world.expect_problem((await context.world.shopper(who)).get_order(context.order_id))


@then("it looks to him/her like an order that never was")
async def it_looks_like_one_that_never_was(context):
    found = context.world.last_problem().problem
    await context.world.expect_problem((await context.world.shopper("he")).get_order(uuid4()))
    assert found == context.world.last_problem().problem, (found, context.world.last_problem().problem)


@then("{shopper} sees no payment, parcel or mail of it")
async def sees_nothing_of_it(context, who):
    shopper = await context.world.shopper(who)
    seen = [
        *await shopper.list_payments(context.order_id),
        *await shopper.list_shipments(context.order_id),
        *await shopper.list_notifications(context.order_id),
        *await shopper.list_orders(),
    ]
    assert not seen, seen


@when("somebody unknown looks for {whose} order")
async def somebody_unknown_looks_for(context, whose):
    order_id = (await context.world.shopper(whose)).order_id
    await context.world.expect_problem(context.shop.shopper("Nobody").get_order(order_id))


@when("{shopper} tries all that services ask of each other")
async def tries_all_internal_operations(context, who):
    token = (await context.world.shopper(who)).token
    context.answered = await find_reachable_internal_operations(context.shop.gateway, token)


@when("an admin tries all that services ask of each other")
async def an_admin_tries_all(context):
    context.answered = await find_reachable_internal_operations(context.shop.gateway, context.shop.admin.token)


@then("nobody is there to answer")
def no_internal_operation_answers(context):
    assert not context.answered, context.answered
