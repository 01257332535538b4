# Generated from services/notifications/statements.py by scripts/generate.py. Do not edit.

"""What the notifications service asks its database, compiled when the project is generated."""

import datetime

from chassis.data.statement import Statement

COUNT_QUEUED_MAILS = Statement(
    """SELECT count(*) AS queued, coalesce(CAST(EXTRACT(epoch FROM now() - min(notifications.mails.queued_at)) AS FLOAT), %(coalesce_1)s) AS age
FROM notifications.mails
WHERE status = 'QUEUED'""",
    {"coalesce_1": 0.0},
)
ERASURE_MARGIN = datetime.timedelta(seconds=60)
ERASE_RECIPIENTS = Statement(
    """WITH due AS
(SELECT notifications.deleted_accounts.user_id AS user_id
FROM notifications.deleted_accounts
WHERE erased_at IS NULL AND notifications.deleted_accounts.deleted_at < (now() - %(retention)s::INTERVAL) - %(param_3)s::INTERVAL ORDER BY notifications.deleted_accounts.deleted_at
 LIMIT %(batch)s::INTEGER FOR UPDATE SKIP LOCKED),
erased_mails AS
(UPDATE notifications.mails SET recipient=%(param_1)s::VARCHAR, status=CASE WHEN (notifications.mails.status = %(status_1)s::VARCHAR) THEN %(param_2)s::VARCHAR ELSE notifications.mails.status END WHERE notifications.mails.user_id = ANY (array((SELECT due.user_id
FROM due))))
 UPDATE notifications.deleted_accounts SET erased_at=now() WHERE notifications.deleted_accounts.user_id = ANY (array((SELECT due.user_id
FROM due)))""",
    {
        "param_1": "erased@account.invalid",
        "status_1": "QUEUED",
        "param_2": "FAILED",
        "param_3": datetime.timedelta(seconds=60),
    },
)
INSERT_DELETED_ACCOUNT = Statement(
    """INSERT INTO notifications.deleted_accounts (user_id) VALUES (%(user_id)s::UUID) ON CONFLICT DO NOTHING"""
)
DELETE_MAILS_ABOUT_ACCOUNT = Statement(
    """DELETE FROM notifications.mails WHERE notifications.mails.user_id = %(user_id)s::UUID AND notifications.mails.order_id IS NULL"""
)
INSERT_ORDER = Statement(
    """INSERT INTO notifications.orders (order_id, currency, total_cents, lines) VALUES (%(order_id)s::UUID, %(currency)s::VARCHAR, %(total_cents)s::BIGINT, %(lines)s::JSONB) ON CONFLICT DO NOTHING"""
)
MAX_LEASE_DOUBLINGS = 6
MAIL_COLUMNS = (
    "id",
    "order_id",
    "kind",
    "user_id",
    "recipient",
    "facts",
    "happened_at",
    "occurrence",
    "message_id",
)
INSERT_MAIL = Statement("""INSERT INTO notifications.mails (id, order_id, kind, user_id, recipient, facts, happened_at, occurrence, message_id) SELECT CAST(%(id)s AS UUID) AS anon_1, CAST(%(order_id)s AS UUID) AS anon_2, CAST(%(kind)s AS TEXT) AS anon_3, CAST(%(user_id)s AS UUID) AS anon_4, CAST(%(recipient)s AS TEXT) AS anon_5, CAST(%(facts)s AS JSONB) AS anon_6, CAST(%(happened_at)s AS TIMESTAMP WITH TIME ZONE) AS anon_7, CAST(%(occurrence)s AS TEXT) AS anon_8, CAST(%(message_id)s AS TEXT) AS anon_9
WHERE NOT (EXISTS (SELECT *
FROM notifications.deleted_accounts
WHERE notifications.deleted_accounts.user_id = %(user_id)s::UUID AND notifications.deleted_accounts.deleted_at < now() - %(account_erasure)s::INTERVAL)) ON CONFLICT DO NOTHING""")
FIND_MAIL_OF_NOTIFICATION = Statement("""SELECT notifications.mails.id
FROM notifications.mails
WHERE notifications.mails.order_id = %(order)s::UUID AND notifications.mails.kind = %(kind)s::VARCHAR AND notifications.mails.occurrence = %(occurrence)s::VARCHAR""")
LOCK_ORDER = Statement("""SELECT notifications.orders.order_id, notifications.orders.currency, notifications.orders.total_cents, notifications.orders.lines
FROM notifications.orders
WHERE notifications.orders.order_id = %(order)s::UUID FOR UPDATE""")
UPDATE_ORDER = Statement(
    """UPDATE notifications.orders SET total_cents=%(total_cents)s::BIGINT, lines=%(lines)s::JSONB WHERE notifications.orders.order_id = %(order)s::UUID"""
)
SELECT_MAILS_OF_ORDER = Statement("""SELECT notifications.mails.id, notifications.mails.order_id, notifications.mails.kind, notifications.mails.user_id, notifications.mails.recipient, notifications.mails.facts, notifications.mails.happened_at, notifications.mails.occurrence, notifications.mails.message_id, notifications.mails.status, notifications.mails.queued_at, notifications.mails.sent_at, notifications.mails.attempts, notifications.mails.refusals, notifications.mails.unconfirmed, notifications.mails.next_try_at
FROM notifications.mails
WHERE notifications.mails.order_id = %(order)s::UUID AND (%(owner)s::UUID IS NULL OR notifications.mails.user_id = %(owner)s::UUID) AND (%(after)s::UUID IS NULL OR notifications.mails.id > %(after)s::UUID) ORDER BY notifications.mails.id
 LIMIT %(max_rows)s::INTEGER""")
LIST_MAILS = Statement("""SELECT notifications.mails.id, notifications.mails.order_id, notifications.mails.kind, notifications.mails.user_id, notifications.mails.recipient, notifications.mails.facts, notifications.mails.happened_at, notifications.mails.occurrence, notifications.mails.message_id, notifications.mails.status, notifications.mails.queued_at, notifications.mails.sent_at, notifications.mails.attempts, notifications.mails.refusals, notifications.mails.unconfirmed, notifications.mails.next_try_at
FROM notifications.mails
WHERE (notifications.mails.status, notifications.mails.id) < (%(status)s::VARCHAR, %(before)s::UUID) AND notifications.mails.status >= %(status)s::VARCHAR ORDER BY notifications.mails.status DESC, notifications.mails.id DESC
 LIMIT %(limit)s::INTEGER""")
SELECT_SENT_MAILS_OF_ORDER = Statement(
    """SELECT notifications.mails.id, notifications.mails.order_id, notifications.mails.kind, notifications.mails.user_id, notifications.mails.recipient, notifications.mails.facts, notifications.mails.happened_at, notifications.mails.occurrence, notifications.mails.message_id, notifications.mails.status, notifications.mails.queued_at, notifications.mails.sent_at, notifications.mails.attempts, notifications.mails.refusals, notifications.mails.unconfirmed, notifications.mails.next_try_at
FROM notifications.mails
WHERE notifications.mails.order_id = %(order)s::UUID AND notifications.mails.status = %(status_1)s::VARCHAR ORDER BY notifications.mails.sent_at, notifications.mails.id
 LIMIT %(max_rows)s::INTEGER""",
    {"status_1": "SENT"},
)
FIND_MAIL = Statement("""SELECT notifications.mails.id, notifications.mails.order_id, notifications.mails.kind, notifications.mails.user_id, notifications.mails.recipient, notifications.mails.facts, notifications.mails.happened_at, notifications.mails.occurrence, notifications.mails.message_id, notifications.mails.status, notifications.mails.queued_at, notifications.mails.sent_at, notifications.mails.attempts, notifications.mails.refusals, notifications.mails.unconfirmed, notifications.mails.next_try_at
FROM notifications.mails
WHERE notifications.mails.id = %(mail_id)s::UUID""")
CLAIM_DUE_MAILS = Statement(
    """WITH due AS
(SELECT notifications.mails.id AS id
FROM notifications.mails LEFT OUTER JOIN notifications.orders ON notifications.orders.order_id = notifications.mails.order_id
WHERE notifications.mails.status = 'QUEUED' AND notifications.mails.next_try_at <= now() AND NOT (EXISTS (SELECT earlier.id
FROM notifications.mails AS earlier
WHERE earlier.order_id = notifications.mails.order_id AND earlier.status = 'QUEUED' AND earlier.refusals = 0 AND (earlier.happened_at, earlier.id) < (notifications.mails.happened_at, notifications.mails.id))) AND (notifications.orders.order_id IS NOT NULL OR notifications.mails.order_id IS NULL OR notifications.mails.queued_at <= now() - %(order_details_timeout)s::INTERVAL) ORDER BY notifications.mails.refusals > 0, notifications.mails.next_try_at, notifications.mails.happened_at, notifications.mails.id
 LIMIT %(max_rows)s::INTEGER FOR UPDATE OF mails SKIP LOCKED),
taken AS
(UPDATE notifications.mails SET attempts=(notifications.mails.attempts + %(attempts_1)s::INTEGER), next_try_at=(now() + %(lease_seconds)s * power(%(power_1)s::INTEGER, least(notifications.mails.attempts, %(least_1)s::INTEGER)) * interval '1 second') FROM due WHERE notifications.mails.id = due.id RETURNING notifications.mails.id, notifications.mails.order_id, notifications.mails.kind, notifications.mails.user_id, notifications.mails.recipient, notifications.mails.facts, notifications.mails.happened_at, notifications.mails.occurrence, notifications.mails.message_id, notifications.mails.status, notifications.mails.queued_at, notifications.mails.sent_at, notifications.mails.attempts, notifications.mails.refusals, notifications.mails.unconfirmed, notifications.mails.next_try_at)
 SELECT taken.id, taken.order_id, taken.kind, taken.user_id, taken.recipient, taken.facts, taken.happened_at, taken.occurrence, taken.message_id, taken.status, taken.queued_at, taken.sent_at, taken.attempts, taken.refusals, taken.unconfirmed, taken.next_try_at, notifications.orders.currency, notifications.orders.total_cents, notifications.orders.lines, (SELECT correction.facts
FROM notifications.mails AS correction
WHERE correction.order_id = taken.order_id AND correction.kind = %(kind_1)s::VARCHAR ORDER BY correction.happened_at DESC, correction.id DESC
 LIMIT %(param_1)s::INTEGER) AS corrected
FROM taken LEFT OUTER JOIN notifications.orders ON notifications.orders.order_id = taken.order_id ORDER BY taken.refusals > 0, taken.happened_at, taken.id""",
    {"kind_1": "shipping.corrected", "param_1": 1, "attempts_1": 1, "power_1": 2, "least_1": 6},
)
MARK_MAILS_SENT = Statement(
    """UPDATE notifications.mails SET status=%(status)s::VARCHAR, sent_at=now() WHERE notifications.mails.id = ANY (%(mails)s::UUID[]) AND notifications.mails.status != %(status_1)s::VARCHAR""",
    {"status": "SENT", "status_1": "SENT"},
)
DELETE_WITHDRAWN_MAIL = Statement(
    """DELETE FROM notifications.mails WHERE notifications.mails.id = %(mail)s::UUID AND notifications.mails.status = 'QUEUED' AND notifications.mails.attempts = %(attempt)s::INTEGER"""
)
RECORD_MAIL_FAILURE = Statement(
    """UPDATE notifications.mails SET status=%(new_status)s::VARCHAR, refusals=%(rejections)s::INTEGER, unconfirmed=%(unconfirmed)s::INTEGER, next_try_at=(now() + %(retry_delay)s::INTERVAL) WHERE notifications.mails.id = %(mail)s::UUID AND notifications.mails.status = 'QUEUED' AND notifications.mails.attempts = %(attempt)s::INTEGER"""
)
REQUEUE_FAILED_MAIL = Statement(
    """UPDATE notifications.mails SET status=%(status)s::VARCHAR, attempts=(notifications.mails.attempts + 1), refusals=1, unconfirmed=least(notifications.mails.unconfirmed, %(least_1)s::INTEGER), next_try_at=now() WHERE notifications.mails.id = %(mail)s::UUID AND notifications.mails.status = %(status_1)s::VARCHAR AND notifications.mails.recipient != %(recipient_1)s::VARCHAR""",
    {"status": "QUEUED", "least_1": 2, "status_1": "FAILED", "recipient_1": "erased@account.invalid"},
)
PURGE_MAILS_ABOUT_ORDERS = Statement(
    """WITH expired AS
(SELECT notifications.mails.order_id AS id
FROM notifications.mails
WHERE notifications.mails.order_id < CAST(rpad(lpad(to_hex(CAST(EXTRACT(epoch FROM now() - %(retention)s::INTERVAL) * %(param_1)s::INTEGER AS BIGINT)), %(lpad_1)s::INTEGER, %(lpad_2)s::VARCHAR), %(rpad_1)s::INTEGER, %(rpad_2)s::VARCHAR) AS UUID) AND substr(CAST(notifications.mails.order_id AS TEXT), %(substr_1)s::INTEGER, %(substr_2)s::INTEGER) >= %(substr_3)s::VARCHAR AND mails.status <> 'QUEUED' ORDER BY notifications.mails.order_id
 LIMIT %(batch)s::INTEGER)
 DELETE FROM notifications.mails WHERE notifications.mails.order_id = ANY (array((SELECT expired.id
FROM expired)))""",
    {
        "param_1": 1000,
        "lpad_1": 12,
        "lpad_2": "0",
        "rpad_1": 32,
        "rpad_2": "0",
        "substr_1": 15,
        "substr_2": 1,
        "substr_3": "7",
    },
)
PURGE_ORDERS = Statement(
    """WITH expired AS
(SELECT notifications.orders.order_id AS id
FROM notifications.orders
WHERE notifications.orders.order_id < CAST(rpad(lpad(to_hex(CAST(EXTRACT(epoch FROM now() - %(retention)s::INTERVAL) * %(param_1)s::INTEGER AS BIGINT)), %(lpad_1)s::INTEGER, %(lpad_2)s::VARCHAR), %(rpad_1)s::INTEGER, %(rpad_2)s::VARCHAR) AS UUID) AND substr(CAST(notifications.orders.order_id AS TEXT), %(substr_1)s::INTEGER, %(substr_2)s::INTEGER) >= %(substr_3)s::VARCHAR ORDER BY notifications.orders.order_id
 LIMIT %(batch)s::INTEGER)
 DELETE FROM notifications.orders WHERE notifications.orders.order_id = ANY (array((SELECT expired.id
FROM expired)))""",
    {
        "param_1": 1000,
        "lpad_1": 12,
        "lpad_2": "0",
        "rpad_1": 32,
        "rpad_2": "0",
        "substr_1": 15,
        "substr_2": 1,
        "substr_3": "7",
    },
)
