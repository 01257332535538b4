"""Calling a neighbour: what its answers become, and what is tried again, against a real server that misbehaves."""

import asyncio
import contextlib
import socket
import time
from uuid import UUID

import msgspec
import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser

from chassis.runtime import tracing
from chassis.runtime.background import background_context
from chassis.runtime.deadline import start_deadline, time_left
from chassis.testing.transports import StubTransport
from chassis.tests.web.shop import LAMP, Line
from chassis.web.http_client import Client, Problem, UndeclaredProblem, UpstreamUnavailable, encode_multipart
from chassis.web.http_transport import HttpTransport, Request, Response
from chassis.web.problems import Unavailable

JSON, PROBLEM = "application/json", "application/problem+json"


class OutOfStock(Problem):
    """A product is out of stock."""


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    order_id: UUID
    note: str | msgspec.UnsetType = msgspec.UNSET


def answer(status, body=b"", kind=JSON, headers=""):
    head = f"HTTP/1.1 {status} So\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


CUT, SILENT = b"", None  # close without a word; never answer
BROKEN_OFF = b"HTTP/1.1 200 So\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{"
HELD = answer(200, b'{"order_id":"%s","new_field":1}' % LAMP.encode())
SHORT = answer(
    409,
    b'{"type":"/problems/out-of-stock","title":"A product is out of stock","status":409,"detail":"1 left","left":1}',
    PROBLEM,
)


class Neighbour:
    """A server that gives its answers one after the other, the last one again and again; keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked, self.connection_count = list(answers), [], 0

    async def serve(self, reader, writer):
        self.connection_count += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next((line[16:] for line in head.split("\r\n") if line.startswith("Content-Length: ")), 0)
                self.asked.append((head, await reader.readexactly(int(length))))
                said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                if said is SILENT:
                    await asyncio.sleep(30)
                if said == CUT:
                    break
                writer.write(said)
                if said == BROKEN_OFF:
                    break
        writer.close()


class CatalogClient(Client):
    """A client as it is generated."""

    async def reserve_stock(self, *, safe=True, answers=None, **more):
        problems, answers = {"/problems/out-of-stock": OutOfStock}, answers or {200: Reservation, 204: None}
        return await self._call(
            "reserve_stock", "POST", "/catalog/v1/reservations", answers, problems, safe=safe, **more
        )


def timeout_ms(head):
    (line,) = (line for line in head.split("\r\n") if line.startswith("X-Timeout-Ms: "))
    return int(line[14:])


@contextlib.asynccontextmanager
async def neighbour(*answers, **client):
    there = Neighbour(*answers)
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0)
    there.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with CatalogClient(there.url, **client) as caller:
        yield there, caller
    server.close()


async def test_a_response_is_decoded_to_its_type_and_unknown_fields_are_ignored():
    async with neighbour(HELD) as (_, caller):
        assert await caller.reserve_stock() == Reservation(order_id=UUID(LAMP))


async def test_an_answer_without_a_body_is_none():
    async with neighbour(answer(204)) as (_, caller):
        assert await caller.reserve_stock() is None


async def test_a_list_of_a_type_is_read_as_one():
    async with neighbour(answer(200, b'[{"order_id":"%s"}]' % LAMP.encode())) as (_, caller):
        assert await caller.reserve_stock(answers={200: list[Reservation]}) == [Reservation(order_id=UUID(LAMP))]


async def test_body_key_query_headers_and_trace_are_sent():
    ours = tracing.start_or_continue_trace(None)
    line = Line(product_id=UUID(LAMP), title="Walnut desk lamp", qty=2, unit_price_cents=12999)

    async with neighbour(HELD, key="orderkey") as (there, caller):
        await caller.reserve_stock(
            body=[line, Reservation(order_id=UUID(LAMP))],
            query={"user_id": UUID(LAMP), "all": True, "cursor": None, "tag": ["a b", "c"]},
            headers={"authorization": "Bearer abc", "Idempotency-Key": None},
        )

    ((head, body),) = there.asked
    assert head.startswith(f"POST /catalog/v1/reservations?user_id={LAMP}&all=true&tag=a+b&tag=c HTTP/1.1\r\n")
    assert "X-Internal-Key: orderkey\r\n" in head
    assert "authorization: Bearer abc\r\n" in head
    assert "content-type: application/json\r\n" in head
    assert f"traceparent: {ours}\r\n" in head
    assert "Idempotency-Key" not in head
    assert msgspec.json.decode(body) == [
        {"product_id": LAMP, "title": "Walnut desk lamp", "qty": 2, "unit_price_cents": 12999},
        {"order_id": LAMP},
    ]


class Upload(msgspec.Struct, rename={"file_name": "fileName"}):
    image: bytes
    alt: str | msgspec.UnsetType = msgspec.UNSET
    file_name: str | msgspec.UnsetType = msgspec.UNSET
    is_first: bool = True


async def read_form(kind, content):
    """A form, as services read it."""

    async def stream():
        yield content

    form = await MultiPartParser(Headers({"content-type": kind}), stream()).parse()
    return {name: await value.read() if isinstance(value, UploadFile) else value for name, value in form.items()}


@pytest.mark.parametrize(
    "image", [b"", b"\x89PNG\r\n\x1a\n\x00\xff", b"\r\n--\r\n--boundary--\r\n"], ids=["empty", "binary", "like a form"]
)
async def test_a_form_with_a_file_arrives_as_it_was(image):
    kind, content = encode_multipart(Upload(image=image, alt="Für dich:\r\n--", file_name='a"b'))

    assert await read_form(kind, content) == {
        "image": image,
        "alt": "Für dich:\r\n--",
        "fileName": 'a"b',
        "is_first": "true",
    }


async def test_what_a_form_does_not_say_is_no_part_of_it():
    assert await read_form(*encode_multipart(Upload(image=b"x"))) == {"image": b"x", "is_first": "true"}


def test_no_form_ends_where_another_one_did():
    (one, _), (other, _) = (encode_multipart(Upload(image=b"x")) for _time in range(2))

    assert one != other


async def test_a_form_with_a_file_is_sent_once_with_its_type():
    async with neighbour(HELD) as (there, caller):
        await caller.reserve_stock(form=Upload(image=b"\x00\xff"))

    ((head, body),) = there.asked
    kind = head.lower().partition("content-type: ")[2].partition("\r\n")[0]
    assert await read_form(kind, body) == {"image": b"\x00\xff", "is_first": "true"}


async def test_without_key_and_body_neither_is_sent():
    async with neighbour(HELD) as (there, caller):
        await caller.reserve_stock()

    ((head, body),) = there.asked
    assert "internal-key" not in head.lower()
    assert "content-type" not in head.lower()
    assert body == b""


async def test_a_declared_problem_is_raised_as_its_class():
    async with neighbour(SHORT) as (there, caller):
        with pytest.raises(OutOfStock) as caught:
            await caller.reserve_stock()

    problem = caught.value
    assert (problem.status, problem.type, problem.title) == (409, "/problems/out-of-stock", "A product is out of stock")
    assert (problem.detail, problem.problem["left"]) == ("1 left", 1)
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    "type_", ["/problems/order-not-found", "", [], {}, None], ids=["another", "empty", "a list", "an object", "null"]
)
async def test_an_undeclared_problem_is_raised_as_a_problem(type_):
    other = answer(404, msgspec.json.encode({"type": type_, "title": "No such order", "status": 404}), PROBLEM)

    async with neighbour(other) as (_, caller):
        with pytest.raises(Problem) as caught:
            await caller.reserve_stock()

    assert (type(caught.value), caught.value.type, caught.value.detail) == (UndeclaredProblem, str(type_), None)


UNDECLARED = {
    "a status that is not declared": answer(202, b"{}"),
    "another type": answer(200, b"<SECRET/>", "text/html"),
    "no JSON": answer(200, b"SECRET"),
    "another shape": answer(200, b'{"order_id":"SECRET"}'),
    "a redirect": answer(307, headers="location: http://127.0.0.1:1/\r\n"),
    "a refusal without a problem": answer(403, b"SECRET", "text/html"),
    "a problem that is no object": answer(404, b'["SECRET"]', PROBLEM),
    "a fault": answer(500, b'{"type":"/problems/server-fault","status":500,"detail":"SECRET"}', PROBLEM),
    "a fault of a gateway": answer(502, b"SECRET", "text/html"),
}


@pytest.mark.parametrize("said", UNDECLARED.values(), ids=UNDECLARED.keys())
async def test_a_response_that_violates_the_contract_raises_unavailable_and_is_not_retried(said):
    async with neighbour(said) as (there, caller):
        with pytest.raises(UpstreamUnavailable) as caught:
            await caller.reserve_stock()

    status = said.split()[1].decode()
    assert str(caught.value).startswith(f"reserve_stock answered {status}")
    assert "SECRET" not in str(caught.value)
    assert isinstance(caught.value, Unavailable)
    assert len(there.asked) == 1


@pytest.mark.parametrize("fault", [CUT, answer(503)], ids=["cut", "503"])
async def test_a_safe_call_is_tried_again_up_to_twice(fault):
    async with neighbour(fault, fault, HELD) as (there, caller):
        assert await caller.reserve_stock() is not None

    assert len(there.asked) == 3


@pytest.mark.parametrize("fault", [CUT, answer(503)], ids=["cut", "503"])
async def test_a_safe_call_fails_after_two_retries(fault):
    async with neighbour(fault) as (there, caller):
        with pytest.raises(UpstreamUnavailable):
            await caller.reserve_stock()

    assert len(there.asked) == 3


async def test_a_safe_call_is_not_tried_again_before_the_upstream_asks_for_it():
    begun = time.monotonic()

    async with neighbour(answer(503, headers="Retry-After: 1\r\n"), HELD, timeout=10) as (there, caller):
        assert await caller.reserve_stock() is not None

    assert len(there.asked) == 2
    assert time.monotonic() - begun >= 1


async def test_a_call_fails_at_once_when_the_upstream_asks_for_more_time_than_there_is():
    begun = time.monotonic()

    async with neighbour(answer(503, headers="Retry-After: 30\r\n"), timeout=20) as (there, caller):
        with pytest.raises(UpstreamUnavailable, match="answered 503"):
            await caller.reserve_stock()

    assert len(there.asked) == 1
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize("said", ["soon", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_retry_after_that_is_no_number_of_seconds_is_none(said):
    async with neighbour(answer(503, headers=f"Retry-After: {said}\r\n"), HELD) as (there, caller):
        assert await caller.reserve_stock() is not None

    assert len(there.asked) == 2


@pytest.mark.parametrize("fault", [CUT, answer(503)], ids=["cut", "503"])
async def test_a_call_that_is_not_safe_is_sent_once(fault):
    async with neighbour(fault, HELD) as (there, caller):
        with pytest.raises(UpstreamUnavailable):
            await caller.reserve_stock(safe=False)

    assert len(there.asked) == 1


@pytest.mark.parametrize("safe", [True, False], ids=["safe", "not safe"])
async def test_a_refused_connection_is_tried_again_for_every_call(safe, monkeypatch):
    monkeypatch.setattr("chassis.web.http_client.RETRY_PAUSE_SECONDS", 0.2)
    there = Neighbour(HELD)
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    listening.close()

    async with CatalogClient(f"http://127.0.0.1:{port}") as caller:
        calling = asyncio.create_task(caller.reserve_stock(safe=safe))
        await asyncio.sleep(0.05)  # the first attempt meets a closed port
        server = await asyncio.start_server(there.serve, "127.0.0.1", port)
        assert await calling is not None
    server.close()

    assert len(there.asked) == 1


async def test_a_refused_connection_raises_unavailable_and_names_the_operation():
    async with CatalogClient("http://127.0.0.1:1") as caller:
        with pytest.raises(UpstreamUnavailable, match="reserve_stock was not answered: ConnectionRefusedError"):
            await caller.reserve_stock()


@pytest.mark.parametrize("safe", [True, False], ids=["safe", "not safe"])
async def test_a_call_and_its_retries_end_with_the_timeout(safe):
    begun = time.monotonic()

    async with neighbour(answer(503), SILENT, timeout=0.5) as (_, caller):
        with pytest.raises(UpstreamUnavailable):
            await caller.reserve_stock(safe=safe)

    assert time.monotonic() - begun < 1.5


async def test_the_other_service_is_told_how_long_its_answer_is_awaited():
    async with neighbour(answer(503), HELD, timeout=1.5) as (there, caller):
        await caller.reserve_stock()

    first, second = (timeout_ms(head) for head, _ in there.asked)
    assert 1000 < first <= 1500
    assert second < first  # of the same time, a part has gone


async def test_nobody_is_asked_for_longer_than_our_own_caller_waits():
    start_deadline(b"300")
    begun = time.monotonic()

    async with neighbour(SILENT) as (there, caller):
        with pytest.raises(UpstreamUnavailable):
            await caller.reserve_stock()

    ((head, _),) = there.asked
    assert timeout_ms(head) <= 300
    assert time.monotonic() - begun < 1.5


async def test_nobody_is_asked_when_our_own_caller_has_gone():
    start_deadline(b"0")

    async with neighbour(HELD) as (there, caller):
        with pytest.raises(UpstreamUnavailable):
            await caller.reserve_stock()

    assert there.asked == []


@pytest.mark.parametrize("said", [None, b"", b"-1", b"1.5", b"1000000", "²".encode(), b"1e3"])
def test_a_time_limit_that_is_no_number_of_milliseconds_is_none(said):
    start_deadline(b"0")
    start_deadline(said)

    assert time_left(2.0) == 2.0


async def test_a_background_task_goes_on_after_the_request_that_began_it():
    start_deadline(b"0")

    assert background_context().run(time_left, 2.0) == 2.0


async def test_an_answer_that_trickles_in_does_not_outlast_the_timeout():
    endless = b"HTTP/1.1 200 So\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"

    async with neighbour(endless, timeout=0.3) as (_, caller):
        with pytest.raises(UpstreamUnavailable, match="TimeoutError"):
            await caller.reserve_stock(safe=False)


async def test_a_connection_is_kept_for_the_next_call():
    async with neighbour(HELD) as (there, caller):
        for _ in range(3):
            await caller.reserve_stock()

        assert there.connection_count == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
async def test_the_transport_sends_a_request_once_whatever_becomes_of_its_response(method):
    transport = HttpTransport()
    async with neighbour(HELD, CUT) as (there, _):
        request = Request(method, there.url, {})
        await transport.send(request)

        with pytest.raises(ConnectionError):
            await transport.send(request)

    await transport.close()
    assert len(there.asked) == 2


async def test_a_kept_connection_that_the_server_has_closed_is_replaced_for_a_safe_call():
    async with neighbour(HELD, CUT, HELD) as (there, caller):
        assert [await caller.reserve_stock() for _ in range(2)] == 2 * [Reservation(order_id=UUID(LAMP))]

    assert (len(there.asked), there.connection_count) == (3, 2)


async def test_a_response_that_breaks_off_is_no_response():
    async with neighbour(BROKEN_OFF) as (_, caller):
        with pytest.raises(UpstreamUnavailable, match="was not answered"):
            await caller.reserve_stock(safe=False)


async def test_a_transport_that_is_shared_is_left_open():
    shared = StubTransport(lambda _: Response(204, {}))
    shared.close = pytest.fail

    async with CatalogClient("http://catalog", transport=shared) as caller:
        await caller.reserve_stock()
