"""Spans reach an OTLP endpoint under the ids that headers and logs have."""

import gzip
import subprocess
import sys
import zlib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import msgspec
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from chassis.runtime import telemetry, tracing
from chassis.testing.eventually import eventually
from chassis.testing.running import running_in_background
from chassis.testing.transports import StubTransport
from chassis.tests.events.entries import outgoing_event
from chassis.tests.runtime.test_process import ROOT, SHOP, exit_code, running_process
from chassis.tests.runtime.test_process import eventually as once_served
from chassis.web.http_client import Client, UpstreamUnavailable
from chassis.web.http_transport import Response

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE, ASKER = CALLER[3:35], CALLER[36:52]
UNSAMPLED = CALLER[:-1] + "0"
LAMP = "/shop/v1/products/0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"
DECOMPRESSORS = {"gzip": gzip.decompress, "deflate": zlib.decompress}


class Receiver:
    """As much of a collector as takes spans and keeps them."""

    def __init__(self):
        self.spans, self.paths, self.services = [], set(), set()

    def take(self, path, body):
        self.paths.add(path)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            facts = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.services.add(facts["service.name"])
            self.spans += [span for scope in resource.scope_spans for span in scope.spans]

    def called(self, name):
        return next((span for span in self.spans if span.name == name), None)


@pytest.fixture
def collector():
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.take(self.path, DECOMPRESSORS.get(self.headers.get("content-encoding"), bytes)(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield receiver
        server.shutdown()


@contextmanager
def exported_spans(collector):
    telemetry.start_span_export("shop", collector.url)
    try:
        yield
    finally:
        telemetry.stop_span_export()


def ids(span):
    return span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()


async def test_a_request_is_a_span_of_the_callers_trace_and_is_sent_before_the_process_ends(collector):
    with running_process(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await once_served(lambda: http.get("/shop/health"))
            await http.get(LAMP, headers={"traceparent": CALLER})
            await http.get(LAMP[:-1] + "2", headers={"traceparent": UNSAMPLED})
        started.terminate()
        code, out, err = await exit_code(started)

    span = collector.called("get_product")
    assert (code, err) == (0, "")
    assert (collector.paths, collector.services) == ({"/v1/traces"}, {"shop"})
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.kind) == (TRACE, ASKER, span.SPAN_KIND_SERVER)
    assert 0.3e9 < span.end_time_unix_nano - span.start_time_unix_nano < 5e9  # Slow takes 0.3 s
    assert {one.key: one.value.int_value for one in span.attributes}["http.response.status_code"] == 200
    assert f'"trace_id":"{TRACE}"' in out
    assert sum(one.name == "get_product" for one in collector.spans) == 1  # not the one whose caller keeps none


class OrderClient(Client):
    """A client as it is generated."""

    async def get_order(self, *, safe=True):
        await self._call("get_order", "GET" if safe else "POST", "/order/v1/orders/1", {204: None}, {}, safe=safe)


async def test_a_call_is_a_span_that_the_neighbours_spans_are_parts_of(collector):
    heard = []

    def neighbour(request):
        heard.append(request.headers["traceparent"])
        return Response(204, {})

    client = OrderClient("http://order", transport=StubTransport(neighbour))
    with exported_spans(collector), tracing.continued_trace(CALLER) as ours:
        await client.get_order()

    trace, span_id, parent = ids(collector.called("get_order"))
    assert (trace, parent) == (TRACE, ours[36:52])
    assert heard == [f"00-{trace}-{span_id}-01"]


async def test_a_call_that_is_not_answered_is_a_span_that_failed(collector):
    def away(request):
        raise ConnectionResetError

    client = OrderClient("http://order", transport=StubTransport(away))
    with exported_spans(collector), tracing.continued_trace(CALLER), pytest.raises(UpstreamUnavailable):
        await client.get_order(safe=False)

    span = collector.called("get_order")
    assert span.status.code == span.status.STATUS_CODE_ERROR


async def test_an_event_carries_the_trace_over_kafka(collector, unit_of_work, relay, consumer, on_topic, topic):
    handled = []
    with exported_spans(collector):
        async with running_in_background(relay.run, consumer(handled.append).run):
            with tracing.continued_trace(CALLER) as ours:
                async with unit_of_work() as work:
                    await work.publish(outgoing_event(topic, text="a lamp"))
            await eventually(lambda: handled)
    (record,) = await on_topic.records()

    sent, received = collector.called(f"publish {topic}"), collector.called("handle on_entry_made")
    assert (sent.kind, received.kind) == (sent.SPAN_KIND_PRODUCER, received.SPAN_KIND_CONSUMER)
    trace, sending, parent = ids(sent)
    assert (trace, parent) == (TRACE, ours[36:52])
    assert ids(received)[::2] == (TRACE, sending)
    assert dict(record.headers)["traceparent"].decode() == f"00-{TRACE}-{sending}-01"


async def test_without_an_endpoint_the_exporter_is_not_imported():
    asking = "import sys, services.order.main; print([name for name in sys.modules if 'opentelemetry' in name])"

    told = subprocess.run([sys.executable, "-c", asking], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: ASYNC221 (nothing else runs)

    assert msgspec.json.decode(told.stdout) == []


async def test_a_missing_extra_is_reported_in_one_sentence_with_exit_code_2():
    without = "import sys\nsys.modules['opentelemetry'] = None\n"
    with running_process(program=without + SHOP, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9") as (started, _):
        code, _, err = await exit_code(started)

    assert code == 2
    said = "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what sends spans is not installed (the extra `telemetry`)."
    assert err == f"shop does not start: {said}\n"


async def test_a_collector_that_is_away_delays_neither_requests_nor_the_end():
    with running_process(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9") as (started, url):
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await once_served(lambda: http.get("/shop/health"))
            answer = await http.get(LAMP)
        started.terminate()
        code, _, err = await exit_code(started, within=5)

    assert (answer.status_code, code, err) == (200, 0, "")
