# Generated from services/payment/statements.py by scripts/generate.py. Do not edit.

"""What the payment service asks its database, compiled when the project is generated."""

from chassis.data.statement import RowLock, Statement

COUNT_OPEN_REFUNDS = Statement(
    """SELECT count(*) AS open, coalesce(CAST(EXTRACT(epoch FROM now() - min(payment.refunds.asked_at)) AS FLOAT), %(coalesce_1)s) AS oldest_seconds
FROM payment.refunds
WHERE refunds.status = 'ASKED'""",
    {"coalesce_1": 0.0},
)
COUNT_OPEN_ATTEMPTS = Statement(
    """SELECT count(*) AS open, coalesce(CAST(EXTRACT(epoch FROM now() - min(payment.payment_attempts.begun_at)) AS FLOAT), %(coalesce_1)s) AS oldest_seconds
FROM payment.payment_attempts
WHERE payment_attempts.status = 'OPEN'""",
    {"coalesce_1": 0.0},
)
FIND_PAYMENT = Statement("""SELECT payment.payments.order_id, payment.payments.id, payment.payments.user_id, payment.payments.user_email, payment.payments.amount_cents, payment.payments.currency, payment.payments.status, payment.payments.failures, payment.payments.created_at, payment.payments.refund_requested_cents, payment.payments.refunded_cents, payment.payments.attempt_id, payment.payments.attempt_ref
FROM payment.payments
WHERE payment.payments.order_id = %(order_id)s::UUID""")
LOCK_PAYMENT = RowLock(
    locked=Statement("""SELECT payment.payments.order_id, payment.payments.id, payment.payments.user_id, payment.payments.user_email, payment.payments.amount_cents, payment.payments.currency, payment.payments.status, payment.payments.failures, payment.payments.created_at, payment.payments.refund_requested_cents, payment.payments.refunded_cents, payment.payments.attempt_id, payment.payments.attempt_ref
FROM payment.payments
WHERE payment.payments.order_id = %(order_id)s::UUID FOR UPDATE OF payments"""),
    unlocked=Statement("""SELECT payment.payments.order_id, payment.payments.id, payment.payments.user_id, payment.payments.user_email, payment.payments.amount_cents, payment.payments.currency, payment.payments.status, payment.payments.failures, payment.payments.created_at, payment.payments.refund_requested_cents, payment.payments.refunded_cents, payment.payments.attempt_id, payment.payments.attempt_ref, payment.payments.xmin AS row_version
FROM payment.payments
WHERE payment.payments.order_id = %(order_id)s::UUID"""),
    unchanged=Statement("""SELECT 1
FROM payment.payments
WHERE payment.payments.order_id = %(order_id)s::UUID AND payment.payments.xmin = %(row_version)s FOR UPDATE OF payments"""),
)
AMOUNT_DUE_COLUMNS = (
    "user_id",
    "user_email",
    "amount_cents",
    "currency",
)
UPSERT_PAYMENT = Statement(
    """INSERT INTO payment.payments (order_id, id, user_id, user_email, amount_cents, currency, status) VALUES (%(order_id)s::UUID, %(id)s::UUID, %(user_id)s::UUID, %(user_email)s::VARCHAR, %(amount_cents)s::BIGINT, %(currency)s::VARCHAR, %(status)s::VARCHAR) ON CONFLICT (order_id) DO UPDATE SET user_id = excluded.user_id, user_email = excluded.user_email, amount_cents = excluded.amount_cents, currency = excluded.currency WHERE payment.payments.user_id IS NULL"""
)
UPDATED_COLUMNS = (
    "status",
    "failures",
    "refund_requested_cents",
    "refunded_cents",
    "attempt_id",
    "attempt_ref",
)
UPDATE_PAYMENT = Statement(
    """UPDATE payment.payments SET status=%(status)s::VARCHAR, failures=%(failures)s::JSONB, refund_requested_cents=%(refund_requested_cents)s::BIGINT, refunded_cents=%(refunded_cents)s::BIGINT, attempt_id=%(attempt_id)s::UUID, attempt_ref=%(attempt_ref)s::VARCHAR WHERE payment.payments.order_id = %(order)s::UUID"""
)
ATTEMPT_COLUMNS = (
    "attempt_id",
    "order_id",
    "ref",
    "amount_cents",
    "currency",
)
INSERT_ATTEMPT = Statement(
    """INSERT INTO payment.payment_attempts (attempt_id, order_id, ref, amount_cents, currency, next_lookup_at) VALUES (%(attempt_id)s::UUID, %(order_id)s::UUID, %(ref)s::VARCHAR, %(amount_cents)s::BIGINT, %(currency)s::VARCHAR, (now() + %(first_lookup)s::INTERVAL))"""
)
FIND_ATTEMPT = Statement("""SELECT payment.payment_attempts.attempt_id, payment.payment_attempts.order_id, payment.payment_attempts.ref, payment.payment_attempts.amount_cents, payment.payment_attempts.currency, payment.payment_attempts.status, payment.payment_attempts.code, payment.payment_attempts.lookups, payment.payment_attempts.next_lookup_at, payment.payment_attempts.begun_at, payment.payment_attempts.ended_at
FROM payment.payment_attempts
WHERE payment.payment_attempts.attempt_id = %(attempt)s::UUID""")
FIND_ATTEMPT_BY_REF = Statement("""SELECT payment.payment_attempts.attempt_id, payment.payment_attempts.order_id, payment.payment_attempts.ref, payment.payment_attempts.amount_cents, payment.payment_attempts.currency, payment.payment_attempts.status, payment.payment_attempts.code, payment.payment_attempts.lookups, payment.payment_attempts.next_lookup_at, payment.payment_attempts.begun_at, payment.payment_attempts.ended_at
FROM payment.payment_attempts
WHERE payment.payment_attempts.ref = %(ref)s::VARCHAR""")
CLOSE_ATTEMPT = Statement(
    """UPDATE payment.payment_attempts SET status=%(new_status)s::VARCHAR, code=%(new_code)s::VARCHAR, ended_at=now() WHERE payment.payment_attempts.attempt_id = %(attempt)s::UUID"""
)
MAX_DOUBLINGS = 8
CLAIM_DUE_ATTEMPTS = Statement(
    """WITH due AS
(SELECT payment.payment_attempts.attempt_id AS attempt_id
FROM payment.payment_attempts
WHERE payment_attempts.status = 'OPEN' AND payment.payment_attempts.next_lookup_at <= now() ORDER BY payment.payment_attempts.next_lookup_at
 LIMIT %(max_rows)s::INTEGER FOR UPDATE SKIP LOCKED)
 UPDATE payment.payment_attempts SET lookups=(payment.payment_attempts.lookups + %(lookups_1)s::INTEGER), next_lookup_at=(now() + %(retry_seconds)s * power(%(power_1)s::INTEGER, least(payment.payment_attempts.lookups, %(least_1)s::INTEGER)) * (%(param_1)s + %(random_1)s * random()) * interval '1 second') FROM due WHERE payment.payment_attempts.attempt_id = due.attempt_id RETURNING payment.payment_attempts.attempt_id, payment.payment_attempts.order_id, payment.payment_attempts.ref, payment.payment_attempts.amount_cents, payment.payment_attempts.currency, payment.payment_attempts.status, payment.payment_attempts.code, payment.payment_attempts.lookups, payment.payment_attempts.next_lookup_at, payment.payment_attempts.begun_at, payment.payment_attempts.ended_at, payment.payment_attempts.begun_at < now() - %(timeout)s::INTERVAL AS is_overdue""",
    {"lookups_1": 1, "power_1": 2, "least_1": 8, "param_1": 0.8, "random_1": 0.4},
)
FIND_REFUND = Statement("""SELECT payment.refunds.refund_id, payment.refunds.order_id, payment.refunds.ref, payment.refunds.amount_cents, payment.refunds.currency, payment.refunds.status, payment.refunds.attempts, payment.refunds.next_try_at, payment.refunds.asked_at, payment.refunds.done_at, payment.refunds.is_stray
FROM payment.refunds
WHERE payment.refunds.refund_id = %(refund)s::UUID""")
INSERT_REFUND = Statement(
    """INSERT INTO payment.refunds (refund_id, order_id, ref, amount_cents, currency, is_stray) VALUES (%(refund_id)s::UUID, %(order_id)s::UUID, %(ref)s::VARCHAR, %(amount_cents)s::BIGINT, %(currency)s::VARCHAR, %(is_stray)s)"""
)
CLAIM_DUE_REFUNDS = Statement(
    """WITH due AS
(SELECT payment.refunds.refund_id AS refund_id
FROM payment.refunds
WHERE refunds.status = 'ASKED' AND payment.refunds.next_try_at <= now() ORDER BY payment.refunds.next_try_at
 LIMIT %(max_rows)s::INTEGER FOR UPDATE SKIP LOCKED)
 UPDATE payment.refunds SET attempts=(payment.refunds.attempts + %(attempts_1)s::INTEGER), next_try_at=(now() + %(retry_seconds)s * power(%(power_1)s::INTEGER, least(payment.refunds.attempts, %(least_1)s::INTEGER)) * (%(param_1)s + %(random_1)s * random()) * interval '1 second') FROM due WHERE payment.refunds.refund_id = due.refund_id RETURNING payment.refunds.refund_id, payment.refunds.order_id, payment.refunds.ref, payment.refunds.amount_cents, payment.refunds.currency, payment.refunds.status, payment.refunds.attempts, payment.refunds.next_try_at, payment.refunds.asked_at, payment.refunds.done_at, payment.refunds.is_stray""",
    {"attempts_1": 1, "power_1": 2, "least_1": 8, "param_1": 0.8, "random_1": 0.4},
)
COMPLETE_REFUND = Statement(
    """UPDATE payment.refunds SET status=%(status)s::VARCHAR, done_at=now() WHERE payment.refunds.refund_id = %(refund)s::UUID AND refunds.status = 'ASKED'""",
    {"status": "DONE"},
)
PURGE_SETTLED_PAYMENTS = Statement(
    """WITH expired AS
(SELECT payment.payments.order_id AS id
FROM payment.payments
WHERE payment.payments.order_id < CAST(rpad(lpad(to_hex(CAST(EXTRACT(epoch FROM now() - %(retention)s::INTERVAL) * %(param_1)s::INTEGER AS BIGINT)), %(lpad_1)s::INTEGER, %(lpad_2)s::VARCHAR), %(rpad_1)s::INTEGER, %(rpad_2)s::VARCHAR) AS UUID) AND substr(CAST(payment.payments.order_id AS TEXT), %(substr_1)s::INTEGER, %(substr_2)s::INTEGER) >= %(substr_3)s::VARCHAR AND payments.status NOT IN ('PENDING', 'PROCESSING') AND payments.refunded_cents = payments.refund_requested_cents ORDER BY payment.payments.order_id
 LIMIT %(batch)s::INTEGER),
expired_payment_attempts AS
(DELETE FROM payment.payment_attempts WHERE payment.payment_attempts.order_id = ANY (array((SELECT expired.id
FROM expired)))),
expired_refunds AS
(DELETE FROM payment.refunds WHERE payment.refunds.order_id = ANY (array((SELECT expired.id
FROM expired))))
 DELETE FROM payment.payments WHERE payment.payments.order_id = ANY (array((SELECT expired.id
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
CHARGE_AT_MOCK = Statement(
    """INSERT INTO payment.mock_charges (ref, status, code, decided_at, webhook_due_at) VALUES (%(ref)s::VARCHAR, %(status)s::VARCHAR, %(code)s::VARCHAR, (now() + %(delay)s::INTERVAL), CASE WHEN %(sends_webhook)s THEN now() + %(delay)s::INTERVAL END) ON CONFLICT (ref) DO UPDATE SET ref = excluded.ref RETURNING payment.mock_charges.status, payment.mock_charges.code, payment.mock_charges.decided_at <= now() AS is_decided"""
)
CANCEL_AT_MOCK = Statement(
    """INSERT INTO payment.mock_charges (ref, status, decided_at) VALUES (%(ref)s::VARCHAR, %(status)s::VARCHAR, now()) ON CONFLICT (ref) DO UPDATE SET status = CASE WHEN (payment.mock_charges.decided_at > now()) THEN %(param_1)s::VARCHAR ELSE payment.mock_charges.status END, decided_at = least(payment.mock_charges.decided_at, now()) RETURNING payment.mock_charges.status, payment.mock_charges.code, payment.mock_charges.decided_at <= now() AS is_decided""",
    {"status": "CANCELLED", "param_1": "CANCELLED"},
)
LOOK_UP_AT_MOCK = Statement("""SELECT payment.mock_charges.status, payment.mock_charges.code, payment.mock_charges.decided_at <= now() AS is_decided
FROM payment.mock_charges
WHERE payment.mock_charges.ref = %(ref)s::VARCHAR""")
CLAIM_MOCK_WEBHOOKS = Statement("""UPDATE payment.mock_charges SET webhook_due_at=(now() + %(retry)s::INTERVAL) WHERE payment.mock_charges.ref = ANY (array((SELECT payment.mock_charges.ref
FROM payment.mock_charges
WHERE webhook_due_at <= now() ORDER BY payment.mock_charges.webhook_due_at
 LIMIT %(max_rows)s::INTEGER))) RETURNING payment.mock_charges.ref""")
COMPLETE_MOCK_WEBHOOK = Statement(
    """UPDATE payment.mock_charges SET webhook_due_at=%(webhook_due_at)s::TIMESTAMP WITH TIME ZONE WHERE payment.mock_charges.ref = %(heard)s::VARCHAR""",
    {"webhook_due_at": None},
)
