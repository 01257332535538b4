"""Spans for OpenTelemetry, where an endpoint is configured: tracing.py makes the ids, here they are handed on.

What it needs is the extra `telemetry` and is imported only when it is used.
"""

import threading
from collections.abc import Callable

from chassis.runtime import tracing
from chassis.runtime.settings import SettingsError
from chassis.runtime.tracing import Span

FLUSH_TIMEOUT_SECONDS = 1.0  # seconds for what is left at the end

_ends: list[Callable[[], None]] = []


def start_span_export(service: str, endpoint: str) -> None:
    """Send all spans of this process from now on to that OTLP endpoint, in batches; nothing if there is none.

    Raises: SettingsError when what that needs is not installed.
    """
    if not endpoint:
        return
    try:
        from opentelemetry import trace  # noqa: PLC0415 (see above)
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.id_generator import IdGenerator  # noqa: PLC0415
    except ImportError as missing:
        said = "OTEL_EXPORTER_OTLP_ENDPOINT is set, but what sends spans is not installed (the extra `telemetry`)"
        raise SettingsError(f"{said}.") from missing

    class Ours(IdGenerator):
        """Gives each span the ids that it has had in our headers and logs all the while."""

        traceparent = ""

        def generate_trace_id(self) -> int:
            return int(self.traceparent[3:35], 16)

        def generate_span_id(self) -> int:
            return int(self.traceparent[36:52], 16)

    def within(parent: str) -> trace.SpanContext:
        flags = trace.TraceFlags(int(parent[53:55], 16))
        return trace.SpanContext(int(parent[3:35], 16), int(parent[36:52], 16), is_remote=True, trace_flags=flags)

    def hand_on(span: Span) -> None:
        ids.traceparent = span.traceparent
        context = trace.set_span_in_context(trace.NonRecordingSpan(within(span.parent))) if span.parent else None
        kind = trace.SpanKind[span.kind.upper()]
        started = tracer.start_span(span.name, context, kind, dict(span.facts), start_time=span.began)
        if span.failed:
            started.set_status(trace.StatusCode.ERROR)
        started.end(span.ended)

    ids = Ours()
    provider = TracerProvider(
        resource=Resource.create({"service.name": service}), id_generator=ids, shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("chassis")
    tracing.span_exporter = hand_on
    _ends.append(provider.shutdown)


def stop_span_export() -> None:
    """Send what is left, if that is quickly done."""
    tracing.span_exporter = None
    while _ends:
        ending = threading.Thread(target=_ends.pop(), daemon=True)  # the library's own limit is half a minute
        ending.start()
        ending.join(FLUSH_TIMEOUT_SECONDS)
