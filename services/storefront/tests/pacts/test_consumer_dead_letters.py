"""What the back office asks of every service that receives events: what it could not handle, and to see to it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from generated.clients import cart, catalog, notifications, order, payment, shipping
from generated.models.common import DeadLetterStatus
from infra.redrive import RECEIVERS
from tests.pacts.consumer import Response
from tests.pacts.matchers import ExactValue

LETTER_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c901")
GONE_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c902")
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
LETTER = {
    "id": LETTER_ID,
    "status": ExactValue("OPEN"),
    "topic": "order.events",
    "partition": 1,
    "offset": 417,
    "operation": "on_order_created",
    "event_id": UUID(int=1),
    "key": None,
    "error": "CannotBe",
    "tries": 5,
    "failed_at": NOON,
    "redriven_at": None,
}
CLIENTS = {
    module.__name__.rpartition(".")[2]: module for module in (cart, catalog, notifications, order, payment, shipping)
}
TOKEN = "an admin's"

pytestmark = pytest.mark.parametrize("provider", RECEIVERS)


def call(provider, verb, plural="", **arguments):
    """The operation of that service, which every one has under a name of its own."""
    return lambda client: getattr(client, f"{verb}_{provider}_dead_letter{plural}")(**arguments, token=TOKEN)


async def test_letters_are_listed_by_their_state(consumer, provider):
    page = await consumer(provider)(
        f"The storefront asks for the dead letters of {provider}.",
        f"list_{provider}_dead_letters",
        call(provider, "list", "s", status=DeadLetterStatus.OPEN, limit=25),
        query={"status": "OPEN", "limit": "25"},
        given={"an event was put aside": {"letter_id": LETTER_ID}},
        response=Response(200, {"items": [LETTER], "next_cursor": None}),
    )

    assert [letter.id for letter in page.items] == [LETTER_ID]


async def test_a_letter_is_given_up(consumer, provider):
    letter = await consumer(provider)(
        f"The storefront gives up a dead letter of {provider}.",
        f"dismiss_{provider}_dead_letter",
        call(provider, "dismiss", letter_id=LETTER_ID),
        path={"letter_id": LETTER_ID},
        given={"an event was put aside": {"letter_id": LETTER_ID}},
        response=Response(200, {**LETTER, "status": ExactValue("DISMISSED")}),
    )

    assert letter.status == "DISMISSED"


@pytest.mark.parametrize("verb", ["get", "redrive"])
async def test_a_letter_that_there_is_not_is_neither_read_nor_sent_back(consumer, provider, verb):
    with pytest.raises(CLIENTS[provider].DeadLetterNotFound):
        await consumer(provider)(
            f"The storefront asks {provider} to {verb} a dead letter that there is not.",
            f"{verb}_{provider}_dead_letter",
            call(provider, verb, letter_id=GONE_ID),
            path={"letter_id": GONE_ID},
            given={"an event was put aside": {"letter_id": LETTER_ID}},
            response=Response(404, {"type": ExactValue("/problems/dead-letter-not-found")}),
        )
