"""The auth service on a real PostgreSQL, with tokens that it signed itself."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from chassis.events.messages import MessageContract
from chassis.events.outbox import Outbox
from chassis.testing.faults import TcpProxy
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from chassis.web.health import Health
from chassis.web.tokens import JwtVerifier
from services import AUDIENCE, CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER, ISSUER
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
    AccountRepository,
    AddressRepository,
    AttemptRepository,
    AuthUnitOfWork,
    LinkRepository,
    RateLimiter,
    SessionRepository,
)
from services.auth.signing import Keyring
from tooling.conformance.callers import ContractTestClient, application_for

CONTRACT = CONTRACTS_FOLDER / "auth.yaml"

ASHA = {"email": "asha@example.com", "password": "a long walk by the quay"}
BRAM = {"email": "bram@example.com", "password": "three grey herons on a wall"}
LIMITS = RateLimits(
    failures_per_account_and_address=10,
    failures_per_account_anywhere=1_000,
    failures_per_address=1_000,
    registrations_per_address=1_000,
    mails_per_recipient=5,
    mails_per_address=1_000,
)


class CheapHasher(PasswordHasher):
    """Argon2id for a test's patience, which remembers what it compared and hashed."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified, self.hashed = [], []

    def hash(self, password, **options):
        self.hashed.append(password)
        return super().hash(password, **options)

    def verify(self, hash, password):  # noqa: A002 (argon2's name)
        self.verified.append(hash)
        return super().verify(hash, password)


@pytest.fixture
async def proxy(database_url):
    """A proxy of the database that can stall."""
    async with TcpProxy(sa.make_url(database_url).port) as proxy:
        proxy.url = sa.make_url(database_url).set(port=proxy.port).render_as_string(hide_password=False)
        yield proxy


@pytest.fixture
def accounts(database):
    return AccountRepository(database)


@pytest.fixture
def sessions(database):
    return SessionRepository(database)


@pytest.fixture
def attempts(database):
    return AttemptRepository(database)


@pytest.fixture
def rate_limiter(database):
    return RateLimiter(database)


@pytest.fixture
def hasher():
    return CheapHasher()


@pytest.fixture
def keyring(database):
    return Keyring(database, fresh=0)


def unit_of_work_on(database):
    return DatabaseUnitOfWorkFactory(
        database, AuthUnitOfWork, outbox=Outbox(MessageContract.load(EVENT_CONTRACTS_FOLDER / "auth.yaml"))
    )


def links_on(database, passwords=None, limits=LIMITS):
    """What is done by links, put together as in main.py."""
    shared = {
        "accounts": AccountRepository(database),
        "rate_limiter": RateLimiter(database),
        "unit_of_work": unit_of_work_on(database),
        "passwords": passwords or PasswordHashService(CheapHasher()),
        "limits": limits,
    }
    return AccountLinks(links=LinkRepository(database), guard=PasswordGuard(**shared), **shared)


def handlers_on(database, keyring, passwords=None, limits=LIMITS):
    """The service's handlers, put together as in main.py."""
    passwords = passwords or PasswordHashService(CheapHasher())
    shared = {
        "accounts": AccountRepository(database),
        "rate_limiter": RateLimiter(database),
        "unit_of_work": unit_of_work_on(database),
        "passwords": passwords,
        "limits": limits,
    }
    service = AuthService(
        sessions=SessionRepository(database),
        guard=PasswordGuard(**shared),
        keyring=keyring,
        refresh_leeway=timedelta(seconds=10),
        **shared,
    )
    administration = AccountAdministration(shared["accounts"], shared["unit_of_work"], passwords)
    addresses = AddressBook(AddressRepository(database), shared["unit_of_work"])
    deletion = AccountDeletion(shared["unit_of_work"], PasswordGuard(**shared))
    return AuthHandlers(
        service=service,
        administration=administration,
        links=links_on(database, passwords, limits),
        deletion=deletion,
        addresses=addresses,
        keyring=keyring,
    )


@asynccontextmanager
async def shop(database, *, keyring=None, passwords=None, limits=LIMITS, **wiring):
    """Requests to the service, with tokens that it signed itself."""
    keyring, health = keyring or Keyring(database), Health("auth", "1.0.0")
    handlers = handlers_on(database, keyring, passwords, limits)
    tokens = JwtVerifier(keyring.jwks, issuer=ISSUER, audience=AUDIENCE, cooldown=0)
    app = application_for(CONTRACT, handlers, health, tokens=tokens, **wiring)
    async with ContractTestClient(app, health, base_url="http://shop/auth") as client:
        yield client


@pytest.fixture
async def client(database, keyring, hasher):
    async with shop(database, keyring=keyring, passwords=PasswordHashService(hasher)) as client:
        yield client


@pytest.fixture
async def asha(client):
    """Asha has an account."""
    answer = await client.post("/register", json=ASHA)
    return answer.json()
