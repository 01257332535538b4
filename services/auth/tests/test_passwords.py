"""Hashing that is strong, off the loop, and bounded."""

import asyncio
import threading

import pytest

from chassis.web.problems import InvalidRequest, Unavailable
from generated.common_passwords import COMMON_PASSWORDS
from services.auth.domain import MIN_PASSWORD_LENGTH, PasswordCheck
from services.auth.errors import PasswordTooCommon
from services.auth.passwords import ARGON2ID_HASHER, PasswordHashService, require_acceptable_password
from services.auth.tests.conftest import CheapHasher


async def test_the_hash_is_argon2id_with_the_agreed_cost():
    hashed = await PasswordHashService(ARGON2ID_HASHER).hash("a long walk by the quay")

    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_password_matches_its_own_hash_and_no_other():
    passwords = PasswordHashService(CheapHasher())
    kept = await passwords.hash("a long walk by the quay")

    assert await passwords.verify("a long walk by the quay", kept) == PasswordCheck(right=True)
    assert await passwords.verify("a long walk by the quaY", kept) == PasswordCheck(right=False)
    assert await passwords.hash("a long walk by the quay") != kept


async def test_without_a_hash_one_as_costly_is_compared_and_never_matches():
    hasher = CheapHasher()
    passwords = PasswordHashService(hasher)

    assert await passwords.verify("a long walk by the quay", None) == PasswordCheck(right=False)
    assert [kept.rsplit("$", 2)[0] for kept in hasher.verified] == [hasher.hash("x").rsplit("$", 2)[0]]


COMPOSED_PASSWORD, DECOMPOSED_PASSWORD = "na\u00efve caf\u00e9s", "nai\u0308ve cafe\u0301s"


@pytest.mark.parametrize(
    "chosen", [COMPOSED_PASSWORD, DECOMPOSED_PASSWORD], ids=["chosen composed", "chosen decomposed"]
)
@pytest.mark.parametrize("typed", [COMPOSED_PASSWORD, DECOMPOSED_PASSWORD], ids=["typed composed", "typed decomposed"])
async def test_a_password_is_the_same_however_composed(chosen, typed):
    passwords = PasswordHashService(CheapHasher())

    assert await passwords.verify(typed, await passwords.hash(chosen)) == PasswordCheck(right=True)


async def test_full_width_letters_and_other_blanks_are_the_same_password():
    passwords = PasswordHashService(CheapHasher())
    kept = await passwords.hash("a long walk")

    assert (await passwords.verify("\uff41\u00a0long\u3000walk", kept)).right


async def test_an_old_hash_of_a_password_as_it_was_typed_still_matches_and_is_replaced():
    hasher = CheapHasher()
    passwords = PasswordHashService(hasher)

    check = await passwords.verify(DECOMPOSED_PASSWORD, hasher.hash(DECOMPOSED_PASSWORD))

    assert check.right
    assert await passwords.verify(COMPOSED_PASSWORD, check.replacement) == PasswordCheck(right=True)


async def test_a_wrong_password_costs_the_same_with_an_account_and_without():
    hasher = CheapHasher()
    passwords = PasswordHashService(hasher)
    kept = hasher.hash("a long walk by the quay")

    await passwords.verify(DECOMPOSED_PASSWORD, kept)
    with_an_account = len(hasher.verified)
    await passwords.verify(DECOMPOSED_PASSWORD, None)

    assert (with_an_account, len(hasher.verified)) == (2, 4)


@pytest.mark.parametrize(
    "password",
    ["iloveyou", "ILoveYou", " password1 ", "\uff50assword", "1234567890", "qwertyuiop"],
    ids=["as listed", "in capitals", "with blanks around it", "with a full-width letter", "digits", "a row of keys"],
)
def test_the_commonest_passwords_are_refused_however_written(password):
    with pytest.raises(PasswordTooCommon):
        require_acceptable_password(password, "/body/password")


@pytest.mark.parametrize(
    ("password", "rule"),
    [(" " * 8, "required"), ("\u3164\u200b" * 8, "required"), ("e\u0301" * 7, "minLength")],
    ids=["blanks", "nothing to be seen", "seven letters that are fourteen characters"],
)
def test_blank_passwords_and_those_that_are_short_when_composed_are_refused(password, rule):
    with pytest.raises(InvalidRequest) as refused:
        require_acceptable_password(password, "/body/password")

    assert refused.value.errors == [{"pointer": "/body/password", "rule": rule}]


def test_the_common_passwords_are_ten_thousand_and_each_is_long_enough_to_be_chosen():
    assert len(COMMON_PASSWORDS) == 10_000
    assert min(map(len, COMMON_PASSWORDS)) == MIN_PASSWORD_LENGTH
    assert {password.casefold() for password in COMMON_PASSWORDS} == COMMON_PASSWORDS


def test_the_first_admins_password_in_development_is_none_of_the_commonest():
    require_acceptable_password("P@ssw0rd!", "ADMIN_PASSWORD")


async def test_two_are_hashed_at_a_time_twenty_wait_and_one_more_is_refused_at_once():
    gate, busy = threading.Event(), []

    class SlowHasher(CheapHasher):
        def verify(self, hash, password):  # noqa: A002 (argon2's name)
            busy.append(password)
            return gate.wait(10) and super().verify(hash, password)

    passwords = PasswordHashService(SlowHasher())
    waiting = [asyncio.create_task(passwords.verify("x", None)) for _ in range(22)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable):
        await passwords.verify("x", None)

    assert len(busy) <= 2
    gate.set()
    assert await asyncio.gather(*waiting) == [PasswordCheck(right=False)] * 22
    assert await passwords.verify("x", None) == PasswordCheck(right=False)
