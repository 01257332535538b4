"""Keys that all replicas share, and their rotation under tokens that are still valid."""

import asyncio
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID

import jwt
import pytest
import sqlalchemy as sa
from psycopg import OperationalError
from sqlalchemy.dialects.postgresql import INTERVAL

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.runtime.deadline import start_deadline
from chassis.testing.eventually import eventually
from chassis.web.tokens import JwtVerifier
from services import AUDIENCE, ISSUER
from services.auth.domain import KEY_PUBLICATION_LEAD, Account, Role
from services.auth.signing import KEYS_STALE_AFTER, Keyring, delete_withdrawn_keys, rotate_signing_key
from services.auth.tables import signing_keys

ASHA = Account(UUID(int=1), "asha@example.com", Role.CUSTOMER, "", datetime(2026, 1, 5, tzinfo=UTC))
LATER = Statement(
    sa.update(signing_keys).values(signs_from=signing_keys.c.signs_from - sa.bindparam("by", type_=INTERVAL))
)


async def kids(keyring):
    return [key["kid"] for key in (await keyring.jwks())["keys"]]


async def token_of(keyring):
    return (await keyring.access_token_signer())(ASHA).encode()


async def signer_of(keyring):
    return kid_of(await token_of(keyring))


def kid_of(token):
    return jwt.get_unverified_header(token)["kid"]


async def test_ten_replicas_that_start_at_once_agree_on_the_first_key(database):
    replicas = [Keyring(database) for _ in range(10)]

    published = await asyncio.gather(*(kids(replica) for replica in replicas))

    assert len(published[0]) == 1
    assert published == [published[0]] * 10


async def test_the_keys_are_read_for_all_who_wait_even_when_the_first_has_gone(database):
    start_deadline(b"0")

    async with Database(database.url, name="tests", connections=1) as pool:
        assert len(await kids(Keyring(pool))) == 1


async def test_a_token_of_one_replica_is_accepted_by_the_keys_of_another(database):
    token = await token_of(Keyring(database))

    assert (await JwtVerifier(Keyring(database).jwks, issuer=ISSUER, audience=AUDIENCE).verify(token)).id == ASHA.id


async def test_a_new_key_is_published_ten_minutes_before_it_signs(database, keyring):
    (old,) = await kids(keyring)

    new = (await rotate_signing_key(database)).kid

    assert await kids(keyring) == [old, new]
    assert await signer_of(keyring) == old
    await database.execute(LATER, by="9 minutes 50 seconds")
    assert await signer_of(keyring) == old
    await database.execute(LATER, by="10 seconds")
    assert await signer_of(keyring) == new


async def test_an_old_key_stays_published_a_quarter_of_an_hour_after_its_last_token(database, keyring):
    (old,) = await kids(keyring)
    new = (await rotate_signing_key(database)).kid

    await database.execute(LATER, by="24 minutes 50 seconds")
    assert await kids(keyring) == [old, new]
    await delete_withdrawn_keys(database, asyncio.Event())
    assert await kids(keyring) == [old, new]

    await database.execute(LATER, by="10 seconds")
    assert await kids(keyring) == [new]
    await delete_withdrawn_keys(database, asyncio.Event())
    rows = await database.fetch_all(Statement(sa.select(signing_keys.c.kid)))
    assert [row["kid"] for row in rows] == [new]


async def test_no_valid_token_is_refused_through_five_rotations(database, keyring):
    tokens, elsewhere = (
        [await token_of(keyring)],
        JwtVerifier(keyring.jwks, issuer=ISSUER, audience=AUDIENCE, fresh=0, cooldown=0, remember=0),
    )
    for _ in range(5):
        await rotate_signing_key(database)
        for minutes in (5, 5, 5):
            await database.execute(LATER, by=f"{minutes} minutes")
            await delete_withdrawn_keys(database, asyncio.Event())
            tokens.append(await token_of(keyring))
            # Two steps are ten minutes, so the last three tokens may be valid.
            assert None not in [await elsewhere.verify(token) for token in tokens[-3:]]

    assert len({kid_of(token) for token in tokens}) == 6


async def test_keys_are_published_from_memory_while_the_database_is_away_and_read_again_when_it_is_back(
    database, proxy
):
    async with Database(proxy.url, name="away", connections=1, transaction_timeout=2) as away:
        keyring = Keyring(away, fresh=0)
        (old,) = await kids(keyring)
        token = await token_of(keyring)

        proxy.hold()
        published = await asyncio.gather(*(kids(keyring) for _ in range(20)))
        began = monotonic()
        elsewhere = JwtVerifier(keyring.jwks, issuer=ISSUER, audience=AUDIENCE)
        shopper = await elsewhere.verify(token)

        assert published == [[old]] * 20
        assert shopper.id == ASHA.id
        assert monotonic() - began < 2  # which is how long services wait for the keys
        new = (await rotate_signing_key(database)).kid
        proxy.release()

        async def rotated():
            return await kids(keyring) == [old, new]

        await eventually(rotated)


async def test_keys_that_were_read_too_long_ago_to_be_all_are_not_published(database, proxy):
    async with Database(proxy.url, name="away", connections=1, transaction_timeout=2) as away:
        keyring = Keyring(away, fresh=0, stale=0)
        await kids(keyring)

        proxy.hold()
        with pytest.raises(OperationalError):
            await kids(keyring)


def test_keys_that_are_served_from_memory_lack_none_that_signs():
    assert KEYS_STALE_AFTER < KEY_PUBLICATION_LEAD


@pytest.mark.parametrize(("stale", "kept_for"), [(540, 300), (100, 99), (0, 0)])
async def test_keys_are_kept_nowhere_longer_than_they_lack_none(database, stale, kept_for):
    keyring = Keyring(database, stale=stale)
    await keyring.jwks()

    assert kept_for - 30 <= keyring.cache_seconds() <= kept_for


async def test_rotating_again_before_the_new_key_signs_makes_no_other(database, keyring):
    await kids(keyring)

    made = await asyncio.gather(*(rotate_signing_key(database) for _ in range(5)))

    assert len({key.kid for key in made}) == 1
    assert len(await kids(keyring)) == 2


async def test_rotating_before_there_is_any_key_makes_the_first_which_signs_at_once(database, keyring):
    key = await rotate_signing_key(database)

    assert await kids(keyring) == [key.kid]
    assert await signer_of(keyring) == key.kid


async def test_the_private_half_is_in_no_answer(database, keyring):
    await kids(keyring)
    (row,) = await database.fetch_all(Statement(sa.select(signing_keys.c.private_key)))

    assert "d" not in (await keyring.jwks())["keys"][0]
    assert row["private_key"].hex() not in str(await keyring.jwks())
