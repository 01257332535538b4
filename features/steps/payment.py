"""Paying, or failing to."""

from behave import given, then, when

from chassis.testing.eventually import eventually
from generated.clients.payment import OrderNotPayable
from generated.models.order import OrderStatus
from generated.models.payment import PaymentStatus
from generated.models.shipping import ShipmentStatus


@when("{shopper} pays")
@when("{shopper} pays again")
async def pays(context, who):
    await (await context.world.shopper(who)).pay()


@given("{shopper} has paid for {int} of the {string}")
async def has_paid_for(context, who, pieces, title):
    shopper = await context.world.shopper(who)
    await shopper.add_to_cart(await context.world.product(title), pieces)
    await shopper.check_out()
    await shopper.pay()

    async def all_know():
        order, (parcel,) = await shopper.get_order(), await shopper.list_shipments()
        assert (order.status, parcel.status) == (OrderStatus.PAID, ShipmentStatus.READY_TO_SHIP), (order, parcel)
        return True

    await eventually(all_know)


@when("{whose} payment fails")
async def the_payment_fails(context, whose):
    await (await context.world.shopper(whose)).fail_payment()


@when("{whose} payment fails, and {shopper} says {string}")
async def the_payment_fails_in_her_words(context, whose, _who, words):
    await (await context.world.shopper(whose)).fail_payment(words)


@when("{shopper} tries to pay {money}")
async def tries_to_pay(context, who, amount):
    await context.world.expect_problem((await context.world.shopper(who)).pay(amount))


@when("{shopper} tries to pay for {whose} order")
async def tries_to_pay_for(context, who, whose):
    owner, other = await context.world.shopper(whose), await context.world.shopper(who)
    await context.world.expect_problem(other.pay(owner.amount_due, owner.order_id))


@then("{shopper} has paid once")
async def has_paid_once(context, who):
    payments = await (await context.world.shopper(who)).list_payments()
    assert [payment.status for payment in payments] == [PaymentStatus.SUCCEEDED], payments


@then("{shopper} can no longer pay for it")
async def can_no_longer_pay(context, who):
    shopper = await context.world.shopper(who)
    await context.world.expect_problem(shopper.pay())
    assert isinstance(context.world.last_problem(), OrderNotPayable), context.world.last_problem().problem
