"""Shipments as rows."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from chassis.data.database import Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.events.outbox import Outbox
from chassis.unit_of_work import UnitOfWork
from generated.statements import shipping as statements
from generated.states import ShipmentStatus
from services.money import Money
from services.order_retention import ORDER_RETENTION
from services.shipping.domain import Item, Label, ListedShipment, Recipient, Shipment


def _to_shipment(**row: Any) -> Shipment:
    recipient = label = amount = None
    if row["user_id"] is not None:
        recipient = Recipient(**{name: row[name] for name in statements.RECIPIENT_COLUMNS})
    if row["carrier"] is not None:
        label = Label(**{name: row[name] for name in statements.LABEL_COLUMNS})
    if row["currency"] is not None:
        amount = Money(**{name: row[name] for name in statements.AMOUNT_COLUMNS})
    items = convert(row["items"] or (), tuple[Item, ...])
    return Shipment(
        row["id"],
        row["order_id"],
        recipient,
        ShipmentStatus(row["status"]),
        label,
        amount,
        items,
        tuple(row["change_ids"]),
    )


def _to_listed_shipment(**row: Any) -> ListedShipment:
    return ListedShipment(_to_shipment(**row), row["user_email"], row["created_at"])


FIND_SHIPMENT = statements.FIND_SHIPMENT.into(_to_shipment)
FIND_SHIPMENT_OF_ORDER = statements.FIND_SHIPMENT_OF_ORDER.into(_to_shipment)
LOCK_SHIPMENT = statements.LOCK_SHIPMENT.into(_to_shipment)
LOCK_SHIPMENT_OF_ORDER = statements.LOCK_SHIPMENT_OF_ORDER.into(_to_shipment)
LIST_SHIPMENTS = statements.LIST_SHIPMENTS.into(_to_listed_shipment)
# In the words of the partial index.
PURGE_TOMBSTONES = delete_expired_statement(
    "shipping.shipments", "created_at", "status = 'CANCELLED' AND user_id IS NULL"
)
SETTLED_SHIPMENTS_RETENTION_RULE = RetentionRule(
    "settled shipments", statements.PURGE_SETTLED_SHIPMENTS, ORDER_RETENTION
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
        recipient = asdict(shipment.recipient) if shipment.recipient else dict.fromkeys(statements.RECIPIENT_COLUMNS)
        label = asdict(shipment.label) if shipment.label else dict.fromkeys(statements.LABEL_COLUMNS)
        amount = asdict(shipment.amount) if shipment.amount else dict.fromkeys(statements.AMOUNT_COLUMNS)
        await self._rows.require(
            statements.SAVE_SHIPMENT,
            order_id=shipment.order_id,
            id=shipment.id,
            status=shipment.status,
            **recipient,
            **label,
            **amount,
            items=Jsonb(to_builtins(shipment.items)) if shipment.items else None,
            change_ids=list(shipment.change_ids),
        )


class ShippingUnitOfWork(UnitOfWork):
    """One transaction of the shipping service."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None) -> None:
        super().__init__(transaction, outbox)
        self.shipments = ShipmentRepository(transaction)
