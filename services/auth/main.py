"""What the auth service is made of."""

from datetime import timedelta
from functools import partial

from chassis.service import Service
from chassis.web.tokens import Tokens
from services import AUDIENCE, ISSUER
from services.auth.application import AuthService
from services.auth.domain import Limits
from services.auth.handlers import AuthHandlers
from services.auth.passwords import Passwords
from services.auth.repository import RETENTION_RULES, AccountRepository, AuthUnitOfWork, RateLimiter, SessionRepository
from services.auth.settings import Settings
from services.auth.signing import Keyring, delete_withdrawn
from services.entrypoint import run


async def assemble(service: Service, settings: Settings) -> None:
    database = await service.open_database(settings.database_url)
    keyring = Keyring(database)
    service.tokens = Tokens(keyring.jwks, issuer=ISSUER, audience=AUDIENCE)
    service.add_probe("keys", keyring.probe)
    auth = AuthService(
        accounts=AccountRepository(database),
        sessions=SessionRepository(database),
        rate_limiter=RateLimiter(database),
        unit_of_work=service.unit_of_work(AuthUnitOfWork),
        passwords=Passwords(),
        keyring=keyring,
        limits=Limits(
            failures_per_account_and_address=settings.failures_per_account_and_address,
            failures_per_account_anywhere=settings.failures_per_account_anywhere,
            failures_per_address=settings.failures_per_address,
            registrations_per_address=settings.registrations_per_address,
        ),
        refresh_leeway=timedelta(seconds=settings.refresh_leeway_seconds),
    )
    service.add_handlers(AuthHandlers(auth, keyring))
    service.add_retention(*RETENTION_RULES)
    service.add_led_task("withdrawn keys", partial(delete_withdrawn, database), every=600)


if __name__ == "__main__":
    run(Settings, assemble)
