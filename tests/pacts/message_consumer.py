"""The consumer's side of a pact about news: the real decoding and subscribers, and pact's message."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from msgspec import json
from pact import Pact

from chassis.contracts.asyncapi import EventApi
from chassis.events.delivery import Delivery
from chassis.events.messages import MessageContract
from chassis.events.subscriptions import build_subscriptions
from chassis.testing.deliveries import make_record
from tests.accounts import ASHA
from tests.pacts.matchers import ExactValue, to_matcher
from tests.pacts.results import CallResult, capture, find_read_fields

ROOT = Path(__file__).parents[2]
ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
JSON = "application/json"
EVENT = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2e001")
# What there has to be before something can happen to it.
SUBJECTS = {
    "auth": "somebody has an account",
    "order": "an order waits for its payment",
    "payment": "a payment is due",
    "shipping": "a parcel is drafted",
}
MESSAGES = {message.name: message for message in EventApi.load(ROOT / "asyncapi" / "shop.yaml").messages}
# "An order was placed", by "order.created"
TITLES = {name: message.title for name, message in MESSAGES.items()}


class MessageConsumer:
    """What one service hears, decoded and converted as its consumer does; pacts go to the folder."""

    def __init__(self, service: str, folder: Path) -> None:
        self._service, self._folder = service, folder
        self._messages = MessageContract.load(ROOT / "asyncapi" / f"{service}.yaml")

    async def __call__(
        self,
        kind: str,
        data: Mapping[str, Any],
        by: Callable[[Callable[[object], Awaitable[None]]], Awaitable[Any]],
    ) -> Any:
        """Agree on that event; what came of it. `by` prepares, calls what it is given with subscribers, and looks.

        Raises: what `by` raised; AssertionError when nobody here needs something that the event says.
        """
        sender, key_field = MESSAGES[kind].topic.partition(".")[0], MESSAGES[kind].key_field
        subject = {"order_id": ORDER, "user_id": ASHA.id} if key_field == "order_id" else {"user_id": ASHA.id}
        key = str(subject[key_field])
        operation, message = next(one for one in self._messages.receives.items() if one[1].name == kind)
        event = {
            "event_id": EVENT,
            "type": ExactValue(kind),
            **subject,
            "user_email": ASHA.email,
            "timestamp": datetime(2026, 1, 5, 12, tzinfo=UTC),
            "version": ExactValue(1),
            "data": data,
        }
        reads = await find_read_fields(lambda said: capture(self._deliver(message.topic, json.encode(said), by)), event)
        pact = Pact(self._service, sender)
        interaction = pact.upon_receiving(TITLES[kind], "Async").given(SUBJECTS[sender], {key_field: key})
        interaction.with_body(to_matcher(event), content_type=JSON)
        interaction.with_metadata({"kafka_topic": message.topic, "kafka_key": key})
        interaction.add_external_reference("AsyncAPI", "operationId", operation)
        interaction.set_comment("reads", reads)
        results: list[CallResult] = []
        loop = asyncio.get_running_loop()

        def receive(contents: str | bytes, metadata: dict[str, object]) -> None:
            raw = contents.encode() if isinstance(contents, str) else contents
            heard = capture(self._deliver(str(metadata["kafka_topic"]), raw, by))
            results.append(asyncio.run_coroutine_threadsafe(heard, loop).result(20))

        await asyncio.to_thread(pact.verify, receive, "Async")
        [outcome] = results
        if outcome.raised is None:
            pact.write_file(self._folder, overwrite=False)
        return outcome.unwrap()

    async def _deliver(self, topic: str, raw: bytes, by: Callable[..., Awaitable[Any]]) -> Any:
        delivery = Delivery.decode(make_record(raw, topic), self._messages)
        if delivery.error:
            raise delivery.error
        assert delivery.event, f"{self._service} does not hear this"

        async def hear(subscribers: object) -> None:
            await build_subscriptions(self._messages, subscribers)[delivery.operation](delivery)

        return await by(hear)
