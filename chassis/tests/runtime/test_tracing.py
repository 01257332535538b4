"""A trace goes on through a service, and one line tells of each request."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.runtime import tracing
from chassis.tests.web.shop import LAMP, Handlers, call, shop

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
ROOT = Path(__file__).parents[3]


class HandlersSeeingTrace(Handlers):
    """Keeps the trace that a handler sees."""

    async def get_health(self):
        self.asked.append(("get_health", tracing.CURRENT_TRACEPARENT.get()))
        return await super().get_health()


async def test_a_given_trace_is_continued_in_a_new_span():
    handlers = HandlersSeeingTrace()

    await call(shop(handlers), "GET", "/shop/health", {"traceparent": TRACE})

    ((_, ours),) = handlers.asked
    version, trace, span, flags = ours.split("-")
    assert (version, trace, flags) == ("00", "4bf92f3577b34da6a3ce929d0e0e4736", "00")
    assert len(span) == 16
    assert span != "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "said",
    ["", "junk", TRACE.upper(), TRACE.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
     TRACE.replace("00f067aa0ba902b7", "0" * 16), "ff" + TRACE[2:], TRACE + "-x", TRACE + "\n", b"\xff"],
)  # fmt: skip
async def test_an_invalid_traceparent_starts_a_new_trace(said):
    handlers = HandlersSeeingTrace()

    await call(shop(handlers), "GET", "/shop/health", {"traceparent": said})

    ((_, ours),) = handlers.asked
    assert tracing.TRACEPARENT_PATTERN.fullmatch(ours)
    assert "4bf92f3577b34da6a3ce929d0e0e4736" not in ours


SCRIPT = """
import asyncio, logging, structlog
from chassis.runtime.logging import configure_logging
configure_logging("order", "INFO")
from uuid import UUID
from chassis.tests.web.shop import Handlers, Response, User, bearer, call, shop

class Failing(Handlers):
    async def get_label(self, product_id: UUID, user: User | None) -> Response:
        try:
            raise ValueError("first line\\nSECRET")
        except ValueError as error:
            raise RuntimeError("it failed\\nSECRET") from error

async def main():
    app = shop(Failing())
    headers = {"traceparent": "%s", "authorization": "Bearer SECRET", "content-type": "application/json"}
    await call(app, "GET", "/shop/v1/products/%s", headers)
    await call(app, "POST", "/shop/v1/orders/checkout", headers, b"SECRET")
    await call(app, "GET", "/shop/SECRET", headers)
    await call(app, "GET", "/shop/v1/products/%s/label", {**headers, **bearer()})
    logging.getLogger("library").warning("said by %%s", "a library")
    logging.getLogger("aiohttp.client").info("SECRET")
    structlog.get_logger().debug("SECRET")

asyncio.run(main())
""" % (TRACE, LAMP, LAMP)  # noqa: UP031 (braces of its own)


def test_each_request_is_one_line_of_json_with_its_trace_and_nothing_secret():
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["operation"], line["status"]) for line in requests] == [
        ("get_product", 200),
        ("check_out", 401),
        (None, 404),
        ("get_label", 500),
    ]
    assert {line["trace_id"] for line in requests} == {"4bf92f3577b34da6a3ce929d0e0e4736"}
    assert {line["service"] for line in lines} == {"order"}
    assert all(line["ms"] >= 0 for line in requests)
    (failed,) = [line for line in lines if line["event"] == "request failed"]
    assert [(one["class"], one["message"]) for one in failed["exception"]] == [
        ("RuntimeError", "it failed"),
        ("ValueError", "first line"),
    ]
    assert "said by a library" in [line["event"] for line in lines]
    assert "SECRET" not in done.stdout
    assert done.stderr == ""
