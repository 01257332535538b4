"""Accounts, sessions, attempts and signing keys as rows."""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.errors import UniqueViolation
from sqlalchemy import ARRAY, any_, bindparam, func
from sqlalchemy.dialects.postgresql import INTERVAL, insert
from uuid_utils.compat import uuid7

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.data.statement import Statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from services.auth.domain import (
    KNOWN_NETWORK_RETENTION,
    MAX_REFRESHES,
    SESSION_LIFETIME,
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
from services.auth.tables import (
    accounts,
    addresses,
    attempts,
    known_networks,
    link_tokens,
    links,
    refresh_tokens,
    reset_requests,
    sessions,
    signing_keys,
)

ONE_DAY = timedelta(days=1)
RETENTION_RULES = (
    # With each session go all its refresh tokens, up to MAX_REFRESHES.
    RetentionRule("ended sessions", delete_expired_statement(sessions.c.ends_at), ONE_DAY, batch=10),
    RetentionRule("expired links", delete_expired_statement(links.c.expires_at), timedelta(0)),
    RetentionRule("attempts", delete_expired_statement(attempts.c.began_at), ONE_DAY),
    RetentionRule("unused networks", delete_expired_statement(known_networks.c.used_at), KNOWN_NETWORK_RETENTION),
)


def _to_account(**row: Any) -> Account:
    return Account(**{**row, "role": Role(row["role"])})


IS_ACCOUNT = accounts.c.id == bindparam("account_id")
HAS_EMAIL = accounts.c.email == bindparam("email")
FIND_ACCOUNT = Statement(sa.select(accounts).where(IS_ACCOUNT), into=_to_account)
FIND_ACCOUNT_BY_EMAIL = Statement(sa.select(accounts).where(HAS_EMAIL), into=_to_account)
LOCK_ACCOUNT = Statement(sa.select(accounts).where(IS_ACCOUNT).with_for_update(key_share=True), into=_to_account)
LOCK_ACCOUNT_BY_EMAIL = Statement(
    sa.select(accounts).where(HAS_EMAIL).with_for_update(key_share=True), into=_to_account
)
_email_key = func.left(accounts.c.email, sa.literal_column("96"))  # in the words of the index
_prefix = bindparam("prefix", type_=sa.Text)
SELECT_ACCOUNTS_BY_EMAIL = Statement(
    sa.select(accounts)
    .where(
        _email_key >= func.left(_prefix, 96),
        _email_key <= func.left(_prefix, 96).concat("\x7f"),  # after all that an address is made of
        func.starts_with(accounts.c.email, _prefix),
        sa.tuple_(_email_key, accounts.c.id)
        > sa.tuple_(bindparam("after_key", type_=sa.Text), bindparam("after_id", type_=sa.Uuid)),
    )
    .order_by(_email_key, accounts.c.id)
    .limit(bindparam("max_rows", type_=sa.Integer)),
    into=_to_account,
)
SELECT_ADMINS = Statement(sa.select(accounts).where(accounts.c.role == Role.ADMIN), into=_to_account)
# In the words of the partial index. All of them in one order: admins who disable each other do so one after the other.
LOCK_ACTIVE_ADMINS = Statement(
    sa.select(accounts.c.id)
    .where(sa.text("role = 'admin' AND disabled_at IS NULL"))
    .order_by(accounts.c.id)
    .with_for_update(key_share=True)
)
UPDATE_DISABLED = Statement(
    sa.update(accounts)
    .where(IS_ACCOUNT)
    .values(
        disabled_at=sa.case(
            (bindparam("disabled", type_=sa.Boolean), func.coalesce(accounts.c.disabled_at, func.now())), else_=None
        )
    )
    .returning(accounts),
    into=_to_account,
)
INSERT_ACCOUNT = Statement(
    insert(accounts)
    .values({name: bindparam(name) for name in ("id", "email", "role", "password_hash")})
    .on_conflict_do_nothing(constraint="accounts_have_an_address_each")
    .returning(accounts),
    into=_to_account,
)
HAS_UNCHANGED_PASSWORD = IS_ACCOUNT & (accounts.c.password_hash == bindparam("read"))
IS_ENABLED = accounts.c.disabled_at.is_(None)
LOCK_UNCHANGED_ACCOUNT = Statement(
    sa.select(accounts).where(HAS_UNCHANGED_PASSWORD, IS_ENABLED).with_for_update(key_share=True), into=_to_account
)
RESET_PASSWORD = Statement(
    sa.update(accounts)
    .where(IS_ACCOUNT)
    .values(password_hash=bindparam("password_hash"), verified_at=func.coalesce(accounts.c.verified_at, func.now()))
)
SET_VERIFIED_EMAIL = Statement(
    sa.update(accounts).where(IS_ACCOUNT).values(email=bindparam("new_email"), verified_at=func.now())
)
UPDATE_PASSWORD = Statement(
    sa.update(accounts).where(HAS_UNCHANGED_PASSWORD).values(password_hash=bindparam("password_hash"))
)
# Links go with the account, and refresh tokens with their session.
DELETE_ACCOUNT = tuple(
    Statement(sa.delete(column.table).where(column == bindparam("account_id")))
    for column in (sessions.c.account_id, known_networks.c.account_id, accounts.c.id)
)
UPSERT_KNOWN_NETWORK = Statement(
    insert(known_networks)
    .values(account_id=bindparam("account_id"), network=bindparam("network"))
    .on_conflict_do_update(
        index_elements=["account_id", "network"],
        set_={"used_at": func.now()},
        # To the day is enough, and spares a row each time.
        where=known_networks.c.used_at < func.now() - sa.literal(ONE_DAY, INTERVAL),
    )
)


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
        return [row["id"] for row in await self._rows.fetch_all(LOCK_ACTIVE_ADMINS)]

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
        await self._rows.execute(RESET_PASSWORD, account_id=account_id, password_hash=password_hash)

    async def set_verified_email(self, account_id: UUID, email: str) -> bool:
        try:
            await self._rows.execute(SET_VERIFIED_EMAIL, account_id=account_id, new_email=email)
        except UniqueViolation:
            return False
        return True

    async def delete(self, account_id: UUID) -> None:
        for statement in DELETE_ACCOUNT:
            await self._rows.execute(statement, account_id=account_id)

    async def change_password(self, account: Account, password_hash: str) -> bool:
        changed = await self._rows.execute(
            UPDATE_PASSWORD, account_id=account.id, read=account.password_hash, password_hash=password_hash
        )
        return changed == 1

    async def remember_network(self, account: Account, network: str) -> None:
        await self._rows.execute(UPSERT_KNOWN_NETWORK, account_id=account.id, network=network)


# Waits for a password change that is under way, and makes one wait: it ends this session too, or this one never begins.
_verified_account = (
    sa.select(accounts.c.id).where(HAS_UNCHANGED_PASSWORD, IS_ENABLED).with_for_update(read=True).cte("verified")
)
_new_session = (
    sa.insert(sessions)
    .from_select(
        ["id", "account_id", "ends_at"],
        sa.select(
            bindparam("session_id", type_=sa.Uuid),
            _verified_account.c.id,
            func.now() + sa.literal(SESSION_LIFETIME, INTERVAL),
        ),
    )
    .returning(sessions.c.id)
    .cte("begun")
)
INSERT_SESSION = Statement(
    sa.insert(refresh_tokens).from_select(
        ["digest", "session_id"], sa.select(bindparam("digest", type_=sa.LargeBinary), _new_session.c.id)
    )
)
IS_GIVEN_TOKEN = (refresh_tokens.c.digest == bindparam("given")) & (refresh_tokens.c.session_id == sessions.c.id)
# The clock, not the statement's beginning: one that waited for a log-out finds the session ended.
IS_SESSION_ACTIVE = sessions.c.ends_at > func.clock_timestamp()
IS_TOKEN_REUSED = refresh_tokens.c.used_at <= func.now() - bindparam("leeway", type_=INTERVAL)
# Of two at once the second waits here for the first, and then is within the leeway.
_refreshed_session = (
    sa.update(sessions)
    .where(
        IS_GIVEN_TOKEN,
        IS_SESSION_ACTIVE,
        refresh_tokens.c.used_at.is_(None) | ~IS_TOKEN_REUSED,
        sessions.c.refreshes < MAX_REFRESHES,
    )
    .values(refreshes=sessions.c.refreshes + 1)
    .returning(sessions.c.id, sessions.c.account_id)
    .cte("continued")
)
_used_token = (
    sa.update(refresh_tokens)
    .where(refresh_tokens.c.digest == bindparam("given"), refresh_tokens.c.session_id == _refreshed_session.c.id)
    .values(used_at=func.coalesce(refresh_tokens.c.used_at, func.now()))
    .cte("used")
)
_successor_token = (
    sa.insert(refresh_tokens)
    .from_select(
        ["digest", "session_id"], sa.select(bindparam("successor", type_=sa.LargeBinary), _refreshed_session.c.id)
    )
    .cte("succeeded")
)
ROTATE_REFRESH_TOKEN = Statement(
    sa.select(accounts)
    .join(_refreshed_session, _refreshed_session.c.account_id == accounts.c.id)
    .add_cte(_used_token, _successor_token),
    into=_to_account,
)
_end_sessions = sa.update(sessions).values(ends_at=func.now()).where(IS_SESSION_ACTIVE)
END_SESSION = Statement(_end_sessions.where(IS_GIVEN_TOKEN, sessions.c.account_id == bindparam("owner")))
END_SESSION_IF_TOKEN_REUSED = Statement(_end_sessions.where(IS_GIVEN_TOKEN, IS_TOKEN_REUSED))
END_ALL_SESSIONS = Statement(_end_sessions.where(sessions.c.account_id == bindparam("owner")))


class SessionRepository:
    """The sessions and their refresh tokens, changed directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def begin(self, account: Account, digest: bytes) -> bool:
        begun = await self._rows.execute(
            INSERT_SESSION, account_id=account.id, read=account.password_hash, session_id=uuid7(), digest=digest
        )
        return begun == 1

    async def rotate(self, digest: bytes, successor: bytes, leeway: timedelta) -> Account | None:
        return await self._rows.fetch_one(ROTATE_REFRESH_TOKEN, given=digest, successor=successor, leeway=leeway)

    async def end_if_reused(self, digest: bytes, leeway: timedelta) -> bool:
        return await self._rows.execute(END_SESSION_IF_TOKEN_REUSED, given=digest, leeway=leeway) == 1

    async def end(self, account_id: UUID, digest: bytes) -> None:
        await self._rows.execute(END_SESSION, given=digest, owner=account_id)

    async def end_all(self, account_id: UUID) -> None:
        await self._rows.execute(END_ALL_SESSIONS, owner=account_id)


ADDRESS_COLUMNS = [field.name for field in fields(Address)]


def _to_saved_address(**row: Any) -> SavedAddress:
    return SavedAddress(row["id"], Address(**{name: row[name] for name in ADDRESS_COLUMNS}))


IS_OF_ACCOUNT = addresses.c.account_id == bindparam("account_id")
SELECT_ADDRESSES = Statement(
    sa.select(addresses).where(IS_OF_ACCOUNT).order_by(addresses.c.id.desc()), into=_to_saved_address
)
INSERT_ADDRESS = Statement(
    sa.insert(addresses).values({name: bindparam(name) for name in ("id", "account_id", *ADDRESS_COLUMNS)})
)
DELETE_ADDRESS = Statement(sa.delete(addresses).where(IS_OF_ACCOUNT, addresses.c.id == bindparam("address_id")))


class AddressRepository:
    """The addresses that shoppers saved, changed directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_by_account(self, account_id: UUID) -> list[SavedAddress]:
        return await self._rows.fetch_all(SELECT_ADDRESSES, account_id=account_id)

    async def add(self, account_id: UUID, saved: SavedAddress) -> None:
        await self._rows.execute(INSERT_ADDRESS, id=saved.id, account_id=account_id, **vars(saved.address))

    async def remove(self, account_id: UUID, address_id: UUID) -> bool:
        return await self._rows.execute(DELETE_ADDRESS, account_id=account_id, address_id=address_id) == 1


def _to_link(**row: Any) -> Link:
    return Link(**{**row, "purpose": LinkPurpose(row["purpose"])})


IS_LINK = links.c.id == bindparam("link_id")
# The clock: whoever waited for another who uses the link judges it at the time the wait was over.
IS_LINK_VALID = links.c.expires_at > func.clock_timestamp()
DELETE_LINKS = Statement(sa.delete(links).where(links.c.account_id == bindparam("account_id")))
DELETE_LINK_OF_PURPOSE = Statement(
    sa.delete(links).where(links.c.account_id == bindparam("account_id"), links.c.purpose == bindparam("purpose"))
)
INSERT_LINK = Statement(
    sa.insert(links).values(
        expires_at=func.now() + bindparam("valid_for", type_=INTERVAL),
        **{name: bindparam(name) for name in ("id", "account_id", "purpose", "email")},
    )
)
# Waits for whoever uses the link, and finds none afterwards.
_valid_link = (
    sa.select(links.c.id).where(IS_LINK, IS_LINK_VALID).with_for_update(read=True, key_share=True).cte("valid")
)
INSERT_LINK_TOKEN = Statement(
    sa.insert(link_tokens).from_select(
        ["digest", "link_id"], sa.select(bindparam("digest", type_=sa.LargeBinary), _valid_link.c.id)
    )
)
FIND_LINK_BY_TOKEN = Statement(
    sa.select(links.c.id, links.c.account_id, links.c.purpose, links.c.email)
    .join(link_tokens, link_tokens.c.link_id == links.c.id)
    .where(link_tokens.c.digest == bindparam("digest"), links.c.purpose == bindparam("purpose"), IS_LINK_VALID),
    into=_to_link,
)
USE_LINK = Statement(sa.delete(links).where(IS_LINK, IS_LINK_VALID))


class LinkRepository:
    """The links of mails and the digests of their tokens, changed directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def add(self, link: Link) -> None:
        await self._rows.execute(DELETE_LINK_OF_PURPOSE, account_id=link.account_id, purpose=link.purpose)
        await self._rows.execute(INSERT_LINK, **vars(link), valid_for=link.purpose.valid_for)

    async def add_token(self, link_id: UUID, digest: bytes) -> bool:
        return await self._rows.execute(INSERT_LINK_TOKEN, link_id=link_id, digest=digest) == 1

    async def find(self, digest: bytes, purpose: LinkPurpose) -> Link | None:
        return await self._rows.fetch_one(FIND_LINK_BY_TOKEN, digest=digest, purpose=purpose)

    async def use(self, link_id: UUID) -> bool:
        return await self._rows.execute(USE_LINK, link_id=link_id) == 1

    async def delete_all(self, account_id: UUID) -> None:
        await self._rows.execute(DELETE_LINKS, account_id=account_id)


INSERT_RESET_REQUEST = Statement(sa.insert(reset_requests).values({name: bindparam(name) for name in ("id", "email")}))
_oldest_reset_request = (
    sa.select(reset_requests.c.id)
    .order_by(reset_requests.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
    .scalar_subquery()
)
TAKE_RESET_REQUEST = Statement(
    sa.delete(reset_requests).where(reset_requests.c.id == _oldest_reset_request).returning(reset_requests.c.email)
)


class ResetRequestQueue:
    """Who is said to have forgotten their password, within a transaction."""

    def __init__(self, rows: Transaction) -> None:
        self._rows = rows

    async def add(self, email: str) -> None:
        await self._rows.execute(INSERT_RESET_REQUEST, id=uuid7(), email=email)

    async def take(self) -> str | None:
        row = await self._rows.fetch_one(TAKE_RESET_REQUEST)
        return row["email"] if row else None


# The clock, not the transaction's beginning: whoever waited for the row judges it at the time the wait was over.
CLOCK_TIMESTAMP = func.clock_timestamp()
RESERVATION_TTL = sa.literal(timedelta(seconds=30), INTERVAL)  # longer than any log-in takes
IS_ATTEMPT = attempts.c.key == bindparam("this")
_max_attempts = bindparam("max_attempts", type_=sa.Integer)
_window_begin = sa.case((bindparam("rolling", type_=sa.Boolean), attempts.c.counted_at), else_=attempts.c.began_at)
_window_end = _window_begin + bindparam("window", type_=INTERVAL)
_is_window_over = _window_end <= CLOCK_TIMESTAMP
_current_count = sa.case((_is_window_over, 0), else_=attempts.c.count)
_current_held = sa.case((attempts.c.held_until > CLOCK_TIMESTAMP, attempts.c.held), else_=0)
_backoff_factor = func.power(2, func.least(attempts.c.count - _max_attempts, 20), type_=sa.Float)
_backoff_seconds = bindparam("pause_seconds", type_=sa.Float) * _backoff_factor
_free_at = attempts.c.counted_at + func.make_interval(0, 0, 0, 0, 0, 0, _backoff_seconds, type_=INTERVAL)
RESERVE_ATTEMPT = Statement(
    insert(attempts)
    .values(
        key=bindparam("this"),
        count=0,
        began_at=CLOCK_TIMESTAMP,
        counted_at=CLOCK_TIMESTAMP,
        held=1,
        held_until=CLOCK_TIMESTAMP + RESERVATION_TTL,
    )
    .on_conflict_do_update(
        index_elements=["key"],
        set_={
            "count": _current_count,
            "began_at": sa.case((_is_window_over, CLOCK_TIMESTAMP), else_=attempts.c.began_at),
            "held": _current_held + 1,
            "held_until": CLOCK_TIMESTAMP + RESERVATION_TTL,
        },
        where=(_current_count + _current_held < _max_attempts)
        | ((_current_count >= _max_attempts) & (_current_held == 0) & (_free_at <= CLOCK_TIMESTAMP)),
    )
)
_no_wait = sa.literal(timedelta(0), INTERVAL)
SELECT_WAIT = Statement(
    sa.select(
        sa.case(
            (_current_count < _max_attempts, _no_wait), else_=func.least(_free_at, _window_end) - CLOCK_TIMESTAMP
        ).label("wait")
    ).where(IS_ATTEMPT)
)
_one_less = func.greatest(attempts.c.held - 1, 0)
_release = sa.update(attempts).where(IS_ATTEMPT).values(held=_one_less)
COUNT_ATTEMPT = Statement(_release.values(count=attempts.c.count + 1, counted_at=CLOCK_TIMESTAMP))
RELEASE_ATTEMPT = Statement(_release)
RESET_ATTEMPTS = Statement(_release.values(count=0))
_known_network = (
    sa.select(known_networks.c.account_id)
    .join(accounts, accounts.c.id == known_networks.c.account_id)
    .where(accounts.c.email == bindparam("email"), known_networks.c.network == bindparam("network", type_=sa.Text))
)
_failure_count = sa.select(_current_count).where(IS_ATTEMPT).scalar_subquery()
SELECT_LOGIN_RISK = Statement(
    sa.select(_known_network.exists().label("known_network"), func.coalesce(_failure_count, 0).label("failures")),
    into=LoginRisk,
)


class AttemptRepository:
    """What was tried, counted for all replicas, directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def take(self, attempt: Attempt) -> None:
        if not await self._rows.execute(RESERVE_ATTEMPT, **_attempt_parameters(attempt)):
            raise TooManyAttempts(await _wait(self._rows, attempt))
        await self.count(attempt)

    async def count(self, *tried: Attempt) -> None:
        for attempt in tried:
            await self._rows.execute(COUNT_ATTEMPT, this=attempt.key)

    async def release(self, *tried: Attempt) -> None:
        for attempt in tried:
            await self._rows.execute(RELEASE_ATTEMPT, this=attempt.key)

    async def reset(self, attempt: Attempt) -> None:
        await self._rows.execute(RESET_ATTEMPTS, this=attempt.key)


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
                    if not await transaction.execute(RESERVE_ATTEMPT, **_attempt_parameters(attempt)):
                        raise NoAttemptLeft
        except NoAttemptLeft:  # the waits are read when nobody waits for us any more
            raise TooManyAttempts(max([await _wait(self._database, attempt) for attempt in wanted])) from None


async def _wait(rows: Database | Transaction, attempt: Attempt) -> float:
    row = await rows.fetch_one(SELECT_WAIT, **_attempt_parameters(attempt))
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


SELECT_SIGNING_KEYS = Statement(
    sa.select(signing_keys.c.kid, signing_keys.c.private_key, signing_keys.c.signs_from), into=_to_signing_key
)
INSERT_SIGNING_KEY = Statement(
    sa.insert(signing_keys).values({name: bindparam(name) for name in ("kid", "private_key", "signs_from")})
)
DELETE_SIGNING_KEYS = Statement(
    sa.delete(signing_keys).where(signing_keys.c.kid == any_(bindparam("kids", type_=ARRAY(sa.Text))))
)
LOCK_SIGNING_KEYS = Statement(sa.select(func.pg_advisory_xact_lock(func.hashtext("auth.signing_keys"))))


class SigningKeyRepository:
    """The signing keys, read directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def list_all(self) -> list[SigningKey]:
        return await self._rows.fetch_all(SELECT_SIGNING_KEYS)

    async def add(self, key: SigningKey) -> None:
        await self._rows.execute(INSERT_SIGNING_KEY, kid=key.kid, private_key=key.private, signs_from=key.active_from)

    async def delete(self, kids: list[str]) -> None:
        await self._rows.execute(DELETE_SIGNING_KEYS, kids=kids)

    async def lock(self) -> None:
        """Let nobody else add one until the transaction ends."""
        await self._rows.fetch_one(LOCK_SIGNING_KEYS)


class AuthUnitOfWork(UnitOfWork):
    """One transaction of the auth service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None = None) -> None:
        super().__init__(transaction, outbox)
        self.accounts, self.sessions = AccountRepository(transaction), SessionRepository(transaction)
        self.addresses = AddressRepository(transaction)
        self.links, self.reset_requests = LinkRepository(transaction), ResetRequestQueue(transaction)
        self.attempts = AttemptRepository(transaction)
