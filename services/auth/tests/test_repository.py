"""AccountRepository, sessions and attempts on a real PostgreSQL; the first admin; what is cleared away."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import INTERVAL

from chassis.data.migrations import downgrade, upgrade
from chassis.data.retention import apply_retention_rules
from chassis.data.statement import Statement
from chassis.testing.databases import schema_drift
from chassis.unit_of_work import DatabaseUnitOfWorkFactory
from services.auth.domain import MAX_REFRESHES, Attempt, Link, LinkPurpose, RateLimit, Role
from services.auth.errors import TooManyAttempts
from services.auth.passwords import PasswordHashService
from services.auth.repository import RETENTION_RULES, AuthUnitOfWork, LinkRepository
from services.auth.seeding import create_first_admin, replace_known_password
from services.auth.tables import attempts as attempt_rows
from services.auth.tables import known_networks, metadata
from services.auth.tables import refresh_tokens as token_rows
from services.auth.tables import sessions as session_rows

MIGRATIONS = Path(__file__).parents[1] / "alembic"

ADMIN = "Admin@Example.com"
GUESS = Attempt("account asha@example.com", RateLimit(2, timedelta(minutes=15)))
ATTEMPT_FROM_HERE = Attempt("address 203.0.113.7", RateLimit(1, timedelta(minutes=15)))
LONG_WINDOW_ATTEMPT = Attempt("registrations 203.0.113.7", RateLimit(1, timedelta(hours=1), pause=timedelta(minutes=5)))
LEEWAY, CONCURRENCY = timedelta(seconds=10), timedelta(0)
SELECT_COUNTS = Statement(sa.select(attempt_rows.c.key, attempt_rows.c.count).order_by(attempt_rows.c.key))
DIGESTS = Statement(sa.select(token_rows.c.digest).order_by(token_rows.c.digest))
ALL_REFRESHES = Statement(
    sa.insert(token_rows).from_select(
        ["digest", "session_id"],
        sa.select(sa.func.uuid_send(sa.func.gen_random_uuid()), session_rows.c.id).join(
            sa.func.generate_series(1, MAX_REFRESHES).table_valued("number"), sa.true()
        ),
    )
)
ATTEMPT_KEY = sa.bindparam("by", type_=INTERVAL)
AGE_SESSIONS = Statement(sa.update(session_rows).values(ends_at=session_rows.c.ends_at - ATTEMPT_KEY))
AGE_ATTEMPTS = Statement(sa.update(attempt_rows).values(began_at=attempt_rows.c.began_at - ATTEMPT_KEY))
AGE_COUNTS = Statement(sa.update(attempt_rows).values(counted_at=attempt_rows.c.counted_at - ATTEMPT_KEY))
AGE_RESERVATIONS = Statement(sa.update(attempt_rows).values(held_until=attempt_rows.c.held_until - ATTEMPT_KEY))
NETWORKS = Statement(sa.select(known_networks.c.network))
AGE_NETWORKS = Statement(sa.update(known_networks).values(used_at=known_networks.c.used_at - ATTEMPT_KEY))


@pytest.fixture
async def account(accounts):
    return await accounts.create(UUID(int=1), "asha@example.com", Role.CUSTOMER, "the hash")


@pytest.fixture
def reserve(rate_limiter):
    return rate_limiter.reserve


@pytest.fixture
def count_failures(reserve, attempts):
    async def count_failures(*tried):
        await reserve(*tried)
        await attempts.count(*tried)

    return count_failures


@pytest.fixture
def count_of(database):
    async def count_of():
        return {row["key"]: row["count"] for row in await database.fetch_all(SELECT_COUNTS)}

    return count_of


async def test_an_account_is_read_as_it_was_stored(accounts, account):
    assert await accounts.find(account.id) == await accounts.find_by_email("asha@example.com") == account
    assert "the hash" not in repr(account)


async def test_a_second_account_for_an_address_is_not_kept(accounts, account):
    second = await accounts.create(UUID(int=2), "asha@example.com", Role.ADMIN, "another hash")

    assert second is None
    assert await accounts.find_by_email("asha@example.com") == account


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
        async with DatabaseUnitOfWorkFactory(database, AuthUnitOfWork)() as work:
            await work.accounts.change_password(account, "another hash")
            await work.sessions.end_all(account.id)
            raise RuntimeError("died before the commit")

    assert await accounts.find(account.id) == account
    assert await sessions.rotate(b"digest", b"successor", LEEWAY) == account


async def test_an_ended_session_reports_no_token_reuse(sessions, account):
    await sessions.begin(account, b"digest")
    await sessions.rotate(b"digest", b"successor", LEEWAY)

    assert await sessions.end_if_reused(b"digest", CONCURRENCY)
    assert not await sessions.end_if_reused(b"digest", CONCURRENCY)


async def test_a_refused_attempt_is_not_counted_nor_is_any_beside_it(count_failures, reserve, count_of):
    await count_failures(GUESS, ATTEMPT_FROM_HERE)

    with pytest.raises(TooManyAttempts):
        await reserve(GUESS, ATTEMPT_FROM_HERE)

    assert await count_of() == {GUESS.key: 1, ATTEMPT_FROM_HERE.key: 1}


async def test_whoever_is_refused_is_told_the_longest_of_all_waits(count_failures, reserve):
    await count_failures(GUESS)
    await count_failures(GUESS, ATTEMPT_FROM_HERE)
    await count_failures(LONG_WINDOW_ATTEMPT)

    with pytest.raises(TooManyAttempts) as refused:
        await reserve(GUESS, ATTEMPT_FROM_HERE, LONG_WINDOW_ATTEMPT)

    assert 295 <= int(refused.value.headers["Retry-After"]) <= 300


async def test_a_pending_attempt_blocks_a_concurrent_one(reserve, attempts, count_of):
    await reserve(ATTEMPT_FROM_HERE)

    with pytest.raises(TooManyAttempts) as refused:
        await reserve(ATTEMPT_FROM_HERE)

    assert refused.value.headers == {"Retry-After": "1"}
    await attempts.release(ATTEMPT_FROM_HERE)
    await attempts.release(ATTEMPT_FROM_HERE)
    await reserve(ATTEMPT_FROM_HERE)
    with pytest.raises(TooManyAttempts):
        await reserve(ATTEMPT_FROM_HERE)
    assert await count_of() == {ATTEMPT_FROM_HERE.key: 0}


async def test_an_attempt_whose_process_died_counts_nothing_and_lapses(reserve, count_of, database):
    await reserve(ATTEMPT_FROM_HERE)
    await database.execute(AGE_RESERVATIONS, by="31 seconds")

    await reserve(ATTEMPT_FROM_HERE)

    assert await count_of() == {ATTEMPT_FROM_HERE.key: 0}


async def test_after_a_lockout_only_one_attempt_is_admitted(count_failures, reserve, count_of, database):
    await count_failures(ATTEMPT_FROM_HERE)
    await database.execute(AGE_COUNTS, by="30 seconds")
    await reserve(ATTEMPT_FROM_HERE)

    with pytest.raises(TooManyAttempts):
        await reserve(ATTEMPT_FROM_HERE)

    assert await count_of() == {ATTEMPT_FROM_HERE.key: 1}


async def test_a_network_is_known_to_the_account_that_was_used_there_and_to_no_other(accounts, account, rate_limiter):
    bram = await accounts.create(UUID(int=2), "bram@example.com", Role.CUSTOMER, "another hash")
    await accounts.remember_network(account, "203.0.113.7")
    await accounts.remember_network(account, "203.0.113.7")

    async def known(email, network):
        return (await rate_limiter.assess_login_risk(email, network, GUESS)).known_network

    assert await known(account.email, "203.0.113.7")
    assert not await known(account.email, "203.0.113.8")
    assert not await known(account.email, None)
    assert not await known(bram.email, "203.0.113.7")


async def test_only_failures_of_the_window_are_remembered(rate_limiter, count_failures, database):
    await count_failures(GUESS)
    assert (await rate_limiter.assess_login_risk("asha@example.com", None, GUESS)).failures == 1

    await database.execute(AGE_ATTEMPTS, by="15 minutes")

    assert (await rate_limiter.assess_login_risk("asha@example.com", None, GUESS)).failures == 0


async def test_a_count_begins_anew_when_its_window_is_over(count_failures, count_of, database):
    await count_failures(GUESS)
    await count_failures(GUESS)
    await database.execute(AGE_ATTEMPTS, by="15 minutes")

    await count_failures(GUESS)

    assert await count_of() == {GUESS.key: 1}


async def test_only_expired_rows_are_purged(count_failures, accounts, sessions, account, database, count_of):
    await sessions.begin(account, b"long over")
    await sessions.rotate(b"long over", b"long over too", LEEWAY)
    await database.execute(AGE_SESSIONS, by="15 days 1 minute")
    await sessions.begin(account, b"just over")
    await sessions.end(account.id, b"just over")
    await sessions.begin(account, b"going on")
    await count_failures(GUESS)
    await database.execute(AGE_ATTEMPTS, by="1 day 1 minute")
    await count_failures(ATTEMPT_FROM_HERE)
    await accounts.remember_network(account, "long unused")
    await database.execute(AGE_NETWORKS, by="90 days 1 minute")
    await accounts.remember_network(account, "203.0.113.7")

    await apply_retention_rules(database, RETENTION_RULES, asyncio.Event())
    await apply_retention_rules(database, RETENTION_RULES, asyncio.Event())

    assert [row["digest"] for row in await database.fetch_all(DIGESTS)] == [b"going on", b"just over"]
    assert await count_of() == {ATTEMPT_FROM_HERE.key: 1}
    assert [row["network"] for row in await database.fetch_all(NETWORKS)] == ["203.0.113.7"]
    assert await sessions.rotate(b"going on", b"its successor", LEEWAY) == account


async def test_sessions_at_the_refresh_limit_are_purged(database, sessions, account):
    for number in range(RETENTION_RULES[0].batch):
        await sessions.begin(account, b"%d" % number)
    await database.execute(ALL_REFRESHES)
    await database.execute(AGE_SESSIONS, by="15 days 1 minute")

    await apply_retention_rules(database, RETENTION_RULES, asyncio.Event())

    assert await database.fetch_all(DIGESTS) == []


async def test_the_first_admin_is_made_once(database_url, accounts):
    await create_first_admin(database_url, ADMIN, "P@ssw0rd!")
    first = await accounts.find_by_email("admin@example.com")

    await create_first_admin(database_url, ADMIN, "another password")

    assert first.role is Role.ADMIN
    assert (await PasswordHashService().verify("P@ssw0rd!", first.password_hash)).right
    assert await accounts.find_by_email("admin@example.com") == first


@pytest.mark.parametrize("password", ["password1", "short", " " * 8])
async def test_nobody_becomes_the_first_admin_with_a_password_that_nobody_may_choose(database_url, accounts, password):
    with pytest.raises(ValueError, match=r"^ADMIN_PASSWORD is blank, too short or one of the commonest passwords\.$"):
        await create_first_admin(database_url, ADMIN, password)

    assert await accounts.find_by_email("admin@example.com") is None


async def test_the_first_admins_address_is_made_one_like_everybodys(database_url, accounts):
    await create_first_admin(database_url, " Admin@B\u00fccher.example ", "P@ssw0rd!")
    await create_first_admin(database_url, "admin@XN--bcher-kva.example", "P@ssw0rd!")

    assert (await accounts.find_by_email("admin@xn--bcher-kva.example")).role is Role.ADMIN


async def test_no_admin_keeps_a_password_that_everybody_knows_nor_a_session_or_link(
    database_url, database, accounts, sessions
):
    known, given = await PasswordHashService().hash("P@ssw0rd!"), "correct horse battery"
    first = await accounts.create(UUID(int=2), "admin@example.com", Role.ADMIN, known)
    second = await accounts.create(UUID(int=3), "second@example.com", Role.ADMIN, known)
    careful = await accounts.create(
        UUID(int=4), "third@example.com", Role.ADMIN, await PasswordHashService().hash(given)
    )
    for admin in (first, second, careful):
        await sessions.begin(admin, b"%d" % admin.id.int)
    links = LinkRepository(database)
    asked = Link(uuid4(), first.id, LinkPurpose.VERIFY_EMAIL, "stranger@example.com")
    await links.add(asked)
    await links.add_token(asked.id, b"digest")

    replaced = await replace_known_password(database_url, "P@ssw0rd!", ADMIN, given)
    again = await replace_known_password(database_url, "P@ssw0rd!", ADMIN, given)

    assert ({account.id for account in replaced}, again) == ({first.id, second.id}, [])
    kept = {one.id: (await accounts.find(one.id)).password_hash for one in (first, second)}
    opened = {
        one.id: [
            word for word in ("P@ssw0rd!", given) if (await PasswordHashService().verify(word, kept[one.id])).right
        ]
        for one in (first, second)
    }
    assert opened == {first.id: [given], second.id: []}
    assert await sessions.rotate(b"2", b"successor", LEEWAY) is None
    assert await sessions.rotate(b"3", b"successor", LEEWAY) is None
    assert await sessions.rotate(b"4", b"successor", LEEWAY) == careful
    assert await links.find(b"digest", LinkPurpose.VERIFY_EMAIL) is None


async def test_nobodys_password_is_replaced_by_one_that_nobody_may_choose(database_url, accounts):
    known = await PasswordHashService().hash("P@ssw0rd!")
    admins = [
        await accounts.create(UUID(int=2), "second@example.com", Role.ADMIN, known),
        await accounts.create(UUID(int=3), "admin@example.com", Role.ADMIN, known),
    ]

    with pytest.raises(ValueError, match=r"^ADMIN_PASSWORD is blank"):
        await replace_known_password(database_url, "P@ssw0rd!", ADMIN, " " * 16)

    assert [await accounts.find(one.id) for one in admins] == admins


async def test_the_seed_leaves_a_shopper_with_that_password_alone(database_url, accounts):
    shopper = await accounts.create(
        UUID(int=5), "asha@example.com", Role.CUSTOMER, await PasswordHashService().hash("P@ssw0rd!")
    )

    assert await replace_known_password(database_url, "P@ssw0rd!", ADMIN, "correct horse battery") == []

    assert await accounts.find(shopper.id) == shopper


async def test_making_the_first_admin_changes_no_account_that_is_there(database_url, accounts, account):
    await create_first_admin(database_url, "asha@example.com", "P@ssw0rd!")

    assert await accounts.find_by_email("asha@example.com") == account


def test_the_migrations_match_the_tables_and_can_be_downgraded(migrated_database_url):
    url = migrated_database_url("auth")

    downgrade(MIGRATIONS, url, "base")
    upgrade(MIGRATIONS, url)

    assert schema_drift(url, metadata) == []
