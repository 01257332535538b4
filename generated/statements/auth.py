# Generated from services/auth/statements.py by scripts/generate.py. Do not edit.

"""What the auth service asks its database, compiled when the project is generated."""

import datetime

from chassis.data.statement import Statement

ONE_DAY = datetime.timedelta(days=1)
FIND_ACCOUNT = Statement("""SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at
FROM auth.accounts
WHERE auth.accounts.id = %(account_id)s::UUID""")
FIND_ACCOUNT_BY_EMAIL = Statement(
    'SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at\nFROM auth.accounts\nWHERE auth.accounts.email = %(email)s::VARCHAR COLLATE "C"'
)
LOCK_ACCOUNT = Statement("""SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at
FROM auth.accounts
WHERE auth.accounts.id = %(account_id)s::UUID FOR NO KEY UPDATE""")
LOCK_ACCOUNT_BY_EMAIL = Statement("""SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at
FROM auth.accounts
WHERE auth.accounts.email = %(email)s::VARCHAR COLLATE "C" FOR NO KEY UPDATE""")
SELECT_ACCOUNTS_BY_EMAIL = Statement(
    """SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at
FROM auth.accounts
WHERE left(auth.accounts.email, 96) >= left(%(prefix)s::VARCHAR, %(left_1)s::INTEGER) AND left(auth.accounts.email, 96) <= (left(%(prefix)s::VARCHAR, %(left_2)s::INTEGER) || %(left_3)s::VARCHAR) AND starts_with(auth.accounts.email, %(prefix)s::VARCHAR) AND (left(auth.accounts.email, 96), auth.accounts.id) > (%(after_key)s::VARCHAR, %(after_id)s::UUID) ORDER BY left(auth.accounts.email, 96), auth.accounts.id
 LIMIT %(max_rows)s::INTEGER""",
    {"left_1": 96, "left_2": 96, "left_3": "\x7f"},
)
SELECT_ADMINS = Statement(
    """SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at
FROM auth.accounts
WHERE auth.accounts.role = %(role_1)s::VARCHAR""",
    {"role_1": "admin"},
)
LOCK_ACTIVE_ADMINS = Statement("""SELECT auth.accounts.id
FROM auth.accounts
WHERE role = 'admin' AND disabled_at IS NULL ORDER BY auth.accounts.id FOR NO KEY UPDATE""")
UPDATE_DISABLED = Statement(
    """UPDATE auth.accounts SET disabled_at=CASE WHEN %(disabled)s THEN coalesce(auth.accounts.disabled_at, now()) END WHERE auth.accounts.id = %(account_id)s::UUID RETURNING auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at"""
)
INSERT_ACCOUNT = Statement(
    """INSERT INTO auth.accounts (id, email, role, password_hash) VALUES (%(id)s::UUID, %(email)s::VARCHAR COLLATE "C", %(role)s::VARCHAR, %(password_hash)s::VARCHAR) ON CONFLICT ON CONSTRAINT accounts_have_an_address_each DO NOTHING RETURNING auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at"""
)
LOCK_UNCHANGED_ACCOUNT = Statement("""SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at
FROM auth.accounts
WHERE auth.accounts.id = %(account_id)s::UUID AND auth.accounts.password_hash = %(read)s::VARCHAR AND auth.accounts.disabled_at IS NULL FOR NO KEY UPDATE""")
RESET_PASSWORD = Statement(
    """UPDATE auth.accounts SET password_hash=%(password_hash)s::VARCHAR, verified_at=coalesce(auth.accounts.verified_at, now()) WHERE auth.accounts.id = %(account_id)s::UUID"""
)
SET_VERIFIED_EMAIL = Statement(
    """UPDATE auth.accounts SET email=%(new_email)s::VARCHAR COLLATE "C", verified_at=now() WHERE auth.accounts.id = %(account_id)s::UUID"""
)
UPDATE_PASSWORD = Statement(
    """UPDATE auth.accounts SET password_hash=%(password_hash)s::VARCHAR WHERE auth.accounts.id = %(account_id)s::UUID AND auth.accounts.password_hash = %(read)s::VARCHAR"""
)
DELETE_ACCOUNT = (
    Statement("""DELETE FROM auth.sessions WHERE auth.sessions.account_id = %(account_id)s::UUID"""),
    Statement("""DELETE FROM auth.known_networks WHERE auth.known_networks.account_id = %(account_id)s::UUID"""),
    Statement("""DELETE FROM auth.accounts WHERE auth.accounts.id = %(account_id)s::UUID"""),
)
UPSERT_KNOWN_NETWORK = Statement(
    """INSERT INTO auth.known_networks (account_id, network) VALUES (%(account_id)s::UUID, %(network)s::VARCHAR) ON CONFLICT (account_id, network) DO UPDATE SET used_at = now() WHERE auth.known_networks.used_at < now() - %(param_1)s::INTERVAL""",
    {"param_1": datetime.timedelta(days=1)},
)
INSERT_SESSION = Statement(
    """WITH verified AS
(SELECT auth.accounts.id AS id
FROM auth.accounts
WHERE auth.accounts.id = %(account_id)s::UUID AND auth.accounts.password_hash = %(read)s::VARCHAR AND auth.accounts.disabled_at IS NULL FOR SHARE),
begun AS
(INSERT INTO auth.sessions (id, account_id, ends_at) SELECT %(session_id)s::UUID AS anon_2, verified.id AS id, now() + %(param_1)s::INTERVAL AS anon_3
FROM verified RETURNING auth.sessions.id)
 INSERT INTO auth.refresh_tokens (digest, session_id) SELECT %(digest)s AS anon_1, begun.id
FROM begun""",
    {"param_1": datetime.timedelta(days=14)},
)
ROTATE_REFRESH_TOKEN = Statement(
    """WITH continued AS
(UPDATE auth.sessions SET refreshes=(auth.sessions.refreshes + %(refreshes_1)s::INTEGER) FROM auth.refresh_tokens WHERE auth.refresh_tokens.digest = %(given)s AND auth.refresh_tokens.session_id = auth.sessions.id AND auth.sessions.ends_at > clock_timestamp() AND (auth.refresh_tokens.used_at IS NULL OR auth.refresh_tokens.used_at > now() - %(leeway)s::INTERVAL) AND auth.sessions.refreshes < %(refreshes_2)s::INTEGER RETURNING auth.sessions.id, auth.sessions.account_id),
used AS
(UPDATE auth.refresh_tokens SET used_at=coalesce(auth.refresh_tokens.used_at, now()) FROM continued WHERE auth.refresh_tokens.digest = %(given)s AND auth.refresh_tokens.session_id = continued.id),
succeeded AS
(INSERT INTO auth.refresh_tokens (digest, session_id) SELECT %(successor)s AS anon_1, continued.id AS id
FROM continued)
 SELECT auth.accounts.id, auth.accounts.email, auth.accounts.role, auth.accounts.password_hash, auth.accounts.created_at, auth.accounts.disabled_at, auth.accounts.verified_at
FROM auth.accounts JOIN continued ON continued.account_id = auth.accounts.id""",
    {"refreshes_1": 1, "refreshes_2": 10000},
)
END_SESSION = Statement(
    """UPDATE auth.sessions SET ends_at=now() FROM auth.refresh_tokens WHERE auth.sessions.ends_at > clock_timestamp() AND auth.refresh_tokens.digest = %(given)s AND auth.refresh_tokens.session_id = auth.sessions.id AND auth.sessions.account_id = %(owner)s::UUID"""
)
END_SESSION_IF_TOKEN_REUSED = Statement(
    """UPDATE auth.sessions SET ends_at=now() FROM auth.refresh_tokens WHERE auth.sessions.ends_at > clock_timestamp() AND auth.refresh_tokens.digest = %(given)s AND auth.refresh_tokens.session_id = auth.sessions.id AND auth.refresh_tokens.used_at <= now() - %(leeway)s::INTERVAL"""
)
END_ALL_SESSIONS = Statement(
    """UPDATE auth.sessions SET ends_at=now() WHERE auth.sessions.ends_at > clock_timestamp() AND auth.sessions.account_id = %(owner)s::UUID"""
)
ADDRESS_COLUMNS = ["address_line1", "address_line2", "city", "country", "postcode"]
SELECT_ADDRESSES = Statement("""SELECT auth.addresses.id, auth.addresses.account_id, auth.addresses.address_line1, auth.addresses.address_line2, auth.addresses.city, auth.addresses.country, auth.addresses.postcode
FROM auth.addresses
WHERE auth.addresses.account_id = %(account_id)s::UUID ORDER BY auth.addresses.id DESC""")
INSERT_ADDRESS = Statement(
    """INSERT INTO auth.addresses (id, account_id, address_line1, address_line2, city, country, postcode) VALUES (%(id)s::UUID, %(account_id)s::UUID, %(address_line1)s::VARCHAR, %(address_line2)s::VARCHAR, %(city)s::VARCHAR, %(country)s::VARCHAR, %(postcode)s::VARCHAR)"""
)
DELETE_ADDRESS = Statement(
    """DELETE FROM auth.addresses WHERE auth.addresses.account_id = %(account_id)s::UUID AND auth.addresses.id = %(address_id)s::UUID"""
)
DELETE_LINKS = Statement("""DELETE FROM auth.links WHERE auth.links.account_id = %(account_id)s::UUID""")
DELETE_LINK_OF_PURPOSE = Statement(
    """DELETE FROM auth.links WHERE auth.links.account_id = %(account_id)s::UUID AND auth.links.purpose = %(purpose)s::VARCHAR"""
)
INSERT_LINK = Statement(
    """INSERT INTO auth.links (id, account_id, purpose, email, expires_at) VALUES (%(id)s::UUID, %(account_id)s::UUID, %(purpose)s::VARCHAR, %(email)s::VARCHAR, (now() + %(valid_for)s::INTERVAL))"""
)
INSERT_LINK_TOKEN = Statement("""WITH valid AS
(SELECT auth.links.id AS id
FROM auth.links
WHERE auth.links.id = %(link_id)s::UUID AND auth.links.expires_at > clock_timestamp() FOR KEY SHARE)
 INSERT INTO auth.link_tokens (digest, link_id) SELECT %(digest)s AS anon_1, valid.id
FROM valid""")
FIND_LINK_BY_TOKEN = Statement("""SELECT auth.links.id, auth.links.account_id, auth.links.purpose, auth.links.email
FROM auth.links JOIN auth.link_tokens ON auth.link_tokens.link_id = auth.links.id
WHERE auth.link_tokens.digest = %(digest)s AND auth.links.purpose = %(purpose)s::VARCHAR AND auth.links.expires_at > clock_timestamp()""")
USE_LINK = Statement(
    """DELETE FROM auth.links WHERE auth.links.id = %(link_id)s::UUID AND auth.links.expires_at > clock_timestamp()"""
)
INSERT_RESET_REQUEST = Statement(
    """INSERT INTO auth.reset_requests (id, email) VALUES (%(id)s::UUID, %(email)s::VARCHAR)"""
)
TAKE_RESET_REQUEST = Statement(
    """DELETE FROM auth.reset_requests WHERE auth.reset_requests.id = (SELECT auth.reset_requests.id
FROM auth.reset_requests ORDER BY auth.reset_requests.id
 LIMIT %(param_1)s::INTEGER FOR UPDATE SKIP LOCKED) RETURNING auth.reset_requests.email""",
    {"param_1": 1},
)
RESERVE_ATTEMPT = Statement(
    """INSERT INTO auth.attempts (key, count, began_at, counted_at, held, held_until) VALUES (%(this)s::VARCHAR, %(count)s::INTEGER, clock_timestamp(), clock_timestamp(), %(held)s::INTEGER, (clock_timestamp() + %(param_1)s::INTERVAL)) ON CONFLICT (key) DO UPDATE SET count = CASE WHEN (CASE WHEN %(rolling)s THEN auth.attempts.counted_at ELSE auth.attempts.began_at END + %(window)s::INTERVAL <= clock_timestamp()) THEN %(param_2)s::INTEGER ELSE auth.attempts.count END, began_at = CASE WHEN (CASE WHEN %(rolling)s THEN auth.attempts.counted_at ELSE auth.attempts.began_at END + %(window)s::INTERVAL <= clock_timestamp()) THEN clock_timestamp() ELSE auth.attempts.began_at END, held = (CASE WHEN (auth.attempts.held_until > clock_timestamp()) THEN auth.attempts.held ELSE %(param_3)s::INTEGER END + %(param_4)s::INTEGER), held_until = (clock_timestamp() + %(param_1)s::INTERVAL) WHERE CASE WHEN (CASE WHEN %(rolling)s THEN auth.attempts.counted_at ELSE auth.attempts.began_at END + %(window)s::INTERVAL <= clock_timestamp()) THEN %(param_2)s::INTEGER ELSE auth.attempts.count END + CASE WHEN (auth.attempts.held_until > clock_timestamp()) THEN auth.attempts.held ELSE %(param_3)s::INTEGER END < %(max_attempts)s::INTEGER OR CASE WHEN (CASE WHEN %(rolling)s THEN auth.attempts.counted_at ELSE auth.attempts.began_at END + %(window)s::INTERVAL <= clock_timestamp()) THEN %(param_2)s::INTEGER ELSE auth.attempts.count END >= %(max_attempts)s::INTEGER AND CASE WHEN (auth.attempts.held_until > clock_timestamp()) THEN auth.attempts.held ELSE %(param_3)s::INTEGER END = %(param_5)s::INTEGER AND auth.attempts.counted_at + make_interval(%(make_interval_1)s::INTEGER, %(make_interval_2)s::INTEGER, %(make_interval_3)s::INTEGER, %(make_interval_4)s::INTEGER, %(make_interval_5)s::INTEGER, %(make_interval_6)s::INTEGER, %(pause_seconds)s * power(%(power_1)s::INTEGER, least(auth.attempts.count - %(max_attempts)s::INTEGER, %(least_1)s::INTEGER))) <= clock_timestamp()""",
    {
        "count": 0,
        "held": 1,
        "param_1": datetime.timedelta(seconds=30),
        "param_2": 0,
        "param_3": 0,
        "param_4": 1,
        "param_5": 0,
        "make_interval_1": 0,
        "make_interval_2": 0,
        "make_interval_3": 0,
        "make_interval_4": 0,
        "make_interval_5": 0,
        "make_interval_6": 0,
        "power_1": 2,
        "least_1": 20,
    },
)
SELECT_WAIT = Statement(
    """SELECT CASE WHEN (CASE WHEN (CASE WHEN %(rolling)s THEN auth.attempts.counted_at ELSE auth.attempts.began_at END + %(window)s::INTERVAL <= clock_timestamp()) THEN %(param_1)s::INTEGER ELSE auth.attempts.count END < %(max_attempts)s::INTEGER) THEN %(param_2)s::INTERVAL ELSE least(auth.attempts.counted_at + make_interval(%(make_interval_1)s::INTEGER, %(make_interval_2)s::INTEGER, %(make_interval_3)s::INTEGER, %(make_interval_4)s::INTEGER, %(make_interval_5)s::INTEGER, %(make_interval_6)s::INTEGER, %(pause_seconds)s * power(%(power_1)s::INTEGER, least(auth.attempts.count - %(max_attempts)s::INTEGER, %(least_1)s::INTEGER))), CASE WHEN %(rolling)s THEN auth.attempts.counted_at ELSE auth.attempts.began_at END + %(window)s::INTERVAL) - clock_timestamp() END AS wait
FROM auth.attempts
WHERE auth.attempts.key = %(this)s::VARCHAR""",
    {
        "param_1": 0,
        "param_2": datetime.timedelta(0),
        "make_interval_1": 0,
        "make_interval_2": 0,
        "make_interval_3": 0,
        "make_interval_4": 0,
        "make_interval_5": 0,
        "make_interval_6": 0,
        "power_1": 2,
        "least_1": 20,
    },
)
COUNT_ATTEMPT = Statement(
    """UPDATE auth.attempts SET count=(auth.attempts.count + %(count_1)s::INTEGER), counted_at=clock_timestamp(), held=greatest(auth.attempts.held - %(held_1)s::INTEGER, %(greatest_1)s::INTEGER) WHERE auth.attempts.key = %(this)s::VARCHAR""",
    {"count_1": 1, "held_1": 1, "greatest_1": 0},
)
RELEASE_ATTEMPT = Statement(
    """UPDATE auth.attempts SET held=greatest(auth.attempts.held - %(held_1)s::INTEGER, %(greatest_1)s::INTEGER) WHERE auth.attempts.key = %(this)s::VARCHAR""",
    {"held_1": 1, "greatest_1": 0},
)
RESET_ATTEMPTS = Statement(
    """UPDATE auth.attempts SET count=%(count)s::INTEGER, held=greatest(auth.attempts.held - %(held_1)s::INTEGER, %(greatest_1)s::INTEGER) WHERE auth.attempts.key = %(this)s::VARCHAR""",
    {"count": 0, "held_1": 1, "greatest_1": 0},
)
SELECT_LOGIN_RISK = Statement(
    """SELECT EXISTS (SELECT auth.known_networks.account_id
FROM auth.known_networks JOIN auth.accounts ON auth.accounts.id = auth.known_networks.account_id
WHERE auth.accounts.email = %(email)s::VARCHAR COLLATE "C" AND auth.known_networks.network = %(network)s::VARCHAR) AS known_network, coalesce((SELECT CASE WHEN (CASE WHEN %(rolling)s THEN auth.attempts.counted_at ELSE auth.attempts.began_at END + %(window)s::INTERVAL <= clock_timestamp()) THEN %(param_1)s::INTEGER ELSE auth.attempts.count END AS anon_1
FROM auth.attempts
WHERE auth.attempts.key = %(this)s::VARCHAR), %(coalesce_1)s::INTEGER) AS failures""",
    {"param_1": 0, "coalesce_1": 0},
)
SELECT_SIGNING_KEYS = Statement("""SELECT auth.signing_keys.kid, auth.signing_keys.private_key, auth.signing_keys.signs_from
FROM auth.signing_keys""")
INSERT_SIGNING_KEY = Statement(
    """INSERT INTO auth.signing_keys (kid, private_key, signs_from) VALUES (%(kid)s::VARCHAR, %(private_key)s, %(signs_from)s::TIMESTAMP WITH TIME ZONE)"""
)
DELETE_SIGNING_KEYS = Statement(
    """DELETE FROM auth.signing_keys WHERE auth.signing_keys.kid = ANY (%(kids)s::TEXT[])"""
)
LOCK_SIGNING_KEYS = Statement(
    """SELECT pg_advisory_xact_lock(hashtext(%(hashtext_1)s::VARCHAR)) AS pg_advisory_xact_lock_1""",
    {"hashtext_1": "auth.signing_keys"},
)
