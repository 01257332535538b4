"""What the warehouse does on the pages of the back office, in a browser."""

from behave import then, when

from features.steps.parcel import wait_for_status
from generated.models.shipping import ShipmentStatus


async def office(context):
    return await context.world.office(context.browser)


@when("the warehouse opens {whose} parcel in the back office")
async def opens_the_parcel(context, whose):
    parcel = await wait_for_status(await context.world.shopper(whose), ShipmentStatus.READY_TO_SHIP)
    await (await office(context)).go_to(f"/admin/parcels/{parcel.id}")


@when("the warehouse hands it to {string} as {string}")
async def hands_it_to(context, carrier, number):
    pages = await office(context)
    await pages.write({"carrier": carrier, "tracking_number": number})
    await pages.press("It has left")


@when("the warehouse puts its number right, to {string}")
async def puts_its_number_right(context, number):
    pages = await office(context)
    await pages.write({"tracking_number": number})
    await pages.press("Correct the number")


@when("the warehouse notes that it has arrived")
async def notes_that_it_has_arrived(context):
    pages = await office(context)
    await pages.tick("Yes, it has arrived")
    await pages.press("Note the arrival")


@when("the warehouse opens the {string} in the back office")
async def opens_the_product(context, title):
    product = await context.world.product(title)
    await (await office(context)).go_to(f"/admin/products/{product.id}")


@when("the warehouse notes there that {int} have arrived")
async def notes_an_arrival(context, pieces):
    pages = await office(context)
    await pages.write({"arrived": str(pieces)})
    await pages.press("Add to the stock")


@when("the warehouse takes {int} out there, because they are {string}")
async def takes_out(context, pieces, reason):
    pages = await office(context)
    await pages.write({"change": str(-pieces), "reason": reason})
    await pages.press("Correct the stock")


@when("the warehouse keeps {whose} out in the back office")
async def keeps_out(context, whose):
    pages, shopper = await office(context), await context.world.shopper(whose)
    await pages.go_to("/admin/accounts")
    await pages.write({"email_prefix": shopper.email})
    await pages.press("Find")
    await pages.press("Disable")
    await pages.reads("Disabled")


@then("the warehouse reads {string}")
async def reads(context, text):
    await (await office(context)).reads(text)
