"""Put the auth service together. Nothing else constructs its parts."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from services import VERSION
from services.auth.clearing import EVERY, clear
from services.auth.domain import Limits
from services.auth.handlers import AuthHandlers
from services.auth.passwords import Passwords
from services.auth.repository import Accounts, AuthWork, RateLimiter, Sessions
from services.auth.settings import Settings
from services.auth.signing import Keyring
from services.chassis.access import Keys
from services.chassis.application import build
from services.chassis.database import Database
from services.chassis.health import Health
from services.chassis.leading import lead
from services.chassis.migrations import at_head
from services.chassis.serving import Duty, Role, serve, start
from services.chassis.tokens import Tokens
from services.chassis.unit_of_work import UnitOfWork

CONTRACT = Path(__file__).parents[2] / "contracts" / "auth.yaml"


async def main(settings: Settings, role: Role) -> int:
    """Run the service until it is told to stop; the process's exit code."""
    limits = Limits(
        failures_per_account_and_address=settings.failures_per_account_and_address,
        failures_per_account_anywhere=settings.failures_per_account_anywhere,
        failures_per_address=settings.failures_per_address,
        registrations_per_address=settings.registrations_per_address,
    )
    async with Database(settings.database_url, name="auth") as database:
        keyring = Keyring(database)
        handlers = AuthHandlers(
            accounts=Accounts(database),
            sessions=Sessions(database),
            rate_limiter=RateLimiter(database),
            unit_of_work=UnitOfWork(database, AuthWork),
            passwords=Passwords(),
            keyring=keyring,
            limits=limits,
            refresh_leeway=timedelta(seconds=settings.refresh_leeway_seconds),
        )
        health = Health(
            "auth",
            VERSION,
            {"database": database.probe, "migrations": partial(at_head, database, "auth"), "keys": keyring.probe},
        )
        app = build(CONTRACT, handlers, health, tokens=Tokens(keyring.jwks), keys=Keys(settings.internal_keys))
        duties = [Duty("clearing", partial(lead, database, "clearing", partial(clear, database), every=EVERY))]
        return await serve(app, settings, duties, role, health=health, looks=[database.look])


if __name__ == "__main__":
    start(Settings, main)
