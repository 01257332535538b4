"""A supervisor of tiny processes, in its own: `python -m infra.local.tests.placeholders FOLDER steady …`."""

import asyncio
import sys
from pathlib import Path

from infra.local import process_registry
from infra.local.process import Command, ProcessSpec, StackError
from infra.local.run_dir import RunDir
from infra.local.supervisor import Supervisor

SCRIPTS = {
    "steady": "exec /bin/sleep 1000",
    "second": "exec /bin/sleep 1000",
    "parent": "/bin/sleep 1000 & echo $! > child.pid; wait",
    "stubborn": "trap '' TERM; while :; do /bin/sleep 0.05; done",
    "broken": "echo starting; echo 'FATAL: no room for the index' >&2; exit 3",
    "preparing": "/bin/sleep 0.2; echo prepared > prepared; exit 0",
    "unprepared": "echo 'Error: the bucket is locked' >&2; exit 1",
    "slow": "until test -e preloaded; do /bin/sleep 0.02; done; echo prepared > prepared; exit 0",
    "preloading": "echo > preloaded; cat; test -e prepared || exit 9; exec /bin/sleep 1000",
    "prepared": "test -e prepared || exit 9; exec /bin/sleep 1000",
}
RUN_ONCE = {"preparing", "unprepared", "slow"}
DEPENDENCIES = {"second": ["steady"], "prepared": ["preparing"], "preloading": ["slow"]}


def placeholder_spec(folder, name):
    async def launch():
        return Command(["/bin/sh", "-c", SCRIPTS[name]], folder)

    async def ready():
        if name == "parent" and not (folder / "child.pid").exists():
            raise ConnectionError("no child yet")
        if name == "broken":
            raise ConnectionError("never")

    return ProcessSpec(name=name, kind="placeholder", launch=launch, ready=ready, once=name in RUN_ONCE,
                       after=DEPENDENCIES.get(name, ()), stop_timeout=0.3, preloads=name == "preloading")  # fmt: skip


def main(folder, names, *, restart):
    with process_registry.lock_run_dir(folder):
        process_registry.kill_orphans(folder)
        run_dir = RunDir(folder, free=True)
        supervisor = Supervisor(folder, lambda text: print(text, flush=True), restart=restart)

        async def live():
            supervisor.add([placeholder_spec(run_dir.folder, name) for name in names])
            await supervisor.ready()
            print("all ready", flush=True)

        try:
            asyncio.run(supervisor.run(live))
        except StackError as error:
            print(f"StackError: {error}", flush=True)
            return 1
        finally:
            process_registry.kill_orphans(folder)
    return 0


if __name__ == "__main__":
    words = sys.argv[2:]
    sys.exit(main(Path(sys.argv[1]), [word for word in words if word != "--no-restart"],
                  restart="--no-restart" not in words))  # fmt: skip
