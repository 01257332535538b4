"""Deletes what is of no use any more: ended sessions, attempts of yesterday, networks long unused, withdrawn keys."""

from datetime import UTC, datetime

from chassis.data.database import Database
from services.auth.domain import SigningKeys
from services.auth.repository import AccountRepository, AttemptRepository, SessionRepository, SigningKeyRepository

EVERY = 600.0  # seconds
SESSIONS_AT_ONCE = 10  # with each go all its refresh tokens, up to MAX_REFRESHES
ROWS_AT_ONCE = 5_000


async def clear(database: Database) -> None:
    """Delete all of it, in batches that are over soon."""
    sessions, attempts, keys = SessionRepository(database), AttemptRepository(database), SigningKeyRepository(database)
    accounts = AccountRepository(database)
    while await sessions.drop(SESSIONS_AT_ONCE) == SESSIONS_AT_ONCE:
        pass
    while await attempts.drop(ROWS_AT_ONCE) == ROWS_AT_ONCE:
        pass
    while await accounts.drop_networks(ROWS_AT_ONCE) == ROWS_AT_ONCE:
        pass
    if withdrawn := SigningKeys(await keys.all()).withdrawn(datetime.now(UTC)):
        await keys.drop(withdrawn)
