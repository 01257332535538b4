"""Real infrastructure for tests: only what they ask for, on free ports, gone when they are."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local import control, process_registry
from infra.local.infrastructure import PROCESS_FACTORIES
from infra.local.postgres import postgres_processes
from infra.local.process import ProcessSpec, StackError
from infra.local.run_dir import ROOT, RunDir, write_atomically
from infra.local.supervisor import Supervisor

ConnectionInfo = dict[str, Mapping[str, str]]
# Tests connect thousands of times to databases that hold nothing, and each time would derive a key in 4096 rounds;
# and nothing of theirs has to outlive the machine.
TEST_INFRASTRUCTURE: Mapping[str, Callable[[RunDir], list[ProcessSpec]]] = {
    **PROCESS_FACTORIES,
    "postgres": partial(postgres_processes, fsync=False, scram_iterations=1),
}


class LocalServers:
    """Servers of the infrastructure in a folder, supervised by a process that ends with this one.

    Names are those of INFRASTRUCTURE; their connection info is: postgres `url`, valkey `url`, kafka `url` (host:port,
    no topics), s3 `url access_key secret_key bucket`, mail `url smtp`. When SHOP_TEST_SERVERS names the folder of
    servers that run (`python -m infra.test_servers.local FOLDER postgres kafka`), those are used and nothing is
    started; `own` insists on some that nobody shares, which is what a test needs that kills.
    """

    def __init__(self, folder: Path, *, own: bool = False) -> None:
        shared = os.environ.get("SHOP_TEST_SERVERS")
        self.shared = bool(shared) and not own
        self.folder = (Path(shared) if shared and not own else folder).absolute()
        self._supervisor: subprocess.Popen[str] | None = None
        self._info: ConnectionInfo = {}

    def __enter__(self) -> Self:
        return self

    def start(self, *names: str) -> ConnectionInfo:
        """Start processes that do not run yet, wait until all named ones are ready, and say where they are.

        Raises:
            StackError: A process cannot be started; then none of this folder runs any more.
        """
        if self.shared:
            self._info = _info(self.folder)
        elif missing := [name for name in names if name not in self._info]:
            self._info |= self._ask(missing)
        absent = [name for name in names if name not in self._info]
        if absent:
            raise StackError(f"no {', '.join(absent)} runs in {self.folder}.")
        return {name: self._info[name] for name in names}

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill a process and wait until the supervisor has it ready again."""
        self._require_own()
        control.restart(self.folder, name, number)

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End a process and keep it down until it is resumed."""
        self._require_own()
        control.keep_down(self.folder, name, number)

    def resume(self, name: str) -> None:
        """Let a stopped process come back, on the same port with the same data, and wait until it is ready."""
        self._require_own()
        control.release(self.folder, name)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """End all processes that were started here."""
        if self._supervisor is None:
            return
        self._supervisor.communicate()  # closes its input, which ends it
        self._supervisor, self._info = None, {}

    def _ask(self, names: list[str]) -> ConnectionInfo:
        if self._supervisor is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._supervisor = subprocess.Popen([sys.executable, "-m", "infra.test_servers.local", str(self.folder)],
                                                cwd=ROOT,
                                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                                start_new_session=True)  # fmt: skip
        if self._supervisor.stdin is None or self._supervisor.stdout is None:
            raise AssertionError("the pipes were asked for above")
        try:
            self._supervisor.stdin.write(" ".join(names) + "\n")
            self._supervisor.stdin.flush()
        except BrokenPipeError:
            self._supervisor.wait()
        answer = json.loads(self._supervisor.stdout.readline() or '{"error": "its supervisor died."}')
        if "error" in answer:
            self.close()
            raise StackError(answer["error"])
        return dict(answer)

    def _require_own(self) -> None:
        if self.shared:
            raise StackError(f"the servers in {self.folder} are shared: nobody kills them; ask for your own.")


def _info(folder: Path) -> ConnectionInfo:
    try:
        return dict(json.loads((folder / "servers.json").read_text("utf-8")))
    except FileNotFoundError:
        raise StackError(f"no servers run in {folder}, which SHOP_TEST_SERVERS names.") from None


class _PipeServer:
    """The supervisor's side: reads lines of names and answers each with a line of connection info."""

    def __init__(self, folder: Path, names_to_keep: list[str]) -> None:
        self._run_dir, self._info, self._names_to_keep = RunDir(folder, free=True), ConnectionInfo(), names_to_keep
        self.supervisor = Supervisor(folder, self._say)

    def _say(self, text: str) -> None:
        with self._run_dir.log("supervisor").open("a") as log:
            log.write(text + "\n")

    async def live(self) -> None:
        if self._names_to_keep:
            await self._start(self._names_to_keep)
            await asyncio.Event().wait()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        while line := await reader.readline():
            await self._start(line.decode().split())
        self.supervisor.stop()

    async def _start(self, names: list[str]) -> None:
        if unknown := [name for name in names if name not in TEST_INFRASTRUCTURE]:
            raise StackError(f"{unknown[0]} is none of {', '.join(TEST_INFRASTRUCTURE)}.")
        specs = [spec for name in names if name not in self._info for spec in TEST_INFRASTRUCTURE[name](self._run_dir)]
        self._run_dir.remember_ports()
        self.supervisor.add(specs)
        await self.supervisor.ready(*(spec.name for spec in specs))
        self._info |= {spec.name: spec.info for spec in specs}
        write_atomically(self._run_dir.folder / "servers.json", self._info)
        print(json.dumps({name: dict(self._info[name]) for name in names}), flush=True)


def main(folder: Path, names_to_keep: list[str]) -> int:
    """Serve a test by its pipe, or stay with the named processes until told to stop."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    run_dir_lock = process_registry.lock_run_dir(folder)
    if run_dir_lock is None:
        print(json.dumps({"error": f"something runs in {folder} already."}), flush=True)
        return 1
    with run_dir_lock:
        process_registry.kill_orphans(folder)
        try:
            server = _PipeServer(folder, names_to_keep)
            asyncio.run(server.supervisor.run(server.live))
        except (StackError, OSError) as error:
            print(json.dumps({"error": str(error)}), flush=True)
            return 1
        finally:
            process_registry.kill_orphans(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
