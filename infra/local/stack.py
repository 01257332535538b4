"""The whole shop on this machine: its parts, what shop.json says about them, and the commands up and down."""

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

from infra.credentials import ADMIN
from infra.local import records
from infra.local.infrastructure import INFRASTRUCTURE, problems
from infra.local.kafka import MODES, kafka
from infra.local.part import Part, Trouble
from infra.local.place import ROOT, Place, write_whole
from infra.local.records import Record
from infra.local.services import allocate_replica_urls, internal_keys, only_known, seed, services
from infra.local.supervisor import Supervisor
from infra.local.traefik import traefik


class Stack:
    """One shop in one run folder."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.began = time.monotonic()
        self.place = place = Place(options.run_dir, free=options.ports == "free")
        kinds: dict[str, Callable[[Place], list[Part]]] = {
            **INFRASTRUCTURE, "kafka": partial(kafka, mode=options.kafka)}  # fmt: skip
        infrastructure = [part for make in kinds.values() for part in make(place)]
        facts = {part.name: part.facts for part in infrastructure}
        urls = allocate_replica_urls(place, options.replicas)
        seeding, settings = seed(place, facts)
        self.changes = dict(options.set)
        self.services = services(place, facts, urls, options.services, self.changes)
        own = problems(place)
        # of several it passes over those that do not answer: all of them, if it came first
        after = [part.name for part in self.services] if options.replicas > 1 else []
        behind = {**urls, own.name: [own.facts["url"]]}
        self.gateway = traefik(place, behind, after, self.changes.get("CORS_ORIGINS", ""))
        self.infrastructure = [*infrastructure, seeding, own]
        place.remember_ports()
        write_whole(place.folder / "seeding.json", settings)

    @property
    def parts(self) -> list[Part]:
        """All parts, each after what it needs."""
        return [*self.infrastructure, *self.services, *self.gateway]

    def publish(self, record: Record, ready: bool) -> None:
        """Write shop.json: where everything is, once everything is ready."""
        if not ready:
            return
        facts = {part.name: part.facts for part in self.parts}

        def about(part: Part) -> Record:
            running = record.get(part.name, {"pid": None, "started": None, "ready": part.once})
            return {**running, "log": str(self.place.log(part.name))}

        write_whole(self.place.folder / "shop.json", {
            "gateway": facts["traefik"]["url"], "mail": facts["mail"]["url"], "smtp": facts["mail"]["smtp"],
            "kafka": facts["kafka"]["url"], "redis": facts["valkey"]["url"], "s3": facts["s3"]["url"],
            "s3_key": [facts["s3"]["access_key"], facts["s3"]["secret_key"]], "postgres": facts["postgres"]["url"],
            "supervisor": record["supervisor"],
            "services": {part.name: {**part.facts, **about(part)} for part in self.services},
            "infrastructure": {part.name: {"kind": part.kind, **about(part)}
                               for part in [*self.infrastructure, *self.gateway]},
            "admin": ADMIN, "internal_keys": internal_keys(self.place), "settings": self.changes,
        })  # fmt: skip

    def ready_message(self) -> str:
        """Say in a few lines what a person wants to know."""
        facts, took = {part.name: part.facts for part in self.parts}, time.monotonic() - self.began
        return (f"everything is ready after {took:.1f} s: {self.place.folder / 'shop.json'}\n"
                f"  gateway {facts['traefik']['url']}\n"
                f"  inbox   {facts['mail']['url']}\n"
                f"  docs    {facts['traefik']['url']}/docs/")  # fmt: skip


def up(argv: Sequence[str]) -> int:
    """Start the shop; stay with it, or return when it is ready."""
    options = _options(argv)
    if options.detach:
        return _in_background(options, argv)
    try:
        folder: Path = options.run_dir
        folder.mkdir(parents=True, exist_ok=True)
        turn = records.lock(folder)
        if turn is None:
            _say(f"The shop in {folder} is already running (stop it with down.py).")
            return 0 if options.background else 1
        with turn:
            if left := records.sweep(folder):
                _say(f"Cleaned up after a supervisor that died: {', '.join(left)}.")
            _stay(options)
            _say("stopped")
            return 0
    except (Trouble, OSError) as trouble:
        _say(f"The shop cannot start: {trouble}")
        return 1


def _stay(options: argparse.Namespace) -> None:
    stack = Stack(options)
    boss = Supervisor(stack.place.folder, _say, stack.publish, restart=not options.no_restart)

    if not (stack.place.cache / f"kafka-{MODES[options.kafka]}").exists():
        _say("Kafka is fetched, 45 MB, which takes a while (once).")

    async def live() -> None:
        boss.add(stack.parts)
        await boss.ready()
        _say(stack.ready_message())
        if options.background:  # whoever waited for this may go
            log = os.open(stack.place.log("supervisor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)

    async def live_with_input() -> None:
        started, reader = asyncio.ensure_future(live()), asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        await reader.read()
        started.cancel()
        boss.stop()

    try:
        asyncio.run(boss.run(live_with_input if options.until_input_ends else live))
    finally:
        records.sweep(stack.place.folder)


def _in_background(options: argparse.Namespace, argv: Sequence[str]) -> int:
    arguments = [word for word in argv if word != "--detach"] + ["--run-dir", str(options.run_dir), "--background"]
    child = subprocess.Popen([sys.executable, "-m", "infra.local.stack", *arguments], cwd=ROOT, start_new_session=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)  # fmt: skip
    try:
        for line in child.stdout or ():
            print(line, end="", flush=True)
    except KeyboardInterrupt:
        child.terminate()
    boss = records.recorded(options.run_dir).running.get("supervisor")
    if (options.run_dir / "shop.json").exists() and boss is not None and boss["pid"] == child.pid:
        return 0
    return child.wait()


def down(argv: Sequence[str]) -> int:
    """Stop the shop."""
    parser = argparse.ArgumentParser(description="Stop the shop on this machine.")
    _add_run_dir(parser)
    records.down(parser.parse_args(argv).run_dir, _say)
    return 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Start the shop on this machine, without Docker.")
    _add_run_dir(parser)
    parser.add_argument("--ports", choices=["fixed", "free"], default="fixed")
    parser.add_argument("--kafka", choices=sorted(MODES), default="kraft")
    parser.add_argument("--services", type=only_known, default="all", metavar="NAME,…",
                        help="only these of the services (none: the infrastructure alone)")  # fmt: skip
    parser.add_argument("--replicas", type=int, choices=range(1, 4), default=1, metavar="N",
                        help="run so many of each service side by side, 3 at most")  # fmt: skip
    parser.add_argument("--set", type=_setting, action="append", default=[], metavar="NAME=VALUE",
                        help="a setting for the services, such as PAYMENT_DEADLINE_SECONDS=3")  # fmt: skip
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
