"""Real infrastructure for tests: only what they ask for, on free ports, gone when they are."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.local import control, records
from infra.local.infrastructure import INFRASTRUCTURE
from infra.local.part import Trouble
from infra.local.place import ROOT, Place, write_whole
from infra.local.supervisor import Supervisor

Facts = dict[str, Mapping[str, str]]


class Backing:
    """Parts of the infrastructure in a folder, supervised by a process that ends with this one.

    Names are those of INFRASTRUCTURE, facts are: postgres `url`, valkey `url`, kafka `url` (host:port, no topics),
    s3 `url access_key secret_key bucket`, mail `url smtp`. When SHOP_BACKING names the folder of a backing that runs
    (`python -m infra.local.backing FOLDER postgres kafka`), that one is used instead and nothing is started; `own`
    insists on one that nobody shares, which is what a test needs that kills.
    """

    def __init__(self, folder: Path, *, own: bool = False) -> None:
        shared = os.environ.get("SHOP_BACKING")
        self.shared = bool(shared) and not own
        self.folder = (Path(shared) if shared and not own else folder).absolute()
        self._boss: subprocess.Popen[str] | None = None
        self._facts: Facts = {}

    def __enter__(self) -> Self:
        return self

    def start(self, *names: str) -> Facts:
        """Start parts that do not run yet, wait until all named ones are ready, and say where they are.

        Raises:
            Trouble: A part cannot be started; then none of this folder runs any more.
        """
        if self.shared:
            self._facts = _facts(self.folder)
        elif missing := [name for name in names if name not in self._facts]:
            self._facts |= self._ask(missing)
        absent = [name for name in names if name not in self._facts]
        if absent:
            raise Trouble(f"the backing in {self.folder} has no {', '.join(absent)}.")
        return {name: self._facts[name] for name in names}

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kill a part and wait until the supervisor has it ready again."""
        self._must_be_own()
        control.restart(self.folder, name, number)

    def stop(self, name: str, number: signal.Signals = signal.SIGTERM) -> None:
        """End a part and keep it down until it is resumed."""
        self._must_be_own()
        control.hold(self.folder, name, number)

    def resume(self, name: str) -> None:
        """Let a stopped part come back, on the same port with the same data, and wait until it is ready."""
        self._must_be_own()
        control.release(self.folder, name)

    def __exit__(self, kind: type[BaseException] | None, trouble: BaseException | None,
                 trace: TracebackType | None) -> None:  # fmt: skip
        self.close()

    def close(self) -> None:
        """End all parts that were started here."""
        if self._boss is None:
            return
        self._boss.communicate()  # closes its input, which ends it
        self._boss, self._facts = None, {}

    def _ask(self, names: list[str]) -> Facts:
        if self._boss is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._boss = subprocess.Popen([sys.executable, "-m", "infra.local.backing", str(self.folder)], cwd=ROOT,
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                          start_new_session=True)  # fmt: skip
        if self._boss.stdin is None or self._boss.stdout is None:
            raise AssertionError("the pipes were asked for above")
        try:
            self._boss.stdin.write(" ".join(names) + "\n")
            self._boss.stdin.flush()
        except BrokenPipeError:
            self._boss.wait()
        answer = json.loads(self._boss.stdout.readline() or '{"trouble": "its supervisor died."}')
        if "trouble" in answer:
            self.close()
            raise Trouble(answer["trouble"])
        return dict(answer)

    def _must_be_own(self) -> None:
        if self.shared:
            raise Trouble(f"the backing in {self.folder} is shared: nobody kills its parts; ask for your own.")


def _facts(folder: Path) -> Facts:
    try:
        return dict(json.loads((folder / "backing.json").read_text("utf-8")))
    except FileNotFoundError:
        raise Trouble(f"no backing runs in {folder}, which SHOP_BACKING names.") from None


class _Server:
    """The supervisor's side: reads lines of names and answers each with a line of facts."""

    def __init__(self, folder: Path, stays: list[str]) -> None:
        self._place, self._facts, self._stays = Place(folder, free=True), Facts(), stays
        self.boss = Supervisor(folder, self._say)

    def _say(self, text: str) -> None:
        with self._place.log("supervisor").open("a") as log:
            log.write(text + "\n")

    async def live(self) -> None:
        if self._stays:
            await self._start(self._stays)
            await asyncio.Event().wait()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        while line := await reader.readline():
            await self._start(line.decode().split())
        self.boss.stop()

    async def _start(self, names: list[str]) -> None:
        if unknown := [name for name in names if name not in INFRASTRUCTURE]:
            raise Trouble(f"{unknown[0]} is none of {', '.join(INFRASTRUCTURE)}.")
        parts = [part for name in names if name not in self._facts for part in INFRASTRUCTURE[name](self._place)]
        self._place.remember_ports()
        self.boss.add(parts)
        await self.boss.ready(*(part.name for part in parts))
        self._facts |= {part.name: part.facts for part in parts}
        write_whole(self._place.folder / "backing.json", self._facts)
        print(json.dumps({name: dict(self._facts[name]) for name in names}), flush=True)


def main(folder: Path, stays: list[str]) -> int:
    """Serve a test by its pipe, or stay with the named parts until told to stop."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    turn = records.lock(folder)
    if turn is None:
        print(json.dumps({"trouble": f"something runs in {folder} already."}), flush=True)
        return 1
    with turn:
        records.sweep(folder)
        try:
            server = _Server(folder, stays)
            asyncio.run(server.boss.run(server.live))
        except (Trouble, OSError) as trouble:
            print(json.dumps({"trouble": str(trouble)}), flush=True)
            return 1
        finally:
            records.sweep(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
