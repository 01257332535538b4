"""Runs a service as one process: web application and background tasks in one event loop, until it is told to stop."""

import argparse
import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Literal, NamedTuple, NoReturn, Protocol, TypeVar

import structlog
import uvicorn
from prometheus_client import Counter

from chassis.contracts.errors import ContractError
from chassis.runtime import telemetry
from chassis.runtime.background import IS_BACKGROUND_TASK
from chassis.runtime.logging import configure_logging
from chassis.runtime.metrics import REGISTRY, Collector, metrics_app
from chassis.runtime.retry import ProcessRestartRequired, backoff_seconds, sleep_unless
from chassis.runtime.settings import Settings, SettingsError, read_settings

log = structlog.get_logger()

SHUTDOWN_GRACE_SECONDS = 7  # for requests in hand and tasks: with a second for each to be cancelled, less than 10
EXIT_AFTER_SECONDS = 3  # after the grace: to close what is open. Whatever runs then, the process ends.
KEEP_ALIVE_SECONDS = 75  # seconds a connection is kept, longer than any client of ours keeps it (web/http_transport.py)
RETRY_RESET_SECONDS = 60  # seconds without a failure after which the next one counts as the first
M_MMAP_THRESHOLD, LARGE_BLOCK = -3, 1024 * 1024  # a parameter of glibc's mallopt, and bytes
TASK_FAILURES_COUNTER = Counter("duties_failed", "Times a duty failed.", ["duty"], registry=REGISTRY)

ProcessRole = Literal["all", "api", "worker"]
S = TypeVar("S", bound=Settings)

Probe = Callable[[], Awaitable[None]]


class HealthStatus(Protocol):
    """What the process tells the operations that report its health."""

    stopping: bool
    failed: set[str]

    def watch(self, probes: Mapping[str, Probe]) -> None: ...


class BackgroundTask(NamedTuple):
    """Something that runs beside the web application, until it is told to stop by the event.

    Its probe raises while it gets nowhere, and makes the process not ready.
    """

    name: str
    run: Callable[[asyncio.Event], Awaitable[None]]
    probe: Probe | None = None


class _Server(uvicorn.Server):
    """uvicorn's, which looks once a second for what time it is, and not ten times whether it is to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._stopping.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            await sleep_unless(self._stopping, 1)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone: a process that has tasks stops in another order."""
        yield


def _server(app: Any, grace: int) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=grace,
        )
    )


def _listening(host: str, *ports: int) -> list[socket.socket] | None:
    """A socket for each port; None, and a sentence on standard error, when one of them cannot be had."""
    listening: list[socket.socket] = []
    for port in ports:
        try:
            listening.append(socket.create_server((host, port), backlog=2048))
        except OSError as fault:
            sys.stderr.write(f"Port {port} of {host} cannot be served: {os.strerror(fault.errno or 0)}.\n")
            return None
    return listening


async def serve(
    app: Any,
    settings: Settings,
    tasks: Sequence[BackgroundTask],
    role: ProcessRole,
    *,
    health: HealthStatus,
    collectors: Sequence[Collector] = (),
    namespace: str = "",
) -> int:
    """Serve until SIGTERM, SIGINT or a task that needs a new process; the process's exit code.

    A task that fails in any other way, or ends by itself, begins again after a while: the others are not disturbed.

    The role `api` has no tasks; `worker` serves the same application, for its health. What was counted, and what
    the collectors look up, is there for Prometheus until the end, if the settings name a port for it, under names that
    begin with the namespace.
    """
    listening = _listening(settings.host, settings.port, *filter(None, [settings.metrics_port]))
    if listening is None:
        return 1
    server, observed = _server(app, SHUTDOWN_GRACE_SECONDS), _server(metrics_app(collectors, namespace), 1)
    observing = [asyncio.create_task(observed.serve(sockets=[one])) for one in listening[1:]]
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    end, last_exit = loop.time(), _LastExit()

    def stop() -> None:
        nonlocal end
        if not stopping.is_set():
            last_exit.arm()
            end = loop.time() + SHUTDOWN_GRACE_SECONDS
        health.stopping = True
        stopping.set()
        server.stop()

    async def perform(task: BackgroundTask) -> None:
        IS_BACKGROUND_TASK.set(True)
        try:
            await _restart_on_failure(task, stopping)
        except ProcessRestartRequired:
            health.failed.add(task.name)
            stop()

    tasks = tasks if role != "api" else ()
    health.watch({task.name: task.probe for task in tasks if task.probe})
    with _signalled(stop, last_exit):
        performing = [asyncio.create_task(perform(task), name=task.name) for task in tasks]
        log.info(
            "serving", host=settings.host, port=settings.port, role=role, duties=[t.get_name() for t in performing]
        )
        await server.serve(sockets=listening[:1])
        stop()
        if performing:
            _, late = await asyncio.wait(performing, timeout=max(end - loop.time(), 0.1))
            for task in late:
                log.error("duty did not stop in time", duty=task.get_name())
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
        observed.stop()
        await asyncio.gather(*observing)
    code = 1 if health.failed else 0
    log.info("stopped", code=code)
    return code


async def _restart_on_failure(task: BackgroundTask, stopping: asyncio.Event) -> None:
    """Run the task, again after a while whenever it fails or ends by itself, until it is time to stop.

    Raises:
        ProcessRestartRequired: It needs a new process.
    """
    failures, tries = TASK_FAILURES_COUNTER.labels(task.name), 0  # from now on 0, rather than nothing known
    while not stopping.is_set():
        began = monotonic()
        try:
            await task.run(stopping)
            if stopping.is_set():
                return
            log.critical("duty ended by itself", duty=task.name)
        except ProcessRestartRequired:
            log.critical("duty needs a new process", duty=task.name, exc_info=True)
            failures.inc()
            raise
        except (Exception, asyncio.CancelledError):
            if (current := asyncio.current_task()) and current.cancelling():
                raise
            # aiokafka can raise CancelledError of its own accord: that must not end the task unseen.
            log.critical("duty failed", duty=task.name, exc_info=True)
        failures.inc()
        tries = 1 if monotonic() - began > RETRY_RESET_SECONDS else tries + 1
        await sleep_unless(stopping, backoff_seconds(tries))


class _LastExit:
    """Ends the process when it has been told to stop and does not, by itself.

    A thread that hangs (in the resolver, in a library) keeps an interpreter from ending for ever, and code that never
    waits keeps the loop from hearing that it is to stop. So this waits in a thread of its own, which keeps nobody.
    """

    def __init__(self) -> None:
        self._armed = False

    def arm(self) -> None:
        """Give the process its time, counted from the first call; from a signal's handler, too."""
        if not self._armed:
            self._armed = True
            seconds = SHUTDOWN_GRACE_SECONDS + EXIT_AFTER_SECONDS
            for after, act in ((seconds - 0.5, self._report), (seconds, self._exit)):  # what hangs may be the log
                timer = threading.Timer(after, act)
                timer.daemon = True
                timer.start()

    @staticmethod
    def _report() -> None:
        names = [one.name for one in threading.enumerate() if not one.daemon]
        log.critical("process does not end by itself", threads=names)

    @staticmethod
    def _exit() -> None:
        os._exit(1)


@contextlib.contextmanager
def _signalled(stop: Callable[[], None], last_exit: _LastExit) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    kinds = (signal.SIGTERM, signal.SIGINT)
    # signal.signal, not loop.add_signal_handler: Windows has no other.

    def handle(*_: Any) -> None:
        last_exit.arm()  # the loop may never come to it
        loop.call_soon_threadsafe(stop)

    before = {kind: signal.signal(kind, handle) for kind in kinds}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def return_large_blocks() -> None:
    """Give blocks of memory from a mebibyte up back to the system whenever they are freed, where malloc is glibc's.

    Once one was freed it would keep as much for the next: a password hash of 19 MiB, in each thread that made any.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another libc has no such function
            ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK)


def start(kind: type[S], main: Callable[[S, ProcessRole], Awaitable[int]]) -> NoReturn:
    """Run a service from its command line and environment, and end the process with its code.

    What is wrong with the settings, or between contract and code, is one sentence on standard error and code 2.
    """
    package = kind.__module__.rpartition(".")[0]
    service = package.rpartition(".")[2]
    parser = argparse.ArgumentParser(prog=f"{package}.main")
    parser.add_argument("--role", choices=["all", "api", "worker"], default="all", help="what this process does")
    role: ProcessRole = parser.parse_args().role

    async def run() -> int:
        return await main(settings, role)

    return_large_blocks()
    try:
        settings = read_settings(kind)
        configure_logging(service, settings.log_level)
        telemetry.start_span_export(service, settings.otel_exporter_otlp_endpoint)
        if sys.platform == "win32":
            code = asyncio.run(run())
        else:
            import uvloop  # noqa: PLC0415 (there is none for Windows)

            code = uvloop.run(run())
    except (SettingsError, ContractError) as misfit:
        sys.stderr.write(f"{service} does not start: {misfit}\n")
        code = 2
    telemetry.stop_span_export()
    sys.exit(code)
