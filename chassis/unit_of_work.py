"""One transaction of a service: what it changes, what it announces and what it has handled, together."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import psycopg

from chassis.data.batch import Batch
from chassis.data.database import REQUEST_TRANSACTION, Conflict, Database, EnclosingTransaction, Transaction
from chassis.data.leader_election import Notifier
from chassis.events.delivery import Delivery
from chassis.events.inbox import RECORD_DELIVERY, delivery_row, record_delivery
from chassis.events.outbox import Outbox, OutgoingEvent
from chassis.runtime.retry import is_transient


class UnitOfWork:
    """What can be done in one transaction; a service's own kind of work adds its repositories."""

    def __init__(self, transaction: Transaction, outbox: Outbox | None = None) -> None:
        self.transaction = transaction
        self.announced = False
        self.linked: EnclosingTransaction | None = None
        self._outbox = outbox

    async def publish(self, *outgoing_events: OutgoingEvent) -> None:
        """Send the events if this transaction is committed, and only then."""
        if self._outbox is None:
            raise TypeError("this unit of work was made without an outbox")
        await self._outbox.append(self.transaction, *outgoing_events)
        self.announced = True

    async def link_idempotency_key(self, resource_id: UUID) -> None:
        """Keep with the request's key, if it has one, what it has begun: both are committed with this unit of work.

        A repeat is given that id as `resumed_id`, and the outcome is then what the resource says.
        """
        request = REQUEST_TRANSACTION.get()
        if request is not None and not request.is_finished:
            await request.link_idempotency_key(resource_id)
            self.linked = request


W = TypeVar("W", bound=UnitOfWork)
Work_co = TypeVar("Work_co", covariant=True)
Result = TypeVar("Result")
MAX_CONFLICTS = 5  # of one unit of work in transactions, which wait for each other's rows, but not for new ones


class UnitOfWorkFactory(Protocol[Work_co]):
    """What the use cases of a service see of a DatabaseUnitOfWorkFactory, with the unit of work in their own words."""

    def __call__(self) -> AbstractAsyncContextManager[Work_co]: ...

    async def run(self, do: Callable[[Work_co], Awaitable[Result]]) -> Result: ...

    async def run_for_delivery(
        self, delivery: Delivery, do: Callable[[Work_co], Awaitable[Result]]
    ) -> Result | None: ...


class DatabaseUnitOfWorkFactory(Generic[W]):
    """Makes units of work: `async with unit_of_work() as work:` is one transaction, rolled back if it raises.

    No network call belongs inside. `run` does the same with a function, as one statement where that is possible: rows
    are read without locks, and all is written at once, provided that they are still the same. Else the function is
    called again, in a transaction with locks: so it changes nothing but through its unit of work. Without `batches` it
    is called in a transaction at once.
    """

    def __init__(
        self, database: Database, kind: type[W], *,
        outbox: Outbox | None = None, notifier: Notifier | None = None, consumer: str = "", batches: bool = True,
    ) -> None:  # fmt: skip
        self._database, self._kind, self._batches = database, kind, batches
        self._outbox, self._notifier, self._consumer = outbox, notifier, consumer

    def __call__(self) -> AbstractAsyncContextManager[W]:
        return self._transaction()

    async def run(self, do: Callable[[W], Awaitable[Result]]) -> Result:
        """Call the function with a unit of work, and commit that; what it raises rolls back and is raised."""
        if self._batches:
            with suppress(Conflict):
                async with self._batch() as work:
                    return await do(work)
        return await self._in_transactions(do)

    async def run_for_delivery(self, delivery: Delivery, do: Callable[[W], Awaitable[Result]]) -> Result | None:
        """The same for an event, unless it was handled before: then nothing is done, and the result is None.

        Raises:
            InvalidMessage: Another event was handled under its id.
        """
        if self._batches:
            try:
                async with self._batch(delivery) as work:
                    return await do(work)
            except Exception as error:
                # An event that was handled before may well be refused: that is asked first in the transaction.
                if is_transient(error) or isinstance(error, psycopg.Error):
                    raise

        async def do_first(work: W) -> Result | None:
            return await do(work) if await record_delivery(work.transaction, self._consumer, delivery) else None

        return await self._in_transactions(do_first)

    async def _in_transactions(self, do: Callable[[W], Awaitable[Result]]) -> Result:
        """Repeat it when somebody else has added the same row first, which is then there to be locked."""
        for _ in range(MAX_CONFLICTS):
            with suppress(Conflict):
                async with self._transaction() as work:
                    return await do(work)
        async with self._transaction() as work:
            return await do(work)

    @asynccontextmanager
    async def _batch(self, delivery: Delivery | None = None) -> AsyncIterator[W]:
        batch = Batch(self._database)
        if delivery:
            batch.precede(RECORD_DELIVERY, **delivery_row(self._consumer, delivery))
        work = self._kind(batch, self._outbox)
        yield work
        await batch.commit()
        await self._committed(work)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[W]:
        async with self._database.transaction() as transaction:
            work = self._kind(transaction, self._outbox)
            yield work
        await self._committed(work)

    async def _committed(self, work: W) -> None:
        if work.linked:
            await work.linked.commit_without_reply()
        if work.announced and self._notifier:
            self._database.after_commit(self._notifier.notify)
