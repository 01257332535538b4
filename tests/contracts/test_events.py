"""What is true of the events of the whole shop."""

import re

import pytest

from chassis.events.messages import Message
from tests.contracts.loaded_contracts import EVENT_APIS, SHOP

EVENT_CONTRACTS = {service: api for service, api in EVENT_APIS.items() if service != "shop"}
DECLARED_MESSAGES = {message["name"] for message in SHOP["components"]["messages"].values()}


@pytest.mark.parametrize("event", sorted(DECLARED_MESSAGES))
def test_an_event_has_one_sender_and_somebody_who_receives_it(event):
    senders = [service for service, api in EVENT_CONTRACTS.items() if event in api.sends]
    receivers = [
        service for service, api in EVENT_CONTRACTS.items() if event in {m.name for m in api.receives.values()}
    ]

    assert len(senders) == 1
    assert receivers
    assert senders[0] not in receivers


def test_nothing_is_sent_that_is_not_declared():
    assert {event for api in EVENT_CONTRACTS.values() for event in api.sends} == DECLARED_MESSAGES


@pytest.mark.parametrize("service", EVENT_CONTRACTS)
def test_a_service_sends_on_its_own_topic_only(service):
    assert {message.topic for message in EVENT_CONTRACTS[service].sends.values()} <= {f"{service}.events"}


@pytest.mark.parametrize("service", EVENT_CONTRACTS)
def test_a_receiving_operation_is_named_after_its_event(service):
    for operation, message in EVENT_CONTRACTS[service].receives.items():
        assert operation == f"on_{message.name.replace('.', '_')}"


def test_notifications_hears_of_everything():
    assert {message.name for message in EVENT_CONTRACTS["notifications"].receives.values()} == DECLARED_MESSAGES


@pytest.mark.parametrize("event", SHOP["components"]["messages"])
def test_an_event_is_keyed_by_its_order_or_account(event):
    key = SHOP["components"]["messages"][event]["bindings"]["kafka"]["key"]

    assert key == {"$ref": "#/components/schemas/Key"}


def test_the_key_of_an_event_is_a_uuid():
    key = Message.from_schema("key", "key", SHOP["components"]["schemas"]["Key"])

    assert key.violation("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001") is None
    assert all(key.violation(value) for value in ("", "an order", None, 5))


SERVICES = {service: api.document.content for service, api in EVENT_CONTRACTS.items()}
SCHEMAS = SHOP["components"]["schemas"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_uses_the_channels_and_the_servers_of_the_shop_under_their_names(service):
    for kind in ("channels", "servers"):
        assert SERVICES[service][kind] == {
            name: {"$ref": f"./shop.yaml#/{kind}/{name}"} for name in SHOP[kind] if name in SERVICES[service][kind]
        }
    assert SERVICES[service]["servers"].keys() == SHOP["servers"].keys()


@pytest.mark.parametrize("service", SERVICES)
def test_an_operation_reaches_its_messages_through_its_own_channel(service):
    for operation in SERVICES[service]["operations"].values():
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{operation['channel']['$ref']}/messages/")


def test_the_broker_can_be_named():
    (server,) = SHOP["servers"].values()

    assert set(re.findall(r"{(\w+)}", server["host"])) == server["variables"].keys()
    assert all(variable["default"] for variable in server["variables"].values())


@pytest.mark.parametrize("event", SHOP["components"]["messages"])
def test_a_payload_has_the_name_of_its_message(event):
    assert SHOP["components"]["messages"][event]["payload"] == {"$ref": f"#/components/schemas/{event}"}


def unnamed_schemas(schema, at):
    """Each object or enum below a property or an item that generators would have to make a name for."""
    below = {**schema.get("properties", {}), **({"items": schema["items"]} if "items" in schema else {})}
    for name, node in below.items():
        if "enum" in node or node.get("type") == "object":
            yield f"{at}/{name}"
        yield from unnamed_schemas(node, f"{at}/{name}")
    for part in schema.get("allOf", ()):
        yield from unnamed_schemas(part, at)


@pytest.mark.parametrize("name", SCHEMAS)
def test_what_becomes_a_class_has_a_name(name):
    assert list(unnamed_schemas(SCHEMAS[name], name)) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_composed_event_defines_each_property_once(name):
    """Some generators let the property of one message stand in all of them."""
    parts = [
        SCHEMAS[part["$ref"].split("/")[-1]] if "$ref" in part else part for part in SCHEMAS[name].get("allOf", ())
    ]
    said = [name for part in parts for name in part["properties"]]

    assert len(said) == len(set(said))
