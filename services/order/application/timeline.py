"""What happened to an order: kept when order says or hears it, and read with the mails that were sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from msgspec import to_builtins

from chassis.events.delivery import Delivery
from chassis.events.outbox import OutgoingEvent
from chassis.runtime.errors import describe_error
from chassis.runtime.retry import is_transient
from services.order.application.outgoing_events import order_cancelled_event, order_reduced_event
from services.order.domain import Order, TimelineEntry
from services.order.ports import MailLog, OrderHistory, UnitOfWork, UnitOfWorkFactory

log = structlog.get_logger()

SHOWN_FACTS = ("amount_cents", "currency", "code", "reason", "carrier", "tracking_number")


class Timeline(NamedTuple):
    """Entries in their order, and the services that could not be asked."""

    entries: Sequence[TimelineEntry]
    missing_sources: Sequence[str] = ()


class TimelineService:
    """An event that comes twice is kept once, and one that comes late stands where its time is."""

    def __init__(self, history: OrderHistory, unit_of_work: UnitOfWorkFactory, mails: MailLog) -> None:
        self._history, self._unit_of_work, self._mails = history, unit_of_work, mails

    async def record(self, order_id: UUID, entry: TimelineEntry, delivery: Delivery) -> None:
        """Keep what another service told of an order.

        Raises:
            OrderNotFound: There is no such order.
        """

        async def record(work: UnitOfWork) -> None:
            await work.history.add(order_id, entry)

        await self._unit_of_work.run_for_delivery(delivery, record)

    async def read(self, order: Order, *, after: tuple[datetime, UUID] | None, limit: int) -> Timeline:
        """What happened to the order, the first first, from the one after that position."""
        entries = list(await self._history.list_by_order(order.id, after=after, limit=limit))
        others, missing = await self._list_sent_mails(order.id)
        if order.was_placed:
            total = {"amount_cents": order.total_cents, "currency": order.currency}
            others = [TimelineEntry(order.created_at, order.id, "order.created", total), *others]
        entries += [entry for entry in others if after is None or entry.position > after]
        entries.sort(key=lambda entry: entry.position)
        return Timeline(entries[:limit], missing)

    async def _list_sent_mails(self, order_id: UUID) -> tuple[Sequence[TimelineEntry], Sequence[str]]:
        try:
            return await self._mails.list_sent(order_id), ()
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("timeline lacks the mails", order_id=str(order_id), error=describe_error(error))
            return (), ("notifications",)


def to_timeline_entry(event: Any) -> TimelineEntry:
    """What a timeline has of an event."""
    facts = {name: value for name, value in to_builtins(event.data).items() if name in SHOWN_FACTS}
    return TimelineEntry(event.timestamp, event.event_id, event.type, facts)


async def announce_cancelled(work: UnitOfWork, order: Order) -> None:
    """Tell others that the order came to nothing, and keep it."""
    await _announce(work, order, order_cancelled_event(order))


async def announce_reduced(work: UnitOfWork, order: Order, change_id: UUID, *, restock: bool) -> None:
    """Tell others that pieces went out of the order, and keep it."""
    await _announce(work, order, order_reduced_event(order, order.find_change(change_id), restock=restock))


async def _announce(work: UnitOfWork, order: Order, event: OutgoingEvent) -> None:
    await work.publish(event)
    await work.history.add(order.id, to_timeline_entry(event.event))
