"""Looks on in tests: every HTTP exchange and every event is held against its contract, and counted."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from jsonschema import Draft7Validator, FormatChecker

from chassis.contracts.asyncapi import EventApi
from chassis.data.database import Transaction
from chassis.events.delivery import Delivery
from chassis.events.messages import MessageContract
from chassis.events.outbox import Outbox, OutgoingEvent
from chassis.testing.topics import read_records
from tooling.conformance.coverage_log import COVERAGE_LOG
from tooling.conformance.exchanges import ROOT, Exchange, find_contract, json_shape
from tooling.project import PROJECT_NAME

S = TypeVar("S")
ASYNCAPI_FOLDER = ROOT / "asyncapi"


def record_exchange(response: httpx.Response, by: str) -> None:
    """Judge and count an exchange whose answer has been read.

    Raises:
        CoverageViolation: It is not as the contract says.
    """
    request = response.request
    contract = find_contract(request.url.path)
    if contract is not None:
        contract.record(
            Exchange(
                request.method, request.url.path, tuple(request.url.params.multi_items()), request.headers,
                _content(request), response.status_code, response.headers, response.content,
            ),
            by,
        )  # fmt: skip


def recording_event_hooks(
    record: Callable[[httpx.Response], None],
) -> dict[str, list[Callable[[httpx.Response], Awaitable[None]]]]:
    """Event hooks for an httpx.AsyncClient each of whose responses is to be read and recorded."""

    async def read(response: httpx.Response) -> None:
        await response.aread()
        record(response)

    return {"response": [read]}


def record_received(subscribers: S, contract: Path) -> S:
    """The same subscribers; whatever they are called with from now on is recorded as received by their service."""
    for operation, message in read_messages(contract).receives.items():
        setattr(subscribers, operation, _heard(getattr(subscribers, operation), message.name, contract.stem))
    return subscribers


@cache
def read_messages(contract: Path) -> MessageContract:
    """The same as `MessageContract.read`, once for all tests."""
    return MessageContract.load(contract)


@contextmanager
def record_outgoing_events(by: str) -> Iterator[None]:
    """Inside, all that any outbox takes is recorded as sent."""
    append = Outbox.append

    async def recorded(outbox: Outbox, transaction: Transaction, *announcements: OutgoingEvent) -> None:
        await append(outbox, transaction, *announcements)
        for announcement in announcements:
            body = msgspec.json.decode(msgspec.json.encode(announcement.event))
            if (
                declared_messages().get(body["type"], ("", ""))[1] == announcement.topic
            ):  # the chassis' tests have their own
                _must_be_right(body["type"], body)
                COVERAGE_LOG.event(body["type"], "sent", by)

    Outbox.append = recorded  # type: ignore[assignment, method-assign]  # the one place through which all events pass
    try:
        yield
    finally:
        Outbox.append = append  # type: ignore[method-assign]


async def record_published(kafka: str, by: str) -> None:
    """Record all that the topics of a running shop hold, and who has heard it.

    Raises:
        CoverageViolation: An event is not as its contract says, and was not put aside either.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        groups = {service: await admin.list_consumer_group_offsets(service) for service in _hearers()}
    finally:
        await admin.close()
    for topic in sorted({topic for _, topic in declared_messages().values()}):
        aside = {_origin(record.headers) for record in await read_records(kafka, f"{topic}.dlq")}
        for record in await read_records(kafka, topic):
            if (topic, record.partition, record.offset) in aside:
                continue
            body = msgspec.json.decode(record.value)
            kind = body.get("type")
            _must_be_right(kind, body)
            if record.key != str(body[_keys()[kind]]).encode() or declared_messages()[kind][1] != topic:
                COVERAGE_LOG.violation(f"{kind} on {topic} with the key {record.key!r}")
            COVERAGE_LOG.event(kind, "sent", by)
            for service, kinds in _hearers().items():
                offsets = {place.partition: at.offset for place, at in groups[service].items() if place.topic == topic}
                if kind in kinds and offsets.get(record.partition, 0) > record.offset:
                    COVERAGE_LOG.event(kind, f"received by {service}", by)


@cache
def declared_messages() -> Mapping[str, tuple[str, str]]:
    """Every message: its owner and its topic."""
    return {
        message.name: (service, message.topic)
        for service, messages in _contracts().items()
        for message in messages.sends.values()
    }


@cache
def _apis() -> Mapping[str, EventApi]:
    return {api.name: api for api in EventApi.load_all(ASYNCAPI_FOLDER)}


@cache
def _contracts() -> Mapping[str, MessageContract]:
    return {name: MessageContract.from_api(api) for name, api in _apis().items() if api.operations}


@cache
def _keys() -> Mapping[str, str]:
    return {message.name: message.key_field for message in _apis()[PROJECT_NAME].messages}


@cache
def _hearers() -> Mapping[str, frozenset[str]]:
    heard = {name: frozenset(m.name for m in messages.receives.values()) for name, messages in _contracts().items()}
    return {name: kinds for name, kinds in heard.items() if kinds}


def _heard(method: Callable[..., Awaitable[None]], kind: str, service: str) -> Callable[..., Awaitable[None]]:
    @wraps(method)
    async def recorded(event: Any, *delivery: Delivery) -> None:
        await method(event, *delivery)
        # What a test makes up against the contract would not have reached the subscriber, and does not count.
        if _wrong(kind, msgspec.json.decode(msgspec.json.encode(event))) is None:
            COVERAGE_LOG.event(kind, f"received by {service}", "services")

    return recorded


def _must_be_right(kind: str, body: Any) -> None:
    if wrong := _wrong(kind, body):
        COVERAGE_LOG.violation(wrong)


_known = set[Any]()


def _wrong(kind: str, body: Any) -> str | None:
    """How an event breaks its contract: jsonschema-rs judges every one, jsonschema the first of every shape."""
    if kind not in declared_messages():
        return f"{kind}: no contract has this message"
    if wrong := _contracts()[declared_messages()[kind][0]].sends[kind].violation(body):
        return wrong
    if (key := (kind, json_shape(body))) not in _known:
        if faults := sorted(error.message for error in _independently()[kind].iter_errors(body)):
            return f"{kind}: {faults}"
        _known.add(key)
    return None


@cache
def _independently() -> Mapping[str, Draft7Validator]:
    """A validator for every message that shares nothing with what runs inside the services."""
    shared = _apis()[PROJECT_NAME]
    schemas = {
        message.name: {**message.node.value["payload"], "components": shared.document.content["components"]}
        for message in shared.messages
    }
    return {name: Draft7Validator(schema, format_checker=FormatChecker()) for name, schema in schemas.items()}


def _origin(headers: Any) -> tuple[str, int, int]:
    values = {name: value.decode() for name, value in headers}
    return values["dead-topic"], int(values["dead-partition"]), int(values["dead-offset"])


def _content(request: httpx.Request) -> bytes | None:
    try:
        return request.content
    except httpx.RequestNotRead:
        return None
