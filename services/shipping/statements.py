"""What the shipping service asks its database, compiled when the project is generated."""

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from chassis.data.clauses import delete_with_dependents_statement, ids_older_than_retention, row_lock
from chassis.data.keyset import keyset_page
from chassis.data.statement import Statement
from services.shipping.tables import shipments

RECIPIENT_COLUMNS = ("user_id", "user_email", "address_line1", "address_line2", "city", "country", "postcode")
LABEL_COLUMNS = ("carrier", "tracking_number")
AMOUNT_COLUMNS = ("amount_cents", "currency")
SELECT_SHIPMENT = sa.select(shipments).where(shipments.c.id == bindparam("shipment_id"))
SELECT_SHIPMENT_OF_ORDER = sa.select(shipments).where(shipments.c.order_id == bindparam("order_id"))
FIND_SHIPMENT = Statement(SELECT_SHIPMENT)
FIND_SHIPMENT_OF_ORDER = Statement(SELECT_SHIPMENT_OF_ORDER)
LOCK_SHIPMENT = row_lock(SELECT_SHIPMENT, shipments)
LOCK_SHIPMENT_OF_ORDER = row_lock(SELECT_SHIPMENT_OF_ORDER, shipments)
# Of an order that was paid or cancelled before its draft there is nothing to see.
LIST_SHIPMENTS = Statement(
    keyset_page(sa.select(shipments), {"after": shipments.c.id}, group={"status": shipments.c.status})
    .where(shipments.c.user_id.is_not(None))
    .limit(bindparam("limit", type_=sa.Integer)),
)
MUTABLE_COLUMNS = ("status", *RECIPIENT_COLUMNS, *LABEL_COLUMNS, *AMOUNT_COLUMNS, "items", "change_ids")
_saved_shipment = insert(shipments).values({name: bindparam(name) for name in ("order_id", "id", *MUTABLE_COLUMNS)})
# A new one has an id that no other has: it never overwrites one that was created meanwhile.
SAVE_SHIPMENT = Statement(
    _saved_shipment.on_conflict_do_update(
        index_elements=["order_id"],
        set_={name: _saved_shipment.excluded[name] for name in MUTABLE_COLUMNS},
        where=shipments.c.id == _saved_shipment.excluded.id,
    )
)
# One that has not left waits for somebody, however old it is.
PURGE_SETTLED_SHIPMENTS = delete_with_dependents_statement(
    shipments.c.order_id,
    ids_older_than_retention(
        shipments.c.order_id, sa.text("shipments.status IN ('DISPATCHED', 'DELIVERED', 'CANCELLED')")
    ),
)
