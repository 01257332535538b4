"""Asking auth for the tokens of links, and leaving it alone while it does not answer."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from uuid_utils.compat import uuid7

from chassis.testing.deliveries import deliver
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background
from chassis.web.http_client import UpstreamUnavailable
from generated.clients import auth
from services.notifications.clients import MAX_AUTH_BACKOFF, AuthServiceClient
from services.notifications.errors import LinkNotFound
from services.notifications.tests.event_factory import LINK, make_account_event, make_event


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def auth_service():
    """Answers each connection with `reply`, or never while there is none; counts them."""
    state = SimpleNamespace(connections=0, reply=None)

    async def serve(reader, writer):
        state.connections += 1
        if state.reply is None:
            await reader.read()
        else:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(state.reply)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1")
    state.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield state


def http(status, content_type, body):
    headers = {"Content-Type": content_type, "Content-Length": len(body), "Connection": "close"}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items()), "", body]
    return "\r\n".join(lines).encode()


TOKEN = http("200 OK", "application/json", '{"token": "a-token"}')
GONE = http(
    "404 Not Found", "application/problem+json", '{"type": "/problems/link-not-found", "title": "Gone", "status": 404}'
)


@asynccontextmanager
async def links_of(auth_service, clock, timeout=0.2):
    async with auth.AuthClient(auth_service.url, key="a key", timeout=timeout, max_retries=0) as client:
        yield AuthServiceClient(client, clock)


async def test_an_auth_that_does_not_answer_is_not_asked_for_a_while_and_then_by_one(auth_service, clock):
    async with links_of(auth_service, clock) as links:
        for _ in range(3):
            with pytest.raises(UpstreamUnavailable):
                await links.issue_token(LINK)
        assert auth_service.connections == 1

        clock.now += 0.25
        outcomes = await asyncio.gather(*(links.issue_token(LINK) for _ in range(5)), return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {UpstreamUnavailable}
    assert auth_service.connections == 2


@pytest.mark.parametrize("answered", [TOKEN, GONE], ids=["a token", "a link that is gone"])
async def test_an_auth_that_answers_again_is_asked_by_all(auth_service, clock, answered):
    async with links_of(auth_service, clock, timeout=5.0) as links:
        auth_service.reply = http("500 Internal Server Error", "text/plain", "")
        with pytest.raises(UpstreamUnavailable):
            await links.issue_token(LINK)
        clock.now += MAX_AUTH_BACKOFF * 1.2
        auth_service.reply = answered

        outcomes = [await asyncio.gather(links.issue_token(LINK), return_exceptions=True) for _ in range(3)]

    assert auth_service.connections == 4
    assert all(isinstance(one, LinkNotFound) if answered is GONE else one == "a-token" for [one] in outcomes)


async def test_an_auth_that_stays_away_is_asked_every_ten_seconds_or_so(auth_service, clock):
    auth_service.reply = http("500 Internal Server Error", "text/plain", "")
    async with links_of(auth_service, clock, timeout=5.0) as links:
        for _ in range(12):
            clock.now += MAX_AUTH_BACKOFF * 1.2
            with pytest.raises(UpstreamUnavailable):
                await links.issue_token(LINK)

    assert auth_service.connections == 12


async def test_while_auth_hangs_mails_about_orders_are_sent(
    subscribers, make_dispatcher, auth_service, scripted_smtp, mail_rows, clock
):
    for _ in range(40):
        await deliver(subscribers, make_account_event("password.forgotten", link_id=uuid7()))
    await deliver(subscribers, *(make_event("order.created", uuid7()) for _ in range(40)))

    async with (
        links_of(auth_service, clock, timeout=1.0) as links,
        running_in_background(make_dispatcher(scripted_smtp.smtp, links=links).run),
    ):
        await eventually(lambda: len(scripted_smtp.recipients) == 40, within=5)

    assert auth_service.connections <= 4  # one of each connection to the mail server
    rows = await mail_rows()
    assert {(row["kind"], row["status"], row["refusals"]) for row in rows} == {
        ("password.forgotten", "QUEUED", 0),
        ("order.created", "SENT", 0),
    }
