"""What a process tells Prometheus of itself: what it counted, and figures that are looked up when somebody asks.

Whoever counts something keeps its counters, in `REGISTRY`. All of it is served on a port of its own, which no gateway
knows: it is not an operation of any contract.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import chain
from time import monotonic
from typing import NamedTuple

import structlog
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.runtime.background import IS_BACKGROUND_TASK

log = structlog.get_logger()

REGISTRY = CollectorRegistry()
DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # of every histogram
COLLECT_TIMEOUT = 2.0  # seconds for one look
CACHE_SECONDS = 5.0  # for which what was read is told again: so often the database is asked, however often we are

disable_created_metrics()  # type: ignore[no-untyped-call]  # else every series has a twin that says when it began
PROCESS_COLLECTOR = ProcessCollector(registry=None)
SCRAPE_FAILURES_COUNTER = Counter(
    "looks_failed", "Times a figure could not be looked up.", ["figure"], registry=REGISTRY
)

GaugeValue = float | Mapping[tuple[str, ...], float]


class GaugeSpec(NamedTuple):
    """A gauge that is looked up: its name, what it says, and the names of its labels."""

    name: str
    documentation: str
    labels: tuple[str, ...] = ()


class Collector:
    """Gauges that are read together; `collect` gives their values in the same order.

    A gauge with labels has a value for each tuple of theirs. What cannot be looked up has no value at all.
    """

    def __init__(
        self,
        collect: Callable[[], Awaitable[Sequence[GaugeValue]]],
        *gauges: GaugeSpec,
        cache_seconds: float = CACHE_SECONDS,
    ) -> None:
        self._collect, self._gauges, self._cache_seconds = collect, gauges, cache_seconds
        self._values_read: Sequence[GaugeValue] = ()
        self._fresh_until = 0.0
        self._lock = asyncio.Lock()

    async def metrics(self) -> Iterable[Metric]:
        """The gauges as they are, or were a few seconds ago."""
        async with self._lock:  # two that ask at once are told the same
            if monotonic() >= self._fresh_until:
                self._values_read = await self._read()
                self._fresh_until = monotonic() + self._cache_seconds
        values = self._values_read or ({},) * len(self._gauges)
        return [_gauge(gauge, value) for gauge, value in zip(self._gauges, values, strict=True)]

    async def _read(self) -> Sequence[GaugeValue]:
        try:
            async with asyncio.timeout(COLLECT_TIMEOUT):
                return await self._collect()
        except Exception as error:  # noqa: BLE001 (whatever it raises, there is nothing to tell)
            log.warning("figures cannot be looked up", figure=self._gauges[0].name, fault=type(error).__name__)
            SCRAPE_FAILURES_COUNTER.labels(self._gauges[0].name).inc()
            return ()


class _Namespaced:
    """Metrics as a collector of prometheus_client, under names that begin with the namespace."""

    def __init__(self, metrics: Iterable[Metric], namespace: str) -> None:
        self._metrics, self._prefix = metrics, f"{namespace}_" if namespace else ""

    def collect(self) -> Iterable[Metric]:
        for metric in self._metrics:
            metric.name = self._prefix + metric.name
            metric.samples = [sample._replace(name=self._prefix + sample.name) for sample in metric.samples]
            yield metric


def _gauge(spec: GaugeSpec, value: GaugeValue) -> Metric:
    gauge = GaugeMetricFamily(spec.name, spec.documentation, labels=spec.labels)
    for labels, number in value.items() if isinstance(value, Mapping) else [((), value)]:
        gauge.add_metric(labels, number)
    return gauge


async def render_exposition(collectors: Sequence[Collector] = (), namespace: str = "") -> bytes:
    """Everything in Prometheus' text format; what is known of any process keeps its name."""
    collected = await asyncio.gather(*(collector.metrics() for collector in collectors))
    own = _Namespaced([*REGISTRY.collect(), *chain.from_iterable(collected)], namespace)
    return generate_latest(PROCESS_COLLECTOR) + generate_latest(own)


def metrics_app(collectors: Sequence[Collector], namespace: str = "") -> ASGIApp:
    """An application that answers GET /metrics, and nothing else; it looks things up in the background."""

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        IS_BACKGROUND_TASK.set(True)
        is_scrape = scope["type"] == "http" and (scope["method"], scope["path"]) == ("GET", "/metrics")
        status, body = (200, await render_exposition(collectors, namespace)) if is_scrape else (404, b"")
        headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
