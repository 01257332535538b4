"""Makes the first admin, who opens the accounts of the others."""

from uuid_utils.compat import uuid7

from services.auth.domain import Role, one_spelling
from services.auth.passwords import Passwords
from services.auth.repository import Accounts
from services.chassis.database import Database


async def make_first_admin(database_url: str, email: str, password: str) -> None:
    """Open the account, unless the address has one: that one stays as it is, password and role included."""
    async with Database(database_url, name="seeding", connections=1) as database:
        accounts, address = Accounts(database), one_spelling(email)
        if await accounts.find_by(address) is None:
            await accounts.open(uuid7(), address, Role.ADMIN, await Passwords().hashed(password))
