"""What a shopper finds in their mailbox."""

from behave import given, then

from chassis.testing.eventually import eventually
from features.shop.mailbox import subject_of


@given("{shopper} has been e-mailed that {whose} {news}")
@then("{shopper} is e-mailed that {whose} {news}")
async def is_mailed(context, who, _whose, news):
    await (await context.world.shopper(who)).wait_for_mail_about(news)


@then("{shopper} is e-mailed once that {whose} {news}")
async def is_mailed_once(context, who, _whose, news):
    shopper = await context.world.shopper(who)
    await shopper.wait_for_mail_about(news)
    subjects = [mail.subject for mail in await shopper.list_mails()]
    assert subjects.count(subject_of(news, shopper.order_id)) == 1, subjects
    # A second one may not have been sent yet; the shop would know of it.
    known = await shopper.list_notifications()
    assert len({one.kind for one in known}) == len(known), known


@then("{shopper} is e-mailed {int} times that {whose} {news}")
async def is_mailed_so_often(context, who, times, _whose, news):
    shopper = await context.world.shopper(who)

    async def is_so():
        subjects = [mail.subject for mail in await shopper.list_mails()]
        assert subjects.count(subject_of(news, shopper.order_id)) == times, subjects
        return True

    await eventually(is_so)


@then("{shopper} has been e-mailed {int} times about it")
async def has_been_mailed_so_often(context, who, times):
    shopper = await context.world.shopper(who)

    async def is_so():
        number, known = str(shopper.order_id)[-8:].upper(), await shopper.list_notifications()
        subjects = [mail.subject for mail in await shopper.list_mails() if number in mail.subject]
        assert len(subjects) == len(known) == times, (subjects, known)
        return True

    await eventually(is_so)


@then("the mail that {whose} {news} says {string}")
async def the_mail_says(context, whose, news, words):
    mail = await (await context.world.shopper(whose)).wait_for_mail_about(news)
    assert words in " ".join(mail.text.split()), mail.text


@then("none of {whose} mails says {string}")
async def no_mail_says(context, whose, words):
    mails = await (await context.world.shopper(whose)).list_mails()
    assert not [mail.raw for mail in mails if words in mail.raw]


@then("the mail that {whose} {news} names its tracking number")
async def the_mail_names_the_number(context, whose, news):
    shopper = await context.world.shopper(whose)
    mail, (parcel,) = await shopper.wait_for_mail_about(news), await shopper.list_shipments()
    assert parcel.tracking_number in mail.text, (parcel.tracking_number, mail.text)
