"""Which key signs when, what is counted, and what is kept of a refresh token."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.auth.domain import (
    KEY_PUBLICATION_LEAD,
    KEY_PUBLICATION_OVERLAP,
    Attempt,
    LinkPurpose,
    LoginRisk,
    RateLimit,
    RateLimits,
    SigningKey,
    SigningKeys,
    canonical_email,
    client_network,
    email_key,
    new_secret_token,
    normalize_password,
    token_digest,
)

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OLD = SigningKey("old", b"o" * 32, NOON - timedelta(days=30))
NEW = SigningKey("new", b"n" * 32, NOON)
BOTH = SigningKeys([NEW, OLD])
LIMITS = RateLimits(
    failures_per_account_and_address=10,
    failures_per_account_anywhere=100,
    failures_per_address=50,
    registrations_per_address=50,
    mails_per_recipient=5,
    mails_per_address=1_000,
)
HOME = client_network("203.0.113.7")


def kids(keys):
    return [key.kid for key in keys]


def test_the_next_key_signs_when_its_time_comes_and_not_before():
    assert BOTH.signing(NOON - SECOND) == OLD
    assert BOTH.signing(NOON) == NEW


def test_the_first_key_signs_even_by_a_clock_that_is_behind():
    assert SigningKeys([NEW]).signing(NOON - SECOND) == NEW


def test_keys_stand_in_the_order_in_which_they_sign_however_they_were_read():
    at_once = replace(NEW, kid="another")

    assert kids(SigningKeys([NEW, at_once, OLD]).published(NOON)) == ["old", "another", "new"]


def test_a_key_is_published_before_it_signs():
    assert kids(BOTH.published(NOON - KEY_PUBLICATION_LEAD)) == ["old", "new"]


def test_a_key_stays_published_until_its_last_token_has_run_out():
    assert kids(BOTH.published(NOON + KEY_PUBLICATION_OVERLAP - SECOND)) == ["old", "new"]
    assert kids(BOTH.published(NOON + KEY_PUBLICATION_OVERLAP)) == ["new"]


def test_only_keys_that_are_not_published_any_more_are_withdrawn():
    assert BOTH.withdrawn(NOON + KEY_PUBLICATION_OVERLAP - SECOND) == []
    assert BOTH.withdrawn(NOON + KEY_PUBLICATION_OVERLAP) == ["old"]


def test_the_only_key_is_never_withdrawn():
    assert SigningKeys([OLD]).withdrawn(NOON + timedelta(days=3650)) == []


def test_keys_are_waiting_only_before_their_time():
    assert BOTH.waiting(NOON - SECOND) == NEW
    assert BOTH.waiting(NOON) is None


def test_the_key_that_waits_is_the_last_of_all():
    last = replace(NEW, kid="last", active_from=NOON + SECOND)

    assert SigningKeys([OLD, NEW, last]).waiting(NOON) == last


def test_a_private_key_is_not_shown():
    assert "oooo" not in repr(OLD)


def test_capitals_make_no_other_address():
    assert canonical_email("Asha@Example.COM") == "asha@example.com"


def test_a_password_is_the_same_from_every_keyboard():
    assert normalize_password("u\u0308ber \u2460") == "\u00fcber 1"


def test_refresh_tokens_have_256_bits_and_are_all_different():
    tokens = {new_secret_token() for _ in range(100)}

    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {43}


def test_what_is_kept_of_a_refresh_token_is_not_the_token():
    token = new_secret_token()

    assert token.encode() not in token_digest(token)
    assert token_digest(token) == token_digest(token) != token_digest(token + "x")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.7", "::ffff:203.0.113.7"),
        ("2001:db8::1", "2001:db8:0:0:ffff::2"),
        ("...", "..."),
        (None, ""),
    ],
    ids=["IPv4 in IPv6", "one household of IPv6", "no address at all", "no gateway"],
)
def test_different_spellings_of_one_network_are_one(one, other):
    assert client_network(one) == client_network(other)


def test_a_network_is_an_address_of_ipv4_or_a_household_of_ipv6():
    assert (HOME, client_network("2001:db8::1"), client_network(None)) == ("203.0.113.7", "2001:db8::/64", None)


@pytest.mark.parametrize(
    ("one", "other"),
    [("203.0.113.7", "203.0.113.8"), ("2001:db8::1", "2001:db8:0:1::1")],
    ids=["IPv4", "two households of IPv6"],
)
def test_different_networks_are_different(one, other):
    assert client_network(one) != client_network(other)


def test_from_an_unknown_network_a_guess_counts_for_the_pair_the_account_and_the_network():
    attempts = LIMITS.login_attempts("asha@example.com", HOME, LoginRisk(known_network=False, failures=9))

    assert [(attempt.key, attempt.limit.max_attempts) for attempt in attempts] == [
        ("login asha@example.com from 203.0.113.7", 10),
        ("account asha@example.com", 100),
        ("address 203.0.113.7", 50),
    ]


def test_guesses_are_counted_for_a_quarter_of_an_hour_and_registrations_for_an_hour():
    guesses = LIMITS.login_attempts("asha@example.com", HOME, LoginRisk(known_network=False, failures=0))
    (registration,) = LIMITS.registrations_from(HOME)

    assert {attempt.limit.window for attempt in guesses} == {timedelta(minutes=15)}
    assert (registration.key, registration.limit) == ("registrations 203.0.113.7", RateLimit(50, timedelta(hours=1)))


def test_mails_are_counted_for_an_hour_by_their_recipient_first_and_by_who_asks_for_them():
    by_recipient = Attempt("mails to asha@example.com", RateLimit(5, timedelta(hours=1), pause=None, rolling=True))
    by_network = Attempt("mails from 203.0.113.7", RateLimit(1000, timedelta(hours=1), pause=None))

    assert LIMITS.mail_to("asha@example.com") == by_recipient
    assert LIMITS.mails_to("asha@example.com", HOME) == [by_recipient, by_network]
    assert LIMITS.mails_to("asha@example.com", None) == [by_recipient]


def test_a_window_begins_once_unless_it_is_said_to_roll():
    assert not RateLimit(5, timedelta(hours=1)).rolling


def test_of_a_long_address_the_beginning_is_what_accounts_are_listed_by():
    assert email_key("asha@example.com") == "asha@example.com"
    assert email_key("a" * 200) == "a" * 96


def test_where_the_owner_has_been_before_nobody_elses_failures_count():
    (own,) = LIMITS.login_attempts("asha@example.com", HOME, LoginRisk(known_network=True, failures=1_000))

    assert (own.key, own.limit.max_attempts) == ("login asha@example.com from 203.0.113.7", 10)


def test_after_many_failures_at_an_account_every_unknown_network_has_one_try():
    own, *_ = LIMITS.login_attempts("asha@example.com", HOME, LoginRisk(known_network=False, failures=10))

    assert own.limit.max_attempts == 1


def test_a_tenth_of_an_accounts_failures_is_counted_in_whole_failures():
    limits = replace(LIMITS, failures_per_account_anywhere=19)

    own, *_ = limits.login_attempts("asha@example.com", HOME, LoginRisk(known_network=False, failures=1))

    assert own.limit.max_attempts == 1


def test_without_the_gateway_there_is_no_network_to_count():
    risk = LoginRisk(known_network=False, failures=0)

    assert LIMITS.registrations_from(None) == []
    assert [attempt.key for attempt in LIMITS.login_attempts("asha@example.com", None, risk)] == [
        "login asha@example.com from nowhere",
        "account asha@example.com",
    ]


def test_a_link_to_a_password_is_valid_for_an_hour_and_one_to_an_address_for_three_days():
    assert LinkPurpose.RESET_PASSWORD.valid_for == timedelta(hours=1)
    assert LinkPurpose.VERIFY_EMAIL.valid_for == timedelta(days=3)
