"""What every operation of every contract must answer, as tests that the services' test classes inherit.

    class TestBillingContract(ContractTests):
        contract = CONTRACTS / "billing.yaml"

They call the service through its fixture `client`. A service that stores data elsewhere than in its database overrides
the fixtures `count_stored` and `storage_outage`.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import httpx
import pytest

from chassis.contracts.media_types import FORM, JSON
from chassis.contracts.openapi import HTTP_METHODS, Access, Api, MediaType, Operation
from chassis.testing.databases import TemporaryDatabase
from tooling.conformance.callers import INTERNAL_KEYS, Caller, ContractTestClient, internal_key_headers

BUILTIN_OPERATION_PATTERN = re.compile(
    "get_[a-z]+_(health|readiness|info)"
)  # the chassis serves them for every service
CALLER_ID = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2c001")
GUEST_CALLER = Caller(CALLER_ID, "guest@example.com", "guest")
BODY_LIMIT = 65_536
# The argument of httpx for a body of a media type, and the whole media type.
BODY_ARGUMENTS = {JSON: "json", FORM: "data", "multipart/form-data": "files"}
BODY_MEDIA_TYPES = {"json": JSON, "data": FORM, "files": "multipart/form-data; boundary=end"}
ORIGIN_HEADERS = {"origin": "http://service"}  # of the service's own pages, for `ContractTestClient`
PNG_BYTES = bytes.fromhex(  # one pixel
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6368606000000304018170bc2b5f"
    "0000000049454e44ae426082"
)


@dataclass(frozen=True)
class ExampleRequest:
    """A valid request of an operation; `unknown_path` is a path like its own that no operation has."""

    operation: Operation
    path: str
    unknown_path: str
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
    def ignores_unknown_parameters(self) -> bool:
        """Others append parameters to the addresses of pages, which are looked at all the same."""
        return self.operation.is_page and self.method == "GET"

    @property
    def is_open(self) -> bool:
        """Whether its body may have any field, as what somebody else defines."""
        return all("properties" not in content.schema.inlined for content in self.operation.request_content.values())

    @property
    def headers(self) -> dict[str, str]:
        """The credentials of a caller that the operation admits."""
        access = self.access
        if self.operation.is_page:
            role = access.roles[0] if access.roles else "visitor"
            return {**ORIGIN_HEADERS, "cookie": f"{self.operation.cookie}={role}"}
        return {
            **(Caller(CALLER_ID, "caller@example.com", access.roles[0]).headers if access.roles else {}),
            **(internal_key_headers(min(access.internal)) if access.internal else {}),
        }

    @property
    def anonymous_headers(self) -> dict[str, str]:
        """What a request has without credentials: of a page, where it is from."""
        return ORIGIN_HEADERS if self.operation.is_page else {}

    @property
    def forbidden_headers(self) -> list[tuple[str, str]]:
        """The credentials of each caller that the operation does not admit."""
        if self.operation.is_page:
            return [("cookie", f"{self.operation.cookie}=guest")] if self.access.roles else []
        others = [caller for caller in INTERNAL_KEYS if self.access.internal and caller not in self.access.internal]
        guest = GUEST_CALLER.headers if self.access.roles else {}
        return [*guest.items(), *(header for other in others for header in internal_key_headers(other).items())]

    async def send(self, client: httpx.AsyncClient, **overrides: Any) -> httpx.Response:
        """Send the contract's example with valid credentials; `overrides` are arguments of httpx."""
        arguments: dict[str, Any] = {
            "method": self.method, "url": self.path, "headers": self.headers, "params": dict(self.query), **overrides
        }  # fmt: skip
        if not {"json", "data", "content"} & overrides.keys():
            arguments |= self.bodies
        return await client.request(**arguments)


CountStored = Callable[[], Awaitable[object]]
StorageOutage = Callable[[], AbstractContextManager[None]]


class ContractTests:
    """Test classes of services inherit these tests and name their contract."""

    contract: ClassVar[Path]

    @pytest.fixture
    def examples(self) -> list[ExampleRequest]:
        """One request for each operation of the contract."""
        return [self.complete(_example_of(operation)) for operation in Api.load(self.contract).operations]

    def complete(self, example: ExampleRequest) -> ExampleRequest:
        """The request with what no contract can say, as a signature; for a service to override."""
        return example

    @pytest.fixture
    def count_stored(self, databases: TemporaryDatabase) -> CountStored:
        """Counts what the service stores; two counts are equal when nothing was stored or deleted."""

        async def count_stored() -> object:
            return databases.count_rows(self.contract.stem)

        return count_stored

    @pytest.fixture
    def storage_outage(self, databases: TemporaryDatabase) -> StorageOutage:
        """Makes the storage unreachable inside a `with`."""
        return databases.unavailable

    async def test_requests_without_credentials_get_401_and_change_nothing(
        self, client: ContractTestClient, examples: list[ExampleRequest], count_stored: CountStored
    ) -> None:
        restricted, before = [example for example in examples if example.is_restricted], await count_stored()

        responses = {
            example.name: (await example.send(client, headers=example.anonymous_headers)).status_code
            for example in restricted
        }

        assert responses == dict.fromkeys(responses, 401)
        assert await count_stored() == before

    async def test_forbidden_callers_get_403_and_change_nothing(
        self, client: ContractTestClient, examples: list[ExampleRequest], count_stored: CountStored
    ) -> None:
        restricted, before = [example for example in examples if example.is_restricted], await count_stored()

        responses = {
            (example.name, value): (await example.send(client, headers={**example.headers, header: value})).status_code
            for example in restricted
            for header, value in example.forbidden_headers
        }

        assert responses == dict.fromkeys(responses, 403)
        assert await count_stored() == before

    async def test_unknown_parameters_and_fields_get_400_and_change_nothing(
        self, client: ContractTestClient, examples: list[ExampleRequest], count_stored: CountStored
    ) -> None:
        before, unknown = await count_stored(), {"colour": "walnut"}

        responses = {
            (example.name, where): (await example.send(client, **wrong)).status_code
            for example in examples
            for where, wrong in (
                *([] if example.ignores_unknown_parameters else [("query", {"params": {**example.query, **unknown}})]),
                *(
                    ("body", {kind: {**example.bodies[kind], "colour": "walnut"}})
                    for kind in ("json", "data")
                    if kind in example.bodies and not example.is_open
                ),
            )
            if 400 in example.operation.responses
        }

        assert responses == dict.fromkeys(responses, 400)
        assert await count_stored() == before

    async def test_a_trailing_slash_changes_no_response(
        self, client: ContractTestClient, examples: list[ExampleRequest], count_stored: CountStored
    ) -> None:
        before, wrong = await count_stored(), {"colour": "walnut"}

        responses = {
            (example.name, status): [
                (response.status_code, response.headers, response.content)
                for url in (
                    example.path,
                    example.path.removesuffix("/") if example.path.endswith("/") else f"{example.path}/",
                )
                for response in [
                    await example.send(client, url=url, headers=headers, params={**example.query, **wrong})
                ]
            ]
            for example in examples
            for status, headers in (
                *([] if example.ignores_unknown_parameters else [(400, example.headers)]),
                *([(401, example.anonymous_headers)] if example.is_restricted else []),
            )
        }

        assert {(name, first[0]) for (name, _), (first, _) in responses.items()} == responses.keys()
        assert [name for name, (first, other) in responses.items() if first != other] == []
        assert await count_stored() == before

    async def test_internal_paths_reveal_nothing_to_other_methods(
        self, client: ContractTestClient, examples: list[ExampleRequest]
    ) -> None:
        """Its path answers like one that no operation has, and no path names it in `Allow`."""
        internal = [example for example in examples if not example.access.external]
        external_paths = {example.path for example in examples if example.access.external}
        others = [
            (example, method)
            for example in internal
            for method in map(str.upper, HTTP_METHODS)
            if example.method != ("GET" if method == "HEAD" else method)
        ]

        async def respond(method: str, url: str) -> tuple[int, dict[str, str], bytes]:
            response = await client.request(method, url, headers=GUEST_CALLER.headers)
            return response.status_code, dict(response.headers), response.content

        for example, method in others:
            status, headers, body = await respond(method, example.path)
            assert example.method not in headers.get("allow", ""), (method, example.path)
            if example.path not in external_paths:
                assert (status, headers, body) == await respond(method, example.unknown_path), (method, example.path)

    async def test_bodies_over_the_limit_get_413_and_change_nothing(
        self, client: ContractTestClient, examples: list[ExampleRequest], count_stored: CountStored
    ) -> None:
        with_body, before = [example for example in examples if example.bodies], await count_stored()

        responses = {}
        for example in with_body:
            kind = BODY_MEDIA_TYPES[next(iter(example.bodies))]
            headers = {**example.headers, "content-type": kind}
            responses[example.name] = (
                await example.send(
                    client, headers=headers, content=b" " * ((example.operation.body_limit or BODY_LIMIT) + 1)
                )
            ).status_code

        assert responses == dict.fromkeys(responses, 413)
        assert await count_stored() == before

    async def test_unsupported_media_types_get_415_and_change_nothing(
        self, client: ContractTestClient, examples: list[ExampleRequest], count_stored: CountStored
    ) -> None:
        with_body, before = [example for example in examples if example.bodies], await count_stored()

        responses = {}
        for example in with_body:
            headers = {**example.headers, "content-type": "text/plain"}
            responses[example.name] = (await example.send(client, headers=headers, content=b"not JSON")).status_code

        assert responses == dict.fromkeys(responses, 415)
        assert await count_stored() == before

    async def test_a_storage_outage_gets_503_with_retry_after(
        self, client: ContractTestClient, examples: list[ExampleRequest], storage_outage: StorageOutage
    ) -> None:
        affected = [
            example
            for example in examples
            if 503 in example.operation.responses and not BUILTIN_OPERATION_PATTERN.fullmatch(example.name)
        ]
        idempotent = [example for example in affected if example.takes_key]

        with storage_outage():
            responses = await asyncio.gather(*(example.send(client) for example in affected))
            keyed = [{**example.headers, "Idempotency-Key": "key-1"} for example in idempotent]
            keyed_responses = await asyncio.gather(
                *(example.send(client, headers=headers) for example, headers in zip(idempotent, keyed, strict=True))
            )

        ids = [example.name for example in affected]
        assert dict(zip(ids, (response.status_code for response in responses), strict=True)) == dict.fromkeys(ids, 503)
        assert all(int(response.headers["retry-after"]) >= 0 for response in responses)
        assert {response.json()["type"] for response in keyed_responses} <= {"/problems/unavailable"}

    async def test_health_readiness_and_info_get_200(
        self, client: ContractTestClient, examples: list[ExampleRequest]
    ) -> None:
        builtin = [example for example in examples if BUILTIN_OPERATION_PATTERN.fullmatch(example.name)]

        responses = [(await example.send(client)).status_code for example in builtin]

        assert responses == [200, 200, 200]

    async def test_a_failed_check_gets_503_and_is_named(
        self, client: ContractTestClient, examples: list[ExampleRequest]
    ) -> None:
        checks = [example for example in examples if example.name.endswith(("_health", "_readiness"))]
        client.health.failed.add("relay")

        responses = [await example.send(client) for example in checks]

        assert [response.status_code for response in responses] == [503, 503]
        assert responses[1].json()["checks"] == [{"name": "relay", "status": "failed"}]


def _example_of(operation: Operation) -> ExampleRequest:
    ids = {parameter.name: str(UUID(int=number)) for number, parameter in enumerate(operation.parameters, 1)}
    bodies: dict[str, Any] = {}
    for kind, content in operation.request_content.items():
        bodies |= {BODY_ARGUMENTS[kind]: _files_of(content) if BODY_ARGUMENTS[kind] == "files" else content.examples[0]}
    return ExampleRequest(
        operation,
        path=operation.full_path.format_map(ids),
        unknown_path=re.sub(r"/\w+((/\{\w+\})*)$", r"/nothing\1", operation.full_path).format_map(ids),
        query={
            parameter.name: str(parameter.examples[0])
            for parameter in operation.parameters
            if parameter.location == "query" and parameter.required
        },
        bodies=bodies,
        takes_key="Idempotency-Key" in ids,
    )


def _files_of(content: MediaType) -> dict[str, tuple[str, bytes]]:
    """A picture for each file of a form."""
    properties = content.schema.inlined["properties"]
    return {name: ("dot.png", PNG_BYTES) for name, schema in properties.items() if schema.get("format") == "binary"}
