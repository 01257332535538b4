"""Deletes what is of no use any more: sessions that ended, attempts of yesterday, keys that were withdrawn."""

from datetime import UTC, datetime

from services.auth.domain import SigningKeys
from services.auth.repository import Attempts, KeptKeys, Sessions
from services.chassis.database import Database

EVERY = 600.0  # seconds
SESSIONS_AT_ONCE = 100  # each has up to two thousand refresh tokens
ATTEMPTS_AT_ONCE = 5_000


async def clear(database: Database) -> None:
    """Delete all of it, in batches that are over soon."""
    sessions, attempts, keys = Sessions(database), Attempts(database), KeptKeys(database)
    while await sessions.drop(SESSIONS_AT_ONCE) == SESSIONS_AT_ONCE:
        pass
    while await attempts.drop(ATTEMPTS_AT_ONCE) == ATTEMPTS_AT_ONCE:
        pass
    if withdrawn := SigningKeys(await keys.all()).withdrawn(datetime.now(UTC)):
        await keys.drop(withdrawn)
