"""The consumer's side of a pact over HTTP: the real client and adapter against pact's server."""

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
from pact import Pact, match

from chassis.testing.callers import INTERNAL_KEYS
from generated.access import OPERATIONS
from tests.pacts.outcomes import Outcome, needed, outcome_of
from tests.pacts.terms import example, matched

JSON, PROBLEM = "application/json", "application/problem+json"


class Answered(NamedTuple):
    status: int
    body: Any = None


class Asking:
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
        answered: Answered,
        path: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Any:
        """Agree that, given the state, the operation is answered so; what `by`, the consumer, made of that answer.

        Raises: what the consumer raised; AssertionError when it does without something that the answer says.
        """
        reads = []
        if answered.body is not None:
            reads = await needed(lambda said: self._played(answered.status, said, by), answered.body)
        pact = Pact(self._consumer, self._provider)
        access = OPERATIONS[self._provider][operation]
        asked = pact.upon_receiving(description)
        for state, parameters in given.items():
            asked.given(state, example(dict(parameters)))
        asked.with_request(access.method, access.path.format(**(path or {})))
        if access.internal:
            asked.with_header("X-Internal-Key", match.str(INTERNAL_KEYS[self._consumer]))
        if body is not None:
            asked.with_body(matched(body))
        asked.will_respond_with(answered.status)
        if answered.body is not None:
            asked.with_body(matched(answered.body), content_type=PROBLEM if answered.status >= 400 else JSON)
        asked.add_external_reference("OpenAPI", "operationId", operation)
        asked.set_comment("reads", reads)
        with pact.serve(addr="127.0.0.1") as server:
            seen = await outcome_of(self._asked(str(server.url), by))
        pact.write_file(self._folder, overwrite=False)
        return seen.told()

    async def _asked(self, url: str, by: Callable[[Any], Awaitable[Any]], **how: Any) -> Any:
        async with self._client(url, key=INTERNAL_KEYS[self._consumer], timeout=10.0, **how) as client:
            return await by(client)

    async def _played(self, status: int, said: Any, by: Callable[[Any], Awaitable[Any]]) -> Outcome:
        """What the consumer makes of any answer."""
        headers = {"content-type": PROBLEM if status >= 400 else JSON}
        answer = httpx.Response(status, headers=headers, content=msgspec.json.encode(said))
        return await outcome_of(self._asked("http://played", by, transport=httpx.MockTransport(lambda _: answer)))
