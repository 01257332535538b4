"""Shipments as rows."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb
from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from chassis.data.database import Database, Transaction
from chassis.data.keyset import keyset_page
from chassis.data.retention import delete_expired_statement
from chassis.data.statement import RowLock, Statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.states import ShipmentStatus
from services.money import Money
from services.shipping.domain import Item, Label, ListedShipment, Recipient, Shipment
from services.shipping.tables import shipments

RECIPIENT_COLUMNS = ("user_id", "user_email", "address_line1", "address_line2", "city", "country", "postcode")
LABEL_COLUMNS = ("carrier", "tracking_number")
AMOUNT_COLUMNS = ("amount_cents", "currency")


def _to_shipment(**row: Any) -> Shipment:
    recipient = label = amount = None
    if row["user_id"] is not None:
        recipient = Recipient(**{name: row[name] for name in RECIPIENT_COLUMNS})
    if row["carrier"] is not None:
        label = Label(**{name: row[name] for name in LABEL_COLUMNS})
    if row["currency"] is not None:
        amount = Money(**{name: row[name] for name in AMOUNT_COLUMNS})
    items = convert(row["items"] or (), tuple[Item, ...])
    return Shipment(row["id"], row["order_id"], recipient, ShipmentStatus(row["status"]), label, amount, items)


def _to_listed_shipment(**row: Any) -> ListedShipment:
    return ListedShipment(_to_shipment(**row), row["user_email"], row["created_at"])


SELECT_SHIPMENT = sa.select(shipments).where(shipments.c.id == bindparam("shipment_id"))
SELECT_SHIPMENT_OF_ORDER = sa.select(shipments).where(shipments.c.order_id == bindparam("order_id"))
FIND_SHIPMENT = Statement(SELECT_SHIPMENT, into=_to_shipment)
FIND_SHIPMENT_OF_ORDER = Statement(SELECT_SHIPMENT_OF_ORDER, into=_to_shipment)
LOCK_SHIPMENT = RowLock(SELECT_SHIPMENT, shipments, into=_to_shipment)
LOCK_SHIPMENT_OF_ORDER = RowLock(SELECT_SHIPMENT_OF_ORDER, shipments, into=_to_shipment)
# Of an order that was paid or cancelled before its draft there is nothing to see.
LIST_SHIPMENTS = Statement(
    keyset_page(sa.select(shipments), {"after": shipments.c.id}, group={"status": shipments.c.status})
    .where(shipments.c.user_id.is_not(None))
    .limit(bindparam("limit", type_=sa.Integer)),
    into=_to_listed_shipment,
)
MUTABLE_COLUMNS = ("status", *RECIPIENT_COLUMNS, *LABEL_COLUMNS, *AMOUNT_COLUMNS, "items")
_saved_shipment = insert(shipments).values({name: bindparam(name) for name in ("order_id", "id", *MUTABLE_COLUMNS)})
# A new one has an id that no other has: it never overwrites one that was created meanwhile.
SAVE_SHIPMENT = Statement(
    _saved_shipment.on_conflict_do_update(
        index_elements=["order_id"],
        set_={name: _saved_shipment.excluded[name] for name in MUTABLE_COLUMNS},
        where=shipments.c.id == _saved_shipment.excluded.id,
    )
)

# In the words of the partial index.
PURGE_TOMBSTONES = delete_expired_statement(
    shipments.c.created_at, sa.text("shipments.status = 'CANCELLED' AND shipments.user_id IS NULL")
)


class ShipmentRepository:
    """`ports.ShipmentRepository` in PostgreSQL, directly or within a transaction."""

    def __init__(self, rows: Database | Transaction) -> None:
        self._rows = rows

    async def find(self, shipment_id: UUID) -> Shipment | None:
        return await self._rows.fetch_one(FIND_SHIPMENT, shipment_id=shipment_id)

    async def find_by_order(self, order_id: UUID) -> Shipment | None:
        return await self._rows.fetch_one(FIND_SHIPMENT_OF_ORDER, order_id=order_id)

    async def list_by_status(self, status: ShipmentStatus, *, after: UUID | None, limit: int) -> list[ListedShipment]:
        return await self._rows.fetch_all(LIST_SHIPMENTS, status=status, after=after or UUID(int=0), limit=limit)

    async def lock(self, shipment_id: UUID) -> Shipment | None:
        return await self._rows.lock(LOCK_SHIPMENT, shipment_id=shipment_id)

    async def lock_or_create(self, order_id: UUID) -> Shipment:
        return await self._rows.lock(LOCK_SHIPMENT_OF_ORDER, order_id=order_id) or Shipment(uuid7(), order_id)

    async def save(self, shipment: Shipment) -> None:
        recipient = asdict(shipment.recipient) if shipment.recipient else dict.fromkeys(RECIPIENT_COLUMNS)
        label = asdict(shipment.label) if shipment.label else dict.fromkeys(LABEL_COLUMNS)
        amount = asdict(shipment.amount) if shipment.amount else dict.fromkeys(AMOUNT_COLUMNS)
        await self._rows.require(
            SAVE_SHIPMENT,
            order_id=shipment.order_id,
            id=shipment.id,
            status=shipment.status,
            **recipient,
            **label,
            **amount,
            items=Jsonb(to_builtins(shipment.items)) if shipment.items else None,
        )


class ShippingUnitOfWork(UnitOfWork):
    """One transaction of the shipping service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.shipments = ShipmentRepository(transaction)
