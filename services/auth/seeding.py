"""Makes the first admin, who opens the accounts of the others."""

from uuid_utils.compat import uuid7

from services.auth.domain import Role, one_spelling
from services.auth.errors import PasswordTooCommon
from services.auth.passwords import Passwords, check_new_password
from services.auth.repository import Accounts
from services.chassis.database import Database
from services.chassis.refusals import InvalidRequest
from services.chassis.texts import normalize_email


async def make_first_admin(database_url: str, email: str, password: str) -> None:
    """Open the account, unless the address has one: that one stays as it is, password and role included.

    Raises: ValueError for a password that nobody may choose.
    """
    async with Database(database_url, name="seeding", connections=1) as database:
        accounts, address = Accounts(database), one_spelling(normalize_email(email))
        if await accounts.find_by(address) is None:
            try:
                check_new_password(password, "ADMIN_PASSWORD")
            except (InvalidRequest, PasswordTooCommon) as refusal:
                raise ValueError("ADMIN_PASSWORD is blank, too short or one of the commonest passwords.") from refusal
            await accounts.open(uuid7(), address, Role.ADMIN, await Passwords().hashed(password))
