"""An AsyncAPI 3.0 contract as typed objects: channels, their messages, and who sends and receives them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from chassis.contracts.errors import ContractError
from chassis.contracts.references import Document, Json, Node

ACTIONS = ("send", "receive")


@dataclass(frozen=True, eq=False)
class Message:
    """A kind of event: `id` among the contract's messages (`EntryMade`), `name` on the wire (`entry.made`)."""

    id: str
    name: str
    topic: str
    node: Node = field(repr=False)

    @property
    def payload(self) -> Node:
        return self.node.at("payload")

    @property
    def title(self) -> str:
        return str(self.node.get("title", ""))

    @property
    def summary(self) -> str:
        return str(self.node.get("summary", ""))

    @property
    def key_field(self) -> str:
        """The field of the payload that is the key of its record: what its `correlationId` is found by.

        Raises: ContractError when it has none.
        """
        return str(self.node.at("correlationId").at("location").value).removeprefix("$message.payload#/")

    @property
    def examples(self) -> tuple[Json, ...]:
        """The payloads of its examples."""
        return tuple(example["payload"] for example in self.node.get("examples", ()))


@dataclass(frozen=True, eq=False)
class Channel:
    """A topic, `address`, and the messages that are sent to it, by their id."""

    id: str
    address: str
    node: Node = field(repr=False)

    @cached_property
    def messages(self) -> Mapping[str, Message]:
        return {name: _message(name, self.address, node) for name, node in self.node.entries("messages")}

    @property
    def kafka(self) -> Mapping[str, Json]:
        """Its Kafka binding; empty where it has none."""
        binding: Mapping[str, Json] = self.node.get("bindings", {}).get("kafka", {})
        return binding


@dataclass(frozen=True, eq=False)
class EventOperation:
    """What a service does with some messages of a channel: it sends or it receives them."""

    id: str
    action: str
    channel: Channel
    messages: tuple[Message, ...]
    node: Node = field(repr=False)

    @property
    def summary(self) -> str:
        return str(self.node.get("summary", ""))


@dataclass(frozen=True, eq=False)
class EventApi:
    """The events of one service, or, without operations, the messages that several share."""

    document: Document

    @classmethod
    def load(cls, path: Path) -> Self:
        """Raises: ContractError when the file cannot be read."""
        return cls(Document(path))

    @classmethod
    def load_all(cls, folder: Path) -> list[Self]:
        """All contracts of a folder, in the order of their names.

        Raises: ContractError when a file cannot be read.
        """
        return list(map(cls, Document.load_all(folder)))

    @property
    def name(self) -> str:
        """The name of its file, which is the service's."""
        return self.document.name

    @property
    def info(self) -> Mapping[str, Json]:
        info: Mapping[str, Json] = self.document.content["info"]
        return info

    @cached_property
    def channels(self) -> Mapping[str, Channel]:
        """By their id."""
        return {name: _channel(name, node) for name, node in self.document.root.entries("channels")}

    @cached_property
    def operations(self) -> tuple[EventOperation, ...]:
        """In the order of the contract.

        Raises: ContractError when one refers to nothing, or does something else than to send or receive.
        """
        return tuple(_operation(name, node) for name, node in self.document.root.entries("operations"))

    @cached_property
    def sends(self) -> Mapping[str, Message]:
        """The messages that the service sends, by their names on the wire."""
        sending = (operation for operation in self.operations if operation.action == "send")
        return {message.name: message for operation in sending for message in operation.messages}

    @cached_property
    def receives(self) -> Mapping[str, Message]:
        """The message of each operation that receives, by the operation's id.

        Raises: ContractError when one receives several messages, or two receive the same.
        """
        received: dict[str, Message] = {}
        for operation in self.operations:
            if operation.action == "receive":
                if len(operation.messages) != 1:
                    what = f"to receive {len(operation.messages)} messages is not known here"
                    raise ContractError(f"{self.document.path.name}: {operation.id}: {what}")
                received[operation.id] = operation.messages[0]
        if len({(message.topic, message.name) for message in received.values()}) < len(received):
            raise ContractError(f"{self.document.path.name}: two operations receive the same message")
        return received

    @property
    def messages(self) -> Iterator[Message]:
        """Every message of every channel, in the order of the contract."""
        return (message for channel in self.channels.values() for message in channel.messages.values())


def _channel(name: str, node: Node) -> Channel:
    return Channel(node.name or name, str(node.at("address").value), node)


def _message(name: str, topic: str, node: Node) -> Message:
    return Message(node.name or name, str(node.at("name").value), topic, node)


def _operation(name: str, node: Node) -> EventOperation:
    action, channel = str(node.at("action").value), _channel("", node.at("channel"))
    if action not in ACTIONS:
        raise ContractError(f"{node.document.path.name}: {name}: to {action} is not known here")
    messages = [_message("", channel.address, message) for message in node.items("messages")]
    return EventOperation(name, action, channel, tuple(messages or channel.messages.values()), node)
