"""Coming in, staying and leaving."""

import unicodedata

from behave import given, then, when

from chassis.web.http_client import Problem
from features.shop.money import PRICE
from generated.clients.auth import RefreshTokenRefused, WrongCredentials
from generated.models.auth import Credentials, Role
from generated.models.catalog import ProductDraft

STRANGER = "198.51.100.7"  # of a network for examples (RFC 5737), from which nobody comes


@given("{shopper} registers and logs in")
@when("{shopper} registers and logs in")
async def registers_and_logs_in(context, who):
    await context.world.shopper(who)


@then("{shopper} is known as a customer")
async def is_known_as_a_customer(context, who):
    shopper = await context.world.shopper(who)
    account = await shopper.get_account()
    assert (account.email, account.role) == (shopper.email, Role.CUSTOMER), account


@when("{shopper} tries to register as an admin")
async def tries_to_register_as_an_admin(context, who):
    context.stranger = stranger = context.shop.shopper(who)
    wish = {"email": stranger.email, "password": stranger.password, "role": "admin"}
    answer = await context.shop.gateway.request("POST", "/auth/register", wish)
    assert answer.status_code >= 400, answer.text
    context.world.problem = Problem(answer.status_code, answer.json())


@then("there is no account of hers/his")
async def there_is_no_account(context):
    await context.world.expect_problem(context.stranger.log_in())
    assert isinstance(context.world.last_problem(), WrongCredentials), context.world.last_problem().problem


@when("{shopper} tries to put a {string} on sale")
async def tries_to_put_on_sale(context, who, title):
    shopper, price = await context.world.shopper(who), PRICE
    wish = ProductDraft(title=title, price_cents=price.amount_cents, currency=price.currency, sku="LAMP-OF-A-SHOPPER")
    await context.world.expect_problem(context.shop.gateway.catalog.add_product(body=wish, token=shopper.token))


@given("{shopper} has an account with the password {string}")
async def has_an_account_with_the_password(context, who, password):
    newcomer = context.world.newcomer(who)
    newcomer.password = password
    await newcomer.register()


@given("{shopper} has an account under an address at {string}")
async def has_an_account_under_an_address_at(context, who, domain):
    newcomer = context.world.newcomer(who)
    newcomer.change_email_domain(domain)
    await newcomer.register()


@when("{shopper} tries to register with that address at {string}")
async def tries_to_register_with_that_address_at(context, who, domain):
    shopper = await context.world.shopper(who)
    shopper.change_email_domain(domain)
    await context.world.expect_problem(shopper.register())


@when("{shopper} tries to register with the password {string}")
async def tries_to_register_with_the_password(context, who, password):
    context.stranger = newcomer = context.world.newcomer(who)
    newcomer.password = password
    await context.world.expect_problem(newcomer.register())


@when("{shopper} logs in with the accent typed by itself")
async def logs_in_with_the_accent_by_itself(context, who):
    shopper = await context.world.shopper(who)
    await shopper.log_in(unicodedata.normalize("NFD", shopper.password))


@when("{shopper} tries to register once more")
async def tries_to_register_once_more(context, who):
    await context.world.expect_problem((await context.world.shopper(who)).register())


@when("{shopper} tries to log in with {string}")
async def tries_to_log_in_with(context, who, password):
    await context.world.expect_problem((await context.world.shopper(who)).log_in(password))


@when("a stranger elsewhere guesses at {whose} password {int} times")
async def a_stranger_guesses(context, whose, times):
    shopper = await context.world.shopper(whose)
    for _ in range(times):
        guess = Credentials(email=shopper.email, password="a short walk by the quay")
        await context.world.expect_problem(context.shop.elsewhere.log_in(body=guess, x_real_ip=STRANGER))


@then("{shopper} logs in again")
async def logs_in_again(context, who):
    await (await context.world.shopper(who)).log_in()


@when("{shopper} goes on with {whose} session")
async def refreshes_session(context, who, _whose):
    await (await context.world.shopper(who)).refresh_session()


@given("both of {whose} tabs go on with {whose} session at once")
@when("both of {whose} tabs go on with {whose} session at once")
async def both_tabs_go_on(context, whose, _whose):
    await (await context.world.shopper(whose)).refresh_in_tabs()


@then("both of {whose} tabs stay signed in")
async def both_tabs_stay_signed_in(context, whose):
    shopper = await context.world.shopper(whose)
    for tab in range(2):
        await shopper.refresh_in_tab(tab)


@then("none of {whose} tabs stays signed in")
async def no_tab_stays_signed_in(context, whose):
    shopper = await context.world.shopper(whose)
    for tab in range(2):
        await context.world.expect_problem(shopper.refresh_in_tab(tab))
        assert isinstance(context.world.last_problem(), RefreshTokenRefused), context.world.last_problem().problem


@when("{shopper} logs out")
async def logs_out(context, who):
    await (await context.world.shopper(who)).log_out()


@then("{shopper} cannot go on with {whose} session")
async def cannot_go_on(context, who, _whose):
    await context.world.expect_problem((await context.world.shopper(who)).refresh_session())
    assert isinstance(context.world.last_problem(), RefreshTokenRefused), context.world.last_problem().problem


@when("{shopper} says that she/he forgot her/his password")
async def says_that_the_password_is_forgotten(context, who):
    await (await context.world.shopper(who)).forget_password()


@when("{shopper} follows the link of the mail to the password {string}")
async def follows_the_link_to_a_password(context, who, password):
    await (await context.world.shopper(who)).reset_password(password)


@when("{shopper} tries to follow it again to the password {string}")
async def tries_to_follow_the_link_again(context, who, password):
    shopper = await context.world.shopper(who)
    await context.world.expect_problem(shopper.reset_password(password))


@when("{shopper} follows the link of the mail to her/his address")
async def follows_the_link_to_the_address(context, who):
    shopper = await context.world.shopper(who)
    await shopper.verify_email(shopper.email)


@then("her/his address is verified")
async def the_address_is_verified(context):
    account = await (await context.world.shopper("she")).get_account()
    assert account.email_verified, account


@when("{shopper} asks for another address")
async def asks_for_another_address(context, who):
    shopper = await context.world.shopper(who)
    context.new_address = f"new.{shopper.email}"
    await shopper.ask_for_email(context.new_address)


@then("{shopper} is e-mailed under the old one that her/his address is to be changed")
async def is_mailed_under_the_old_address(context, who):
    await (await context.world.shopper(who)).wait_for_mail_that_says("Your address is to be changed")


@when("{shopper} follows the link of the mail to the new address")
async def follows_the_link_to_the_new_address(context, who):
    await (await context.world.shopper(who)).verify_email(context.new_address)


@when("{shopper} deletes her/his account")
async def deletes_the_account(context, who):
    context.stranger = shopper = await context.world.shopper(who)
    await shopper.delete_account(shopper.password)


@when("{shopper} tries to delete her/his account with {string}")
async def tries_to_delete_the_account(context, who, password):
    await context.world.expect_problem((await context.world.shopper(who)).delete_account(password))


@then("{shopper} is e-mailed a last time")
async def is_mailed_a_last_time(context, who):
    await (await context.world.shopper(who)).wait_for_mail_that_says("Your account is deleted")
