"""What the auth service is made of."""

from datetime import timedelta
from functools import partial

from chassis.service import Service
from chassis.web.tokens import JwtVerifier
from services import AUDIENCE, ISSUER
from services.auth.application.addresses import AddressBook
from services.auth.application.administration import AccountAdministration
from services.auth.application.authentication import AuthService
from services.auth.application.deletion import AccountDeletion
from services.auth.application.links import AccountLinks
from services.auth.application.password_guard import PasswordGuard
from services.auth.domain import RateLimits
from services.auth.handlers import AuthHandlers
from services.auth.passwords import PasswordHashService
from services.auth.repository import (
    RETENTION_RULES,
    AccountRepository,
    AddressRepository,
    AuthUnitOfWork,
    LinkRepository,
    RateLimiter,
    SessionRepository,
)
from services.auth.settings import Settings
from services.auth.signing import Keyring, delete_withdrawn_keys
from services.entrypoint import run


async def assemble(service: Service, settings: Settings) -> None:
    database = await service.open_database(settings.database_url)
    keyring = Keyring(database)
    service.tokens = JwtVerifier(keyring.jwks, issuer=ISSUER, audience=AUDIENCE)
    service.add_probe("keys", keyring.probe)
    accounts, rate_limiter = AccountRepository(database), RateLimiter(database)
    unit_of_work, passwords = service.unit_of_work(AuthUnitOfWork), PasswordHashService()
    limits = RateLimits(
        failures_per_account_and_address=settings.failures_per_account_and_address,
        failures_per_account_anywhere=settings.failures_per_account_anywhere,
        failures_per_address=settings.failures_per_address,
        registrations_per_address=settings.registrations_per_address,
        mails_per_recipient=settings.mails_per_recipient,
        mails_per_address=settings.mails_per_address,
    )
    guard = PasswordGuard(
        accounts=accounts, rate_limiter=rate_limiter, unit_of_work=unit_of_work, passwords=passwords, limits=limits
    )
    authentication = AuthService(
        accounts=accounts,
        sessions=SessionRepository(database),
        rate_limiter=rate_limiter,
        unit_of_work=unit_of_work,
        guard=guard,
        passwords=passwords,
        keyring=keyring,
        limits=limits,
        refresh_leeway=timedelta(seconds=settings.refresh_leeway_seconds),
    )
    links = AccountLinks(
        accounts=accounts,
        links=LinkRepository(database),
        rate_limiter=rate_limiter,
        unit_of_work=unit_of_work,
        guard=guard,
        passwords=passwords,
        limits=limits,
    )
    deletion = AccountDeletion(unit_of_work, guard)
    addresses = AddressBook(AddressRepository(database), unit_of_work)
    administration = AccountAdministration(accounts, unit_of_work, passwords)
    service.add_handlers(
        AuthHandlers(
            service=authentication,
            administration=administration,
            links=links,
            deletion=deletion,
            addresses=addresses,
            keyring=keyring,
        )
    )
    service.send_events(settings.broker)
    service.add_leader_task("reset requests", links.handle_reset_requests, every=1.0)
    service.add_retention(*RETENTION_RULES)
    service.add_leader_task("withdrawn keys", partial(delete_withdrawn_keys, database), every=600)


if __name__ == "__main__":
    run(Settings, assemble)
