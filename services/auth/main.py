"""Put the auth service together. Nothing else constructs its parts."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from chassis.data.database import Database
from chassis.data.migrations import at_head
from chassis.data.unit_of_work import UnitOfWorkFactory
from chassis.runtime.leader_election import lead
from chassis.runtime.process import BackgroundTask, Role, serve, start
from chassis.web.access import ApiKeys
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.tokens import Tokens
from services import VERSION
from services.auth.clearing import EVERY, clear
from services.auth.domain import Limits
from services.auth.handlers import AuthHandlers
from services.auth.passwords import Passwords
from services.auth.repository import Accounts, AuthUnitOfWork, RateLimiter, Sessions
from services.auth.settings import Settings
from services.auth.signing import Keyring

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
            unit_of_work=UnitOfWorkFactory(database, AuthUnitOfWork),
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
        app = build_application(
            CONTRACT, handlers, health, tokens=Tokens(keyring.jwks), keys=ApiKeys(settings.internal_keys)
        )
        duties = [
            BackgroundTask("clearing", partial(lead, database, "clearing", partial(clear, database), every=EVERY))
        ]
        return await serve(app, settings, duties, role, health=health, collectors=[database.collector])


if __name__ == "__main__":
    start(Settings, main)
