"""The wire models and events that are made from the real contracts, as services use them."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from generated.events import (
    OrderCancelledData,
    OrderCreated,
    OrderCreatedData,
    OrderedLine,
    order_cancelled,
    order_created,
)
from generated.models.catalog import ProductChange, ProductDraft
from generated.models.order import OrderStatus, PlacedOrder

LAMP, LINE = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"), UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2d001")
ORDER, ASHA = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"), UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c001")
DATA = OrderCreatedData(
    amount_cents=12999,
    currency="EUR",
    items=[OrderedLine(product_id=LAMP, title="Walnut desk lamp", qty=1, unit_price_cents=12999, line_id=LINE)],
)
WHO = {"order_id": ORDER, "user_id": ASHA, "user_email": "asha@example.com"}


def test_a_change_tells_what_was_not_said_from_what_shall_be_nothing():
    unsaid = msgspec.json.decode(b'{"active": false}', type=ProductChange)
    nothing = msgspec.json.decode(b'{"category_id": null}', type=ProductChange)

    assert unsaid.category_id is msgspec.UNSET
    assert nothing.category_id is None
    assert msgspec.json.encode(nothing) == b'{"category_id":null}'


def test_a_default_of_the_contract_is_filled_in():
    body = b'{"title": "Walnut desk lamp", "price_cents": 12999, "currency": "EUR", "sku": "LAMP-1"}'

    product = msgspec.json.decode(body, type=ProductDraft)

    assert product.active is True
    assert product.category_id is None


def test_a_model_does_not_change():
    with pytest.raises(AttributeError):
        DATA.amount_cents = 1


def test_a_status_is_the_word_on_the_wire():
    assert f"{OrderStatus.CREATED}" == "CREATED"
    assert PlacedOrder.__annotations__["status"] == "OrderStatus"


def test_an_outgoing_event_has_its_envelope_filled_in():
    before = datetime.now(UTC)

    announcement = order_created(**WHO, data=DATA)

    assert announcement.topic == "order.events"
    event = msgspec.json.decode(msgspec.json.encode(announcement.event), type=OrderCreated)
    assert (event.type, event.version, event.order_id, event.data) == ("order.created", 1, ORDER, DATA)
    assert event.event_id.version == 7
    assert before <= event.timestamp <= datetime.now(UTC)


def test_two_outgoing_events_have_different_ids():
    first, second = (order_created(**WHO, data=DATA) for _ in range(2))

    assert first.event.event_id != second.event.event_id


def test_an_outgoing_event_can_be_given_its_id_and_timestamp():
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)

    event = order_cancelled(**WHO, data=OrderCancelledData(reason="requested"), event_id=LINE, timestamp=noon).event

    assert (event.event_id, event.timestamp) == (LINE, noon)
    assert b'"timestamp":"2026-01-05T12:00:00Z"' in msgspec.json.encode(event)


def test_an_event_of_another_type_is_not_taken_for_it():
    cancelled = order_cancelled(**WHO, data=OrderCancelledData(reason="requested")).event

    with pytest.raises(msgspec.ValidationError, match="type"):
        msgspec.json.decode(msgspec.json.encode(cancelled), type=OrderCreated)
