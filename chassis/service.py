"""A service put together: all that every service is made of, around what one of them adds."""

import inspect
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from chassis.data.database import Database, pools_collector
from chassis.data.leader_election import LeaderTask, LeaderWork, Notifier
from chassis.data.retention import PURGE_INTERVAL, RetentionRule, apply_retention_rules
from chassis.data.schema_version import ensure_migrated, head
from chassis.dead_letter_operations import DeadLetterHandlers
from chassis.events import dead_letter_table, inbox, outbox
from chassis.events.broker import Broker
from chassis.events.consumer import Consumer
from chassis.events.dead_letter_table import DeadLetterTable
from chassis.events.dead_letters import DeadLetterStore, open_letters_collector
from chassis.events.messages import MessageContract
from chassis.events.outbox import Outbox, backlog_collector
from chassis.events.relay import RELAY_TASK_NAME, Relay
from chassis.runtime.metrics import Collector
from chassis.runtime.process import BackgroundTask, Probe, ProcessRole, serve, start
from chassis.runtime.settings import Settings
from chassis.unit_of_work import DatabaseUnitOfWorkFactory, UnitOfWork
from chassis.web import idempotency
from chassis.web.access import ApiKeys, RejectAllTokens, TokenVerifier
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.idempotency import IdempotencyKeyStore
from chassis.web.pages import Pages

S = TypeVar("S", bound=Settings)
W = TypeVar("W", bound=UnitOfWork)
R = TypeVar("R")


class Service:
    """Collects what a service consists of, under one name, and serves it.

    Whatever comes with a part is added with the part: a database brings its probes, metrics and migrations, subscribers
    bring a consumer, its inbox's retention and, where the service sends events, the outbox and its relay.
    """

    def __init__(
        self, name: str, version: str, root: Path, settings: Settings, resources: AsyncExitStack, *,
        tokens: TokenVerifier, namespace: str = "",
    ) -> None:  # fmt: skip
        self.tokens, self._namespace = tokens, namespace
        self.name, self.health = name, Health(name, version)
        self._settings, self._resources = settings, resources
        self._contract, events = root / "contracts" / f"{name}.yaml", root / "asyncapi" / f"{name}.yaml"
        self._messages = MessageContract.load(events) if events.exists() else None
        self._migrations = Path(inspect.getfile(type(settings))).parent / "alembic"  # in the service's own package
        self._handlers: list[object] = []
        self._idempotency: IdempotencyKeyStore | None = None
        self._pages: Pages | None = None
        self._tasks: list[BackgroundTask] = []
        self._collectors: list[Collector] = []
        self._retention: list[RetentionRule] = []
        self._database: Database | None = None
        self._databases: list[Database] = []

    async def open(self, resource: AbstractAsyncContextManager[R]) -> R:
        """Enter a resource, which is left when the service ends: the client of another service, a connection."""
        return await self._resources.enter_async_context(resource)

    async def open_database(self, url: str) -> Database:
        """Open the service's database, which must have had the service's migrations before that is ready."""
        self._database = database = await self.open_pools(Database(url, name=self.name))
        self.health.watch(
            {"database": database.probe, "migrations": partial(ensure_migrated, database, head(self._migrations))}
        )
        return database

    async def open_pools(self, database: Database) -> Database:
        """Open the pools of a database, beside those there are; metrics tell of all of them."""
        if not self._databases:
            self.add_collector(pools_collector(self._databases))
        self._databases.append(await self.open(database))
        return database

    @property
    def database(self) -> Database:
        """The database that was opened.

        Raises:
            TypeError: None was.
        """
        if self._database is None:
            raise TypeError(f"{self.name} has opened no database")
        return self._database

    @cached_property
    def _notifier(self) -> Notifier:
        return Notifier(self.database, RELAY_TASK_NAME)

    def unit_of_work(self, kind: type[W]) -> DatabaseUnitOfWorkFactory[W]:
        """Transactions of the database, which send events where the contract has any, and notify the relay after it."""
        events = Outbox(self._messages) if self._messages and self._messages.sends else None
        return DatabaseUnitOfWorkFactory(
            self.database, kind, outbox=events, notifier=self._notifier, consumer=self.name
        )

    def add_handlers(self, *handlers: object, idempotency_keys: bool = False) -> None:
        """Serve the operations of the contract; with `idempotency_keys`, their Idempotency-Keys are kept."""
        self._handlers += handlers
        if idempotency_keys:
            self._idempotency = IdempotencyKeyStore(self.database)
            self.add_retention(idempotency.RETENTION_RULE)

    def add_pages(self, pages: Pages) -> None:
        """Show the refusals of operations that answer text/html as pages, to visitors with sessions."""
        self._pages = pages

    def add_subscribers(
        self, subscribers: object, broker: Broker | str, *, instance: str, dead_letters: DeadLetterStore | None = None
    ) -> None:
        """Receive the events of the contract from a broker (host:port), and send those that it has.

        `instance` tells this process from its replicas. What cannot be handled is listed in the service's database, or
        in `dead_letters`, and can be redriven where the contract has the operations for that.
        """
        if self._messages is None:
            raise TypeError(f"{self.name} has no asyncapi contract")
        if dead_letters is None:
            dead_letters = DeadLetterTable(self.database)
            self.add_retention(inbox.RETENTION_RULE, dead_letter_table.RETENTION_RULE)
        consumer = Consumer(
            self.name, self._messages, subscribers, broker, instance=instance, dead_letters=dead_letters
        )
        self.add_handlers(DeadLetterHandlers(dead_letters, broker))
        self.add_collector(open_letters_collector(dead_letters))
        self.add_task("consumer", consumer.run, consumer.probe)
        self.add_collector(consumer.collector)
        if self._messages.sends:
            self.send_events(broker)

    def send_events(self, broker: Broker | str) -> None:
        """Send to a broker (host:port) the events that are in the outbox: for a service without subscribers."""
        relay = Relay(self.database, broker, notifier=self._notifier)
        self.add_task("relay", relay.run, relay.probe)
        self.add_collector(backlog_collector(self.database))
        self.add_retention(outbox.RETENTION_RULE)

    def add_task(self, name: str, run: Callable[[Any], Awaitable[None]], probe: Probe | None = None) -> None:
        """Run it in the background of every replica; the service is ready while its probe passes."""
        self._tasks.append(BackgroundTask(name, run, probe))

    def add_leader_task(self, name: str, work: LeaderWork, every: float) -> Callable[[], None]:
        """Do the work every so many seconds, in one replica at a time, and soon after what is returned is called."""
        notifier = Notifier(self.database, name)
        self.add_task(name, LeaderTask(self.database, name, work, every, notifier).run)
        return notifier.notify

    def add_retention(self, *rules: RetentionRule) -> None:
        """Delete what is older than the rules allow, batch by batch, in one replica at a time."""
        if not self._retention:
            self.add_leader_task(
                "retention", partial(apply_retention_rules, self.database, self._retention), PURGE_INTERVAL
            )
        self._retention += rules

    def add_probe(self, name: str, probe: Probe, *, required: bool = True) -> None:
        """Tell in the readiness whether it passes; where it is not `required`, the service is ready even so."""
        self.health.watch({name: probe}, required=required)

    def add_collector(self, *collectors: Collector) -> None:
        self._collectors += collectors

    async def serve(self, role: ProcessRole) -> int:
        """Serve until told to stop; the process's exit code."""
        keys = ApiKeys(self._settings.internal_keys)
        app = build_application(
            self._contract, *self._handlers, self.health,
            tokens=self.tokens, keys=keys, idempotency=self._idempotency, pages=self._pages,
            trusted_proxies=self._settings.trusted_proxies,
        )  # fmt: skip
        return await serve(
            app, self._settings, self._tasks, role,
            health=self.health, collectors=self._collectors, namespace=self._namespace,
        )  # fmt: skip


def run(
    settings: type[S], assemble: Callable[[Service, S], Awaitable[None]], *, version: str, root: Path,
    tokens: Callable[[S], TokenVerifier] = lambda _: RejectAllTokens(), namespace: str = "",
) -> NoReturn:  # fmt: skip
    """Run the service whose package has these settings, put together by `assemble`, from command line and environment.

    Its contracts are contracts/<name>.yaml and, if it sends or receives events, asyncapi/<name>.yaml below `root`.
    `tokens` verifies bearer tokens; the names of metrics begin with the `namespace`.
    """
    name = settings.__module__.split(".")[-2]  # the package of <name>.settings

    async def main(read: S, role: ProcessRole) -> int:
        async with AsyncExitStack() as resources:
            service = Service(name, version, root, read, resources, tokens=tokens(read), namespace=namespace)
            await assemble(service, read)
            return await service.serve(role)

    start(settings, main)
