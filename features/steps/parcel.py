"""What the warehouse does with a parcel, and what its shopper sees of it."""

from behave import given, then, when

from chassis.testing.eventually import eventually
from features.shop.shopper import address
from generated.models.shipping import PackedItem, ShipmentStatus


async def wait_for_status(shopper, status):
    async def is_so():
        (parcel,) = await shopper.list_shipments()
        assert parcel.status is status, parcel
        return parcel

    return await eventually(is_so)


@given("the warehouse has dispatched {whose} parcel")
@when("the warehouse dispatches {whose} parcel")
async def the_warehouse_dispatches(context, whose):
    await context.shop.warehouse.dispatch((await context.world.shopper(whose)).order_id)


@when("the warehouse tries to dispatch {whose} parcel")
async def the_warehouse_tries_to_dispatch(context, whose):
    await context.world.expect_problem(context.shop.warehouse.dispatch((await context.world.shopper(whose)).order_id))


@when("the warehouse tries to dispatch {whose} parcel under {string}")
async def the_warehouse_tries_to_dispatch_under(context, whose, number):
    order_id = (await context.world.shopper(whose)).order_id
    await context.world.expect_problem(context.shop.warehouse.dispatch(order_id, number))


@given("the warehouse has corrected the number of {whose} parcel to {string}")
@when("the warehouse corrects the number of {whose} parcel to {string}")
async def the_warehouse_corrects(context, whose, number):
    await context.shop.warehouse.correct((await context.world.shopper(whose)).order_id, number)


@when("the warehouse tries to correct the number of {whose} parcel to {string}")
async def the_warehouse_tries_to_correct(context, whose, number):
    order_id = (await context.world.shopper(whose)).order_id
    await context.world.expect_problem(context.shop.warehouse.correct(order_id, number))


@then("the warehouse is told the number under which it has left")
async def the_warehouse_is_told_the_number(context):
    (parcel,) = await (await context.world.shopper("her")).list_shipments()
    left = context.world.last_problem().members
    assert (left.carrier, left.tracking_number) == (parcel.carrier, parcel.tracking_number), left


@given("{whose} parcel has been delivered")
@when("{whose} parcel is delivered")
async def the_parcel_is_delivered(context, whose):
    await context.shop.warehouse.deliver((await context.world.shopper(whose)).order_id)


@when("the warehouse tries to deliver {whose} parcel")
async def the_warehouse_tries_to_deliver(context, whose):
    await context.world.expect_problem(context.shop.warehouse.deliver((await context.world.shopper(whose)).order_id))


@then("{whose} parcel to {string} becomes ready to ship")
async def the_parcel_becomes_ready(context, whose, where):
    parcel = await wait_for_status(await context.world.shopper(whose), ShipmentStatus.READY_TO_SHIP)
    to = address(where)
    assert (parcel.address_line1, parcel.city, parcel.postcode, parcel.country) == (
        to.address_line1, to.city, to.postcode, to.country,
    ), parcel  # fmt: skip


@then("the warehouse reads on {whose} parcel that {int} of the {string} go into it")
async def the_warehouse_reads_what_to_pack(context, whose, pieces, title):
    parcel = await context.shop.warehouse.find_shipment((await context.world.shopper(whose)).order_id)
    product = await context.world.product(title)
    assert parcel.items == [PackedItem(product_id=product.id, title=product.title, qty=pieces)], parcel


@then("{whose} parcel has a tracking number")
async def the_parcel_has_a_tracking_number(context, whose):
    parcel = await wait_for_status(await context.world.shopper(whose), ShipmentStatus.DISPATCHED)
    assert parcel.carrier and parcel.tracking_number, parcel


@then("{whose} parcel waits for {whose} payment")
async def the_parcel_waits(context, whose, _whose):
    await wait_for_status(await context.world.shopper(whose), ShipmentStatus.PENDING_PAYMENT)


@then("{whose} parcel does not leave")
async def the_parcel_does_not_leave(context, whose):
    await wait_for_status(await context.world.shopper(whose), ShipmentStatus.CANCELLED)
