"""What the auth service asks its database, compiled when the project is generated."""

from dataclasses import fields
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import ARRAY, any_, bindparam, func
from sqlalchemy.dialects.postgresql import INTERVAL, insert

from chassis.data.statement import Statement
from services.auth.domain import (
    MAX_REFRESHES,
    SESSION_LIFETIME,
    Address,
    Role,
)
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
IS_ACCOUNT = accounts.c.id == bindparam("account_id")
HAS_EMAIL = accounts.c.email == bindparam("email")
FIND_ACCOUNT = Statement(sa.select(accounts).where(IS_ACCOUNT))
FIND_ACCOUNT_BY_EMAIL = Statement(sa.select(accounts).where(HAS_EMAIL))
LOCK_ACCOUNT = Statement(sa.select(accounts).where(IS_ACCOUNT).with_for_update(key_share=True))
LOCK_ACCOUNT_BY_EMAIL = Statement(sa.select(accounts).where(HAS_EMAIL).with_for_update(key_share=True))
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
)
SELECT_ADMINS = Statement(sa.select(accounts).where(accounts.c.role == Role.ADMIN))
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
)
INSERT_ACCOUNT = Statement(
    insert(accounts)
    .values({name: bindparam(name) for name in ("id", "email", "role", "password_hash")})
    .on_conflict_do_nothing(constraint="accounts_have_an_address_each")
    .returning(accounts),
)
HAS_UNCHANGED_PASSWORD = IS_ACCOUNT & (accounts.c.password_hash == bindparam("read"))
IS_ENABLED = accounts.c.disabled_at.is_(None)
LOCK_UNCHANGED_ACCOUNT = Statement(
    sa.select(accounts).where(HAS_UNCHANGED_PASSWORD, IS_ENABLED).with_for_update(key_share=True)
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
)
_end_sessions = sa.update(sessions).values(ends_at=func.now()).where(IS_SESSION_ACTIVE)
END_SESSION = Statement(_end_sessions.where(IS_GIVEN_TOKEN, sessions.c.account_id == bindparam("owner")))
END_SESSION_IF_TOKEN_REUSED = Statement(_end_sessions.where(IS_GIVEN_TOKEN, IS_TOKEN_REUSED))
END_ALL_SESSIONS = Statement(_end_sessions.where(sessions.c.account_id == bindparam("owner")))
ADDRESS_COLUMNS = [field.name for field in fields(Address)]
IS_OF_ACCOUNT = addresses.c.account_id == bindparam("account_id")
SELECT_ADDRESSES = Statement(sa.select(addresses).where(IS_OF_ACCOUNT).order_by(addresses.c.id.desc()))
INSERT_ADDRESS = Statement(
    sa.insert(addresses).values({name: bindparam(name) for name in ("id", "account_id", *ADDRESS_COLUMNS)})
)
DELETE_ADDRESS = Statement(sa.delete(addresses).where(IS_OF_ACCOUNT, addresses.c.id == bindparam("address_id")))
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
)
USE_LINK = Statement(sa.delete(links).where(IS_LINK, IS_LINK_VALID))
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
)
SELECT_SIGNING_KEYS = Statement(sa.select(signing_keys.c.kid, signing_keys.c.private_key, signing_keys.c.signs_from))
INSERT_SIGNING_KEY = Statement(
    sa.insert(signing_keys).values({name: bindparam(name) for name in ("kid", "private_key", "signs_from")})
)
DELETE_SIGNING_KEYS = Statement(
    sa.delete(signing_keys).where(signing_keys.c.kid == any_(bindparam("kids", type_=ARRAY(sa.Text))))
)
LOCK_SIGNING_KEYS = Statement(sa.select(func.pg_advisory_xact_lock(func.hashtext("auth.signing_keys"))))
