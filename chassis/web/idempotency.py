"""Executes a request with an `Idempotency-Key` once, and answers its repeats as the first time.

After draft-ietf-httpapi-idempotency-key-header. A key belongs to its caller and its operation. Its row is claimed in
the transaction of the effect, so that there is no lease: a repeat waits for that transaction and finds its outcome, or,
when the process that began it has died, finds nothing and begins itself.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from chassis.data.database import REQUEST_TRANSACTION, Connection, Database, Transaction
from chassis.data.retention import RetentionRule, delete_expired_statement
from chassis.data.statement import Statement
from chassis.web.problems import IdempotencyKeyReused
from chassis.web.responses import WireResponse

# A refusal by the domain is an outcome, too. What else is refused was not executed, and its key stays free.
STORED_REFUSAL_STATUSES = frozenset({404, 409, 410, 422})


# Without a schema: every service finds its own keys by the search path of its role.
MATCHES_KEY = "caller = %(this_caller)s::text AND operation = %(this_operation)s::text AND key = %(this_key)s::text"
FIND_KEY = Statement(
    f"SELECT fingerprint, resource_id, status, headers, body FROM idempotency_keys WHERE {MATCHES_KEY}"  # noqa: S608
)
CLAIM_KEY = Statement("""
INSERT INTO idempotency_keys (caller, operation, key, fingerprint)
VALUES (%(caller)s::text, %(operation)s::text, %(key)s::text, %(fingerprint)s::bytea)
ON CONFLICT DO NOTHING
""")
LINK_RESOURCE = Statement(
    f"UPDATE idempotency_keys SET resource_id = %(resource_id)s::uuid WHERE {MATCHES_KEY}"  # noqa: S608
)
STORE_REPLY = Statement(f"""
UPDATE idempotency_keys
SET status = %(status)s::smallint, headers = %(headers)s::jsonb, body = %(body)s::bytea
WHERE {MATCHES_KEY}
""")  # noqa: S608
RETENTION_RULE = RetentionRule(
    "idempotency keys", delete_expired_statement("idempotency_keys", "created_at"), timedelta(hours=48)
)


class IdempotencyKey(msgspec.Struct, frozen=True):
    """A key, whose it is, what for, and a digest of the request it came with."""

    caller: str
    operation: str
    value: str
    fingerprint: bytes

    @property
    def bind_values(self) -> dict[str, str]:
        return {"this_caller": self.caller, "this_operation": self.operation, "this_key": self.value}


def unquote_key(header: str) -> str:
    """The key, of a header that the contract allows: bare, or in quotes as the draft writes it (RFC 8941, 3.3.3)."""
    return header if header[0] != '"' else re.sub(r"\\(.)", r"\1", header[1:-1])


def fingerprint(*request: object) -> bytes:
    """A digest of what was asked, the same however the members of its objects are ordered."""
    return hashlib.blake2b(msgspec.json.encode(request, order="sorted"), digest_size=16).digest()


class _KeyExists(Exception):
    """Another request has claimed the key and was executed."""


class IdempotencyKeyStore:
    """The keys of a service, in the database of its effects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def execute_once(
        self, key: IdempotencyKey, execute: Callable[[UUID | None], Awaitable[WireResponse]]
    ) -> WireResponse:
        """The reply of `execute`, or of the first request with this key.

        What `execute` changes in this database is committed together with its reply, unless it links the key to a
        resource: then `execute` is called again, with its id, for every repeat.

        Raises:
            IdempotencyKeyReused: The key came with another request before.
        """
        while True:
            stored = await self._database.fetch_one(FIND_KEY, **key.bind_values)
            if stored is None:
                try:
                    return await self._execute(key, execute)
                except _KeyExists:
                    continue
            if bytes(stored["fingerprint"]) != key.fingerprint:
                raise IdempotencyKeyReused
            if stored["status"] is None:
                return await execute(stored["resource_id"])
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in stored["headers"]]
            return stored["status"], headers, bytes(stored["body"])

    async def _execute(
        self, key: IdempotencyKey, execute: Callable[[UUID | None], Awaitable[WireResponse]]
    ) -> WireResponse:
        async with RequestTransaction(self._database, key) as request:
            reply = await execute(None)
            await request.finish(reply)
        return reply


class RequestTransaction:
    """The transaction of a whole request: its first change begins it with the claim of the key, its reply ends it."""

    def __init__(self, database: Database, key: IdempotencyKey) -> None:
        self._database, self._key = database, key
        self._exits = AsyncExitStack()
        self._connection: Connection | None = None
        self._reply: WireResponse | None = None
        self._callbacks: list[Callable[[], None]] = []
        self.is_finished = False

    async def __aenter__(self) -> Self:
        self._token = REQUEST_TRANSACTION.set(self)
        return self

    async def __aexit__(self, *raised: Any) -> None:
        REQUEST_TRANSACTION.reset(self._token)
        await self._end(*raised)

    @property
    def is_open(self) -> bool:
        """Whether something was changed that is not committed yet, so that locks may be held."""
        return self._connection is not None and not self.is_finished

    def encloses(self, database: Database, *, only_reads: bool = False) -> bool:
        """Whether what is done there belongs to it: reads do as soon as something was changed."""
        return database is self._database and not self.is_finished and not (only_reads and self._connection is None)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[Transaction]:
        """A transaction within it. When the first fails the claim goes with it: nobody waits for what follows."""
        is_first = self._connection is None
        connection = await self._begun()
        try:
            async with connection.transaction():
                yield Transaction(connection)
        except Exception:
            if is_first and not self.is_finished:
                await self._rollback()
            raise

    def after_commit(self, callback: Callable[[], None]) -> None:
        self._callbacks.append(callback)

    async def link_idempotency_key(self, resource_id: UUID) -> None:
        """Keep with the key what the request has begun; `commit_without_reply` follows."""
        connection = await self._begun()
        await Transaction(connection).execute(LINK_RESOURCE, resource_id=resource_id, **self._key.bind_values)

    async def commit_without_reply(self) -> None:
        """End it now: the outcome of the request is what its resource says."""
        await self._end(None, None, None)

    async def finish(self, reply: WireResponse) -> None:
        """Have the reply stored, if it is an outcome: a refusal without what was done before it."""
        is_outcome = reply[0] < 400 or reply[0] in STORED_REFUSAL_STATUSES
        if self.is_finished or not (is_outcome or self._connection):
            return
        await self._begun()
        self._reply = reply if is_outcome else None
        self._effect.force_rollback, self._whole.force_rollback = reply[0] >= 400, not is_outcome

    async def _begun(self) -> Connection:
        if self._connection is None:
            async with AsyncExitStack() as exits:
                connection = await exits.enter_async_context(self._database.pooled_connection())
                self._whole = await exits.enter_async_context(connection.transaction())
                claim = {"caller": self._key.caller, "operation": self._key.operation, "key": self._key.value}
                if not await Transaction(connection).execute(CLAIM_KEY, fingerprint=self._key.fingerprint, **claim):
                    raise _KeyExists
                exits.push_async_callback(self._store, connection)
                self._effect = await exits.enter_async_context(connection.transaction())
                self._exits = exits.pop_all()
            self._connection = connection
        return self._connection

    async def _rollback(self) -> None:
        """Undo the claim; the next change begins anew."""
        self._whole.force_rollback = True
        exits, self._exits, self._connection = self._exits, AsyncExitStack(), None
        self._callbacks.clear()
        await exits.aclose()

    async def _store(self, connection: Connection) -> None:
        if self._reply is not None:
            status, headers, body = self._reply
            plain = Jsonb([(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers])
            await Transaction(connection).execute(
                STORE_REPLY, status=status, headers=plain, body=body, **self._key.bind_values
            )

    async def _end(self, *raised: Any) -> None:
        self.is_finished = True
        await self._exits.__aexit__(*raised)
        if raised[0] is None:
            for callback in self._callbacks:
                callback()
            self._callbacks.clear()
