"""What a process tells Prometheus of itself: what it counted, and figures that are looked up when somebody asks.

Whoever counts something keeps its counters, in `REGISTRY`. All of it is served on a port of its own, which no gateway
knows: it is not an operation of any contract.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
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

log = structlog.get_logger()

REGISTRY = CollectorRegistry()
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # the bounds of every histogram
COLLECT_TIMEOUT = 2.0  # seconds for one look
FRESH = 5.0  # seconds for which what was seen is told again: so often the database is asked, however often we are

disable_created_metrics()  # type: ignore[no-untyped-call]  # else every series has a twin that says when it began
PROCESS = ProcessCollector(registry=None)
SCRAPE_FAILURES = Counter("looks_failed", "Times a figure could not be looked up.", ["figure"], registry=REGISTRY)

Value = float | Mapping[tuple[str, ...], float]


class GaugeSpec(NamedTuple):
    """A gauge that is looked up: its name, what it says, and the names of its labels."""

    name: str
    said: str
    labels: tuple[str, ...] = ()


class Collector:
    """Figures that are seen at one look; `see` gives their values in the same order.

    A figure with labels has a value for each tuple of theirs. What cannot be looked up has no value at all.
    """

    def __init__(
        self, see: Callable[[], Awaitable[Sequence[Value]]], *figures: GaugeSpec, fresh: float = FRESH
    ) -> None:
        self._see, self._figures, self._fresh = see, figures, fresh
        self._seen: Sequence[Value] = ()
        self._until = 0.0
        self._looking = asyncio.Lock()

    async def metrics(self) -> Iterable[Metric]:
        """The figures as they are, or were a few seconds ago."""
        async with self._looking:  # two that ask at once are told the same
            if monotonic() >= self._until:
                self._seen = await self._values()
                self._until = monotonic() + self._fresh
        values = self._seen or ({},) * len(self._figures)
        return [_gauge(figure, value) for figure, value in zip(self._figures, values, strict=True)]

    async def _values(self) -> Sequence[Value]:
        try:
            async with asyncio.timeout(COLLECT_TIMEOUT):
                return await self._see()
        except Exception as fault:  # noqa: BLE001 (whatever it raises, there is nothing to tell)
            log.warning("figures cannot be looked up", figure=self._figures[0].name, fault=type(fault).__name__)
            SCRAPE_FAILURES.labels(self._figures[0].name).inc()
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


def _gauge(figure: GaugeSpec, value: Value) -> Metric:
    gauge = GaugeMetricFamily(figure.name, figure.said, labels=figure.labels)
    for labels, one in value.items() if isinstance(value, Mapping) else [((), value)]:
        gauge.add_metric(labels, one)
    return gauge


async def exposition(collectors: Sequence[Collector] = (), namespace: str = "") -> bytes:
    """Everything in Prometheus' text format; what is known of any process keeps its name."""
    seen = [metric for metrics in await asyncio.gather(*(look.metrics() for look in collectors)) for metric in metrics]
    return generate_latest(PROCESS) + generate_latest(_Namespaced([*REGISTRY.collect(), *seen], namespace))


def exposed(collectors: Sequence[Collector], namespace: str = "") -> ASGIApp:
    """An application that answers GET /metrics, and nothing else."""

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and (scope["method"], scope["path"]) == ("GET", "/metrics")
        status, body = (200, await exposition(collectors, namespace)) if asked else (404, b"")
        headers = [(b"content-type", CONTENT_TYPE_LATEST.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
