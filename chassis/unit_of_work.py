"""One transaction of a service: what it changes, what it announces and what it has handled, together."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Generic, TypeVar
from uuid import UUID

from chassis.data.database import REQUEST_TRANSACTION, Database, EnclosingTransaction, Transaction
from chassis.data.leader_election import Notifier
from chassis.events.delivery import Delivery
from chassis.events.inbox import record_delivery
from chassis.events.outbox import Outbox, OutgoingEvent


class UnitOfWork:
    """What can be done in one transaction; a service's own kind of work adds its repositories."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None = None, consumer: str = "") -> None:
        self.transaction = transaction
        self.announced = False
        self.linked: EnclosingTransaction | None = None
        self._outbox, self._consumer = outbox, consumer

    async def publish(self, *outgoing_events: OutgoingEvent) -> None:
        """Send the events if this transaction is committed, and only then."""
        if self._outbox is None:
            raise TypeError("this unit of work was made without an outbox")
        await self._outbox.append(self.transaction, *outgoing_events)
        self.announced = True

    async def is_first_delivery(self, delivery: Delivery) -> bool:
        """Whether the event has not been handled before; asked before anything is changed."""
        return await record_delivery(self.transaction, self._consumer, delivery)

    async def link_idempotency_key(self, resource_id: UUID) -> None:
        """Keep with the request's key, if it has one, what it has begun: both are committed with this unit of work.

        A repeat is given that id as `resumed_id`, and the outcome is then what the resource says.
        """
        request = REQUEST_TRANSACTION.get()
        if request is not None and not request.is_finished:
            await request.link_idempotency_key(resource_id)
            self.linked = request


W = TypeVar("W", bound=UnitOfWork)


class UnitOfWorkFactory(Generic[W]):
    """Makes units of work: `async with unit_of_work() as work:` is one transaction, rolled back if it raises.

    No network call belongs inside.
    """

    def __init__(
        self, database: Database, kind: type[W], *,
        outbox: Outbox | None = None, notifier: Notifier | None = None, consumer: str = "",
    ) -> None:  # fmt: skip
        self._database, self._kind = database, kind
        self._outbox, self._notifier, self._consumer = outbox, notifier, consumer

    def __call__(self) -> AbstractAsyncContextManager[W]:
        return self._unit()

    @asynccontextmanager
    async def _unit(self) -> AsyncIterator[W]:
        async with self._database.transaction() as transaction:
            work = self._kind(transaction, self._outbox, self._consumer)
            yield work
        if work.linked:
            await work.linked.commit_without_reply()
        if work.announced and self._notifier:
            self._database.after_commit(self._notifier.notify)
