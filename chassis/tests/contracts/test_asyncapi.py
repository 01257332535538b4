import pytest

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.errors import ContractError

SHOP = """
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  orderEvents:
    address: order.events
    messages:
      OrderCreated: {$ref: '#/components/messages/OrderCreated'}
      OrderCancelled: {$ref: '#/components/messages/OrderCancelled'}
    bindings: {kafka: {partitions: 3}}
components:
  messages:
    OrderCreated:
      name: order.created
      title: An order was placed
      payload: {$ref: '#/components/schemas/OrderCreated'}
      correlationId: {$ref: '#/components/correlationIds/Order'}
      examples: [{payload: {type: order.created}}]
    OrderCancelled: {name: order.cancelled, payload: {type: object}}
  correlationIds:
    Order: {location: '$message.payload#/order_id'}
  schemas:
    OrderCreated: {type: object, properties: {id: {$ref: '#/components/schemas/Id'}}}
    Id: {type: string}
"""
ORDER = """
asyncapi: 3.0.0
info: {title: Order, version: 1.0.0}
channels:
  orderEvents: {$ref: './shop.yaml#/channels/orderEvents'}
operations:
  announce:
    action: send
    channel: {$ref: '#/channels/orderEvents'}
  on_order_created:
    action: receive
    summary: Note it.
    channel: {$ref: '#/channels/orderEvents'}
    messages: [{$ref: '#/channels/orderEvents/messages/OrderCreated'}]
"""
DUPLICATE_MESSAGES = """
    action: receive
    messages: [{$ref: '#/channels/orderEvents/messages/OrderCreated'}]
"""


@pytest.fixture
def load(write_files):
    def load(text=ORDER):
        write_files("shop.yaml", SHOP)
        return EventApi.load(write_files("order.yaml", text))

    return load


def test_channels_and_messages_are_found_through_references_into_another_file(load):
    (channel,) = load().channels.values()

    assert (channel.id, channel.address, channel.kafka) == ("orderEvents", "order.events", {"partitions": 3})
    assert [(message.id, message.name, message.topic) for message in load().messages] == [
        ("OrderCreated", "order.created", "order.events"), ("OrderCancelled", "order.cancelled", "order.events")
    ]  # fmt: skip


def test_an_operation_has_the_messages_it_names_or_all_of_its_channel(load):
    sending, receiving = load().operations

    assert [message.name for message in sending.messages] == ["order.created", "order.cancelled"]
    assert [message.name for message in receiving.messages] == ["order.created"]
    assert list(load().sends) == ["order.created", "order.cancelled"]
    assert [(name, message.id) for name, message in load().receives.items()] == [("on_order_created", "OrderCreated")]


def test_a_message_has_its_payload_and_examples(load):
    created, _ = load().messages

    assert (created.payload.name, created.title) == ("OrderCreated", "An order was placed")
    assert created.payload.inlined["properties"]["id"] == {"type": "string", "x-name": "Id"}
    assert created.examples == ({"type": "order.created"},)


def test_a_message_is_keyed_by_the_field_that_correlates_it(load):
    created, cancelled = load().messages

    assert created.key_field == "order_id"
    with pytest.raises(ContractError, match="no 'correlationId'"):
        assert cancelled.key_field


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("action: send", "action: shout", "to shout is not known"),
        ("messages/OrderCreated", "messages/Gone", "refers to nothing"),
        ("./shop.yaml", "./gone.yaml", "gone.yaml cannot be read"),
        ("action: send", "summary: Nothing", "no 'action'"),
        ("action: send", "action: receive", "to receive 2 messages is not known"),
        ("messages: [", "extra: [", "to receive 2 messages is not known"),
        ("    action: send\n", DUPLICATE_MESSAGES, "two operations receive the same message"),
    ],
)
def test_a_contract_that_does_not_hold_together_is_refused(load, before, after, reason):
    api = load(ORDER.replace(before, after))

    with pytest.raises(ContractError, match=reason):
        assert [api.operations, api.receives]
