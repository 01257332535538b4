"""Starts parts as soon as what they need is ready, keeps them running, and ends them in reverse order."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local.part import Command, Part, Trouble, last_line, spawn
from infra.local.place import write_whole
from infra.local.records import HOLDS_CHANGED, STOP_WITHIN, Record, signal_group, started

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 8.0  # seconds
Publish = Callable[[Record, bool], None]


class Supervisor:
    """Runs the parts of one run folder; `publish` is called with what runs whenever that changes."""

    def __init__(
        self, folder: Path, say: Callable[[str], None], publish: Publish | None = None, *, restart: bool = True
    ) -> None:
        self._folder, self._say, self._publish, self._restart = folder, say, publish, restart
        self._parts: list[Part] = []
        self._keepers: list[asyncio.Task[None]] = []
        self._running: dict[str, tuple[Part, Command, Process]] = {}
        self._well: set[str] = set()  # those that answer in this life
        self._ready: dict[str, asyncio.Event] = {}  # those that answered at least once
        self._released: dict[str, asyncio.Event] = {}
        self._held: set[str] = set()
        self._stop = asyncio.Event()
        self._trouble: BaseException | None = None
        self._depth: dict[str, int] = {}
        self._errands: set[asyncio.Task[Any]] = set()

    async def run(self, live: Callable[[], Awaitable[None]]) -> None:
        """Do `live`, which adds parts, and stay until told to stop or a part cannot be started; then end everything."""
        loop = asyncio.get_running_loop()
        for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
            loop.add_signal_handler(number, self._stop.set)
        (self._folder / "held").mkdir(exist_ok=True)
        for old in (self._folder / "held").iterdir():
            old.unlink()
        loop.add_signal_handler(HOLDS_CHANGED, self._look_for_holds)
        self._record()
        life = self._watched(live())
        try:
            await self._stop.wait()
        finally:
            self._stop.set()
            for task in [life, *self._keepers, *self._errands]:
                while not task.done():  # more than once: clients, and wait_for in 3.11, may swallow the first
                    task.cancel()
                    await asyncio.wait([task], timeout=0.3)
            await self._end()
        if self._trouble is not None:
            raise self._trouble

    def add(self, parts: Sequence[Part]) -> None:
        """Start parts, given in an order in which each comes after what it needs, and look after them from now on."""
        for part in parts:
            self._parts.append(part)
            self._ready[part.name], self._released[part.name] = asyncio.Event(), asyncio.Event()
            self._released[part.name].set()
            self._depth[part.name] = 1 + max((self._depth[name] for name in part.after), default=0)
        self._record()
        self._keepers += [self._watched(self._keep(part)) for part in parts]

    async def ready(self, *names: str) -> None:
        """Wait until parts are ready, all of them when none is named."""
        for name in names or tuple(self._ready):
            await self._ready[name].wait()
        self._record()

    def stop(self) -> None:
        """End everything."""
        self._stop.set()

    def _watched(self, work: Awaitable[None]) -> "asyncio.Task[None]":
        """Do something beside the rest; when it fails, everything ends with that trouble."""

        def done(task: "asyncio.Task[None]") -> None:
            if not task.cancelled() and (trouble := task.exception()):
                self._trouble = self._trouble or trouble
                self._stop.set()

        task = asyncio.ensure_future(work)
        task.add_done_callback(done)
        return task

    async def _keep(self, part: Part) -> None:
        """Look after one part for its whole life."""
        log, pause, tries = self._folder / "logs" / f"{part.name}.log", FIRST_PAUSE, part.first_tries
        for name in part.after:
            await self._ready[name].wait()
        while True:
            self._look_for_holds()
            if not self._released[part.name].is_set():
                self._held.add(part.name)
                self._record()
                await self._released[part.name].wait()
                self._held.discard(part.name)
            began = time.monotonic()
            command = await part.launch()
            process = await spawn(command, log, part.orphaned)
            self._running[part.name] = part, command, process
            self._record()
            death = asyncio.create_task(process.wait())
            if await self._until_ready(part, death):
                self._say(f"{part.name:13} ready after {time.monotonic() - began:5.1f} s   {part.kind}")
                self._ready[part.name].set()
                self._well.add(part.name)
                self._record()
            elif not self._ready[part.name].is_set() and self._released[part.name].is_set():
                tries -= 1
                if tries <= 0:
                    late = f"is not ready in {part.patience:.0f} s"
                    state = f"ended ({process.returncode})" if death.done() else late
                    raise Trouble(f"{part.name} {state}: {last_line(log)} (all of it: {log})")
            code = await death
            was_well = part.name in self._well
            _clear_after(part, command, process)
            del self._running[part.name]
            self._well.discard(part.name)
            self._record()
            if part.once and code == 0:
                return
            if not self._released[part.name].is_set():
                self._say(f"{part.name:13} ended ({code}) and is held")
                continue
            if not self._restart:
                self._say(f"{part.name:13} ended ({code})")
                return
            pause = FIRST_PAUSE if was_well else pause
            self._say(f"{part.name:13} ended ({code}), starting it again in {pause:.2f} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _until_ready(self, part: Part, death: "asyncio.Task[int]") -> bool:
        if part.once:
            await asyncio.wait([death], timeout=part.patience)
            return death.done() and death.result() == 0
        deadline = time.monotonic() + part.patience
        while time.monotonic() < deadline and not death.done():
            try:
                async with asyncio.timeout(deadline - time.monotonic()):
                    await part.ready() if part.ready else None
            except Trouble:
                raise
            except Exception:  # noqa: BLE001  # each client has its own ways of saying "not yet"
                await asyncio.wait([death], timeout=0.03)
            else:
                return not death.done()
        return False

    def _look_for_holds(self) -> None:
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
                errand = asyncio.ensure_future(
                    _end(entry[2], entry[0].grace, entry[0].stop if how == signal.SIGTERM else how)
                )
                self._errands.add(errand)
                errand.add_done_callback(self._errands.discard)

    async def _end(self) -> None:
        """End all parts, those that need others first, within the time there is."""
        deadline = time.monotonic() + STOP_WITHIN
        levels = sorted({self._depth[name] for name in self._running}, reverse=True)
        for left, level in zip(range(len(levels), 0, -1), levels, strict=True):
            patience = (deadline - time.monotonic()) / left
            doomed = [entry for name, entry in self._running.items() if self._depth[name] == level]
            await asyncio.gather(*(self._end_one(*entry, patience) for entry in doomed))

    async def _end_one(self, part: Part, command: Command, process: Process, patience: float) -> None:
        if not await _end(process, min(patience, part.grace), part.stop):
            self._say(f"{part.name:13} did not end by itself and was killed")
        _clear_after(part, command, process)

    def _record(self) -> None:
        """Write down who runs, so that a later `up` or `down` can tell; the supervisor itself comes first."""
        pids = {"supervisor": os.getpid()} | {name: entry[2].pid for name, entry in self._running.items()}
        record: Record = {
            name: {"pid": pid, "started": started(pid), "ready": name in {"supervisor", *self._well}}
            for name, pid in pids.items()
        }
        leaves = [str(path) for part in self._parts for path in part.leaves]
        write_whole(self._folder / "processes.json", {**record, "leaves": leaves, "held": sorted(self._held)})
        if self._publish is not None:
            self._publish(record, bool(self._ready) and all(event.is_set() for event in self._ready.values()))


async def _end(process: Process, patience: float, how: signal.Signals) -> bool:
    """End a process and say whether it did so by itself."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.send_signal(how)
            process.send_signal(signal.SIGCONT)  # one that was stopped hears nothing else
    try:
        await asyncio.wait_for(process.wait(), patience)
    except TimeoutError:
        signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        return False
    return True


def _clear_after(part: Part, command: Command, process: Process) -> None:
    signal_group(process.pid, signal.SIGKILL)  # its own children, where it had any
    if command.ended is not None:
        command.ended(process.returncode or 0)
    for path in part.leaves:
        path.unlink(missing_ok=True)
