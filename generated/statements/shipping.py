# Generated from services/shipping/statements.py by scripts/generate.py. Do not edit.

"""What the shipping service asks its database, compiled when the project is generated."""

from chassis.data.statement import RowLock, Statement

RECIPIENT_COLUMNS = (
    "user_id",
    "user_email",
    "address_line1",
    "address_line2",
    "city",
    "country",
    "postcode",
)
LABEL_COLUMNS = (
    "carrier",
    "tracking_number",
)
AMOUNT_COLUMNS = (
    "amount_cents",
    "currency",
)
FIND_SHIPMENT = Statement("""SELECT shipping.shipments.order_id, shipping.shipments.id, shipping.shipments.user_id, shipping.shipments.user_email, shipping.shipments.address_line1, shipping.shipments.address_line2, shipping.shipments.city, shipping.shipments.country, shipping.shipments.postcode, shipping.shipments.status, shipping.shipments.carrier, shipping.shipments.tracking_number, shipping.shipments.amount_cents, shipping.shipments.currency, shipping.shipments.items, shipping.shipments.change_ids, shipping.shipments.created_at
FROM shipping.shipments
WHERE shipping.shipments.id = %(shipment_id)s::UUID""")
FIND_SHIPMENT_OF_ORDER = Statement("""SELECT shipping.shipments.order_id, shipping.shipments.id, shipping.shipments.user_id, shipping.shipments.user_email, shipping.shipments.address_line1, shipping.shipments.address_line2, shipping.shipments.city, shipping.shipments.country, shipping.shipments.postcode, shipping.shipments.status, shipping.shipments.carrier, shipping.shipments.tracking_number, shipping.shipments.amount_cents, shipping.shipments.currency, shipping.shipments.items, shipping.shipments.change_ids, shipping.shipments.created_at
FROM shipping.shipments
WHERE shipping.shipments.order_id = %(order_id)s::UUID""")
LOCK_SHIPMENT = RowLock(
    locked=Statement("""SELECT shipping.shipments.order_id, shipping.shipments.id, shipping.shipments.user_id, shipping.shipments.user_email, shipping.shipments.address_line1, shipping.shipments.address_line2, shipping.shipments.city, shipping.shipments.country, shipping.shipments.postcode, shipping.shipments.status, shipping.shipments.carrier, shipping.shipments.tracking_number, shipping.shipments.amount_cents, shipping.shipments.currency, shipping.shipments.items, shipping.shipments.change_ids, shipping.shipments.created_at
FROM shipping.shipments
WHERE shipping.shipments.id = %(shipment_id)s::UUID FOR UPDATE OF shipments"""),
    unlocked=Statement("""SELECT shipping.shipments.order_id, shipping.shipments.id, shipping.shipments.user_id, shipping.shipments.user_email, shipping.shipments.address_line1, shipping.shipments.address_line2, shipping.shipments.city, shipping.shipments.country, shipping.shipments.postcode, shipping.shipments.status, shipping.shipments.carrier, shipping.shipments.tracking_number, shipping.shipments.amount_cents, shipping.shipments.currency, shipping.shipments.items, shipping.shipments.change_ids, shipping.shipments.created_at, shipping.shipments.xmin AS row_version
FROM shipping.shipments
WHERE shipping.shipments.id = %(shipment_id)s::UUID"""),
    unchanged=Statement("""SELECT 1
FROM shipping.shipments
WHERE shipping.shipments.id = %(shipment_id)s::UUID AND shipping.shipments.xmin = %(row_version)s FOR UPDATE OF shipments"""),
)
LOCK_SHIPMENT_OF_ORDER = RowLock(
    locked=Statement("""SELECT shipping.shipments.order_id, shipping.shipments.id, shipping.shipments.user_id, shipping.shipments.user_email, shipping.shipments.address_line1, shipping.shipments.address_line2, shipping.shipments.city, shipping.shipments.country, shipping.shipments.postcode, shipping.shipments.status, shipping.shipments.carrier, shipping.shipments.tracking_number, shipping.shipments.amount_cents, shipping.shipments.currency, shipping.shipments.items, shipping.shipments.change_ids, shipping.shipments.created_at
FROM shipping.shipments
WHERE shipping.shipments.order_id = %(order_id)s::UUID FOR UPDATE OF shipments"""),
    unlocked=Statement("""SELECT shipping.shipments.order_id, shipping.shipments.id, shipping.shipments.user_id, shipping.shipments.user_email, shipping.shipments.address_line1, shipping.shipments.address_line2, shipping.shipments.city, shipping.shipments.country, shipping.shipments.postcode, shipping.shipments.status, shipping.shipments.carrier, shipping.shipments.tracking_number, shipping.shipments.amount_cents, shipping.shipments.currency, shipping.shipments.items, shipping.shipments.change_ids, shipping.shipments.created_at, shipping.shipments.xmin AS row_version
FROM shipping.shipments
WHERE shipping.shipments.order_id = %(order_id)s::UUID"""),
    unchanged=Statement("""SELECT 1
FROM shipping.shipments
WHERE shipping.shipments.order_id = %(order_id)s::UUID AND shipping.shipments.xmin = %(row_version)s FOR UPDATE OF shipments"""),
)
LIST_SHIPMENTS = Statement("""SELECT shipping.shipments.order_id, shipping.shipments.id, shipping.shipments.user_id, shipping.shipments.user_email, shipping.shipments.address_line1, shipping.shipments.address_line2, shipping.shipments.city, shipping.shipments.country, shipping.shipments.postcode, shipping.shipments.status, shipping.shipments.carrier, shipping.shipments.tracking_number, shipping.shipments.amount_cents, shipping.shipments.currency, shipping.shipments.items, shipping.shipments.change_ids, shipping.shipments.created_at
FROM shipping.shipments
WHERE (shipping.shipments.status, shipping.shipments.id) > (%(status)s::VARCHAR, %(after)s::UUID) AND shipping.shipments.status <= %(status)s::VARCHAR AND shipping.shipments.user_id IS NOT NULL ORDER BY shipping.shipments.status, shipping.shipments.id
 LIMIT %(limit)s::INTEGER""")
MUTABLE_COLUMNS = (
    "status",
    "user_id",
    "user_email",
    "address_line1",
    "address_line2",
    "city",
    "country",
    "postcode",
    "carrier",
    "tracking_number",
    "amount_cents",
    "currency",
    "items",
    "change_ids",
)
SAVE_SHIPMENT = Statement(
    """INSERT INTO shipping.shipments (order_id, id, user_id, user_email, address_line1, address_line2, city, country, postcode, status, carrier, tracking_number, amount_cents, currency, items, change_ids) VALUES (%(order_id)s::UUID, %(id)s::UUID, %(user_id)s::UUID, %(user_email)s::VARCHAR, %(address_line1)s::VARCHAR, %(address_line2)s::VARCHAR, %(city)s::VARCHAR, %(country)s::VARCHAR, %(postcode)s::VARCHAR, %(status)s::VARCHAR, %(carrier)s::VARCHAR, %(tracking_number)s::VARCHAR, %(amount_cents)s::BIGINT, %(currency)s::VARCHAR, %(items)s::JSONB, %(change_ids)s::UUID[]) ON CONFLICT (order_id) DO UPDATE SET user_id = excluded.user_id, user_email = excluded.user_email, address_line1 = excluded.address_line1, address_line2 = excluded.address_line2, city = excluded.city, country = excluded.country, postcode = excluded.postcode, status = excluded.status, carrier = excluded.carrier, tracking_number = excluded.tracking_number, amount_cents = excluded.amount_cents, currency = excluded.currency, items = excluded.items, change_ids = excluded.change_ids WHERE shipping.shipments.id = excluded.id"""
)
PURGE_SETTLED_SHIPMENTS = Statement(
    """WITH expired AS
(SELECT shipping.shipments.order_id AS id
FROM shipping.shipments
WHERE shipping.shipments.order_id < CAST(rpad(lpad(to_hex(CAST(EXTRACT(epoch FROM now() - %(retention)s::INTERVAL) * %(param_1)s::INTEGER AS BIGINT)), %(lpad_1)s::INTEGER, %(lpad_2)s::VARCHAR), %(rpad_1)s::INTEGER, %(rpad_2)s::VARCHAR) AS UUID) AND substr(CAST(shipping.shipments.order_id AS TEXT), %(substr_1)s::INTEGER, %(substr_2)s::INTEGER) >= %(substr_3)s::VARCHAR AND shipments.status IN ('DISPATCHED', 'DELIVERED', 'CANCELLED') ORDER BY shipping.shipments.order_id
 LIMIT %(batch)s::INTEGER)
 DELETE FROM shipping.shipments WHERE shipping.shipments.order_id = ANY (array((SELECT expired.id
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
