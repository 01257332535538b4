"""Accounts, sessions and attempts on a real PostgreSQL; the first admin; what is cleared away."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL

from services.auth.clearing import clear
from services.auth.domain import Attempt, Limit, Role
from services.auth.errors import TooManyAttempts
from services.auth.passwords import Passwords
from services.auth.repository import AuthWork
from services.auth.seeding import make_first_admin
from services.auth.tables import attempts as attempt_rows
from services.auth.tables import metadata
from services.auth.tables import refresh_tokens as token_rows
from services.auth.tables import sessions as session_rows
from services.chassis.migrations import downgrade, upgrade
from services.chassis.statement import Statement
from services.chassis.testing.databases import drift
from services.chassis.unit_of_work import UnitOfWork

ADMIN = "Admin@Example.com"
GUESS = Attempt("account asha@example.com", Limit(2, timedelta(minutes=15)))
FROM_HERE = Attempt("address 203.0.113.7", Limit(1, timedelta(minutes=15)))
LEEWAY, AT_ONCE = timedelta(seconds=10), timedelta(0)
COUNTED = Statement(sa.select(attempt_rows.c.key, attempt_rows.c.count).order_by(attempt_rows.c.key))
DIGESTS = Statement(sa.select(token_rows.c.digest).order_by(token_rows.c.digest))
BY = sa.bindparam("by", type_=INTERVAL)
SESSIONS_LATER = Statement(sa.update(session_rows).values(ends_at=session_rows.c.ends_at - BY))
ATTEMPTS_LATER = Statement(sa.update(attempt_rows).values(began_at=attempt_rows.c.began_at - BY))


@pytest.fixture
async def account(accounts):
    return await accounts.open(UUID(int=1), "asha@example.com", Role.CUSTOMER, "the hash")


@pytest.fixture
def counted(database):
    async def counted():
        return {row["key"]: row["count"] for row in await database.fetch_all(COUNTED)}

    return counted


async def test_an_account_comes_back_as_it_was_opened(accounts, account):
    assert await accounts.find(account.id) == await accounts.find_by("asha@example.com") == account
    assert "the hash" not in repr(account)


async def test_a_second_account_for_an_address_is_not_kept(accounts, account):
    second = await accounts.open(UUID(int=2), "asha@example.com", Role.ADMIN, "another hash")

    assert second is None
    assert await accounts.find_by("asha@example.com") == account


async def test_no_session_begins_with_a_password_that_was_replaced(accounts, sessions, account, database):
    await accounts.change_password(account, "another hash")

    assert not await sessions.begin(account, b"digest")
    assert await database.fetch_all(DIGESTS) == []


async def test_a_password_is_replaced_only_as_it_was_read(accounts, account):
    assert await accounts.change_password(account, "another hash")
    assert not await accounts.change_password(account, "a third hash")
    assert (await accounts.find(account.id)).password_hash == "another hash"


async def test_a_password_and_the_sessions_change_together_or_not_at_all(database, accounts, sessions, account):
    await sessions.begin(account, b"digest")

    with pytest.raises(RuntimeError, match="died"):
        async with UnitOfWork(database, AuthWork)() as work:
            await work.accounts.change_password(account, "another hash")
            await work.sessions.end_all(account.id)
            raise RuntimeError("died before the commit")

    assert await accounts.find(account.id) == account
    assert await sessions.rotate(b"digest", b"successor", LEEWAY) == account


async def test_an_ended_session_has_no_reuse_to_tell(sessions, account):
    await sessions.begin(account, b"digest")
    await sessions.rotate(b"digest", b"successor", LEEWAY)

    assert await sessions.end_if_reused(b"digest", AT_ONCE)
    assert not await sessions.end_if_reused(b"digest", AT_ONCE)


async def test_a_refused_attempt_is_not_counted_nor_is_any_beside_it(attempts, counted):
    await attempts.count(GUESS, FROM_HERE)

    with pytest.raises(TooManyAttempts):
        await attempts.count(GUESS, FROM_HERE)

    assert await counted() == {GUESS.key: 1, FROM_HERE.key: 1}


async def test_what_was_given_back_can_be_tried_again(attempts, counted):
    await attempts.count(FROM_HERE)
    await attempts.give_back(FROM_HERE)
    await attempts.give_back(FROM_HERE)

    await attempts.count(FROM_HERE)

    assert await counted() == {FROM_HERE.key: 1}


async def test_a_count_begins_anew_when_its_window_is_over(attempts, counted, database):
    await attempts.count(GUESS)
    await attempts.count(GUESS)
    await database.execute(ATTEMPTS_LATER, by="15 minutes")

    await attempts.count(GUESS)

    assert await counted() == {GUESS.key: 1}


async def test_only_what_is_of_no_use_is_cleared_away(attempts, sessions, account, database, counted):
    await sessions.begin(account, b"long over")
    await sessions.rotate(b"long over", b"long over too", LEEWAY)
    await database.execute(SESSIONS_LATER, by="15 days 1 minute")
    await sessions.begin(account, b"just over")
    await sessions.end(account.id, b"just over")
    await sessions.begin(account, b"going on")
    await attempts.count(GUESS)
    await database.execute(ATTEMPTS_LATER, by="1 day 1 minute")
    await attempts.count(FROM_HERE)

    await clear(database)
    await clear(database)

    assert [row["digest"] for row in await database.fetch_all(DIGESTS)] == [b"going on", b"just over"]
    assert await counted() == {FROM_HERE.key: 1}
    assert await sessions.rotate(b"going on", b"its successor", LEEWAY) == account


async def test_the_first_admin_is_made_once(database_url, accounts):
    await make_first_admin(database_url, ADMIN, "P@ssw0rd!")
    first = await accounts.find_by("admin@example.com")

    await make_first_admin(database_url, ADMIN, "another password")

    assert first.role is Role.ADMIN
    assert await Passwords().match("P@ssw0rd!", first.password_hash)
    assert await accounts.find_by("admin@example.com") == first


async def test_making_the_first_admin_changes_no_account_that_is_there(database_url, accounts, account):
    await make_first_admin(database_url, "asha@example.com", "P@ssw0rd!")

    assert await accounts.find_by("asha@example.com") == account


def test_the_migrations_make_the_tables_the_code_believes_in_and_can_be_undone(database_url_for):
    url = database_url_for("auth")

    downgrade("auth", url, "base")
    upgrade("auth", url)

    assert drift(url, metadata) == []
