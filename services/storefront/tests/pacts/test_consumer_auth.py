"""What the storefront asks of auth: accounts, and sessions whose tokens it keeps."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec import to_builtins

from generated.clients.auth import (
    AccountNotFound,
    AddressNotFound,
    EmailTaken,
    LinkRefused,
    WrongCredentials,
    WrongPassword,
)
from generated.models.auth import (
    AccountDeletion,
    Credentials,
    DeliveryAddress,
    EmailChange,
    ForgottenPassword,
    LinkToken,
    PasswordChange,
    PasswordReset,
    Registration,
)
from services.storefront.clients import AuthServiceClient
from services.storefront.domain import Tokens
from services.storefront.errors import SessionEnded
from services.storefront.tests.conftest import NOON
from services.storefront.tests.neighbours import ADDRESS, LINK_TOKEN, PASSWORD
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue, one_of

EMAIL = "asha@example.com"
ADDRESS_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2f006")
REFRESH_TOKEN = "x" * 43
TOKENS = {"access_token": "a" * 40, "refresh_token": "b" * 43, "token_type": ExactValue("bearer"), "expires_in": 600}
ACCOUNT = {
    "id": UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c001"),
    "email": EMAIL,
    "role": one_of("customer", "admin"),
    "created_at": datetime(2026, 1, 5, 12, tzinfo=UTC),
    "disabled": False,
    "email_verified": False,
}


def now():
    return NOON


async def test_an_account_is_opened(consumer):
    async def register(client):
        await client.register_shopper(body=Registration(email=EMAIL, password=PASSWORD))
        return True

    assert await consumer("auth")(
        "The storefront opens an account.",
        "register_shopper",
        register,
        given={"nobody has an account": {}},
        body={"email": ExactValue(EMAIL), "password": ExactValue(PASSWORD)},
        response=Response(201, ACCOUNT),
    )


async def test_an_address_that_has_an_account_is_refused(consumer):
    with pytest.raises(EmailTaken):
        await consumer("auth")(
            "The storefront opens an account for an address that has one.",
            "register_shopper",
            lambda client: client.register_shopper(body=Registration(email=EMAIL, password=PASSWORD)),
            given={"somebody has an account": {}},
            body={"email": ExactValue(EMAIL), "password": ExactValue(PASSWORD)},
            response=Response(409, {"type": ExactValue("/problems/email-taken")}),
        )


async def test_a_session_begins_with_its_tokens(consumer):
    tokens = await consumer("auth")(
        "The storefront signs somebody in.",
        "log_in",
        lambda client: client.log_in(body=Credentials(email=EMAIL, password=PASSWORD)),
        given={"somebody has an account": {}},
        body={"email": ExactValue(EMAIL), "password": ExactValue(PASSWORD)},
        response=Response(200, TOKENS),
    )

    assert tokens.expires_in == 600


async def test_wrong_credentials_are_refused(consumer):
    with pytest.raises(WrongCredentials):
        await consumer("auth")(
            "The storefront signs somebody in who is not known.",
            "log_in",
            lambda client: AuthServiceClient(client, now).log_in(EMAIL, PASSWORD, None),
            given={"nobody has an account": {}},
            body={"email": ExactValue(EMAIL), "password": ExactValue(PASSWORD)},
            response=Response(401, {"type": ExactValue("/problems/wrong-credentials")}),
        )


async def test_an_account_says_whose_it_is(consumer):
    async def account_of(client):
        account = await client.get_own_account(token="theirs")
        return account.id, account.email, account.role

    account = await consumer("auth")(
        "The storefront asks whose the tokens are.",
        "get_own_account",
        account_of,
        given={"somebody has an account": {}},
        response=Response(200, ACCOUNT),
    )

    assert account == (ACCOUNT["id"], EMAIL, "customer")


async def test_a_session_goes_on_with_new_tokens(consumer):
    tokens = await consumer("auth")(
        "The storefront renews the tokens of a session.",
        "refresh_tokens",
        lambda client: AuthServiceClient(client, now).refresh(Tokens("old", REFRESH_TOKEN, NOON)),
        given={"a session can be continued": {"refresh_token": REFRESH_TOKEN}},
        body={"refresh_token": ExactValue(REFRESH_TOKEN)},
        response=Response(200, TOKENS),
    )

    assert tokens.refresh_token == TOKENS["refresh_token"]


async def test_a_session_that_has_ended_does_not_go_on(consumer):
    with pytest.raises(SessionEnded):
        await consumer("auth")(
            "The storefront renews the tokens of a session that has ended.",
            "refresh_tokens",
            lambda client: AuthServiceClient(client, now).refresh(Tokens("old", REFRESH_TOKEN, NOON)),
            given={"nobody has an account": {}},
            body={"refresh_token": ExactValue(REFRESH_TOKEN)},
            response=Response(401, {"type": ExactValue("/problems/refresh-token-refused")}),
        )


async def test_a_session_is_ended(consumer):
    async def log_out(client):
        await AuthServiceClient(client, now).log_out(Tokens("theirs", REFRESH_TOKEN, NOON))
        return True

    assert await consumer("auth")(
        "The storefront signs somebody out.",
        "log_out",
        log_out,
        given={"somebody has an account": {}},
        body={"refresh_token": ExactValue(REFRESH_TOKEN)},
        response=Response(204),
    )


async def test_a_link_leads_to_another_password(consumer):
    async def reset(client):
        return await client.reset_password(body=PasswordReset(token=LINK_TOKEN, password=PASSWORD))

    account = await consumer("auth")(
        "The storefront sets another password by a link.",
        "reset_password",
        reset,
        given={"a link was mailed": {"token": LINK_TOKEN, "purpose": "reset-password"}},
        body={"token": ExactValue(LINK_TOKEN), "password": ExactValue(PASSWORD)},
        response=Response(200, {"id": ACCOUNT["id"]}),
    )

    assert account.id == ACCOUNT["id"]


async def test_a_link_that_was_used_sets_no_password(consumer):
    with pytest.raises(LinkRefused):
        await consumer("auth")(
            "The storefront sets another password by a link that was used.",
            "reset_password",
            lambda client: client.reset_password(body=PasswordReset(token=LINK_TOKEN, password=PASSWORD)),
            given={"there is no link": {}},
            body={"token": ExactValue(LINK_TOKEN), "password": ExactValue(PASSWORD)},
            response=Response(409, {"type": ExactValue("/problems/link-refused")}),
        )


async def test_a_link_verifies_an_address(consumer):
    async def verify(client):
        await client.verify_email(body=LinkToken(token=LINK_TOKEN))
        return True

    assert await consumer("auth")(
        "The storefront verifies an address by a link.",
        "verify_email",
        verify,
        given={"a link was mailed": {"token": LINK_TOKEN, "purpose": "verify-email"}},
        body={"token": ExactValue(LINK_TOKEN)},
        response=Response(204),
    )


async def test_a_link_that_was_used_verifies_nothing(consumer):
    with pytest.raises(LinkRefused):
        await consumer("auth")(
            "The storefront verifies an address by a link that was used.",
            "verify_email",
            lambda client: client.verify_email(body=LinkToken(token=LINK_TOKEN)),
            given={"there is no link": {}},
            body={"token": ExactValue(LINK_TOKEN)},
            response=Response(409, {"type": ExactValue("/problems/link-refused")}),
        )


async def test_a_shopper_has_saved_addresses(consumer):
    saved = {"id": ADDRESS_ID, **{name: ADDRESS[name] for name in ("address_line1", "city", "country")}}
    addresses = await consumer("auth")(
        "The storefront asks for saved addresses.",
        "list_addresses",
        lambda client: client.list_addresses(token="theirs"),
        given={"an address is saved": {}},
        response=Response(200, {"items": [saved]}),
    )

    assert [address.city for address in addresses.items] == ["Galway"]


async def test_an_address_is_saved(consumer):
    saved = await consumer("auth")(
        "The storefront saves an address.",
        "save_address",
        lambda client: client.save_address(body=DeliveryAddress(**ADDRESS), token="theirs"),
        given={"somebody has an account": {}},
        body={name: ExactValue(value) for name, value in ADDRESS.items()},
        response=Response(
            201, {"id": ADDRESS_ID, **{name: ADDRESS[name] for name in ("address_line1", "city", "country")}}
        ),
    )

    assert saved.address_line1 == "12 Quay Street"


async def test_an_address_that_is_gone_is_not_removed(consumer):
    with pytest.raises(AddressNotFound):
        await consumer("auth")(
            "The storefront removes an address that is gone.",
            "remove_address",
            lambda client: client.remove_address(address_id=ADDRESS_ID, token="theirs"),
            given={"somebody has an account": {}},
            path={"address_id": ADDRESS_ID},
            response=Response(404, {"type": ExactValue("/problems/address-not-found")}),
        )


@pytest.mark.parametrize(
    ("description", "operation", "body", "status"),
    [
        ("asks for a link to another password", "request_password_reset", ForgottenPassword(email=EMAIL), 202),
        ("asks for a link to verify an address", "request_verification", None, 202),
        (
            "asks for a link to another address",
            "change_own_email",
            EmailChange(email="asha@example.org", password=PASSWORD),
            202,
        ),
        (
            "changes a password",
            "change_own_password",
            PasswordChange(current_password=PASSWORD, new_password="a longer walk by the quay"),
            204,
        ),
        ("deletes an account", "delete_own_account", AccountDeletion(password=PASSWORD), 204),
    ],
)
async def test_an_account_is_looked_after(consumer, description, operation, body, status):
    async def ask(client):
        token = {} if operation == "request_password_reset" else {"token": "theirs"}
        await getattr(client, operation)(**({"body": body} if body is not None else {}), **token)
        return True

    assert await consumer("auth")(
        f"The storefront {description}.",
        operation,
        ask,
        given={"somebody has an account": {}},
        body={name: ExactValue(value) for name, value in to_builtins(body).items()} if body is not None else None,
        response=Response(status),
    )


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("change_own_email", EmailChange(email="asha@example.org", password="not the quay")),
        ("change_own_password", PasswordChange(current_password="not the quay", new_password="a longer walk")),
        ("delete_own_account", AccountDeletion(password="not the quay")),
    ],
)
async def test_with_a_wrong_password_nothing_about_an_account_is_changed(consumer, operation, body):
    with pytest.raises(WrongPassword):
        await consumer("auth")(
            f"The storefront calls {operation} with a wrong password.",
            operation,
            lambda client: getattr(client, operation)(body=body, token="theirs"),
            given={"somebody has an account": {}},
            body={name: ExactValue(value) for name, value in to_builtins(body).items()},
            response=Response(409, {"type": ExactValue("/problems/wrong-password")}),
        )


USER_ID = ACCOUNT["id"]
NOT_DISABLED = {name: value for name, value in ACCOUNT.items() if name != "disabled"}


async def test_accounts_are_found_by_how_their_addresses_begin(consumer):
    page = await consumer("auth")(
        "The storefront asks for accounts.",
        "list_accounts",
        lambda client: client.list_accounts(email_prefix="asha@", limit=25, token="an admin's"),
        query={"email_prefix": "asha@", "limit": "25"},
        given={"an admin and somebody else have an account": {}},
        response=Response(200, {"items": [ACCOUNT], "next_cursor": None}),
    )

    assert [account.email for account in page.items] == [EMAIL]


@pytest.mark.parametrize(
    ("description", "operation", "disabled"),
    [("keeps somebody out", "disable_account", True), ("lets somebody in again", "enable_account", False)],
)
async def test_an_account_is_disabled_and_enabled(consumer, description, operation, disabled):
    account = await consumer("auth")(
        f"The storefront {description}.",
        operation,
        lambda client: getattr(client, operation)(user_id=USER_ID, token="an admin's"),
        path={"user_id": USER_ID},
        given={"an admin and somebody else have an account": {}},
        response=Response(200, {**NOT_DISABLED, "disabled": ExactValue(disabled)}),
    )

    assert account.disabled is disabled


async def test_the_sessions_of_an_account_are_ended(consumer):
    async def log_out(client):
        await client.log_out_account(user_id=USER_ID, token="an admin's")
        return True

    assert await consumer("auth")(
        "The storefront ends the sessions of an account.",
        "log_out_account",
        log_out,
        path={"user_id": USER_ID},
        given={"an admin and somebody else have an account": {}},
        response=Response(204),
    )


async def test_an_account_that_is_gone_is_not_disabled(consumer):
    with pytest.raises(AccountNotFound):
        await consumer("auth")(
            "The storefront keeps somebody out who is gone.",
            "disable_account",
            lambda client: client.disable_account(user_id=USER_ID, token="an admin's"),
            path={"user_id": USER_ID},
            given={"an admin alone has an account": {}},
            response=Response(404, {"type": ExactValue("/problems/account-not-found")}),
        )
