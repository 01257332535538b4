"""The whole shop on this machine: its processes, what shop.json says about them, and the commands up and down."""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from infra.credentials import ADMIN_CREDENTIALS
from infra.local import process_registry
from infra.local.infrastructure import PROCESS_FACTORIES, gateway_problems_process
from infra.local.kafka import KAFKA_VERSIONS, kafka_processes
from infra.local.postgres import postgres_processes
from infra.local.process import ProcessSpec, StackError
from infra.local.process_registry import ProcessRecord
from infra.local.run_dir import ROOT, RunDir, write_atomically
from infra.local.services import (
    allocate_replica_urls,
    internal_keys,
    parse_service_names,
    seed_process,
    service_processes,
)
from infra.local.supervisor import Supervisor
from infra.local.traefik import traefik_processes


class Stack:
    """One shop in one run folder."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.began = time.monotonic()
        self.run_dir = run_dir = RunDir(options.run_dir, free=options.ports == "free")
        kinds: dict[str, Callable[[RunDir], list[ProcessSpec]]] = {
            **PROCESS_FACTORIES, "postgres": partial(postgres_processes, fsync=options.fsync),
            "kafka": partial(kafka_processes, mode=options.kafka)}  # fmt: skip
        infrastructure = [spec for make in kinds.values() for spec in make(run_dir)]
        info = {spec.name: spec.info for spec in infrastructure}
        urls = allocate_replica_urls(run_dir, options.replicas)
        seeding, settings = seed_process(run_dir, info)
        self.changes = dict(options.set)
        self.services = service_processes(run_dir, info, urls, options.services, self.changes)
        own = gateway_problems_process(run_dir)
        # of several it passes over those that do not answer: all of them, if it came first
        after = [spec.name for spec in self.services] if options.replicas > 1 else []
        behind = {**urls, own.name: [own.info["url"]]}
        self.gateway = traefik_processes(run_dir, behind, after, self.changes)
        self.infrastructure = [*infrastructure, seeding, own]
        run_dir.remember_ports()
        write_atomically(run_dir.folder / "seeding.json", settings)

    @property
    def specs(self) -> list[ProcessSpec]:
        """All processes, each after what it needs."""
        return [*self.infrastructure, *self.services, *self.gateway]

    def publish(self, record: ProcessRecord, ready: bool) -> None:
        """Write shop.json: where everything is, once everything is ready."""
        if not ready:
            return
        info = {spec.name: spec.info for spec in self.specs}

        def about(spec: ProcessSpec) -> ProcessRecord:
            running = record.get(spec.name, {"pid": None, "started": None, "ready": spec.once})
            return {**running, "log": str(self.run_dir.log(spec.name))}

        write_atomically(self.run_dir.folder / "shop.json", {
            "gateway": info["traefik"]["url"], "mail": info["mail"]["url"], "smtp": info["mail"]["smtp"],
            "kafka": info["kafka"]["url"], "redis": info["valkey"]["url"], "s3": info["s3"]["url"],
            "s3_key": [info["s3"]["access_key"], info["s3"]["secret_key"]], "postgres": info["postgres"]["url"],
            "supervisor": record["supervisor"],
            "services": {spec.name: {**spec.info, **about(spec)} for spec in self.services},
            "infrastructure": {spec.name: {"kind": spec.kind, **about(spec)}
                               for spec in [*self.infrastructure, *self.gateway]},
            "admin": ADMIN_CREDENTIALS, "internal_keys": internal_keys(self.run_dir), "settings": self.changes,
        })  # fmt: skip

    def ready_message(self) -> str:
        """Say in a few lines what a person wants to know."""
        info, took = {spec.name: spec.info for spec in self.specs}, time.monotonic() - self.began
        return (f"everything is ready after {took:.1f} s: {self.run_dir.folder / 'shop.json'}\n"
                f"  shop    {info['traefik']['url']}/\n"
                f"  inbox   {info['mail']['url']}\n"
                f"  docs    {info['traefik']['url']}/docs/")  # fmt: skip


def up(argv: Sequence[str]) -> int:
    """Start the shop; stay with it, or return when it is ready."""
    options = _options(argv)
    if options.detach:
        return _run_in_background(options, argv)
    try:
        folder: Path = options.run_dir
        folder.mkdir(parents=True, exist_ok=True)
        run_dir_lock = process_registry.lock_run_dir(folder)
        if run_dir_lock is None:
            _say(f"The shop in {folder} is already running (stop it with down.py).")
            return 0 if options.background else 1
        with run_dir_lock:
            if left := process_registry.kill_orphans(folder):
                _say(f"Cleaned up after a supervisor that died: {', '.join(left)}.")
            _run_in_foreground(options)
            _say("stopped")
            return 0
    except (StackError, OSError) as error:
        _say(f"The shop cannot start: {error}")
        return 1


def _run_in_foreground(options: argparse.Namespace) -> None:
    stack = Stack(options)
    supervisor = Supervisor(stack.run_dir.folder, _say, stack.publish, restart=not options.no_restart)

    if not (stack.run_dir.cache / f"kafka-{KAFKA_VERSIONS[options.kafka]}").exists():
        _say("Kafka is fetched, 45 MB, which takes a while (once).")

    async def live() -> None:
        supervisor.add(stack.specs)
        await supervisor.ready()
        _say(stack.ready_message())
        if options.background:  # whoever waited for this may go
            log = os.open(stack.run_dir.log("supervisor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)

    async def live_with_input() -> None:
        started, reader = asyncio.ensure_future(live()), asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        await reader.read()
        started.cancel()
        supervisor.stop()

    try:
        asyncio.run(supervisor.run(live_with_input if options.until_input_ends else live))
    finally:
        process_registry.kill_orphans(stack.run_dir.folder)


def _run_in_background(options: argparse.Namespace, argv: Sequence[str]) -> int:
    arguments = [word for word in argv if word != "--detach"] + ["--run-dir", str(options.run_dir), "--background"]
    child = subprocess.Popen([sys.executable, "-m", "infra.local.stack", *arguments], cwd=ROOT, start_new_session=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)  # fmt: skip
    try:
        for line in child.stdout or ():
            print(line, end="", flush=True)
    except KeyboardInterrupt:
        child.terminate()
    supervisor = process_registry.read_registry(options.run_dir).running.get("supervisor")
    if (options.run_dir / "shop.json").exists() and supervisor is not None and supervisor["pid"] == child.pid:
        return 0
    return child.wait()


def down(argv: Sequence[str]) -> int:
    """Stop the shop."""
    parser = argparse.ArgumentParser(description="Stop the shop on this machine.")
    _add_run_dir(parser)
    process_registry.stop_supervisor(parser.parse_args(argv).run_dir, _say)
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Start the shop on this machine, without Docker.")
    _add_run_dir(parser)
    parser.add_argument("--ports", choices=["fixed", "free"], default="fixed")
    parser.add_argument("--kafka", choices=sorted(KAFKA_VERSIONS), default="kraft")
    parser.add_argument("--services", type=parse_service_names, default="all", metavar="NAME,…",
                        help="only these of the services (none: the infrastructure alone)")  # fmt: skip
    parser.add_argument("--replicas", type=int, choices=range(1, 4), default=1, metavar="N",
                        help="run so many of each service side by side, 3 at most")  # fmt: skip
    parser.add_argument("--set", type=_setting, action="append", default=[], metavar="NAME=VALUE",
                        help="a setting for the services, such as PAYMENT_DEADLINE_SECONDS=3")  # fmt: skip
    parser.add_argument("--no-fsync", dest="fsync", action="store_false",
                        help="a database that no power cut may meet: quicker, where nobody keeps the data")  # fmt: skip
    parser.add_argument("--no-restart", action="store_true", help="leave a part that ended down")
    parser.add_argument("--detach", action="store_true", help="return when everything is ready")
    parser.add_argument("--background", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--until-input-ends", action="store_true", help=argparse.SUPPRESS)  # a test's shop ends with it
    return parser.parse_args(argv)


def _add_run_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run-dir", type=lambda text: Path(text).absolute(), default=ROOT / ".run", metavar="DIR")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _say(text: str) -> None:
    with suppress(BrokenPipeError):  # whoever waited for --detach was killed: the shop stays
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(up(sys.argv[1:]))
