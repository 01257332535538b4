"""Auth is, and says, what others expect."""

import asyncio
from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.web.access import User
from generated.models.auth import AccountDeletion, DeliveryAddress
from services.auth.application.opening import open_account
from services.auth.domain import Link, LinkPurpose, Role, token_digest
from services.auth.tests.conftest import ASHA, CONTRACT, CheapHasher, handlers_on, links_on, unit_of_work_on
from tests import accounts as people


async def test_auth_honours_its_pacts(
    verify_provider, empty_database_for, database, keyring, accounts, sessions, monkeypatch
):
    links, unit_of_work = links_on(database), unit_of_work_on(database)

    async def account(user_id=str(people.ASHA.id)):
        empty_database_for("auth")
        await accounts.create(UUID(user_id), ASHA["email"], Role.CUSTOMER, CheapHasher().hash(ASHA["password"]))

    async def admin():
        await nobody()
        await accounts.create(people.ADMIN.id, people.ADMIN.email, Role.ADMIN, "a hash")

    async def account_beside_admin():
        await account()
        await accounts.create(people.ADMIN.id, people.ADMIN.email, Role.ADMIN, "a hash")

    async def link(link_id):
        await account()
        async with unit_of_work() as work:
            await work.links.add(Link(UUID(link_id), people.ASHA.id, LinkPurpose.RESET_PASSWORD, ASHA["email"]))

    async def mailed_link(token, purpose):
        await account()
        mailed = Link(uuid7(), people.ASHA.id, LinkPurpose(purpose), ASHA["email"])
        async with unit_of_work() as work:
            await work.links.add(mailed)
            await work.links.add_token(mailed.id, token_digest(token))

    async def saved_address():
        await account()
        address = DeliveryAddress(address_line1="12 Quay Street", city="Galway", country="IE", postcode="H91 XY00")
        asha = User(people.ASHA.id, "customer", ASHA["email"])
        await handlers_on(database, keyring).save_address(address, asha)

    async def no_link():
        await account()

    async def nobody():
        empty_database_for("auth")

    async def session(refresh_token):
        await account()
        await sessions.begin(await accounts.find(people.ASHA.id), token_digest(refresh_token))

    async def register():
        empty_database_for("auth")
        monkeypatch.setattr("services.auth.application.opening.uuid7", lambda: people.ASHA.id)
        async with unit_of_work() as work:
            await open_account(work, ASHA["email"], Role.CUSTOMER, "a hash")

    async def forget():
        await links.request_password_reset(ASHA["email"], None)
        await links.handle_reset_requests(asyncio.Event())

    async def ask_for_another_address():
        await accounts.set_verified_email(people.ASHA.id, ASHA["email"])
        await links.request_email_change(
            people.ASHA.id,
            ASHA["email"],
            new_email="asha@example.org",
            password=ASHA["password"],
            client_address=None,
        )

    async def delete():
        await account()
        deletion = AccountDeletion(password=ASHA["password"])
        await accounts.set_verified_email(people.ASHA.id, ASHA["email"])
        await handlers_on(database, keyring).delete_own_account(
            deletion, User(people.ASHA.id, "customer", ASHA["email"])
        )

    await verify_provider(
        CONTRACT,
        handlers_on(database, keyring),
        states={
            "nobody has an account": nobody,
            "somebody has an account": account,
            "an admin alone has an account": admin,
            "an admin and somebody else have an account": account_beside_admin,
            "a session can be continued": session,
            "a link was asked for": link,
            "a link was mailed": mailed_link,
            "there is no link": no_link,
            "an address is saved": saved_address,
        },
        events={
            "verification.requested": register,
            "password.forgotten": forget,
            "email.requested": ask_for_another_address,
            "account.deleted": delete,
        },
        outbox=database,
    )
