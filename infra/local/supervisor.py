"""Starts processes as soon as what they need is ready, keeps them running, and ends them in reverse order."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local.process import Command, ProcessSpec, StackError, last_log_line, spawn
from infra.local.process_registry import (
    HOLDS_CHANGED_SIGNAL,
    STOP_TIMEOUT,
    ProcessRecord,
    process_start_time,
    signal_group,
)
from infra.local.run_dir import write_atomically

MIN_BACKOFF, MAX_BACKOFF = 0.25, 8.0  # seconds
PublishManifest = Callable[[ProcessRecord, bool], None]


class Supervisor:
    """Runs the processes of one run folder; `publish` is called with what runs whenever that changes."""

    def __init__(
        self, folder: Path, say: Callable[[str], None], publish: PublishManifest | None = None, *, restart: bool = True
    ) -> None:
        self._folder, self._say, self._publish, self._restart = folder, say, publish, restart
        self._specs: list[ProcessSpec] = []
        self._supervision_tasks: list[asyncio.Task[None]] = []
        self._running: dict[str, tuple[ProcessSpec, Command, Process]] = {}
        self._healthy: set[str] = set()  # those that answer in this life
        self._ready: dict[str, asyncio.Event] = {}  # those that answered at least once
        self._released: dict[str, asyncio.Event] = {}
        self._held: set[str] = set()
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._depth: dict[str, int] = {}
        self._stop_tasks: set[asyncio.Task[Any]] = set()

    async def run(self, live: Callable[[], Awaitable[None]]) -> None:
        """Await `live`, which adds processes, until told to stop or one cannot be started; then end everything."""
        loop = asyncio.get_running_loop()
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            loop.add_signal_handler(number, self._stop.set)
        (self._folder / "held").mkdir(exist_ok=True)
        for old in (self._folder / "held").iterdir():
            old.unlink()
        loop.add_signal_handler(HOLDS_CHANGED_SIGNAL, self._apply_holds)
        self._write_registry()
        life = self._spawn_task(live())
        try:
            await self._stop.wait()
        finally:
            self._stop.set()
            for task in [life, *self._supervision_tasks, *self._stop_tasks]:
                while not task.done():  # more than once: clients, and wait_for in 3.11, may swallow the first
                    task.cancel()
                    await asyncio.wait([task], timeout=0.3)
            await self._end()
        if self._failure is not None:
            raise self._failure

    def add(self, specs: Sequence[ProcessSpec]) -> None:
        """Start processes, each given after what it needs, and supervise them from now on."""
        for spec in specs:
            self._specs.append(spec)
            self._ready[spec.name], self._released[spec.name] = asyncio.Event(), asyncio.Event()
            self._released[spec.name].set()
            self._depth[spec.name] = 1 + max((self._depth[name] for name in spec.after), default=0)
        self._write_registry()
        self._supervision_tasks += [self._spawn_task(self._supervise(spec)) for spec in specs]

    async def ready(self, *names: str) -> None:
        """Wait until processes are ready, all of them when none is named."""
        for name in names or tuple(self._ready):
            await self._ready[name].wait()
        self._write_registry()

    def stop(self) -> None:
        """End everything."""
        self._stop.set()

    def _spawn_task(self, work: Awaitable[None]) -> "asyncio.Task[None]":
        """Run something in the background; when it fails, everything ends with that error."""

        def done(task: "asyncio.Task[None]") -> None:
            if not task.cancelled() and (error := task.exception()):
                self._failure = self._failure or error
                self._stop.set()

        task = asyncio.ensure_future(work)
        task.add_done_callback(done)
        return task

    async def _begin_after_dependencies(
        self, spec: ProcessSpec, stdin: asyncio.StreamWriter, death: asyncio.Task[int]
    ) -> None:
        """Tell a process that preloads to go on; to one that is told nothing, whoever started it is gone."""
        dependencies = asyncio.create_task(self._wait_for_dependencies(spec))
        await asyncio.wait([death, dependencies], return_when=asyncio.FIRST_COMPLETED)
        stdin.write(b"begin" if dependencies.done() else b"")
        stdin.close()
        dependencies.cancel()

    async def _supervise(self, spec: ProcessSpec) -> None:
        """Look after one process for its whole life."""
        log, pause, tries = self._folder / "logs" / f"{spec.name}.log", MIN_BACKOFF, spec.max_first_starts
        if not spec.preloads:
            await self._wait_for_dependencies(spec)
        while True:
            self._apply_holds()
            if not self._released[spec.name].is_set():
                self._held.add(spec.name)
                self._write_registry()
                await self._released[spec.name].wait()
                self._held.discard(spec.name)
            began = time.monotonic()
            command = await spec.launch()
            process = await spawn(command, log, spec.orphan_signal, stdin=PIPE if spec.preloads else DEVNULL)
            self._running[spec.name] = spec, command, process
            self._write_registry()
            death = asyncio.create_task(process.wait())
            if process.stdin is not None:
                await self._begin_after_dependencies(spec, process.stdin, death)
                began = time.monotonic()
            if await self._wait_until_ready(spec, death):
                self._say(f"{spec.name:13} ready after {time.monotonic() - began:5.1f} s   {spec.kind}")
                self._ready[spec.name].set()
                self._healthy.add(spec.name)
                self._write_registry()
            elif not self._ready[spec.name].is_set() and self._released[spec.name].is_set():
                tries -= 1
                if tries <= 0:
                    late = f"is not ready in {spec.start_timeout:.0f} s"
                    state = f"ended ({process.returncode})" if death.done() else late
                    raise StackError(f"{spec.name} {state}: {last_log_line(log)} (all of it: {log})")
            code = await death
            was_healthy = spec.name in self._healthy
            _remove_leftovers(spec, command, process)
            del self._running[spec.name]
            self._healthy.discard(spec.name)
            self._write_registry()
            if spec.once and code == 0:
                return
            if not self._released[spec.name].is_set():
                self._say(f"{spec.name:13} ended ({code}) and is held")
                continue
            if not self._restart:
                self._say(f"{spec.name:13} ended ({code})")
                return
            pause = MIN_BACKOFF if was_healthy else pause
            self._say(f"{spec.name:13} ended ({code}), starting it again in {pause:.2f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, MAX_BACKOFF)

    async def _wait_for_dependencies(self, spec: ProcessSpec) -> None:
        for name in spec.after:
            await self._ready[name].wait()

    async def _wait_until_ready(self, spec: ProcessSpec, death: "asyncio.Task[int]") -> bool:
        if spec.once:
            await asyncio.wait([death], timeout=spec.start_timeout)
            return death.done() and death.result() == 0
        deadline = time.monotonic() + spec.start_timeout
        while time.monotonic() < deadline and not death.done():
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await spec.ready() if spec.ready else None
            except StackError:
                raise
            except Exception:  # noqa: BLE001  # each client has its own ways of saying "not yet"
                await asyncio.wait([death], timeout=0.03)
            else:
                return not death.done()
        return False

    def _apply_holds(self) -> None:
        """End what is to be held down (a file in `held` says by which signal), and let the rest go."""
        for name, released in self._released.items():
            file = self._folder / "held" / name
            if not file.exists():
                released.set()
                continue
            released.clear()
            entry = self._running.get(name)
            if entry is not None and entry[2].returncode is None:
                how = signal.Signals[file.read_text()]
                stop_task = asyncio.ensure_future(
                    _end(entry[2], entry[0].stop_timeout, entry[0].stop if how == signal.SIGTERM else how)
                )
                self._stop_tasks.add(stop_task)
                stop_task.add_done_callback(self._stop_tasks.discard)

    async def _end(self) -> None:
        """End all processes, those that need others first, within the time there is."""
        deadline = time.monotonic() + STOP_TIMEOUT
        levels = sorted({self._depth[name] for name in self._running}, reverse=True)
        for left, level in zip(range(len(levels), 0, -1), levels, strict=True):
            timeout = (deadline - time.monotonic()) / left
            entries = [entry for name, entry in self._running.items() if self._depth[name] == level]
            await asyncio.gather(*(self._end_one(*entry, timeout) for entry in entries))

    async def _end_one(self, spec: ProcessSpec, command: Command, process: Process, timeout: float) -> None:
        if not await _end(process, min(timeout, spec.stop_timeout), spec.stop):
            self._say(f"{spec.name:13} did not end by itself and was killed")
        _remove_leftovers(spec, command, process)

    def _write_registry(self) -> None:
        """Write down who runs, so that a later `up` or `down` can tell; the supervisor itself comes first."""
        pids = {"supervisor": os.getpid()} | {name: entry[2].pid for name, entry in self._running.items()}
        record: ProcessRecord = {
            name: {"pid": pid, "started": process_start_time(pid), "ready": name in {"supervisor", *self._healthy}}
            for name, pid in pids.items()
        }
        leftover_files = [str(path) for spec in self._specs for path in spec.leftover_files]
        write_atomically(
            self._folder / "processes.json", {**record, "leaves": leftover_files, "held": sorted(self._held)}
        )
        if self._publish is not None:
            self._publish(record, bool(self._ready) and all(event.is_set() for event in self._ready.values()))


async def _end(process: Process, timeout: float, how: signal.Signals) -> bool:
    """End a process and say whether it did so by itself."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)  # one that was stopped hears nothing else
    try:
        await asyncio.wait_for(process.wait(), timeout)
    except TimeoutError:
        signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        return False
    return True


def _remove_leftovers(spec: ProcessSpec, command: Command, process: Process) -> None:
    signal_group(process.pid, signal.SIGKILL)  # its own children, where it had any
    if command.ended is not None:
        command.ended(process.returncode or 0)
    for path in spec.leftover_files:
        path.unlink(missing_ok=True)
