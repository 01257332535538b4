"""Accounts, sessions, attempts and signing keys as rows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation
from uuid_utils.compat import uuid7

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.statements import auth as statements
from services.auth.domain import (
    KNOWN_NETWORK_RETENTION,
    Account,
    Address,
    Attempt,
    Link,
    LinkPurpose,
    LoginRisk,
    Role,
    SavedAddress,
    SigningKey,
)
from services.auth.errors import NoAttemptLeft, TooManyAttempts

ONE_DAY = timedelta(days=1)
RETENTION_RULES = (
    # With each session go all its refresh tokens, up to MAX_REFRESHES.
    RetentionRule("ended sessions", delete_expired_statement("auth.sessions", "ends_at"), ONE_DAY, batch=10),
    RetentionRule("expired links", delete_expired_statement("auth.links", "expires_at"), timedelta(0)),
    RetentionRule("attempts", delete_expired_statement("auth.attempts", "began_at"), ONE_DAY),
    RetentionRule(
        "unused networks", delete_expired_statement("auth.known_networks", "used_at"), KNOWN_NETWORK_RETENTION
    ),
)


def _to_account(**row: Any) -> Account:
    return Account(**{**row, "role": Role(row["role"])})


FIND_ACCOUNT = statements.FIND_ACCOUNT.into(_to_account)
FIND_ACCOUNT_BY_EMAIL = statements.FIND_ACCOUNT_BY_EMAIL.into(_to_account)
LOCK_ACCOUNT = statements.LOCK_ACCOUNT.into(_to_account)
LOCK_ACCOUNT_BY_EMAIL = statements.LOCK_ACCOUNT_BY_EMAIL.into(_to_account)
SELECT_ACCOUNTS_BY_EMAIL = statements.SELECT_ACCOUNTS_BY_EMAIL.into(_to_account)
SELECT_ADMINS = statements.SELECT_ADMINS.into(_to_account)
UPDATE_DISABLED = statements.UPDATE_DISABLED.into(_to_account)
INSERT_ACCOUNT = statements.INSERT_ACCOUNT.into(_to_account)
LOCK_UNCHANGED_ACCOUNT = statements.LOCK_UNCHANGED_ACCOUNT.into(_to_account)


class AccountRepository:
    """The accounts, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def find(self, account_id: UUID) -> Account | None:
        return await self._rows.fetch_one(FIND_ACCOUNT, account_id=account_id)

    async def find_by_email(self, email: str) -> Account | None:
        return await self._rows.fetch_one(FIND_ACCOUNT_BY_EMAIL, email=email)

    async def list_admins(self) -> list[Account]:
        return await self._rows.fetch_all(SELECT_ADMINS)

    async def list_by_email(self, prefix: str, after: tuple[str, UUID], limit: int) -> list[Account]:
        key, account_id = after
        return await self._rows.fetch_all(
            SELECT_ACCOUNTS_BY_EMAIL, prefix=prefix, after_key=key, after_id=account_id, max_rows=limit
        )

    async def lock_active_admins(self) -> list[UUID]:
        return [row["id"] for row in await self._rows.fetch_all(statements.LOCK_ACTIVE_ADMINS)]

    async def set_disabled(self, account_id: UUID, *, disabled: bool) -> Account | None:
        return await self._rows.fetch_one(UPDATE_DISABLED, account_id=account_id, disabled=disabled)

    async def create(self, account_id: UUID, email: str, role: Role, password_hash: str) -> Account | None:
        return await self._rows.fetch_one(
            INSERT_ACCOUNT, id=account_id, email=email, role=role, password_hash=password_hash
        )

    async def lock(self, account_id: UUID) -> Account | None:
        return await self._rows.fetch_one(LOCK_ACCOUNT, account_id=account_id)

    async def lock_by_email(self, email: str) -> Account | None:
        return await self._rows.fetch_one(LOCK_ACCOUNT_BY_EMAIL, email=email)

    async def lock_unchanged(self, account: Account) -> Account | None:
        return await self._rows.fetch_one(LOCK_UNCHANGED_ACCOUNT, account_id=account.id, read=account.password_hash)

    async def reset_password(self, account_id: UUID, password_hash: str) -> None:
        await self._rows.execute(statements.RESET_PASSWORD, account_id=account_id, password_hash=password_hash)

    async def set_verified_email(self, account_id: UUID, email: str) -> bool:
        try:
            await self._rows.execute(statements.SET_VERIFIED_EMAIL, account_id=account_id, new_email=email)
        except UniqueViolation:
            return False
        return True

    async def delete(self, account_id: UUID) -> None:
        for statement in statements.DELETE_ACCOUNT:
            await self._rows.execute(statement, account_id=account_id)

    async def change_password(self, account: Account, password_hash: str) -> bool:
        changed = await self._rows.execute(
            statements.UPDATE_PASSWORD, account_id=account.id, read=account.password_hash, password_hash=password_hash
        )
        return changed == 1

    async def remember_network(self, account: Account, network: str) -> None:
        await self._rows.execute(statements.UPSERT_KNOWN_NETWORK, account_id=account.id, network=network)


ROTATE_REFRESH_TOKEN = statements.ROTATE_REFRESH_TOKEN.into(_to_account)


class SessionRepository:
    """The sessions and their refresh tokens, changed directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def begin(self, account: Account, digest: bytes) -> bool:
        begun = await self._rows.execute(
            statements.INSERT_SESSION,
            account_id=account.id,
            read=account.password_hash,
            session_id=uuid7(),
            digest=digest,
        )
        return begun == 1

    async def rotate(self, digest: bytes, successor: bytes, leeway: timedelta) -> Account | None:
        return await self._rows.fetch_one(ROTATE_REFRESH_TOKEN, given=digest, successor=successor, leeway=leeway)

    async def end_if_reused(self, digest: bytes, leeway: timedelta) -> bool:
        return await self._rows.execute(statements.END_SESSION_IF_TOKEN_REUSED, given=digest, leeway=leeway) == 1

    async def end(self, account_id: UUID, digest: bytes) -> None:
        await self._rows.execute(statements.END_SESSION, given=digest, owner=account_id)

    async def end_all(self, account_id: UUID) -> None:
        await self._rows.execute(statements.END_ALL_SESSIONS, owner=account_id)


def _to_saved_address(**row: Any) -> SavedAddress:
    return SavedAddress(row["id"], Address(**{name: row[name] for name in statements.ADDRESS_COLUMNS}))


SELECT_ADDRESSES = statements.SELECT_ADDRESSES.into(_to_saved_address)


class AddressRepository:
    """The addresses that shoppers saved, changed directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_by_account(self, account_id: UUID) -> list[SavedAddress]:
        return await self._rows.fetch_all(SELECT_ADDRESSES, account_id=account_id)

    async def add(self, account_id: UUID, saved: SavedAddress) -> None:
        await self._rows.execute(statements.INSERT_ADDRESS, id=saved.id, account_id=account_id, **vars(saved.address))

    async def remove(self, account_id: UUID, address_id: UUID) -> bool:
        return await self._rows.execute(statements.DELETE_ADDRESS, account_id=account_id, address_id=address_id) == 1


def _to_link(**row: Any) -> Link:
    return Link(**{**row, "purpose": LinkPurpose(row["purpose"])})


FIND_LINK_BY_TOKEN = statements.FIND_LINK_BY_TOKEN.into(_to_link)


class LinkRepository:
    """The links of mails and the digests of their tokens, changed directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add(self, link: Link) -> None:
        await self._rows.execute(statements.DELETE_LINK_OF_PURPOSE, account_id=link.account_id, purpose=link.purpose)
        await self._rows.execute(statements.INSERT_LINK, **vars(link), valid_for=link.purpose.valid_for)

    async def add_token(self, link_id: UUID, digest: bytes) -> bool:
        return await self._rows.execute(statements.INSERT_LINK_TOKEN, link_id=link_id, digest=digest) == 1

    async def find(self, digest: bytes, purpose: LinkPurpose) -> Link | None:
        return await self._rows.fetch_one(FIND_LINK_BY_TOKEN, digest=digest, purpose=purpose)

    async def use(self, link_id: UUID) -> bool:
        return await self._rows.execute(statements.USE_LINK, link_id=link_id) == 1

    async def delete_all(self, account_id: UUID) -> None:
        await self._rows.execute(statements.DELETE_LINKS, account_id=account_id)


class ResetRequestQueue:
    """Who is said to have forgotten their password, within a transaction."""

    def __init__(self, rows: Transaction) -> None:
        self._rows = rows

    async def add(self, email: str) -> None:
        await self._rows.execute(statements.INSERT_RESET_REQUEST, id=uuid7(), email=email)

    async def take(self) -> str | None:
        row = await self._rows.fetch_one(statements.TAKE_RESET_REQUEST)
        return row["email"] if row else None


SELECT_LOGIN_RISK = statements.SELECT_LOGIN_RISK.into(LoginRisk)


class AttemptRepository:
    """What was tried, counted for all replicas, directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def take(self, attempt: Attempt) -> None:
        if not await self._rows.execute(statements.RESERVE_ATTEMPT, **_attempt_parameters(attempt)):
            raise TooManyAttempts(await _wait(self._rows, attempt))
        await self.count(attempt)

    async def count(self, *tried: Attempt) -> None:
        for attempt in tried:
            await self._rows.execute(statements.COUNT_ATTEMPT, this=attempt.key)

    async def release(self, *tried: Attempt) -> None:
        for attempt in tried:
            await self._rows.execute(statements.RELEASE_ATTEMPT, this=attempt.key)

    async def reset(self, attempt: Attempt) -> None:
        await self._rows.execute(statements.RESET_ATTEMPTS, this=attempt.key)


class RateLimiter:
    """Says what may be tried. A turn is reserved before and counted when it is known to have failed.

    So what ends in an outage or a crash counts nothing, and of many at once no more are tried than are allowed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def assess_login_risk(self, email: str, network: str | None, anywhere: Attempt) -> LoginRisk:
        limit = anywhere.limit
        risk = await self._database.fetch_one(
            SELECT_LOGIN_RISK,
            email=email,
            network=network,
            this=anywhere.key,
            window=limit.window,
            rolling=limit.rolling,
        )
        return risk or LoginRisk(known_network=False, failures=0)

    async def reserve(self, *wanted: Attempt) -> None:
        try:
            async with self._database.transaction() as transaction:
                for attempt in wanted:
                    if not await transaction.execute(statements.RESERVE_ATTEMPT, **_attempt_parameters(attempt)):
                        raise NoAttemptLeft
        except NoAttemptLeft:  # the waits are read when nobody waits for us any more
            raise TooManyAttempts(max([await _wait(self._database, attempt) for attempt in wanted])) from None


async def _wait(rows: Database | Transaction, attempt: Attempt) -> float:
    row = await rows.fetch_one(statements.SELECT_WAIT, **_attempt_parameters(attempt))
    return row["wait"].total_seconds() if row else 0.0


def _attempt_parameters(attempt: Attempt) -> dict[str, Any]:
    limit = attempt.limit
    return {
        "this": attempt.key,
        "max_attempts": limit.max_attempts,
        "window": limit.window,
        # Who waits as long as the window waits until it is over.
        "pause_seconds": (limit.window if limit.pause is None else limit.pause).total_seconds(),
        "rolling": limit.rolling,
    }


def _to_signing_key(kid: str, private_key: bytes, signs_from: datetime) -> SigningKey:
    return SigningKey(kid, bytes(private_key), active_from=signs_from)


SELECT_SIGNING_KEYS = statements.SELECT_SIGNING_KEYS.into(_to_signing_key)


class SigningKeyRepository:
    """The signing keys, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_all(self) -> list[SigningKey]:
        return await self._rows.fetch_all(SELECT_SIGNING_KEYS)

    async def add(self, key: SigningKey) -> None:
        await self._rows.execute(
            statements.INSERT_SIGNING_KEY, kid=key.kid, private_key=key.private, signs_from=key.active_from
        )

    async def delete(self, kids: list[str]) -> None:
        await self._rows.execute(statements.DELETE_SIGNING_KEYS, kids=kids)

    async def lock(self) -> None:
        """Let nobody else add one until the transaction ends."""
        await self._rows.fetch_one(statements.LOCK_SIGNING_KEYS)


class AuthUnitOfWork(UnitOfWork):
    """One transaction of the auth service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None = None) -> None:
        super().__init__(transaction, outbox)
        self.accounts, self.sessions = AccountRepository(transaction), SessionRepository(transaction)
        self.addresses = AddressRepository(transaction)
        self.links, self.reset_requests = LinkRepository(transaction), ResetRequestQueue(transaction)
        self.attempts = AttemptRepository(transaction)
