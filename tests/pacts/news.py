"""What there is to hear in the shop, in the words of its contract."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml

from services.chassis.consuming import subscriptions
from services.chassis.messages import Messages
from services.chassis.testing.callers import ASHA
from tests.pacts.asking import Hearing
from tests.pacts.terms import Exactly

ROOT = Path(__file__).parents[2]
ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
EVENT = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2e001")
# What there has to be before something can happen to it.
SUBJECTS = {"order": "an order waits for its payment", "payment": "a payment is due", "shipping": "a parcel is drafted"}
SHOP = yaml.safe_load((ROOT / "asyncapi" / "shop.yaml").read_text("utf-8"))
# "An order was placed", by "order.created"
TITLES = {message["name"]: message["title"] for message in SHOP["components"]["messages"].values()}


class Hears:
    """What one service hears, decoded and converted as its consumer does."""

    def __init__(self, service: str, folder: Path) -> None:
        self._service, self._folder = service, folder
        self._messages = Messages.read(ROOT / "asyncapi" / f"{service}.yaml")

    async def __call__(
        self,
        kind: str,
        data: Mapping[str, Any],
        by: Callable[[Callable[[object], Awaitable[None]]], Awaitable[Any]],
    ) -> Any:
        """Agree on that event. `by` prepares what it needs, calls what it is given with the subscribers, and looks."""
        operation, message = next(one for one in self._messages.receives.items() if one[1].name == kind)

        async def consumer(topic: str, raw: bytes) -> Any:
            known = self._messages.decoded(topic, raw)
            assert known, f"{self._service} does not hear this"
            received, body = known

            async def hear(subscribers: object) -> None:
                await subscriptions(self._messages, subscribers)[received](body)

            return await by(hear)

        sender = kind.partition(".")[0]  # events are named after the service that sends them
        said = {
            "event_id": EVENT,
            "type": Exactly(kind),
            "order_id": ORDER,
            "user_id": ASHA.id,
            "user_email": ASHA.email,
            "timestamp": datetime(2026, 1, 5, 12, tzinfo=UTC),
            "version": Exactly(1),
            "data": data,
        }
        return await Hearing(self._service, sender, self._folder)(
            TITLES[kind],
            operation,
            consumer,
            given={SUBJECTS[sender]: {"order_id": ORDER}},
            topic=message.topic,
            key=ORDER,
            body=said,
        )
