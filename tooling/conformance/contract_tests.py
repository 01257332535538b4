"""What all operations of all contracts answer alike, as tests that each service's test_contract.py takes over.

    from tooling.conformance.contract_tests import *
    CONTRACT = CONTRACTS / "payment.yaml"

They ask the service by its fixture `client`. Where it keeps things elsewhere than in its database, it has fixtures of
its own in the place of `kept` and `stores_away`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.contracts.media_types import JSON
from chassis.contracts.openapi import METHODS, Access, Api, Operation
from chassis.testing.databases import TemporaryDatabase
from tooling.conformance.callers import ADMIN, ASHA, Caller, Requests, internal_key_headers

__all__ = [
    "kept",
    "operations",
    "stores_away",
    "test_a_body_of_another_type_is_not_read",
    "test_a_body_that_is_too_large_is_not_read",
    "test_a_service_says_which_it_is_and_that_it_is_well",
    "test_a_slash_at_the_end_changes_nothing",
    "test_a_word_that_the_contract_does_not_have_is_refused",
    "test_forbidden_callers_get_403_and_change_nothing",
    "test_of_a_part_that_failed_the_service_tells",
    "test_what_only_services_may_call_is_not_there_for_another_method",
    "test_while_its_stores_are_away_a_service_says_when_to_come_again",
    "test_whoever_does_not_say_who_they_are_is_not_let_in",
]

OWN = re.compile("get_[a-z]+_(health|readiness|info)")  # the operations that the chassis serves for every service
GUEST = Caller(UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c009"), "guest@example.com", "guest")
LIMIT = 65_536
DOT = bytes.fromhex(  # a PNG of one pixel
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6368606000000304018170bc2b5f"
    "0000000049454e44ae426082"
)


@dataclass(frozen=True)
class ExampleRequest:
    """How to ask for an operation rightly; `elsewhere` is a path like its own that no operation has."""

    operation: Operation
    path: str
    elsewhere: str
    query: Mapping[str, str]
    bodies: Mapping[str, Any]
    takes_key: bool

    @property
    def name(self) -> str:
        return self.operation.id

    @property
    def method(self) -> str:
        return self.operation.method.upper()

    @property
    def access(self) -> Access:
        return self.operation.access

    @property
    def is_restricted(self) -> bool:
        return not self.access.public

    @property
    def headers(self) -> dict[str, str]:
        """Those of somebody who may."""
        access = self.access
        caller = ASHA if "customer" in access.roles else ADMIN
        return {
            **(caller.headers if access.roles else {}),
            **(internal_key_headers(min(access.internal)) if access.internal else {}),
        }

    async def ask(self, client: httpx.AsyncClient, **otherwise: Any) -> httpx.Response:
        """Ask as one may, and as the contract's example does, but for what is said otherwise."""
        asking: dict[str, Any] = {
            "method": self.method, "url": self.path, "headers": self.headers, "params": dict(self.query), **otherwise
        }  # fmt: skip
        if "json" in self.bodies and not {"json", "content"} & otherwise.keys():
            asking["json"] = self.bodies["json"]
        if "files" in self.bodies and "content" not in otherwise:
            asking["files"] = self.bodies["files"]
        return await client.request(**asking)


Kept = Callable[[], Awaitable[object]]
Away = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def operations(request: pytest.FixtureRequest) -> list[ExampleRequest]:
    """All operations of the contract that the test module names."""
    return [_example_of(operation) for operation in Api.load(request.module.CONTRACT).operations]


@pytest.fixture
def kept(request: pytest.FixtureRequest, databases: TemporaryDatabase) -> Kept:
    """How much the service keeps."""

    async def kept() -> object:
        return databases.counted(request.module.CONTRACT.stem)

    return kept


@pytest.fixture
def stores_away(databases: TemporaryDatabase) -> Away:
    """For a while, nothing that is kept can be had."""
    return databases.away


async def test_whoever_does_not_say_who_they_are_is_not_let_in(
    client: Requests, operations: list[ExampleRequest], kept: Kept
) -> None:
    closed, before = [one for one in operations if one.is_restricted], await kept()

    answers = {one.name: (await one.ask(client, headers={})).status_code for one in closed}

    assert answers == dict.fromkeys(answers, 401)
    assert await kept() == before


async def test_forbidden_callers_get_403_and_change_nothing(
    client: Requests, operations: list[ExampleRequest], kept: Kept
) -> None:
    closed, before = [one for one in operations if one.is_restricted], await kept()

    answers = {
        one.name: (await one.ask(client, headers={**one.headers, **wrong})).status_code
        for one in closed
        for wrong in ([GUEST.headers] if one.access.roles else [])
        + ([internal_key_headers("cart")] if one.access.internal else [])
    }

    assert answers == dict.fromkeys(answers, 403)
    assert await kept() == before


async def test_a_word_that_the_contract_does_not_have_is_refused(
    client: Requests, operations: list[ExampleRequest], kept: Kept
) -> None:
    before = await kept()

    answers = {
        (one.name, where): (await one.ask(client, **wrong)).status_code
        for one in operations
        for where, wrong in (
            ("query", {"params": {**one.query, "colour": "walnut"}}),
            ("body", {"json": {**one.bodies.get("json", {}), "colour": "walnut"}}),
        )
        if 400 in one.operation.responses and (where == "query" or "json" in one.bodies)
    }

    assert answers == dict.fromkeys(answers, 400)
    assert await kept() == before


async def test_a_slash_at_the_end_changes_nothing(
    client: Requests, operations: list[ExampleRequest], kept: Kept
) -> None:
    before, wrong = await kept(), {"colour": "walnut"}

    answers = {
        (one.name, status): [
            (answer.status_code, answer.headers, answer.content)
            for url in (one.path, one.path.removesuffix("/") if one.path.endswith("/") else f"{one.path}/")
            for answer in [await one.ask(client, url=url, headers=headers, params={**one.query, **wrong})]
        ]
        for one in operations
        for status, headers in ((400, one.headers), *([(401, {})] if one.is_restricted else []))
    }

    assert {(name, first[0]) for (name, _), (first, _) in answers.items()} == answers.keys()
    assert [name for name, (first, other) in answers.items() if first != other] == []
    assert await kept() == before


async def test_what_only_services_may_call_is_not_there_for_another_method(
    client: Requests, operations: list[ExampleRequest]
) -> None:
    """Its path answers what one answers that is no operation's, and no path names it in `Allow`."""
    inside = [one for one in operations if not one.access.external]
    beside = {one.path for one in operations if one.access.external}
    others = [
        (one, method)
        for one in inside
        for method in map(str.upper, METHODS)
        if one.method != ("GET" if method == "HEAD" else method)
    ]

    async def answer(method: str, url: str) -> tuple[int, dict[str, str], bytes]:
        answer = await client.request(method, url, headers=ADMIN.headers)
        return answer.status_code, dict(answer.headers), answer.content

    for one, method in others:
        status, headers, body = await answer(method, one.path)
        assert one.method not in headers.get("allow", ""), (method, one.path)
        if one.path not in beside:
            assert (status, headers, body) == await answer(method, one.elsewhere), (method, one.path)


async def test_a_body_that_is_too_large_is_not_read(
    client: Requests, operations: list[ExampleRequest], kept: Kept
) -> None:
    reading, before = [one for one in operations if one.bodies], await kept()

    answers = {}
    for one in reading:
        kind = "application/json" if "json" in one.bodies else "multipart/form-data; boundary=end"
        headers = {**one.headers, "content-type": kind}
        answers[one.name] = (
            await one.ask(client, headers=headers, content=b" " * ((one.operation.body_limit or LIMIT) + 1))
        ).status_code

    assert answers == dict.fromkeys(answers, 413)
    assert await kept() == before


async def test_a_body_of_another_type_is_not_read(
    client: Requests, operations: list[ExampleRequest], kept: Kept
) -> None:
    reading, before = [one for one in operations if one.bodies], await kept()

    answers = {}
    for one in reading:
        headers = {**one.headers, "content-type": "text/plain"}
        answers[one.name] = (await one.ask(client, headers=headers, content=b"two lamps, please")).status_code

    assert answers == dict.fromkeys(answers, 415)
    assert await kept() == before


async def test_while_its_stores_are_away_a_service_says_when_to_come_again(
    client: Requests, operations: list[ExampleRequest], stores_away: Away
) -> None:
    needing = [one for one in operations if 503 in one.operation.responses and not OWN.fullmatch(one.name)]

    once = [one for one in needing if one.takes_key]

    with stores_away():
        answers = await asyncio.gather(*(one.ask(client) for one in needing))
        keyed = [{**one.headers, "Idempotency-Key": "key-1"} for one in once]
        again = await asyncio.gather(
            *(one.ask(client, headers=headers) for one, headers in zip(once, keyed, strict=True))
        )

    named = [one.name for one in needing]
    assert dict(zip(named, (answer.status_code for answer in answers), strict=True)) == dict.fromkeys(named, 503)
    assert all(int(answer.headers["retry-after"]) >= 0 for answer in answers)
    assert {answer.json()["type"] for answer in again} <= {"/problems/unavailable"}


async def test_a_service_says_which_it_is_and_that_it_is_well(
    client: Requests, operations: list[ExampleRequest]
) -> None:
    own = [one for one in operations if OWN.fullmatch(one.name)]

    answers = [(await one.ask(client)).status_code for one in own]

    assert answers == [200, 200, 200]


async def test_of_a_part_that_failed_the_service_tells(client: Requests, operations: list[ExampleRequest]) -> None:
    asked = [one for one in operations if one.name.endswith(("_health", "_readiness"))]
    client.health.failed.add("relay")

    answers = [await one.ask(client) for one in asked]

    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[1].json()["checks"] == [{"name": "relay", "status": "failed"}]


def _example_of(operation: Operation) -> ExampleRequest:
    named = {parameter.name: str(UUID(int=number)) for number, parameter in enumerate(operation.parameters, 1)}
    bodies: dict[str, Any] = {}
    for kind, content in operation.request_content.items():
        bodies |= {"json": content.examples[0]} if kind == JSON else {"files": {"image": ("dot.png", DOT)}}
    return ExampleRequest(
        operation,
        path=operation.full_path.format_map(named),
        elsewhere=re.sub(r"/\w+((/\{\w+\})*)$", r"/nothing\1", operation.full_path).format_map(named),
        query={one.name: named[one.name] for one in operation.parameters if one.location == "query" and one.required},
        bodies=bodies,
        takes_key="Idempotency-Key" in named,
    )
