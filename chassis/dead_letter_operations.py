"""List, read, redrive and dismiss the dead letters of a service: the operations that every receiving service has."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from chassis.events.broker import Broker
from chassis.events.dead_letters import DeadLetter, DeadLetterStatus, DeadLetterStore
from chassis.events.redrive import read_letter, send_back
from chassis.runtime.errors import describe_error
from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.problems import Unavailable
from chassis.web.responses import Response, ok
from chassis.web.shared_handlers import SharedHandlers

log = structlog.get_logger()
MAX_CHARACTERS = 20_000  # of an event as text


class DeadLetterNotFound(Exception):
    """There is no such dead letter."""


class DeadLetterHandlers(SharedHandlers):
    """Handlers of list_<service>_dead_letters and so on, for a list and the broker (host:port) that has the events."""

    def __init__(self, store: DeadLetterStore, broker: Broker | str) -> None:
        self._store, self._broker = store, broker

    async def list_dead_letters(self, status: str, limit: int, cursor: str | None = None) -> Response:
        before = decode_cursor(cursor, UUID)[0] if cursor else None
        letters = await self._store.list_by_status(DeadLetterStatus(status), before, limit + 1)
        next_cursor = encode_cursor(letters[limit - 1].id) if len(letters) > limit else None
        return ok({"items": [_to_api(letter) for letter in letters[:limit]], "next_cursor": next_cursor})

    async def get_dead_letter(self, letter_id: UUID) -> Response:
        letter = await self._find(letter_id)
        value = (await self._read(letter)).value
        text = None if value is None else value.decode("utf-8", "replace")[:MAX_CHARACTERS]
        return ok({"letter": _to_api(letter), "size": len(value or b""), "value": text})

    async def redrive_dead_letter(self, letter_id: UUID) -> Response:
        letter = await self._find(letter_id)
        if letter.status is not DeadLetterStatus.HANDLED:
            record = await self._read(letter)
            async with _available():
                await send_back(self._broker, record)
            # Afterwards: a process that dies in between has sent it, and what becomes of it is noted then.
            await self._store.mark_redriven(letter)
            log.info("dead letter is redriven", letter_id=str(letter_id), topic=letter.topic)
        return ok(_to_api(await self._find(letter_id)))

    async def dismiss_dead_letter(self, letter_id: UUID) -> Response:
        await self._store.dismiss(letter_id)
        return ok(_to_api(await self._find(letter_id)))

    async def _find(self, letter_id: UUID) -> DeadLetter:
        letter = await self._store.find(letter_id)
        if letter is None:
            raise DeadLetterNotFound
        return letter

    async def _read(self, letter: DeadLetter) -> ConsumerRecord:
        async with _available():
            record = await read_letter(self._broker, letter)
        if record is None:
            raise DeadLetterNotFound
        return record


@asynccontextmanager
async def _available() -> AsyncIterator[None]:
    try:
        yield
    except (KafkaError, TimeoutError, OSError) as error:
        log.warning("broker is away", trouble=describe_error(error))
        raise Unavailable from error


def _to_api(letter: DeadLetter) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.structs.asdict(letter)
    del facts["position"]
    return facts
