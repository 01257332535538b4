import msgspec
import pytest

from chassis.contracts.errors import ContractError
from chassis.events.delivery import Delivery
from chassis.events.messages import (
    MAX_MESSAGE_BYTES,
    InvalidMessage,
    MessageContract,
    MessageContractViolation,
)
from chassis.events.subscriptions import build_subscriptions
from chassis.testing.deliveries import make_record
from chassis.tests.events.entries import ALL, LEDGER, Entry, EntryMade, contract_in, entry_made

TOPIC = "entry.events"


@pytest.fixture
def messages(tmp_path):
    return MessageContract.load(contract_in(tmp_path, TOPIC))


def test_what_is_sent_and_received_follows_references_into_other_files(messages):
    assert [(kind, message.topic) for kind, message in messages.sends.items()] == [("entry.made", TOPIC)]
    assert [(name, message.name) for name, message in messages.receives.items()] == [("on_entry_made", "entry.made")]
    assert "$ref" not in str(messages.sends["entry.made"].schema)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        pytest.param("./all.yaml#", "./none.yaml#", "none.yaml cannot be read", id="a file that is not there"),
        pytest.param("messages/EntryMade", "messages/EntryBorn", "EntryBorn", id="a message that is not there"),
        pytest.param("action: receive", "action: listen", "to listen", id="an unknown action"),
        pytest.param("action: send", "action: receive", "two operations", id="one message received twice"),
    ],
)
def test_a_contract_that_does_not_hold_together_is_refused(tmp_path, before, after, reason):
    contract = contract_in(tmp_path, TOPIC)
    contract.write_text(LEDGER.replace(before, after))

    with pytest.raises(ContractError, match=reason):
        MessageContract.load(contract)


def test_a_schema_that_contains_itself_is_refused(tmp_path):
    contract = contract_in(tmp_path, TOPIC)
    itself = "text: {type: string, minLength: 1}\n        in: {$ref: '#/components/schemas/Entry'}\n"
    (tmp_path / "all.yaml").write_text(ALL.format(topic=TOPIC).replace("text: {type: string, minLength: 1}\n", itself))

    with pytest.raises(ContractError, match="refers to itself"):
        MessageContract.load(contract)


@pytest.mark.parametrize(
    ("topic", "event", "reason"),
    [
        pytest.param("another", entry_made(), "this service sends", id="on another topic"),
        pytest.param(TOPIC, {"type": "entry.struck"}, "this service sends", id="another's message"),
        pytest.param(TOPIC, ["not", "an", "event"], "this service sends", id="no event at all"),
        pytest.param(TOPIC, entry_made(text=""), "/data/text breaks 'minLength'", id="against its schema"),
        pytest.param(TOPIC, entry_made(text="x" * MAX_MESSAGE_BYTES), "can be sent", id="too large"),
    ],
)
def test_an_undeclared_event_is_not_sent(messages, topic, event, reason):
    with pytest.raises(MessageContractViolation, match=reason):
        messages.encode(topic, event)


def test_an_event_may_say_more_than_its_contract(messages):
    more = {**msgspec.to_builtins(entry_made()), "mood": "sunny"}

    operation, body = messages.decode(TOPIC, msgspec.json.encode(more))

    assert operation == "on_entry_made"
    assert body["mood"] == "sunny"


@pytest.mark.parametrize(("topic", "kind"), [(TOPIC, "entry.struck"), (TOPIC, "weather.changed"), ("x", "entry.made")])
def test_an_event_that_the_service_does_not_receive_is_ignored(messages, topic, kind):
    assert messages.decode(topic, msgspec.json.encode({"type": kind})) is None


def make_invalid_event(**facts):
    body = msgspec.to_builtins(entry_made()) | facts
    return msgspec.json.encode({name: value for name, value in body.items() if value is not None})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param(None, "no value", id="nothing"),
        pytest.param(b"{not json", "not JSON", id="not JSON"),
        pytest.param(b'{"type": "\xff\xfe"}', "not JSON", id="not UTF-8"),
        pytest.param(b"[" * 100_000, "not JSON", id="nested without end"),
        pytest.param(b"[]", "no type", id="not an object"),
        pytest.param(b'{"type": 7}', "no type", id="a type that is no text"),
        pytest.param(b'"' + b"x" * MAX_MESSAGE_BYTES + b'"', "more than", id="too large"),
        pytest.param(make_invalid_event(data=None), "'required'", id="a part is missing"),
        pytest.param(make_invalid_event(version=2), "/version breaks", id="another version"),
        pytest.param(make_invalid_event(event_id="7"), "/event_id breaks 'format'", id="an id that is none"),
        pytest.param(make_invalid_event(timestamp="yesterday"), "/timestamp breaks 'format'", id="a time that is none"),
        pytest.param(
            make_invalid_event(data={"text": ""}), "/data/text breaks 'minLength'", id="data against its schema"
        ),
    ],
)
def test_an_event_that_violates_its_contract_is_invalid(messages, value, reason):
    with pytest.raises(InvalidMessage, match=reason):
        messages.decode(TOPIC, value)


@pytest.mark.parametrize(("note", "read"), [("a \u202elamp", "a lamp"), ("\u3164\u202e", "-")], ids=["turned", "blank"])
def test_an_event_is_read_without_the_characters_that_texts_of_the_first_version_could_have(messages, note, read):
    value = make_invalid_event(data={"text": "an entry", "note": note})

    assert messages.decode(TOPIC, value)[1]["data"] == {"text": "an entry", "note": read}


def test_the_reason_of_an_invalid_message_quotes_no_value(messages):
    with pytest.raises(InvalidMessage) as caught:
        messages.decode(TOPIC, make_invalid_event(order_id="asha@example.com"))

    assert "asha" not in str(caught.value)


class Fits:
    async def on_entry_made(self, event: EntryMade) -> None: ...


class Lacks:
    pass


class HasOneTooMany(Fits):
    async def on_entry_struck(self, event: EntryMade) -> None: ...


class SaysNoType:
    async def on_entry_made(self, event) -> None: ...


class AsksForMore:
    async def on_entry_made(self, event: EntryMade, offset: int) -> None: ...


class CannotBeAwaited:
    def on_entry_made(self, event: EntryMade) -> None: ...


async def test_the_subscriber_is_the_method_of_the_operations_name(messages):
    assert list(build_subscriptions(messages, Fits())) == ["on_entry_made"]


@pytest.mark.parametrize("kind", [Lacks, HasOneTooMany, SaysNoType, AsksForMore, CannotBeAwaited])
def test_subscribers_that_do_not_fit_the_contract_stop_the_start(messages, kind):
    with pytest.raises(ContractError, match="on_entry"):
        build_subscriptions(messages, kind())


class NeedsMore:
    async def on_entry_made(self, event: Entry) -> None: ...


async def test_an_event_that_does_not_fit_its_type_is_invalid(messages):
    delivery = Delivery(make_record(b""), event={"type": "entry.made"})
    with pytest.raises(InvalidMessage, match="not a Entry"):
        await build_subscriptions(messages, NeedsMore())["on_entry_made"](delivery)
