"""The consumer's side of a pact over HTTP: the real client and adapter against pact's server."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from pact import Pact, match

from chassis.contracts.media_types import JSON, PROBLEM_JSON
from chassis.testing.transports import StubTransport, json_response
from generated.access import OPERATIONS
from tests.pacts.matchers import example, to_matcher
from tests.pacts.results import CallResult, capture, find_read_fields
from tooling.conformance.callers import INTERNAL_KEYS

# What pacts have in the place of tokens, which would expire; the provider's side puts real ones there.
SHOPPERS_TOKEN, ADMINS_TOKEN = "theirs", "an admin's"


class Response(NamedTuple):
    status: int
    body: Any = None


class HttpConsumer:
    """What one consumer asks of one provider; each pact goes to the folder once the consumer has coped with it."""

    def __init__(self, consumer: str, provider: str, folder: Path) -> None:
        self._consumer, self._provider, self._folder = consumer, provider, folder
        self._client = getattr(import_module(f"generated.clients.{provider}"), f"{provider.capitalize()}Client")

    async def __call__(
        self,
        description: str,
        operation: str,
        by: Callable[[Any], Awaitable[Any]],
        *,
        given: Mapping[str, Mapping[str, Any]],
        response: Response,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        file: tuple[str, Path, str] | None = None,
        as_admin: bool = False,
    ) -> Any:
        """Agree that, given the state, the operation has that response; what `by`, the consumer, made of it.

        Where somebody has to be signed in, a shopper is; or an admin, where only admins may ask or `as_admin` says so.
        A `file` is a form: the name of its part, where its bytes are, and what they are.

        Raises: what the consumer raised; AssertionError when it does without something that the answer says.
        """
        reads = []
        if response.body is not None:
            reads = await find_read_fields(lambda said: self._replay(response.status, said, by), response.body)
        pact = Pact(self._consumer, self._provider)
        access = OPERATIONS[self._provider][operation]
        interaction = pact.upon_receiving(description)
        for state, parameters in given.items():
            interaction.given(state, example(dict(parameters)))
        interaction.with_request(access.method, access.path.format(**(path or {})))
        if query is not None:
            interaction.with_query_parameters(dict(query))
        if as_admin or access.roles:
            token = ADMINS_TOKEN if as_admin or access.roles == {"admin"} else SHOPPERS_TOKEN
            interaction.with_header("Authorization", f"Bearer {token}")
        if access.internal:
            interaction.with_header("X-Internal-Key", match.str(INTERNAL_KEYS[self._consumer]))
        if body is not None:
            interaction.with_body(to_matcher(body))
        if file is not None:
            interaction.with_multipart_file(*file, boundary="between-the-parts")
        interaction.will_respond_with(response.status)
        if response.body is not None:
            interaction.with_body(
                to_matcher(response.body), content_type=PROBLEM_JSON if response.status >= 400 else JSON
            )
        interaction.add_external_reference("OpenAPI", "operationId", operation)
        interaction.set_comment("reads", reads)
        with pact.serve(addr="127.0.0.1") as server:
            result = await capture(self._call(str(server.url), by))
        pact.write_file(self._folder, overwrite=False)
        return result.unwrap()

    async def _call(self, url: str, by: Callable[[Any], Awaitable[Any]], **how: Any) -> Any:
        async with self._client(url, key=INTERNAL_KEYS[self._consumer], timeout=10.0, **how) as client:
            return await by(client)

    async def _replay(self, status: int, said: Any, by: Callable[[Any], Awaitable[Any]]) -> CallResult:
        """What the consumer makes of any answer."""
        answer = json_response(status, said, PROBLEM_JSON if status >= 400 else JSON)
        return await capture(self._call("http://played", by, transport=StubTransport(lambda _: answer)))
