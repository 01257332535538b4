"""The provider's side of pacts: the real application, and what it really announces, against all that is expected."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import uvicorn
from pact import Verifier
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.data.database import Database
from chassis.data.statement import Statement
from chassis.events.dead_letters import DeadLetterStore
from chassis.events.tables import OUTBOX
from chassis.testing.dead_letters import make_letter
from chassis.web.application import build_application
from chassis.web.health import Health
from chassis.web.idempotency import IdempotencyKeyStore
from tests.accounts import ADMIN, ASHA
from tests.pacts.consumer import ADMINS_TOKEN, SHOPPERS_TOKEN
from tests.pacts.message_consumer import TITLES
from tooling.conformance.callers import API_KEYS, TOKEN_VERIFIER, dead_letter_handlers
from tooling.pacts.files import PACTS_FOLDER, pact_fingerprint, read_pacts, reports_folder

LAST_EVENT = Statement(OUTBOX.select().order_by(OUTBOX.c.id.desc()).limit(1))
TIMEOUT = 20  # seconds for a state, or for something to announce
CALLERS = {SHOPPERS_TOKEN: ASHA, ADMINS_TOKEN: ADMIN}
State = Callable[..., Awaitable[None]]
EventProducer = Callable[[], Awaitable[None]]


class Server(uvicorn.Server):
    """Within a test, whose process it leaves to answer signals."""

    @contextlib.contextmanager
    def capture_signals(self):
        yield


def with_real_tokens(app: ASGIApp) -> ASGIApp:
    """The application, asked by those whom the pacts name."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [(name, _real(value) if name == b"authorization" else value)
                                for name, value in scope["headers"]]  # fmt: skip
        await app(scope, receive, send)

    return asked


def _real(header: bytes) -> bytes:
    return f"Bearer {CALLERS[header.decode().removeprefix('Bearer ')].token}".encode()


@contextlib.asynccontextmanager
async def serve(app: Any) -> AsyncIterator[str]:
    """Serve the application on a free port of this machine; its URL."""
    server = Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", access_log=False))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


def _letter_states(store: DeadLetterStore | None) -> Mapping[str, State]:
    """What every service that receives events may have put aside."""

    async def put_aside(letter_id: str) -> None:
        assert store is not None
        await store.put(make_letter(id=UUID(letter_id)))

    return {"an event was put aside": put_aside}


class ProviderVerifier:
    """Whether a service keeps to what others expect of it; the verdicts go to the reports."""

    def __init__(self, provider: str) -> None:
        self._provider, self._faults = provider, list[str]()
        self._pacts = [pact for pact in read_pacts(PACTS_FOLDER).values() if pact["provider"]["name"] == provider]

    async def __call__(
        self,
        contract: Any,
        *handlers: object,
        states: Mapping[str, State],
        events: Mapping[str, EventProducer] | None = None,
        outbox: Database | None = None,
        idempotency: IdempotencyKeyStore | None = None,
        dead_letters: DeadLetterStore | None = None,
    ) -> None:
        """Verify all pacts; `states` prepare what an interaction presupposes, `events` make the service say something.

        Raises: AssertionError, with each expectation that was not met.
        """
        health, states = Health(self._provider, "1.0.0"), {**_letter_states(dead_letters), **states}
        app = build_application(
            contract,
            *handlers,
            health,
            dead_letter_handlers(dead_letters),
            tokens=TOKEN_VERIFIER,
            keys=API_KEYS,
            idempotency=idempotency,
        )
        loop = asyncio.get_running_loop()

        def awaited(call: Awaitable[Any]) -> Any:
            """From one of pact's threads."""
            return asyncio.run_coroutine_threadsafe(call, loop).result(TIMEOUT)

        def prepare(state: str, parameters: dict[str, Any] | None) -> None:
            """A state that raised would be asked for again for two minutes (pact-reference's retries)."""
            if not state:  # asked for around every interaction
                return
            try:
                awaited(states[state](**(parameters or {})))
            except Exception as fault:  # noqa: BLE001  # whatever it is, the test says so in the end
                self._faults.append(f"the state {state!r} could not be made: {fault!r}")

        def said(kind: str, metadata: object = None) -> dict[str, Any]:
            try:
                return awaited(_next_event(events[kind], outbox))
            except Exception as fault:  # noqa: BLE001  # pact would only show a page about it
                self._faults.append(f"{kind} was not announced: {fault!r}")
                return {"contents": b"{}", "content_type": "application/json", "metadata": {}}

        async with serve(with_real_tokens(app)) as url:
            verifier = Verifier(self._provider, host="127.0.0.1").add_transport(url=url)
            if events:
                verifier.message_handler({TITLES[kind]: partial(said, kind) for kind in events})
            verifier.state_handler(prepare, teardown=False).add_source(PACTS_FOLDER).set_coloured_output(enabled=False)
            with contextlib.suppress(RuntimeError):  # the results say more
                await asyncio.to_thread(verifier.verify)
        self._report(verifier.results)

    def _report(self, results: Mapping[str, Any]) -> None:
        verdicts = [
            {
                "consumer": one["consumer"],
                "description": one["description"],
                "passed": one["result"] == "OK",
                "mismatches": list(_mismatches(results, one)),
            }
            for one in results.get("interactionResults", [])
        ]
        pacts = {pact["consumer"]["name"]: pact_fingerprint(pact) for pact in self._pacts}
        report = {"provider": self._provider, "pacts": pacts, "interactions": verdicts}
        folder = reports_folder() / "verified"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self._provider}.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")

        wanted = {
            (pact["consumer"]["name"], one["description"]) for pact in self._pacts for one in pact["interactions"]
        }
        assert wanted, f"nobody expects anything of {self._provider}"
        assert {(one["consumer"], one["description"]) for one in verdicts} == wanted
        assert not self._faults, "\n".join(self._faults)
        broken = [one for one in verdicts if not one["passed"]]
        assert not broken, json.dumps(broken, indent=2)


async def _next_event(produce: EventProducer, outbox: Database) -> dict[str, Any]:
    """What the service has to say, as it waits to be relayed."""
    before = await outbox.fetch_one(LAST_EVENT)
    await produce()
    row = await outbox.fetch_one(LAST_EVENT)
    assert row and row != before, "nothing was announced"
    return {
        "contents": bytes(row["value"]),
        "content_type": "application/json",
        "metadata": {"kafka_topic": row["topic"], "kafka_key": row["key"]},
    }


def _mismatches(results: Mapping[str, Any], verdict: Mapping[str, Any]) -> Iterator[str]:
    """What was not as expected, in pact's words."""
    for error in results["errors"]:
        of = error["interaction"]
        if of.startswith(f"Verifying a pact between {verdict['consumer']} and ") and of.endswith(
            verdict["description"]
        ):
            mismatch = error["mismatch"]
            yield from (one["mismatch"] for one in mismatch.get("mismatches", [{"mismatch": mismatch.get("message")}]))
