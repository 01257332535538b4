"""What becomes of an order."""

from datetime import UTC, datetime

from behave import given, then, when

from chassis.testing.eventually import eventually
from generated.models.order import CancelReason, ChangeStatus, OrderStatus


async def wait_for_status(shopper, status, reason=None, within=10):
    async def is_so():
        order = await shopper.get_order()
        assert (order.status, order.cancel_reason) == (status, reason), order
        return True

    await eventually(is_so, within)


@given("{whose} order was paid with that")
@given("{whose} order becomes paid")
@then("{whose} order becomes paid")
async def the_order_becomes_paid(context, whose):
    await wait_for_status(await context.world.shopper(whose), OrderStatus.PAID)


@given("{whose} order has become paid")
async def the_order_has_become_paid(context, whose):
    shopper = await context.world.shopper(whose)
    await shopper.pay()
    await wait_for_status(shopper, OrderStatus.PAID)


@then("{whose} order is still paid")
async def the_order_is_still_paid(context, whose):
    order = await (await context.world.shopper(whose)).get_order()
    assert (order.status, order.cancel_reason) == (OrderStatus.PAID, None), order


@then("{whose} order becomes refunded")
async def the_order_becomes_refunded(context, whose):
    await wait_for_status(await context.world.shopper(whose), OrderStatus.REFUNDED, CancelReason.REQUESTED)


@then("{whose} order is cancelled, because {shopper} wanted it so")
async def the_order_is_cancelled_as_wanted(context, whose, _who):
    await wait_for_status(await context.world.shopper(whose), OrderStatus.CANCELLED, CancelReason.REQUESTED)


@then("{whose} order is cancelled, because it was not paid in time")
async def the_order_is_cancelled_as_unpaid(context, whose):
    await wait_for_status(await context.world.shopper(whose), OrderStatus.CANCELLED, CancelReason.NOT_PAID_IN_TIME)


@when("the time to pay has passed")
async def the_time_to_pay_has_passed(context):
    order = await (await context.world.shopper("her")).get_order()
    await eventually(lambda: datetime.now(UTC) > order.pay_by, context.timeouts["PAYMENT_DEADLINE_SECONDS"] + 5)


@given("{shopper} has cancelled {whose} order")
@when("{shopper} cancels {whose} order")
async def cancels(context, who, _whose):
    await (await context.world.shopper(who)).cancel()


@when("{shopper} tries to cancel {whose} order")
async def tries_to_cancel(context, who, whose):
    order_id = (await context.world.shopper(whose)).order_id
    await context.world.expect_problem((await context.world.shopper(who)).cancel(order_id))


@given("{shopper} has cancelled {int} of the {string}")
@when("{shopper} cancels {int} of the {string}")
async def cancels_pieces(context, who, pieces, title):
    await (await context.world.shopper(who)).cancel_items(await context.world.product(title), pieces)


@when("{shopper} tries to cancel {int} of the {string}")
async def tries_to_cancel_pieces(context, who, pieces, title):
    shopper, product = await context.world.shopper(who), await context.world.product(title)
    await context.world.expect_problem(shopper.cancel_items(product, pieces))


@then("{whose} {int} cancelled of the {string} come to be paid back")
@then("{whose} {int} sent back of the {string} come to be paid back")
async def pieces_are_paid_back(context, whose, pieces, title):
    shopper, product = await context.world.shopper(whose), await context.world.product(title)

    async def is_so():
        [change] = (await shopper.get_order()).changes
        [item] = change.items
        assert (item.product_id, item.qty, change.status) == (product.id, pieces, ChangeStatus.PAID_BACK), change
        return True

    await eventually(is_so)


@given("{shopper} has asked to send {int} of the {string} back")
@when("{shopper} asks to send {int} of the {string} back")
async def asks_to_send_back(context, who, pieces, title):
    await (await context.world.shopper(who)).request_return(await context.world.product(title), pieces)


@when("{shopper} tries to send {int} of the {string} back")
async def tries_to_send_back(context, who, pieces, title):
    shopper, product = await context.world.shopper(who), await context.world.product(title)
    await context.world.expect_problem(shopper.request_return(product, pieces))


async def receive_returns(context, whose, *, restock=True):
    shopper = await context.world.shopper(whose)
    for change in (await shopper.get_order()).changes:
        if change.status == ChangeStatus.RETURN_REQUESTED:
            await context.shop.warehouse.receive_return(shopper.order_id, change.id, restock=restock)


@when("the warehouse receives what {shopper} has sent back")
async def the_warehouse_receives(context, whose):
    await receive_returns(context, whose)


@when("the warehouse receives what {shopper} has sent back, and it is broken")
async def the_warehouse_receives_broken(context, whose):
    await receive_returns(context, whose, restock=False)


@then("{whose} order becomes refunded, since everything came back")
async def the_order_becomes_refunded_by_returns(context, whose):
    await wait_for_status(await context.world.shopper(whose), OrderStatus.REFUNDED)
