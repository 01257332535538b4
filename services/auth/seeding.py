"""Makes the first admin, who opens the accounts of the others, and takes known passwords from all of them."""

import secrets

from uuid_utils.compat import uuid7

from chassis.contracts.texts import normalize_email
from chassis.data.database import Database
from chassis.web.problems import InvalidRequest
from services.auth.domain import Account, Role, canonical_email
from services.auth.errors import PasswordTooCommon
from services.auth.passwords import PasswordHashService, require_acceptable_password
from services.auth.repository import AccountRepository, LinkRepository, SessionRepository


async def create_first_admin(database_url: str, email: str, password: str) -> None:
    """Open the account, unless the address has one: that one stays as it is, password and role included.

    Raises: ValueError for a password that nobody may choose.
    """
    async with Database(database_url, name="seeding", connections=1) as database:
        accounts, address = AccountRepository(database), canonical_email(normalize_email(email))
        if await accounts.find_by_email(address) is None:
            _check(password)
            await accounts.create(uuid7(), address, Role.ADMIN, await PasswordHashService().hash(password))


async def replace_known_password(database_url: str, known: str, email: str, password: str) -> list[Account]:
    """Take a password that everybody knows from every admin who still has it, and end their sessions.

    The account of `email` gets `password` instead, any other one that nobody is told. Returns the accounts that had it.

    Raises: ValueError for a password that nobody may choose.
    """
    _check(password)
    address, passwords = canonical_email(normalize_email(email)), PasswordHashService()
    async with Database(database_url, name="seeding", connections=1) as database:
        admins = await AccountRepository(database).list_admins()
        exposed = [admin for admin in admins if (await passwords.verify(known, admin.password_hash)).right]
        for admin in exposed:
            replacement = password if admin.email == address else secrets.token_urlsafe(32)
            password_hash = await passwords.hash(replacement)
            async with database.transaction() as transaction:
                await AccountRepository(transaction).change_password(admin, password_hash)
                await SessionRepository(transaction).end_all(admin.id)
                await LinkRepository(transaction).delete_all(admin.id)  # which whoever knew it may have asked for
    return exposed


def _check(password: str) -> None:
    try:
        require_acceptable_password(password, "ADMIN_PASSWORD")
    except (InvalidRequest, PasswordTooCommon) as refusal:
        raise ValueError("ADMIN_PASSWORD is blank, too short or one of the commonest passwords.") from refusal
