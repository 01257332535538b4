"""What is true of the events of the whole shop."""

import pytest

from services.chassis.messages import Message, Messages
from tests.contracts.declared import ROOT, SHOP

PATHS = {path.stem: path for path in sorted((ROOT / "asyncapi").glob("*.yaml")) if path.stem != "shop"}
READ = {service: Messages.read(path) for service, path in PATHS.items()}
DECLARED = {message["name"] for message in SHOP["components"]["messages"].values()}


@pytest.mark.parametrize("event", sorted(DECLARED))
def test_an_event_has_one_sender_and_somebody_who_receives_it(event):
    senders = [service for service, messages in READ.items() if event in messages.sends]
    receivers = [service for service, messages in READ.items() if event in {m.name for m in messages.receives.values()}]

    assert len(senders) == 1
    assert receivers
    assert senders[0] not in receivers


def test_nothing_is_sent_that_is_not_declared():
    assert {event for messages in READ.values() for event in messages.sends} == DECLARED


@pytest.mark.parametrize("service", READ)
def test_a_service_sends_on_its_own_topic_only(service):
    assert {message.topic for message in READ[service].sends.values()} <= {f"{service}.events"}


@pytest.mark.parametrize("service", READ)
def test_a_receiving_operation_is_named_after_its_event(service):
    for operation, message in READ[service].receives.items():
        assert operation == f"on_{message.name.replace('.', '_')}"


def test_notifications_hears_of_everything():
    assert {message.name for message in READ["notifications"].receives.values()} == DECLARED


@pytest.mark.parametrize("event", SHOP["components"]["messages"])
def test_an_event_is_keyed_by_its_order(event):
    key = SHOP["components"]["messages"][event]["bindings"]["kafka"]["key"]

    assert key == {"$ref": "#/components/schemas/Key"}


def test_a_key_is_the_id_of_an_order():
    key = Message.of("key", "key", SHOP["components"]["schemas"]["Key"])

    assert key.breach("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001") is None
    assert all(key.breach(value) for value in ("", "an order", None, 5))
