"""Who is slow and who is too slow for the gateway: the real Traefik, its limit a fifteenth of the real one."""

import asyncio
import re
from contextlib import asynccontextmanager
from time import monotonic

import pytest
import yaml

from chassis.contracts.openapi import Api
from infra.local import traefik
from tests.generation.conftest import opened_gateway

STATIC = yaml.safe_load(traefik.STATIC_CONFIG_FILE.read_text("utf-8"))
TIMEOUTS = STATIC["entryPoints"]["web"]["transport"]["respondingTimeouts"]
READ_SECONDS, FASTER = int(TIMEOUTS["readTimeout"].removesuffix("s")), 15
MEBIBYTES = [
    operation.body_limit
    for api in Api.load_all(traefik.ROOT / "contracts")
    for operation in api.operations
    if operation.body_limit
]
SLOW_UPLOAD_SECONDS = max(MEBIBYTES) * 8 / 2_000_000  # over 2 Mbit/s


def test_the_largest_upload_over_a_slow_line_has_twice_the_time_it_takes():
    assert READ_SECONDS >= 2 * SLOW_UPLOAD_SECONDS
    assert int(TIMEOUTS["writeTimeout"].removesuffix("s")) >= READ_SECONDS + 30


@pytest.fixture
async def free_port(tmp_path, echo, monkeypatch):
    """The gateway's port; it waits for requests a fifteenth as long as otherwise."""
    faster = tmp_path / "static.yml"
    text = traefik.STATIC_CONFIG_FILE.read_text("utf-8")
    faster.write_text(re.sub(r"readTimeout: \d+s", f"readTimeout: {READ_SECONDS / FASTER}s", text), "utf-8")
    monkeypatch.setattr(traefik, "STATIC_CONFIG_FILE", faster)
    async with opened_gateway(tmp_path, [echo]) as gateway:
        yield gateway.base_url.port


@asynccontextmanager
async def open_connection(free_port):
    reader, writer = await asyncio.open_connection("127.0.0.1", free_port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def read_response(reader, seconds):
    """What comes within so many seconds, if anything does."""
    try:
        return await asyncio.wait_for(reader.read(4096), seconds)
    except TimeoutError:
        return None


async def test_an_upload_over_a_slow_line_passes(free_port):
    parts, taken = 20, SLOW_UPLOAD_SECONDS / FASTER
    head = f"POST /catalog/v1/products/x/images HTTP/1.1\r\nHost: shop\r\nContent-Length: {parts * 1000}\r\n\r\n"
    async with open_connection(free_port) as (reader, writer):
        writer.write(head.encode())
        for _ in range(parts):
            assert await read_response(reader, taken / parts) is None
            writer.write(b"x" * 1000)

        answer = await read_response(reader, 10)

    assert answer.startswith(b"HTTP/1.1 200")
    assert b'"size":20000' in answer


async def test_whoever_never_ends_the_head_of_a_request_is_cut_off(free_port):
    began = monotonic()
    async with open_connection(free_port) as (reader, writer):
        writer.write(b"GET /catalog/v1/products/ HTTP/1.1\r\nHost: shop\r\n")
        while (answer := await read_response(reader, 0.2)) is None and monotonic() - began < READ_SECONDS:
            writer.write(b"X-Slow: 1\r\n")

    assert answer is not None
    assert b"200" not in answer.split(b"\r\n")[0]
