"""What happened to an order, in one list."""

from behave import then

from chassis.testing.eventually import eventually
from generated.models.notifications import NotificationStatus
from generated.models.order import TimelineKind

KINDS = {
    "placed": TimelineKind.ORDER_CREATED,
    "refused": TimelineKind.PAYMENT_FAILED,
    "paid": TimelineKind.PAYMENT_SUCCEEDED,
    "packed": TimelineKind.SHIPPING_READY,
    "cancelled": TimelineKind.ORDER_CANCELLED,
    "refunded": TimelineKind.PAYMENT_REFUNDED,
}


@then("the timeline of {whose} order comes to say {string}")
async def the_timeline_says(context, whose, words):
    shopper = await context.world.shopper(whose)
    expected = [KINDS[word] for word in words.split(", ")]

    async def is_so():
        told = [entry.kind for entry in (await shopper.timeline()).items if entry.kind is not TimelineKind.MAIL_SENT]
        assert told == expected, told
        return True

    await eventually(is_so)


@then("it names each mail that {shopper} was sent")
async def the_timeline_names_the_mails(context, who):
    shopper = await context.world.shopper(who)

    async def is_so():
        timeline, known = await shopper.timeline(), await shopper.list_notifications()
        named = [entry.mail for entry in timeline.items if entry.kind is TimelineKind.MAIL_SENT]
        assert {mail.status for mail in known} == {NotificationStatus.SENT}, known
        assert sorted(named) == sorted(mail.kind for mail in known), (named, known)
        assert timeline.missing_sources == []
        return True

    await eventually(is_so)
